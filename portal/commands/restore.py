"""`portal restore`: brings a backup back and compares the result with it."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from uuid import UUID

import obstore.exceptions
import typer

from portal import errors, signing, storage
from portal import settings as configuration
from portal.backups import comparing, contents, pictures, repeating, restoring, vouching
from portal.backups.contents import Manifest
from portal.backups.repeating import Repeated
from portal.backups.restoring import Target
from portal.commands import backup, installation, migration, repeated, sealed, steps
from portal.commands.steps import Steps
from portal.database import migrating
from portal.identity.resealing import Opened
from portal.settings import Settings
from portal.trail import erasures
from portal.trail.erasures import Notes
from portal.trail.restorations import Restoration

DIFFERENT = 1
FORMER = "former-secret.keys"
UNSIGNED = (
    "The backup is {voucher}, and --unsigned accepts that. So nobody vouches for its rows (people, passwords, rights, "
    "answers, shares) and files. Blocks of the audit trail have signatures of their own: `portal audit verify` says "
    "whether those hold, and tells for ever that this was restored unsigned."
)
UNKNOWN = (
    "Nothing is known here of erasures after the backup, as nothing that was sealed after it lay in the storage. "
    "People who were erased since, and organizations that were closed, are there again: do it once more by your own "
    "list with `portal privacy erase` and `close`. Where audit/erasures/ of the lost storage is found, put it into "
    "this one and run `portal privacy erase-again`."
)


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup, as `portal backup` made it.")],
    keep_storage: Annotated[
        bool,
        typer.Option(
            "--keep-storage",
            help="The storage is that of the lost database: compare what is there and write only what is missing.",
        ),
    ] = False,
    create_roles: Annotated[
        bool,
        typer.Option("--create-roles", help="First make the four logins, as `portal migrate --create-roles` does."),
    ] = False,
    unsigned: Annotated[
        bool,
        typer.Option(
            "--unsigned",
            help="Accept a backup that nobody here vouches for: without a signature, or signed by a key that only the "
            "backup itself holds.",
        ),
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Restore nothing: only compare what is here with the backup.")
    ] = False,
) -> None:
    """Bring a backup into an empty database and an empty storage, and compare rows, files and chain heads with it.

    Uses PORTAL_OWNER_DATABASE_URL and PORTAL_BACKUP_DATABASE_URL, or a new embedded database, and PORTAL_STORAGE_URL.
    Nothing may serve meanwhile. Everything is checked by its hash first. Then whoever was erased after the backup is
    erased again, and what was closed is closed, as the storage has it noted. Exit code 1 where something differs, or
    what is sealed does not open with the keys that are here.
    """
    folder = folder.absolute()
    settings = configuration.read_settings()
    manifest = contents.read_manifest(folder)
    restoring.refuse_newer(manifest)
    require_signing_key(manifest, settings)
    voucher = backup.check(folder, settings)  # before the keys in it are known here: by those it vouches for itself
    is_signed = compare or vouching.require_voucher(voucher, folder, accepts_unsigned=unsigned)
    if not is_signed:
        typer.echo(UNSIGNED.format(voucher=voucher))
    if not compare:
        bring_keys(folder, manifest, settings)
    configuration.find_secret_key(settings)  # one that cannot be used is told before anything is restored
    keys = signing.read_keys(signing.find_signing_key(settings), "the signing key")
    if create_roles and settings.database_url:
        migration.make_roles(settings)
    with installation.open_server(settings, makes=not compare) as complete:
        target = Target(
            owner_url=installation.require(complete.owner_database_url, "PORTAL_OWNER_DATABASE_URL"),
            backup_url=installation.require(complete.backup_database_url, "PORTAL_BACKUP_DATABASE_URL"),
            store=storage.open_storage(complete.storage_url),
            keys=keys,
            keeps_storage=keep_storage,
            is_signed=is_signed,
        )
        with installation.explain_database(target.backup_url), steps.open_steps() as progress:
            try:
                outcome = asyncio.run(_work(target, folder, manifest, progress, only_compares=compare))
                if outcome.repeated is not None:
                    outcome.opened = sealed.try_keys(target.owner_url, settings)
            except (OSError, obstore.exceptions.BaseError) as error:
                if isinstance(error, OSError) and error.errno not in backup.DISK:
                    raise  # the way to the database
                raise errors.SetupError(f"PORTAL_STORAGE_URL cannot be used: {type(error).__name__}.") from None
    _report(manifest, outcome, settings)


def require_signing_key(manifest: Manifest, settings: Settings) -> None:
    """Raise SetupError where there is no key to note the restoration with, neither here nor in the backup."""
    if signing.KEY_FILE not in manifest.keys and not signing.find_signing_key(settings):
        raise errors.SetupError(
            f"There is no signing key here. Put {signing.KEY_FILE} and {configuration.SECRET_FILE} of the lost portal "
            f"into {settings.data_dir}, or set PORTAL_SIGNING_KEY and PORTAL_SECRET_KEY. Where they are lost, `portal "
            "keys rotate` makes a new one, and `portal audit verify` will name each seal of the old one."
        )


def bring_keys(folder: Path, manifest: Manifest, settings: Settings) -> None:
    """Put keys of a backup into the data folder where there are none; those that are there stay."""
    for name in (configuration.SECRET_FILE, signing.KEY_FILE):
        path = settings.data_dir / name
        is_set = settings.secret_key if name == configuration.SECRET_FILE else settings.signing_key
        if name in manifest.keys and not is_set and not path.exists():
            with configuration.explain_folder(settings):
                configuration.write_private(path, (folder / contents.KEYS / name).read_bytes())
            typer.echo(f"{path} was written from the backup.")
    if FORMER in manifest.keys and not settings.former_secret_keys:
        typer.echo(f"Set PORTAL_FORMER_SECRET_KEYS to what {folder / contents.KEYS / FORMER} holds.")


@dataclass
class Outcome:
    """What came of it: differences from the backup, what was done again, what the storage knew of that, what opens."""

    differences: list[str]
    noted: Restoration | None = None
    notes: Notes | None = None
    repeated: Repeated | None = None
    opened: Opened = field(default_factory=Opened)


async def _work(target: Target, folder: Path, manifest: Manifest, progress: Steps, *, only_compares: bool) -> Outcome:
    if only_compares:
        told = await restoring.find_told(target, manifest)
        return Outcome(await _compare(target, folder, manifest, progress, told))
    id = await restoring.find_restoration(target, manifest)
    if id is None:
        if not target.keeps_storage:
            await restoring.refuse_filled(target.store)
        await restoring.fill_storage(target, folder, manifest, progress)
        id = await restoring.fill_database(target, folder, manifest, progress)
    noted = await restoring.note(target, id, manifest)
    typer.echo(str(noted))
    differences = await _compare(target, folder, manifest, progress, id)
    notes = await erasures.read_notes(target.store, target.keys.public)
    is_present = manifest.revision == migrating.head_revision()
    return Outcome(differences, noted, notes, await repeating.repeat(target.owner_url, notes) if is_present else None)


async def _compare(target: Target, folder: Path, manifest: Manifest, progress: Steps, id: UUID | None) -> list[str]:
    async with pictures.open_picture(target.backup_url) as picture:
        found = comparing.compare(picture, target.store, folder, manifest, progress, id)
        return [str(one) async for one in found]


def _report(manifest: Manifest, outcome: Outcome, settings: Settings) -> None:
    for one in outcome.differences:
        typer.echo(one, err=True)
    if outcome.differences:
        typer.echo(f"{len(outcome.differences)} differences from the backup.")
        if outcome.noted is not None and outcome.noted.run > 1:
            typer.echo("It was restored before: what was done since then, as erasing people again, makes rows differ.")
    else:
        typer.echo(f"Equal to the backup in rows, files and chain heads: {backup.describe(manifest)}")
    is_sound = not outcome.differences
    if outcome.noted is not None and outcome.notes is not None:
        is_sound &= repeated.tell(outcome.notes, outcome.repeated)
        if not outcome.noted.blocks:
            typer.echo(UNKNOWN)
        if outcome.repeated is None:
            typer.echo(
                "Next: `portal migrate`, as the backup is of an earlier schema; then `portal privacy erase-again`."
            )
        typer.echo(
            "What was revoked after the backup is in force again: end all sessions with `portal credentials sign-out "
            "--everybody --reason 'Restored from a backup.'`, and look through keys, members and shares. Then `portal "
            "audit verify` and `portal doctor`."
        )
        is_sound &= sealed.tell(outcome.opened, sealed.HERE, settings)
    if not is_sound:
        raise typer.Exit(DIFFERENT)
