"""Takes a backup: a dump and lists of one snapshot, then the files that it names, then the heads of the trail."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from obstore.store import ObjectStore

import portal
from portal import errors, storage
from portal.backups import contents, dumping, pictures
from portal.backups.contents import Manifest
from portal.backups.copying import Copier
from portal.backups.pictures import Named
from portal.backups.steps import Progress
from portal.database import ids, programs
from portal.signing import KeyRing
from portal.trail import heads

NAMED = "named.jsonl"  # of the draft alone: what is to be copied


@dataclass(frozen=True)
class Source:
    """What is backed up: the login portal_backup, the storage, keys to sign with, and those to be taken along."""

    url: str
    store: ObjectStore
    signs: KeyRing | None
    keys: dict[str, bytes]


@dataclass
class Snapshot:
    """What was written of one moment."""

    revision: str = ""
    server_major: int = 0
    dump_major: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    position: int = 0
    chains: int = 0


async def take(source: Source, draft: Path, progress: Progress) -> Manifest:
    """Write everything into a draft and describe it. Raises SetupError and errors of the driver and the storage."""
    outside = await _read_outside(source.store)  # all of it is in a snapshot that is taken now, or was cut away
    taken_at = datetime.now(UTC)
    snapshot, named = await _write_snapshot(source.url, draft, progress)
    copier = Copier(source.store, storage.open_storage((draft / contents.STORED).as_uri()))
    limit = max(outside, snapshot.position)
    progress.begin("Copying files", named)
    async with pictures.connect(source.url) as connection:

        async def is_needed(key: str) -> bool:
            return bool(await connection.fetchval(pictures.IS_NEEDED, key))

        copied = copier.copy_named(_read_named(draft), is_needed)
        await _write_rows(draft / contents.FILES, _tell(copied, progress))
    await _write_rows(draft / contents.FILES, copier.copy_heads(limit))
    await _write_rows(draft / contents.FILES, copier.copy_notes())
    (draft / NAMED).unlink()
    manifest = Manifest(
        id=ids.new_id(),
        taken_at=taken_at,
        portal=portal.VERSION,
        **vars(snapshot),
        heads=limit,
        files=copier.count,
        bytes=copier.bytes,
        faults=tuple(copier.faults),
        parts=_list_parts(draft, source.keys),
        keys=tuple(source.keys),
    )
    contents.write_manifest(draft, manifest, source.signs)
    return manifest


async def _read_outside(store: ObjectStore) -> int:
    """The position of the last head outside; 0 also where nobody can read it, which `portal audit verify` names."""
    try:
        tail = await heads.read_tail(store)
    except ValueError:
        return 0
    return 0 if tail is None else tail.position


def _list_parts(draft: Path, keys: dict[str, bytes]) -> dict[str, contents.Part]:
    """The files of the backup itself, with the keys that go with it."""
    for name, content in keys.items():
        path = draft / contents.KEYS / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
    listed = (contents.DUMP, contents.FILES, contents.CHAINS, *(f"{contents.KEYS}/{name}" for name in keys))
    return {name: contents.hash_file(draft / name) for name in listed}


async def _write_snapshot(url: str, draft: Path, progress: Progress) -> tuple[Snapshot, int]:
    """The dump, and the lists of just what it holds; and how many files it names."""
    found = Snapshot()
    async with pictures.open_picture(url) as picture:
        found.server_major = await picture.fetchval(pictures.MAJOR)
        program = programs.find_program("pg_dump", found.server_major)
        found.dump_major = program.major
        progress.begin("Counting")
        try:
            found.revision = await picture.fetchval(pictures.REVISION)
            found.tables = await pictures.count_rows(picture)
            found.position = await picture.fetchval(pictures.POSITION)
            found.chains = await _write_rows(draft / contents.CHAINS, pictures.read_chains(picture))
            named = await _write_rows(draft / NAMED, pictures.read_files(picture))
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError):
            raise errors.SetupError("The database has not the schema of this portal, or a much earlier one.") from None
        progress.begin("Dumping tables", len(found.tables))
        snapshot = await picture.fetchval("SELECT pg_export_snapshot()")
        await dumping.dump(program, url, snapshot, draft / contents.DUMP, progress.advance)
    return found, named


def _read_named(draft: Path) -> Iterator[Named]:
    return (pictures.read_named(line) for line in contents.read_lines(draft / NAMED))


async def _tell(copied: AsyncIterator[contents.StoredFile], progress: Progress) -> AsyncIterator[contents.StoredFile]:
    async for one in copied:
        progress.advance()
        yield one


async def _write_rows(path: Path, rows: AsyncIterator[object]) -> int:
    """Append rows to a list; gives how many."""
    count = 0
    with contents.open_list(path) as file:
        async for row in rows:
            file.write(contents.spell(row))
            count += 1
    return count


def read_keys(secret_key: str, signing_key: str, former: str) -> dict[str, bytes]:
    """The keys of an installation as files of a backup."""
    found = {"secret.key": secret_key, "former-secret.keys": former, "signing.json": signing_key}
    return {name: value.encode() for name, value in found.items() if value}
