"""Which API keys were used: gathered in memory and written down once a minute, so that no call waits for a write."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors

MOST = 10_000  # hashes of a minute: whoever tries keys must not fill the memory
EVERY = 60.0  # seconds
NOTE = text("SELECT portal.note_key_uses(:hashes)")
log = structlog.get_logger(__name__)


class Transactions(Protocol):
    """What opens a transaction."""

    def transaction(self) -> AbstractAsyncContextManager[tuple[AsyncSession, access.Actor]]: ...


class KeyUses:
    """The keys that came since they were last written down, also those that are none."""

    def __init__(self) -> None:
        self._hashes: set[bytes] = set()

    def note(self, credential: access.Credential) -> None:
        """A call came with this."""
        if credential.kind == "api_key" and len(self._hashes) < MOST:
            self._hashes.add(credential.secret_hash)

    def take(self) -> Sequence[bytes]:
        """All of them, in one order, so that two servers that write at once do not wait for each other."""
        taken, self._hashes = sorted(self._hashes), set()
        return taken


async def write_down(uses: KeyUses, database: Transactions) -> None:
    """Write what was gathered; where the database is away, a use is forgotten rather than kept for ever."""
    hashes = uses.take()
    if not hashes:
        return
    try:
        async with database.transaction() as (session, _):
            await session.execute(NOTE, {"hashes": hashes})
    except errors.PortalError as error:
        log.info("uses of keys were not written down", reason=error.code)


async def keep_writing(uses: KeyUses, database: Transactions) -> None:
    """Write every minute, until it is cancelled."""
    while True:
        await asyncio.sleep(EVERY)
        await write_down(uses, database)
