"""How many connections of a pool are at work, told every few seconds."""

import asyncio
from typing import Any

from portal import metering
from portal.database.engine import Database

EVERY = 2.0  # seconds


def tell(database: Database, login: str) -> None:
    """Tell it now; connections at hand for readers are taken of the pool and free all the same."""
    pool: Any = database.engine.pool
    at_hand = database.lender.at_hand
    metering.CONNECTIONS.labels(login, "at_work").set(pool.checkedout() - at_hand)
    metering.CONNECTIONS.labels(login, "free").set(pool.checkedin() + at_hand)
    metering.CONNECTIONS.labels(login, "most").set(pool.size())


async def keep_telling(database: Database, login: str) -> None:
    """Tell it until cancelled."""
    while True:
        tell(database, login)
        await asyncio.sleep(EVERY)
