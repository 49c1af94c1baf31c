"""Notes of restorations, signed and kept beside the heads: what a backup was brought back over, and what that gave up.

A database that is restored ends where the backup was taken, and heads outside tell of blocks after that. Those are
moved aside, named in the note, so that the trail goes on from the backup's end; `portal audit verify` tells of every
restoration for ever. Who holds the database alone can write no note, so a cut of any other kind is found as before.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from obstore.store import ObjectStore

from portal import signing, storage
from portal.signing import KeyRing
from portal.trail import heads
from portal.trail.checking import Fault

FOLDER = "audit/restorations/"
GIVEN_UP = "audit/given-up/"
ALL = "all"  # is there once everything that is to go was copied
KIND = "audit-restoration+jws"
ACTION = "portal.restored"
TOLD = f"SELECT object_id FROM portal.audit_event WHERE action = '{ACTION}'"  # noqa: S608 (a constant)
ADD = """
SET LOCAL row_security = on;
INSERT INTO portal.audit_event (id, actor_role, action, object_kind, object_id, detail)
VALUES ('{event}', 'operator', '{action}', 'restoration', '{id}', '{detail}');
"""


@dataclass(frozen=True)
class Restoration:
    """A restoration: of which backup and when, to which position, and how much after it was given up.

    Each run of the command for one restoration leaves a note of its own, and none writes over another.
    """

    id: UUID
    at: datetime
    backup: UUID
    taken_at: datetime
    position: int
    blocks: int
    events: int
    organizations: int
    given_up: str | None  # the SHA-256 of the heads that were moved aside
    run: int = 1
    is_signed: bool = True  # whether the backup was signed by a key that was known here

    @property
    def key(self) -> str:
        """Where its note lies."""
        return f"{FOLDER}{self.id}{'' if self.run == 1 else f'-{self.run}'}.jws"

    def __str__(self) -> str:
        lost = (
            f"{self.blocks} blocks with {self.events} events of {self.organizations} chains that were sealed after it"
        )
        tail = f"{lost} were given up" if self.blocks else "no head of a later block lay there"
        act = "Restored" if self.run == 1 else f"Run number {self.run} of a restoration"
        unsigned = "" if self.is_signed else ", for which no signature vouched"
        return (
            f"{act} on {self.at:%Y-%m-%d %H:%M} UTC from the backup of {self.taken_at:%Y-%m-%d %H:%M} UTC{unsigned}, "
            f"up to block {self.position} of all; {tail}."
        )


def write_event(event: UUID, id: UUID, backup: UUID, position: int, *, is_signed: bool = True) -> str:
    """The statement that lets the trail itself tell of a restoration; it goes with the data, in one transaction."""
    detail = {"backup": str(backup), "position": position} | ({} if is_signed else {"unsigned": True})
    return ADD.format(event=event, action=ACTION, id=id, detail=orjson.dumps(detail).decode())


async def give_up(
    store: ObjectStore,
    keys: KeyRing,
    *,
    id: UUID,
    at: datetime,
    backup: UUID,
    taken_at: datetime,
    position: int,
    is_signed: bool = True,
) -> Restoration:
    """Move heads after a position aside and note it. May be stopped anywhere and called again with the same id.

    All of them are copied before the first one goes, and what goes is what was copied: heads that a worker writes after
    that are of the restored database. A note that is there stays, whatever it says, and another one is written.
    """
    aside = f"{GIVEN_UP}{id}/"
    if not await _read(store, aside + ALL):
        for key in await heads.list_files(store):
            after = heads.split_at(await _read(store, key), position)[1]
            if after:
                await storage.write(store, aside + _name(key), b"".join(after))
        await storage.write(store, aside + ALL, b"{}")
    for key in reversed(await heads.list_files(store)):
        await _cut(store, key, await _read(store, aside + _name(key)))
    draft = Restoration(id, at, backup, taken_at, position, 0, 0, 0, None, is_signed=is_signed)
    there = set(await list_notes(store))
    while draft.key in there:
        draft = replace(draft, run=draft.run + 1)
    note = await _describe(store, draft)
    await storage.write(store, note.key, keys.sign(orjson.dumps(note), KIND).encode())
    return note


async def _cut(store: ObjectStore, key: str, moved: bytes) -> None:
    """Take lines that were moved out of a file of heads."""
    if not moved:
        return
    gone = set(moved.splitlines(keepends=True))
    left = b"".join(line for line in (await _read(store, key)).splitlines(keepends=True) if line not in gone)
    if left:
        await storage.write(store, key, left)
    else:
        await storage.delete(store, key)


async def _describe(store: ObjectStore, note: Restoration) -> Restoration:
    """A note with what lies aside for it."""
    digest, told, lines = hashlib.sha256(), [], 0
    for key in await heads.list_files(store, f"{GIVEN_UP}{note.id}/"):
        if not key.endswith(ALL):
            content = await _read(store, key)
            digest.update(content)
            found = content.splitlines()
            lines += len(found)
            told += [head for line in found if (head := _count(line)) is not None]
    return replace(
        note,
        blocks=lines,
        events=sum(count for _, count in told),
        organizations=len({organization for organization, _ in told}),
        given_up=digest.hexdigest() if lines else None,
    )


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def _count(line: bytes) -> tuple[UUID, int] | None:
    """Of a head whose chain and how many events; None where it cannot be read."""
    try:
        said = orjson.loads(jws.extract_compact(line).payload)
        return UUID(said["organization"]), int(said["count"])
    except (JoseError, ValueError, KeyError, TypeError):
        return None


async def list_notes(store: ObjectStore) -> list[str]:
    """The keys of all notes."""
    return await heads.list_files(store, FOLDER)


async def check(
    picture: asyncpg.Connection, store: ObjectStore, keys: Mapping[str, OKPKey]
) -> AsyncIterator[Restoration | Fault]:
    """Every restoration, and what is wrong with notes: not signed, heads aside that differ, told of and not there."""
    noted = set[str]()
    for key in await list_notes(store):
        note = _open(await _read(store, key), keys)
        if note is None or key != note.key:
            yield Fault("RESTORATION_CHANGED")
            continue
        noted.add(str(note.id))
        if await _describe(store, note) != note:
            yield Fault("RESTORATION_CHANGED", position=note.position)
        yield note
    for row in await picture.fetch(TOLD):
        if row["object_id"] not in noted:
            yield Fault("RESTORATION_MISSING")


def _open(content: bytes, keys: Mapping[str, OKPKey]) -> Restoration | None:
    try:
        found = jws.extract_compact(content)
        key = keys[str(found.protected["kid"])]
        if found.protected["typ"] != KIND or not jws.validate_compact(found, key, algorithms=[signing.ALGORITHM]):
            return None
        said = orjson.loads(found.payload)
        moments = {name: datetime.fromisoformat(said[name]) for name in ("at", "taken_at")}
        ids = {name: UUID(said[name]) for name in ("id", "backup")}
        return Restoration(**{**said, **moments, **ids})
    except (JoseError, ValueError, KeyError, TypeError):
        return None


async def _read(store: ObjectStore, key: str) -> bytes:
    """The bytes of a small object, none where there is none."""
    try:
        return b"".join([chunk async for chunk in storage.read_stream(store, key)])
    except FileNotFoundError:
        return b""
