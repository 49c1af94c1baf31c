"""The drill: whether a database and a storage hold what a backup says, row counts, chain heads and file hashes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
from obstore.store import ObjectStore

from portal.backups import contents, copying, pictures
from portal.backups.contents import Chain, Manifest, Part, StoredFile
from portal.backups.steps import Progress
from portal.trail import heads, restorations

TRAIL = "portal.audit_event"
OWN_EVENTS = "SELECT count(*) FROM portal.audit_event WHERE action = $1 AND object_id = $2"


@dataclass(frozen=True)
class Difference:
    """Where the restored differs from the backup: what, how much or which is there, and in the backup."""

    what: str
    here: object
    there: object

    def __str__(self) -> str:
        return f"{self.what}: {self.here} here, {self.there} in the backup"


async def compare(
    picture: asyncpg.Connection,
    store: ObjectStore,
    folder: Path,
    manifest: Manifest,
    progress: Progress,
    restoration: UUID | None = None,
) -> AsyncIterator[Difference]:
    """Every difference; the event by which the restoration itself is told is none."""
    progress.begin("Comparing rows")
    own = 0
    if restoration is not None:
        own = await picture.fetchval(OWN_EVENTS, restorations.ACTION, str(restoration))
    counts = await pictures.count_rows(picture)
    for name in sorted({*counts, *manifest.tables}):
        here, there = counts.get(name, 0) - (own if name == TRAIL else 0), manifest.tables.get(name, 0)
        if here != there:
            yield Difference(f"rows of {name}", here, there)
    async for chain in _compare_chains(picture, folder):
        yield chain
    progress.begin("Comparing files", manifest.files)
    for file in contents.read_files(folder):
        progress.advance()
        if not file.is_missing:
            found = await _read_here(store, file, manifest.heads)
            if found is None or found != Part(file.size, file.sha256):
                yield Difference(
                    f"file {file.key}", "missing" if found is None else found.sha256[:16], file.sha256[:16]
                )


async def _compare_chains(picture: asyncpg.Connection, folder: Path) -> AsyncIterator[Difference]:
    """Both come in the order of their organizations."""
    there = contents.read_chains(folder)
    expected = next(there, None)
    async for here in pictures.read_chains(picture):
        while expected is not None and expected.organization_id < here.organization_id:
            yield Difference(f"chain of {expected.organization_id}", "none", _spell(expected))
            expected = next(there, None)
        if expected is not None and expected.organization_id == here.organization_id:
            if _spell(expected) != _spell(here):
                yield Difference(f"chain of {here.organization_id}", _spell(here), _spell(expected))
            expected = next(there, None)
        else:
            yield Difference(f"chain of {here.organization_id}", _spell(here), "none")
    while expected is not None:
        yield Difference(f"chain of {expected.organization_id}", "none", _spell(expected))
        expected = next(there, None)


def _spell(chain: Chain) -> str:
    return f"block {chain.n} at {chain.position} {chain.hash[:16]}"


async def _read_here(store: ObjectStore, file: StoredFile, limit: int) -> Part | None:
    """What lies in the storage; of heads those that the backup has."""
    if file.key.startswith(heads.FOLDER):
        return await copying.read_heads(store, file, limit)
    return await copying.read_hash(store, file.key)
