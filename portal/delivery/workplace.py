"""What a job may use: settings, the worker's own login, and storage."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from obstore.store import ObjectStore

from portal import errors
from portal.database.engine import Database
from portal.delivery.apart import Running
from portal.settings import Settings

KEEP_TRIES = 6  # of marking what became of what has gone out, while the database is away


@dataclass(frozen=True)
class Workplace:
    """One worker process."""

    settings: Settings
    database: Database
    storage: ObjectStore
    running: Running = field(default_factory=set, compare=False)  # jobs whose work runs apart

    async def keep(self, steps: Sequence[tuple[Any, dict[str, Any]]]) -> None:
        """Run statements in one transaction, again where the database is away for a moment: what they tell of is done.

        Raises Unavailable where it stays away.
        """
        for tries in range(1, KEEP_TRIES + 1):
            try:
                async with self.database.transaction() as (session, _):
                    for statement, values in steps:
                        await session.execute(statement, values)
                return
            except errors.Unavailable:
                if tries == KEEP_TRIES:
                    raise
                await asyncio.sleep(0.1 * 2**tries)
