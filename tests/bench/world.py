"""The made-up data of a run: one buyer, its suppliers with two years of shared submissions, and drafts to write to."""

import base64
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import asyncpg
import orjson

from portal.assessments import publishing
from portal.database import migrating, roles
from portal.database.embedded import RunningServer
from tests.bench import responses

DATABASE = "bench"
TEMPLATES = 64
ROUNDS = 2
# Kinds of ids, as world.sql numbers them.
ORGANIZATION, RECORD, SUBMITTED, DRAFT, SAVED = 1, 4, 6, 10, 13
BUYER = 0
FIRST_DRAFT = date(1800, 1, 1)  # a year later for each more draft of a supplier: all have begun, and none is a result's


@dataclass
class World:
    """What was made, and how to make more of it."""

    admin_url: str
    app_url: str
    suppliers: int
    drafts: int = 0

    async def connect(self) -> asyncpg.Connection:
        """The superuser's connection, past every policy."""
        return await asyncpg.connect(self.admin_url)

    async def add_drafts(self, count: int) -> range:
        """More complete drafts that wait for submission; gives their numbers."""
        first, self.drafts = self.drafts, self.drafts + count
        admin = await self.connect()
        try:
            await _add_assessments(admin, DRAFT, range(first, self.drafts), self.suppliers, FIRST_DRAFT)
        finally:
            await admin.close()
        return range(first, self.drafts)

    def supplier_of(self, number: int) -> int:
        """The supplier that an assessment of this number belongs to."""
        return 1 + number % self.suppliers


def make_id(kind: int, number: int) -> UUID:
    """The id that world.sql gives a row."""
    return UUID(int=(kind << 96) + number)


def make_token(number: int) -> str:
    """The session token of an organization's owner."""
    return f"bench-session-{number}"


def make_node_id(tag: str, owner: UUID, own: UUID) -> str:
    """The opaque id that clients see."""
    return base64.urlsafe_b64encode(tag.encode() + owner.bytes + own.bytes).rstrip(b"=").decode()


async def fill(server: RunningServer, suppliers: int, templates: int = TEMPLATES) -> World:
    """Make the database with its roles, tables and data."""
    world = await create(server, suppliers)
    admin = await world.connect()
    try:
        await add_data(admin, suppliers, templates)
    finally:
        await admin.close()
    return world


async def create(server: RunningServer, suppliers: int = 0) -> World:
    """Make the database with its roles, tables and questionnaires, and the functions that make up data; nobody yet."""
    admin = await asyncpg.connect(_plain(server.superuser_url()))
    await admin.execute(f"CREATE DATABASE {DATABASE}")
    await admin.close()
    world = World(_plain(server.superuser_url(DATABASE)), server.url(roles.APP, DATABASE), suppliers)
    admin = await world.connect()
    try:
        await roles.create_roles(admin, DATABASE, server.passwords)
        owner_url = server.url(roles.OWNER, DATABASE)
        await migrating.upgrade(owner_url)
        await publishing.publish_packaged(owner_url)
        await add_functions(admin)
    finally:
        await admin.close()
    return world


async def add_functions(admin: asyncpg.Connection) -> None:
    """The functions that make up data."""
    await admin.execute((Path(__file__).parent / "world.sql").read_text(encoding="utf-8"))


async def add_data(admin: asyncpg.Connection, suppliers: int, templates: int = TEMPLATES) -> None:
    """The data alone, into a database that has its questionnaires and the functions."""
    await add_templates(admin, templates)
    await admin.execute("SELECT bench.add_organizations(0, 0, 'buyer')")
    await admin.execute("SELECT bench.add_organizations(1, $1, 'supplier')", suppliers)
    await admin.execute("SELECT bench.add_records($1)", suppliers)
    await _add_assessments(
        admin, SUBMITTED, range(ROUNDS * suppliers), suppliers, date(date.today().year - ROUNDS, 1, 1)
    )
    await admin.execute("SELECT bench.add_submissions($1, $2)", ROUNDS, suppliers)
    await _add_assessments(admin, SAVED, range(suppliers), suppliers, date(2029, 1, 1))
    await admin.execute("SELECT bench.add_shares($1)", suppliers)
    await admin.execute("SELECT bench.add_release($1)", suppliers)
    await admin.execute("SELECT bench.add_practice(0)")
    await admin.execute("SELECT portal.refresh_cards($1, NULL)", make_id(ORGANIZATION, BUYER))
    await admin.execute("VACUUM ANALYZE")


async def add_templates(admin: asyncpg.Connection, count: int = TEMPLATES) -> None:
    """Complete responses that everything else is copied from."""
    made = responses.make_responses(count)
    parts = ("answers", "evidence", "sections", "results", "header")
    rows = [
        (place, *(orjson.dumps(getattr(one, part)).decode() for part in parts), bytes.fromhex(one.root_hash))
        for place, one in enumerate(made)
    ]
    await admin.executemany("INSERT INTO bench.template VALUES ($1, $2, $3, $4, $5, $6, $7)", rows)


async def _add_assessments(
    admin: asyncpg.Connection, kind: int, numbers: range, suppliers: int, earliest: date
) -> None:
    await admin.execute(
        "SELECT bench.add_assessments($1, $2, $3, $4, $5)", kind, numbers.start, numbers.stop - 1, suppliers, earliest
    )


def _plain(url: str) -> str:
    return url.replace("+asyncpg", "")
