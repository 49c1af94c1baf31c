"""Reads from a copy of the database that is as new as the caller may expect, else from the database itself.

A caller is authenticated by the primary, which also tells how far its log has come. The replica answers once it has
replayed all of that: a write that was acknowledged, a share or a session that was revoked before is never missed.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal import access
from portal.database.lending import Lender, open_reader
from portal.database.reader import Reader

WAIT_SECONDS = 0.05  # for a replica that lags; longer would cost more than the primary
STEP_SECONDS = 0.002
REST_SECONDS = 5.0  # before a replica that failed is asked again
ENTER = "SELECT set_config('portal.organization', $1, true), set_config('portal.user', $2, true)"
HAS_REPLAYED = "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn"
UNREACHABLE = (OSError, DBAPIError, PoolTimeout, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)

log = structlog.get_logger(__name__)


@dataclass
class Replica:
    """A second server that follows the first; counts how often it could answer."""

    lender: Lender
    answered: int = 0
    behind: int = 0
    _rests_until: float = field(default=0.0, repr=False)

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago."""
        return time.monotonic() < self._rests_until

    @asynccontextmanager
    async def read(self, actor: access.Actor, position: str) -> AsyncIterator[Reader | None]:
        """A reader for a caller that was authenticated when the primary's log was at `position`; None for none."""
        async with AsyncExitStack() as stack:
            try:
                reader: Reader | None = await stack.enter_async_context(open_reader(self.lender))
                if reader is not None and await _catch_up(reader, position):
                    await reader.fetch_row(ENTER, _spell(actor.organization_id), _spell(actor.user_id))
                    self.answered += 1
                else:
                    self.behind += 1
                    reader = None
            except UNREACHABLE as error:
                log.warning("replica.away", reason=type(error).__name__)
                self._rests_until = time.monotonic() + REST_SECONDS
                reader = None
            yield reader


async def _catch_up(reader: Reader, position: str) -> bool:
    """Whether the replica has replayed the log up to a position, or does so in a moment."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        found = await reader.fetch_row(HAS_REPLAYED, position)
        if found is not None and found[0]:
            return True
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(STEP_SECONDS)


def _spell(id: object) -> str:
    return "" if id is None else str(id)
