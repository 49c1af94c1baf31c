"""The rows of the small read model, fixed, with nulls, ties and another owner's rows between them."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.schema import CreateTable

from portal import access
from tests.databases import TestDatabase
from tests.portal.reading import toy

COUNTRIES = ("DE", "VN", "BR", None)
GRADES = ("gold", "not_rated", None)


async def fill(database: TestDatabase, firms: int = 30) -> None:
    """Make the tables, their policies and their rows."""
    connection = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        await connection.execute("CREATE SCHEMA toy; GRANT USAGE ON SCHEMA toy TO portal_app")
        for table in toy.TABLES.sorted_tables:
            await connection.execute(str(CreateTable(table).compile(dialect=postgresql.dialect())))
            await connection.execute(
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
                f"CREATE POLICY own ON {table} USING (owner_id = current_setting('toy.owner', true)::uuid);"
                f"GRANT SELECT ON {table} TO portal_app"
            )
        for statement in toy.INDEXES:
            await connection.execute(statement)
        for owner in (toy.OWNER, toy.OTHER):
            await _fill_owner(connection, owner, firms)
        await connection.execute("ANALYZE toy.firm, toy.plant, toy.person")
    finally:
        await connection.close()


async def _fill_owner(connection: asyncpg.Connection, owner: UUID, firms: int) -> None:
    dice = random.Random(7)
    people = [(owner, UUID(int=9000 + n), f"Person {n}", None if n % 2 else f"Nick {n}") for n in range(4)]
    firm_rows: list[tuple[Any, ...]] = []
    plant_rows: list[tuple[Any, ...]] = []
    for n in range(firms):
        score = dice.choice((None, 0, 5, 1230, 9999, dice.randrange(10_000)))
        keeper = dice.choice((None, UUID(int=9000 + n % 4), UUID(int=5000 + 10 * n)))
        moment = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=n, microseconds=dice.choice((0, 1, 120_000)))
        parts = None if n % 5 == 0 else [{"key": f"k{m}", "score": None if m == 1 else m * 10} for m in range(n % 4)]
        firm_rows.append(
            (
                owner,
                UUID(int=1000 + n),
                f'Firm "{n % 11:02}" \\ ü工',
                dice.choice(COUNTRIES),
                dice.choice(GRADES),
                score,
                score is None,
                None if n % 3 == 0 else date(1990, 1, 1) + timedelta(days=n),
                moment,
                [f"tag {m}" for m in range(n % 3)],
                parts,
                UUID(int=1000 + n // 2) if n % 4 else None,
                keeper,
            )
        )
        for m in range(n % 7):
            staff = None if m % 3 == 2 else m * 100
            opened = date(2000, 1, 1) + timedelta(days=m % 3)
            plant_rows.append(
                (owner, UUID(int=5000 + 10 * n + m), UUID(int=1000 + n), f"Plant {m % 4}", staff, staff is None, opened)
            )
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads, format="text")
    for name, rows in (("person", people), ("firm", firm_rows), ("plant", plant_rows)):
        places = ", ".join(f"${place + 1}" for place in range(len(rows[0])))
        await connection.executemany(f"INSERT INTO toy.{name} VALUES ({places})", rows)


@asynccontextmanager
async def open_engine(database: TestDatabase) -> AsyncIterator[AsyncEngine]:
    """Connections of the application's own role."""
    engine = create_async_engine(database.app_url)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def begin(engine: AsyncEngine, actor: access.Actor) -> AsyncIterator[AsyncSession]:
    """A transaction with the owner set."""
    async with AsyncSession(engine) as session, session.begin():
        owner = str(actor.organization_id or "")
        await session.execute(text("SELECT set_config('toy.owner', :owner, true)"), {"owner": owner})
        yield session
