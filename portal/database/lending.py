"""Connections for readers: taken of the engine's pool, kept at hand between two reads, clean for whoever is next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util.concurrency import greenlet_spawn

from portal.database import faults
from portal.database.reader import Reader


class Lender:
    """The connections of an engine's pool as readers take them: they stay at hand between two readers.

    The way through the pool costs a quarter of a whole read. None stays at hand that a session may be waiting for.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._at_hand: list[Any] = []

    @property
    def at_hand(self) -> int:
        """How many wait here for a reader; the pool counts them as taken."""
        return len(self._at_hand)

    async def take(self) -> "Lent":
        """A connection outside of any transaction; raises DBAPIError for a server that refuses."""
        while self._at_hand:
            pooled = self._at_hand.pop()  # the one used last knows the most statements
            if not pooled.driver_connection.is_closed():
                return Lent(self, pooled, pooled.driver_connection)
            await _drop(pooled)
        pooled = await _take_connection(self.engine)
        return Lent(self, pooled, pooled.driver_connection)

    def give_back(self, pooled: Any) -> None:
        if self.has_room():
            self._at_hand.append(pooled)
            # What the pool has free may be on its way to somebody who waited; then this one is wanted, too.
            asyncio.get_running_loop().call_soon(self.make_room)
        else:
            pooled.close()  # SQLAlchemy has begun nothing on it, and so has nothing to wait for

    def make_room(self) -> None:
        """Give what is at hand back to a pool that has nothing else left."""
        if self._at_hand and not self.has_room():
            self.close()

    def close(self) -> None:
        """Give what is at hand back to the pool."""
        while self._at_hand:
            self._at_hand.pop().close()

    def has_room(self) -> bool:
        """Whether the pool has a connection left for somebody else."""
        pool: Any = self.engine.pool
        return bool(pool.checkedin() > 0 or pool.overflow() < 0)


@dataclass
class Lent:
    """A connection that somebody has, until it is given back by one of the two ways."""

    lender: Lender
    pooled: Any
    driver: "asyncpg.Connection[asyncpg.Record]"
    is_ended: bool = False

    async def finish(self) -> None:
        """Commit what was begun on it, and give it back."""
        try:
            if not self.is_ended and self.driver.is_in_transaction():
                await self.driver.execute("COMMIT")  # fails where the connection was lost, as it must
        except BaseException as error:
            if not isinstance(error, Exception):
                self.end()
            raise
        finally:
            await self.give_back()

    async def give_back(self) -> None:
        """Roll back what was begun on it: what a caller's transaction set must never be there for the next."""
        if not self.driver.is_closed() and not self.driver.is_in_transaction():
            self.lender.give_back(self.pooled)
            return
        try:
            if not self.driver.is_closed():
                await self.driver.execute("ROLLBACK")
        except faults.DRIVER:
            self.driver.terminate()
        if self.driver.is_closed() or self.driver.is_in_transaction():
            await _drop(self.pooled)
        else:
            self.lender.give_back(self.pooled)

    def end(self) -> None:
        """End the connection: the server may still begin what the driver does not know of."""
        self.is_ended = True
        self.driver.terminate()


async def _take_connection(engine: AsyncEngine) -> Any:
    """A connection of the pool; raises DBAPIError for a server that refuses, as SQLAlchemy's own connections do."""
    try:
        return await greenlet_spawn(engine.sync_engine.pool.connect)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DBAPIError("", None, error) from error


async def _drop(pooled: Any) -> None:
    pooled.driver_connection.terminate()
    await greenlet_spawn(pooled.invalidate)
    await greenlet_spawn(pooled.close)


@asynccontextmanager
async def open_reader(lender: Lender) -> AsyncIterator[Reader]:
    """A reader inside a transaction: committed at the end, or rolled back on a failure."""
    lent = await lender.take()
    try:
        await lent.driver.execute("BEGIN")
        yield Reader(lent.driver)
    except BaseException as error:
        if not isinstance(error, Exception):
            lent.end()
        await lent.give_back()
        raise
    await lent.finish()
