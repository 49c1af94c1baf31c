"""Which API keys and sessions were used: gathered in memory and written down once a minute, so that no call waits."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.database import faults

MOST = 10_000  # hashes of a minute, of each kind: whoever tries credentials must not fill the memory
EVERY = 60.0  # seconds
NOTES = {
    "api_key": text("SELECT portal.note_key_uses(:hashes, :ages)"),
    "session": text("SELECT portal.note_session_uses(:hashes)"),
}
# Whatever the database says: where nobody noted any more, sessions in daily use would end as idle.
FAILURES = (errors.PortalError, *faults.DATABASE)
log = structlog.get_logger(__name__)


class Transactions(Protocol):
    """What opens a transaction."""

    def transaction(self) -> AbstractAsyncContextManager[tuple[AsyncSession, access.Actor]]: ...


class CredentialUses:
    """The keys and sessions that came since they were last written down, also those that are none."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[bytes, float]] = {kind: {} for kind in NOTES}

    def note(self, credential: access.Credential) -> None:
        """A call came with this; of many calls the first counts, since a later one may have come after its end."""
        gathered = self._seen.get(credential.kind)
        if gathered is not None and len(gathered) < MOST:
            gathered.setdefault(credential.secret_hash, time.monotonic())

    def take(self) -> Mapping[str, Sequence[tuple[bytes, float]]]:
        """All of them by kind, with how many seconds ago each came.

        They come in one order, so that two servers that write at once do not wait for each other.
        """
        now = time.monotonic()
        taken = {kind: [(one, now - seen[one]) for one in sorted(seen)] for kind, seen in self._seen.items() if seen}
        self._seen = {kind: {} for kind in NOTES}
        return taken


async def write_down(uses: CredentialUses, database: Transactions) -> None:
    """Write what was gathered; where the database is away, a use is forgotten rather than kept for ever."""
    for kind, taken in uses.take().items():
        hashes, ages = zip(*taken, strict=True)
        try:
            async with database.transaction() as (session, _):
                await session.execute(NOTES[kind], {"hashes": list(hashes), "ages": list(ages)})
        except FAILURES as error:
            reason = error.code if isinstance(error, errors.PortalError) else type(error).__name__
            log.warning("uses.not_noted", kind=kind, reason=reason)


async def keep_writing(uses: CredentialUses, database: Transactions) -> None:
    """Write every minute, until it is cancelled."""
    while True:
        await asyncio.sleep(EVERY)
        await write_down(uses, database)
