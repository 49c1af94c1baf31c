"""Notes of who was erased and what was closed, signed and kept beside the heads: ids and moments, and nothing else.

A backup that is brought back knows nothing of what was erased after it was made. Whoever restores it reads these, and
does it again. Each note is an object of its own that is never written over, so a backup may hold older ones.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from obstore.store import ObjectStore
from sqlalchemy import text

from portal import signing, storage
from portal.database.engine import Database
from portal.signing import KeyRing
from portal.trail import heads
from portal.trail.checking import Fault

FOLDER = "audit/erasures/"
KIND = "audit-erasure+jws"
PERSON, CLOSED, REOPENED = "person.erased", "organization.closed", "organization.reopened"
MOST = 200  # written at once
READ_AT_ONCE = 16
WAITING = text("SELECT id, act, subject_id, at FROM portal.erasure WHERE noted_at IS NULL ORDER BY at LIMIT :most")
NOTED = "SELECT id FROM portal.erasure WHERE noted_at IS NOT NULL"
MARK = text("UPDATE portal.erasure SET noted_at = portal.clock() WHERE id = ANY(CAST(:ids AS uuid[]))")


@dataclass(frozen=True)
class Erasure:
    """That a person was erased, or an organization closed or opened again."""

    id: UUID
    act: str
    subject_id: UUID
    at: datetime

    @property
    def key(self) -> str:
        """Where its note lies; by name the notes come in the order of their ids."""
        return f"{FOLDER}{self.id}.jws"


@dataclass(frozen=True)
class Notes:
    """What a storage knows: erasures in the order of their moments, and notes whose signature does not hold."""

    erasures: tuple[Erasure, ...]
    faults: tuple[str, ...]

    @property
    def people(self) -> list[Erasure]:
        """Everybody who was erased."""
        return [one for one in self.erasures if one.act == PERSON]

    @property
    def organizations(self) -> list[Erasure]:
        """What became last of each organization that was closed."""
        last = {one.subject_id: one for one in self.erasures if one.act != PERSON}
        return sorted(last.values(), key=lambda one: one.at)


async def note_due(database: Database, store: ObjectStore, keys: KeyRing) -> int:
    """Write the notes that are missing outside; returns how many.

    The database comes first, as with heads. May be stopped at any point: a note that is there already is written again
    under its own name.
    """
    async with database.transaction() as (session, _):
        due = [Erasure(**row._mapping) for row in await session.execute(WAITING, {"most": MOST})]
    for one in due:
        await storage.write(store, one.key, keys.sign(orjson.dumps(one, default=str), KIND).encode())
    if due:
        async with database.transaction() as (session, _):
            await session.execute(MARK, {"ids": [one.id for one in due]})
    return len(due)


async def read_notes(store: ObjectStore, keys: Mapping[str, OKPKey]) -> Notes:
    """All that a storage knows of erasures."""
    names, found, faults = await heads.list_files(store, FOLDER), [], []
    for start in range(0, len(names), READ_AT_ONCE):
        part = names[start : start + READ_AT_ONCE]
        for key, content in zip(part, await asyncio.gather(*(_read(store, key) for key in part)), strict=True):
            note = _open(content, keys)
            if note is None or note.key != key:
                faults.append(key)
            else:
                found.append(note)
    return Notes(tuple(sorted(found, key=lambda one: (one.at, one.id))), tuple(faults))


async def _read(store: ObjectStore, key: str) -> bytes:
    return b"".join([chunk async for chunk in storage.read_stream(store, key)])


async def check(picture: asyncpg.Connection, store: ObjectStore, keys: Mapping[str, OKPKey]) -> AsyncIterator[Fault]:
    """Notes whose signature does not hold, and erasures that were noted by the word of the database, and are not."""
    notes = await read_notes(store, keys)
    for _ in notes.faults:
        yield Fault("ERASURE_CHANGED")
    there = {one.id for one in notes.erasures}
    for row in await picture.fetch(NOTED):
        if row["id"] not in there:
            yield Fault("ERASURE_MISSING", event_id=row["id"])


def _open(content: bytes, keys: Mapping[str, OKPKey]) -> Erasure | None:
    try:
        signed = jws.extract_compact(content)
        key = keys[str(signed.protected["kid"])]
        if signed.protected["typ"] != KIND or not jws.validate_compact(signed, key, algorithms=[signing.ALGORITHM]):
            return None
        said = orjson.loads(signed.payload)
        return Erasure(UUID(said["id"]), said["act"], UUID(said["subject_id"]), datetime.fromisoformat(said["at"]))
    except (JoseError, ValueError, KeyError, TypeError):
        return None
