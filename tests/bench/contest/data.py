"""The data of the comparison: a buyer with very many suppliers, a second one with some of them, and a partner."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from portal.assessments import publishing
from portal.benchmarks import terms
from portal.database import migrating, roles
from portal.database.embedded import RunningServer
from tests.bench import world
from tests.bench.contest import generated

DATABASE = "contest"
BUYER = 0
EVERY = 4  # of how many suppliers the second buyer knows one
CHUNK = 100_000
SAMPLE = 40
# Kinds of ids, as data.sql numbers them; the second buyer's follow from its own kind of record.
ORGANIZATION, RECORD, DRAFT, OTHER_RECORD = 1, 20, 18, 30
INDEXED = ["supplier_record", "relationship_card", "request", "submission", "share", "submission_evidence", "evidence"]
SETTINGS = {"max_wal_size": "'2GB'", "fsync": "off", "synchronous_commit": "off", "maintenance_work_mem": "'512MB'"}


@dataclass(frozen=True)
class Data:
    """Where the data are, and how many suppliers the buyer has."""

    admin_url: str
    owner_url: str
    app_url: str
    suppliers: int

    @property
    def other_buyer(self) -> int:
        return self.suppliers + 1

    @property
    def partner(self) -> int:
        return self.suppliers + 2

    @property
    def answering(self) -> list[int]:
        """The suppliers with an open assessment and a session."""
        return list(range(1, self.suppliers + 1, 100))


def organization(number: int) -> UUID:
    return world.make_id(ORGANIZATION, number)


async def fill(server: RunningServer, suppliers: int) -> Data:
    """Make the database with its roles, tables and data."""
    admin = await asyncpg.connect(plain(server.superuser_url()))
    await admin.execute(f"CREATE DATABASE {DATABASE}")
    owner_url = server.url(roles.OWNER, DATABASE)
    data = Data(plain(server.superuser_url(DATABASE)), owner_url, server.url(roles.APP, DATABASE), suppliers)
    await _prepare(server, data)
    await _set_for_loading(admin, SETTINGS)
    await _load_all(data)
    await _set_for_loading(admin, dict.fromkeys(SETTINGS))
    await admin.execute("CHECKPOINT")
    await admin.close()
    await _check_cards(data)
    return data


async def _prepare(server: RunningServer, data: Data) -> None:
    admin = await asyncpg.connect(data.admin_url)
    await roles.create_roles(admin, DATABASE, server.passwords)
    await migrating.upgrade(data.owner_url)
    await publishing.publish_packaged(data.owner_url)
    await publishing.publish_with_login(data.owner_url, [generated.make_packaged()])
    await admin.execute((Path(world.__file__).parent / "world.sql").read_text(encoding="utf-8"))
    await world.add_templates(admin)
    await admin.execute((Path(__file__).parent / "data.sql").read_text(encoding="utf-8"))
    await admin.execute("INSERT INTO bench.setting VALUES ($1, date_trunc('second', portal.clock()))", data.suppliers)
    await admin.close()


async def _set_for_loading(admin: asyncpg.Connection, settings: dict[str, str | None]) -> None:
    """Settings of the server while it loads; what is measured runs durably."""
    for name, value in settings.items():
        await admin.execute(f"ALTER SYSTEM SET {name} = {value}" if value else f"ALTER SYSTEM RESET {name}")
    await admin.execute("SELECT pg_reload_conf()")


async def _load_all(data: Data) -> None:
    """Two sessions, each with its own tables, since the machine has two cores at least."""
    buyers = ((organization(BUYER), RECORD, 1), (organization(data.other_buyer), OTHER_RECORD, EVERY))
    first: list[tuple[str, tuple[Any, ...]]] = [("load_organizations", ())]
    second: list[tuple[str, tuple[Any, ...]]] = [
        (name, ()) for name in ("load_assessments", "load_submissions", "load_results", "load_evidence")
    ]
    for buyer in buyers:
        first += [(name, buyer) for name in ("load_records", "load_words", "load_cards")]
        second.append(("load_shares", buyer))
    answers = orjson.dumps(generated.make_answers()).decode()
    admin = await _open_loader(data)
    await admin.execute("SELECT bench.drop_indexes($1)", INDEXED)
    await asyncio.gather(_load(data, first), _load(data, second))
    await admin.execute("SELECT bench.load_drafts(1, $1, $2)", data.suppliers, answers)
    await _load_people(admin, data)
    statements = [row["statement"] for row in await admin.fetch("SELECT statement FROM bench.dropped")]
    await asyncio.gather(_run(data, statements[::2]), _run(data, statements[1::2]))
    await admin.execute("VACUUM ANALYZE")
    await admin.close()


async def _open_loader(data: Data) -> asyncpg.Connection:
    """A session without checks of foreign keys."""
    admin = await asyncpg.connect(data.admin_url)
    await admin.execute("SET session_replication_role = replica; SET work_mem = '256MB'")
    return admin


async def _load(data: Data, tasks: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
    admin = await _open_loader(data)
    for name, owner in tasks:
        places = "$3, $4, $1, $2, $5" if owner else "$1, $2"
        for begin in range(1, data.suppliers + 1, CHUNK):
            span = (begin, min(begin + CHUNK - 1, data.suppliers))
            values = (*span, *owner) if owner else span
            await admin.execute(f"SELECT bench.{name}({places})", *values)
    await admin.close()


async def _run(data: Data, statements: Sequence[str]) -> None:
    admin = await _open_loader(data)
    for statement in statements:
        await admin.execute(statement)
    await admin.close()


async def _load_people(admin: asyncpg.Connection, data: Data) -> None:
    readers = [BUYER, data.other_buyer, data.partner]
    await admin.execute("SELECT bench.load_readers($1, $2)", readers, ["buyer", "buyer", "partner"])
    await admin.execute("SELECT bench.load_people($1)", [*readers, *data.answering])
    await admin.execute("SELECT bench.add_release(1)")
    await admin.execute("UPDATE portal.release_cell SET status = 'published'")
    await admin.execute(
        "INSERT INTO portal.partner_terms (organization_id, terms_version) VALUES ($1, $2)",
        organization(data.partner),
        terms.VERSION,
    )


async def _check_cards(data: Data) -> None:
    """The product's own function must find nothing to change in cards that were written here."""
    admin = await asyncpg.connect(data.admin_url)
    read = "SELECT to_jsonb(c)::text FROM portal.relationship_card c WHERE supplier_record_id = ANY ($1) ORDER BY 1"
    for number, kind, every in ((BUYER, RECORD, 1), (data.other_buyer, OTHER_RECORD, EVERY)):
        records = [world.make_id(kind, n) for n in range(every, data.suppliers + 1, every)][:SAMPLE]
        before = await admin.fetch(read, records)
        await admin.execute("SELECT portal.refresh_cards_of_records($1, $2)", organization(number), records)
        if not before or before != await admin.fetch(read, records):
            raise SystemExit("The cards that data.sql writes are not what the product would write.")
    await admin.close()


def plain(url: str) -> str:
    return url.replace("+asyncpg", "")
