"""Trusted documents: GraphQL texts that clients were built with, found by the hash of the text."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.database import audit
from portal.database.engine import Database
from portal.database.tables.documents import TrustedDocument

PREFIX = "sha256:"
FIND = "SELECT portal.find_trusted_document($1)"
MOST_FOUND = 512
MOST_UNKNOWN = 4_096
FOUND_SECONDS = 60.0  # how long a process may go on with a document that was removed
UNKNOWN_SECONDS = 5.0  # how long it may go on without one that was added
LOOKUPS_AT_ONCE = 2
LOOKUP_SECONDS = 10.0
MOST_MISSES = 50  # in a second; whoever makes up hashes asks the database no more often
Value = TypeVar("Value")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Stored:
    """A trusted document and when it was added."""

    content_hash: str
    text: str
    added_at: datetime


def hash_text(text: str) -> str:
    """The SHA-256 of a text as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_hash(identifier: str) -> str | None:
    """The hash in "sha256:<64 hex>", with or without its prefix; none in any other identifier."""
    digits = identifier.removeprefix(PREFIX)
    return digits if _HASH.fullmatch(digits) else None


async def add_documents(session: AsyncSession, texts: Iterable[str]) -> set[str]:
    """Store documents with the owner's login; gives the hashes that are new."""
    rows = [{"content_hash": hash_text(text), "text": text} for text in dict.fromkeys(texts)]
    if not rows:
        return set()
    kept = insert(TrustedDocument).values(rows).on_conflict_do_nothing().returning(TrustedDocument.content_hash)
    new = set(await session.scalars(kept))
    for one in sorted(new):
        await audit.add_audit(session, access.OWNER_LOGIN, "document.trusted", "document", one)
    return new


async def list_documents(session: AsyncSession) -> list[Stored]:
    """All documents, the oldest first, with the owner's login."""
    table = TrustedDocument
    found = await session.scalars(select(table).order_by(table.added_at, table.content_hash))
    return [Stored(row.content_hash, row.text, row.added_at) for row in found]


async def remove_document(session: AsyncSession, content_hash: str) -> None:
    """Forget a document, with the owner's login; raises NotFound."""
    table = TrustedDocument
    gone = delete(table).where(table.content_hash == content_hash).returning(table.content_hash)
    if await session.scalar(gone) is None:
        raise errors.NotFound(f"There is no trusted document {PREFIX}{content_hash}.")
    await audit.add_audit(session, access.OWNER_LOGIN, "document.removed", "document", content_hash)


class TrustedDocuments:
    """What this process knows of the trusted documents: texts for a minute, unknown hashes for some seconds."""

    def __init__(self, database: Database, built_in: Iterable[str] = ()) -> None:
        self.database = database
        self._built_in = {hash_text(text): text for text in built_in}  # of pages that the server itself sends
        self._found: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._unknown: OrderedDict[str, float] = OrderedDict()
        self._turn = asyncio.Semaphore(LOOKUPS_AT_ONCE)
        self._second = 0
        self._misses = 0

    async def find(self, content_hash: str) -> str | None:
        """The text, none where the hash is unknown; raises Unavailable, and RateLimited where many are unknown."""
        if content_hash in self._built_in:
            return self._built_in[content_hash]
        is_known, text = self._recall(content_hash)
        if is_known:
            return text
        try:
            async with asyncio.timeout(LOOKUP_SECONDS), self._turn:
                is_known, text = self._recall(content_hash)  # whoever had the turn before may have asked for it
                return text if is_known else await self._look_up(content_hash)
        except TimeoutError:
            raise errors.Unavailable("The document cannot be looked up just now; try again.") from None

    def _recall(self, content_hash: str) -> tuple[bool, str | None]:
        now = monotonic()
        text, until = self._found.get(content_hash, ("", 0.0))
        if now < until:
            self._found.move_to_end(content_hash)
            return True, text
        return now < self._unknown.get(content_hash, 0.0), None

    async def _look_up(self, content_hash: str) -> str | None:
        if content_hash not in self._found:  # else it is asked for again, which no stranger can cause
            self._refuse_flood()
        # Not from a replica: a client may be deployed the moment after its documents were added.
        async with self.database.reading(writes=True) as (reader, _):
            text = await reader.fetch_text(FIND, [content_hash])
        self._found.pop(content_hash, None)
        if text is None:
            self._misses += 1
            _keep(self._unknown, content_hash, monotonic() + UNKNOWN_SECONDS, MOST_UNKNOWN)
        else:
            self._unknown.pop(content_hash, None)
            _keep(self._found, content_hash, (text, monotonic() + FOUND_SECONDS), MOST_FOUND)
        return text

    def _refuse_flood(self) -> None:
        second = int(monotonic())
        if second != self._second:
            self._second, self._misses = second, 0
        if self._misses >= MOST_MISSES:
            raise errors.RateLimited("Too many unknown documents were asked for. Wait, then try again.", retry_after=1)


def _keep(kept: OrderedDict[str, Value], key: str, value: Value, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
