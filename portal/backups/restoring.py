"""Brings a backup back: files and heads into the storage, then the dump and the event that tells of it in one go.

The storage is filled first, as it can be filled again, and the database last, in one transaction: what is stopped in
between leaves an empty database, and a second call goes on where the storage may be kept.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import obstore
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from obstore.store import ObjectStore

from portal import errors, storage
from portal.backups import contents, copying, dumping, pictures
from portal.backups.contents import Manifest, Part, StoredFile
from portal.backups.steps import Progress
from portal.database import ids, migrating, programs
from portal.signing import KeyRing
from portal.trail import heads, restorations
from portal.trail.restorations import Restoration

FOUND = """
SELECT object_id FROM portal.audit_event
 WHERE action = $1 AND detail ->> 'backup' = $2 ORDER BY at DESC LIMIT 1
"""


@dataclass(frozen=True)
class Target:
    """Where a backup is brought back to: the logins of owner and backups, the storage, and keys to sign the note."""

    owner_url: str
    backup_url: str
    store: ObjectStore
    keys: KeyRing
    keeps_storage: bool = False
    is_signed: bool = True


def refuse_newer(manifest: Manifest) -> None:
    """Raise SetupError for a schema that this code does not know."""
    try:
        ScriptDirectory.from_config(migrating.make_config()).get_revision(manifest.revision)
    except CommandError:
        raise errors.SetupError(
            f"The backup is of the schema {manifest.revision}, which this portal does not know: use the portal "
            f"{manifest.portal} that made it, or a newer one."
        ) from None


async def find_restoration(target: Target, manifest: Manifest) -> UUID | None:
    """The restoration of this very backup that the database tells of; None where it is empty.

    Raises SetupError where anything else is in it, or its PostgreSQL is older than the backup's.
    """
    async with pictures.connect(target.backup_url) as connection:
        major = await connection.fetchval(pictures.MAJOR)
        if major < manifest.server_major:
            raise errors.SetupError(
                f"The backup is of PostgreSQL {manifest.server_major}; the server here is {major}, which is older."
            )
        is_empty = not await pictures.list_tables(connection)
    told = await find_told(target, manifest)
    if told is None and not is_empty:
        raise errors.SetupError("The database is not empty: a backup is brought back into an empty one alone.")
    return told


async def find_told(target: Target, manifest: Manifest) -> UUID | None:
    """The newest restoration of this very backup of which the trail in the database tells."""
    async with pictures.connect(target.backup_url) as connection:
        try:
            told = await connection.fetchval(FOUND, restorations.ACTION, str(manifest.id))
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
            return None
    return None if told is None else UUID(told)


async def refuse_filled(store: ObjectStore) -> None:
    """Raise SetupError where the storage holds anything."""
    async for page in obstore.list(store):
        if page:
            raise errors.SetupError(
                "The storage is not empty. Where it is that of the lost database, or of a restoration that was "
                "stopped, say --keep-storage: what is there is compared, and only what is missing is written."
            )


async def fill_storage(target: Target, folder: Path, manifest: Manifest, progress: Progress) -> int:
    """Write every file that is not there as the backup has it; gives how many. Raises SetupError for foreign heads."""
    source = storage.open_storage((folder / contents.STORED).as_uri())
    progress.begin("Writing files", manifest.files)
    written = 0
    for file in contents.read_files(folder):
        progress.advance()
        if file.is_missing:
            continue
        if file.key.startswith(heads.FOLDER):
            written += await _write_heads(target, source, file, manifest)
        elif not target.keeps_storage or await copying.read_hash(target.store, file.key) != _part(file):
            await copying.copy(source, file.key, target.store, file.key)
            written += 1
    return written


async def _write_heads(target: Target, source: ObjectStore, file: StoredFile, manifest: Manifest) -> int:
    """Heads that are there stay, and have to begin with those of the backup.

    Behind them stand later ones, and those that lagged behind when it was made.
    """
    here = await copying.read_heads(target.store, file, manifest.heads)
    if here is None:
        await copying.copy(source, file.key, target.store, file.key)
        return 1
    if here != _part(file):
        raise errors.SetupError(
            f"The heads of the audit trail in this storage ({file.key}) are not those of the backup: it is the storage "
            "of another portal, or somebody changed them. Keep it, and restore into an empty one."
        )
    return 0


def _part(file: StoredFile) -> Part:
    return Part(file.size, file.sha256)


async def fill_database(target: Target, folder: Path, manifest: Manifest, progress: Progress) -> UUID:
    """Bring the dump back; gives the id of the restoration, which the trail tells of from then on."""
    program = programs.find_program("pg_restore", manifest.dump_major)
    id = ids.new_id()
    told = restorations.write_event(ids.new_id(), id, manifest.id, manifest.position, is_signed=target.is_signed)
    progress.begin("Restoring the database")
    await dumping.restore(program, target.owner_url, folder / contents.DUMP, told, progress.advance)
    return id


async def note(target: Target, id: UUID, manifest: Manifest) -> Restoration:
    """Move heads aside that came after the backup, and note the restoration beside them."""
    return await restorations.give_up(
        target.store,
        target.keys,
        id=id,
        at=datetime.now(UTC),
        backup=manifest.id,
        taken_at=manifest.taken_at,
        position=manifest.heads,
        is_signed=target.is_signed,
    )
