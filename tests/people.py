"""People, organizations and letters for tests: made with the owner's login, read as the mail server would get them."""

import functools
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database import engine
from portal.delivery import mail, relay
from portal.delivery.letter_texts import read_packaged
from portal.delivery.letters import Letter
from portal.identity import passwords, provisioning
from portal.identity.organizations import OrganizationFacts
from tests.databases import TestDatabase

PASSWORD = "correct horse battery"
_LINK = re.compile(r"#([a-z-]+)=(\S+)")


@dataclass(frozen=True)
class Person:
    """Somebody with an account, the password PASSWORD and an open session."""

    id: UUID
    email: str
    token: str


class CountingHasher:
    """The real hasher, with a count of the work that was done."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.hashed = self.verified = 0

    def hash(self, password: str) -> str:
        self.hashed += 1
        return str(self.real.hash(password))

    def verify(self, password: str, password_hash: str) -> bool:
        self.verified += 1
        return bool(self.real.verify(password, password_hash))


@contextmanager
def count_hashing() -> Iterator[CountingHasher]:
    """Count the argon2 work done inside."""
    passwords.make_dummy_hash()
    real = passwords._hasher
    passwords._hasher = counting = CountingHasher(real)
    try:
        yield counting
    finally:
        passwords._hasher = real


@asynccontextmanager
async def open_session(url: str) -> AsyncIterator[AsyncSession]:
    """One transaction with any login, committed at the end."""
    made = engine.create_engine(url, pool_size=1)
    try:
        async with AsyncSession(made, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        await made.dispose()


@functools.cache
def hash_known_password() -> str:
    return str(passwords._hasher.hash(PASSWORD))


async def add_person(database: TestDatabase, email: str | None = None, *, operator: bool = False) -> Person:
    """A person without an organization, signed in."""
    email = email or f"{uuid4().hex}@example.com"
    async with open_session(database.owner_url) as session:
        made = await provisioning.create_account(
            session, email=email, name="Some Body", password_hash=hash_known_password(), is_operator=operator
        )
        return Person(made, email, await provisioning.create_session(session, person=made))


async def add_organization(
    database: TestDatabase, *members: tuple[Person, str], name: str = "Firm", roles: tuple[str, ...] = ("supplier",)
) -> UUID:
    """An organization with these people; their sessions act for it where they acted for none."""
    async with open_session(database.owner_url) as session:
        made = await provisioning.create_organization(session, facts=OrganizationFacts(name=name), roles=roles)
        for person, role in members:
            await provisioning.add_member(session, organization=made, person=person.id, role=role)
    for person, _ in members:
        await run_sql(
            database,
            "UPDATE portal.session SET organization_id = $1 WHERE user_id = $2 AND organization_id IS NULL",
            made,
            person.id,
        )
    return made


async def invite(database: TestDatabase, organization: UUID, kind: str, email: str | None, **more: Any) -> str:
    """The token of an invitation, as its letter holds it."""
    async with open_session(database.owner_url) as session:
        return await provisioning.create_invitation(session, organization=organization, kind=kind, email=email, **more)


async def add_record(database: TestDatabase, buyer: UUID, name: str = "Supplier as the buyer calls it") -> UUID:
    """A buyer's record of a supplier."""
    made = uuid4()
    await run_sql(
        database,
        "INSERT INTO portal.supplier_record (buyer_id, id, name, name_key, country, state)"
        " VALUES ($1, $2, $3, lower($3), 'VN', 'invited')",
        buyer,
        made,
        name,
    )
    return made


async def run_sql(database: TestDatabase, statement: str, *values: Any) -> list[asyncpg.Record]:
    """Run one statement past every policy."""
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        return await connection.fetch(statement, *values)
    finally:
        await connection.close()


async def bring_to_noon(database: TestDatabase, hours: int = 0) -> None:
    """Let all organizations be where it is noon by the portal's clock, or so many hours later.

    Letters that are due go out at noon, and not in the night.
    """
    await run_sql(
        database,
        "UPDATE portal.organization SET time_zone = 'Etc/GMT' || CASE WHEN past >= 0 THEN '+' ELSE '' END || past"
        " FROM (SELECT (extract(hour FROM timezone('UTC', portal.clock()))::integer - $1 + 24) % 24 - 12 AS past) here",
        hours,
    )


async def read_letters(database: TestDatabase) -> list[Letter]:
    """The letters that events ask for which were not read before, written with the worker's login."""
    found = await run_sql(
        database,
        "UPDATE portal.outbox SET relayed_at = portal.clock() WHERE relayed_at IS NULL AND topic = ANY($1)"
        " RETURNING id, topic, ids, created_at",
        list(relay.LETTERS),
    )
    letters = []
    for event in sorted(found, key=lambda one: one["created_at"]):
        async with open_session(database.worker_url) as session:
            kind, ids = relay.LETTERS[event["topic"]], orjson.loads(event["ids"])
            letters.append(
                await mail.compose(session, kind, ids, "https://portal.example", read_packaged(), letter_id=event["id"])
            )
    return [letter for letter in letters if letter is not None]


def read_token(letter: Letter) -> str:
    """The token in a letter's link."""
    found = _LINK.search(letter.body)
    assert found is not None, letter.body
    return found.group(2)


async def move_clock(database: TestDatabase, interval: str) -> None:
    """Let the database's time be later by an interval such as "25 hours"; counted from now, not from the last move."""
    await run_sql(
        database,
        "CREATE OR REPLACE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE"
        f" AS $$ SELECT pg_catalog.now() + interval '{interval}' $$",
    )
