"""A transaction that only reads compiled statements, on the driver itself: a session costs more than such a read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from portal import tracing

MOST_TEXTS = 2_000
Statement: TypeAlias = tuple[str, Sequence[Any]]
_PLACE = re.compile(r"\$([0-9]+)")


@dataclass
class Reader:
    """One connection inside a transaction; statements have `$1` places."""

    driver: "asyncpg.Connection[asyncpg.Record]"

    @property
    def guesses(self) -> bool:
        """Whether its statements may raise CallerChanged."""
        return False

    async def fetch(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """All rows; raises DBAPIError as SQLAlchemy does."""
        with tracing.trace_statement(sql):
            try:
                return await self.driver.fetch(sql, *values)
            except asyncpg.PostgresError as error:
                raise DBAPIError(sql, None, error) from error

    async def fetch_row(self, sql: str, *values: Any) -> asyncpg.Record | None:
        """The first row; raises DBAPIError as SQLAlchemy does."""
        with tracing.trace_statement(sql):
            try:
                return await self.driver.fetchrow(sql, *values)
            except asyncpg.PostgresError as error:
                raise DBAPIError(sql, None, error) from error

    async def fetch_text(self, sql: str, values: Sequence[Any]) -> str | None:
        """The one value of a statement; raises DBAPIError as SQLAlchemy does."""
        with tracing.trace_statement(sql):
            try:
                found: str | None = await self.driver.fetchval(sql, *values)
            except asyncpg.PostgresError as error:
                raise DBAPIError(sql, None, error) from error
        return found

    async def fetch_texts(self, statements: Sequence[Statement]) -> list[str | None]:
        """The values of several statements of one value each, all of one moment; raises as `fetch_text`."""
        members, values = join_statements(statements)
        row = await self.fetch_row(f"SELECT {', '.join(members)}", *values)
        return [None] * len(statements) if row is None else list(row)

    async def confirm(self) -> None:
        """Make sure of the caller; raises what a guess about it raises, and this reader guesses nothing."""


Session: TypeAlias = AsyncSession | Reader
"""What the read model and the receipts of reads take: a reader, or a session in whose transaction they read."""


def join_statements(statements: Sequence[Statement]) -> tuple[tuple[str, ...], list[Any]]:
    """Statements of one value each as members of one SELECT, with the values for all their places.

    The texts are ours, and hold a `$` before a number nowhere but in places.
    """
    members: list[str] = []
    values: list[Any] = []
    for sql, own in statements:
        members.append(f"({_move_places(sql, len(values))})")
        values += own
    return tuple(members), values


@lru_cache(MOST_TEXTS)
def _move_places(sql: str, by: int) -> str:
    return _PLACE.sub(lambda place: f"${int(place[1]) + by}", sql) if by else sql


async def take_reader(session: Session) -> Reader:
    """The reader of a transaction that a session may have begun."""
    if isinstance(session, Reader):
        return session
    connection = await session.connection()
    pooled: Any = connection.sync_connection
    driver: asyncpg.Connection[asyncpg.Record] = pooled.connection.driver_connection
    if not driver.is_in_transaction():  # SQLAlchemy begins it with the first statement of its own
        await connection.exec_driver_sql("SELECT 1")
    return Reader(driver)
