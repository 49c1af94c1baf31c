"""`portal restore`: brings a backup back and compares the result with it."""

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID

import obstore.exceptions
import typer

from portal import errors, signing, storage
from portal import settings as configuration
from portal.backups import comparing, contents, pictures, restoring
from portal.backups.contents import Manifest
from portal.backups.restoring import Target
from portal.commands import backup, installation, migration, steps
from portal.commands.steps import Steps
from portal.database import migrating
from portal.settings import Settings

DIFFERENT = 1
FORMER = "former-secret.keys"


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
    compare: Annotated[
        bool, typer.Option("--compare", help="Restore nothing: only compare what is here with the backup.")
    ] = False,
) -> None:
    """Bring a backup into an empty database and an empty storage, and compare rows, files and chain heads with it.

    Uses PORTAL_OWNER_DATABASE_URL and PORTAL_BACKUP_DATABASE_URL, or a new embedded database, and PORTAL_STORAGE_URL.
    Nothing may serve meanwhile. Everything is checked by its hash first. Exit code 1 where something differs.
    """
    folder = folder.absolute()
    settings = configuration.read_settings()
    manifest = contents.read_manifest(folder)
    restoring.refuse_newer(manifest)
    require_signing_key(manifest, settings)
    backup.check(folder, settings)  # before the keys in it are known here: by those it would vouch for itself
    if not compare:
        bring_keys(folder, manifest, settings)
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
        )
        with installation.explain_database(target.backup_url), steps.open_steps() as progress:
            try:
                differences = asyncio.run(_work(target, folder, manifest, progress, only_compares=compare))
            except (OSError, obstore.exceptions.BaseError) as error:
                if isinstance(error, OSError) and error.errno not in backup.DISK:
                    raise  # the way to the database
                raise errors.SetupError(f"PORTAL_STORAGE_URL cannot be used: {type(error).__name__}.") from None
    _report(manifest, differences, is_new=not compare)


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


async def _work(target: Target, folder: Path, manifest: Manifest, progress: Steps, *, only_compares: bool) -> list[str]:
    if only_compares:
        return await _compare(target, folder, manifest, progress, await restoring.find_told(target, manifest))
    id = await restoring.find_restoration(target, manifest)
    if id is None:
        if not target.keeps_storage:
            await restoring.refuse_filled(target.store)
        await restoring.fill_storage(target, folder, manifest, progress)
        id = await restoring.fill_database(target, folder, manifest, progress)
    noted = await restoring.note(target, id, manifest)
    typer.echo(str(noted))
    return await _compare(target, folder, manifest, progress, id)


async def _compare(target: Target, folder: Path, manifest: Manifest, progress: Steps, id: UUID | None) -> list[str]:
    async with pictures.open_picture(target.backup_url) as picture:
        found = comparing.compare(picture, target.store, folder, manifest, progress, id)
        return [str(one) async for one in found]


def _report(manifest: Manifest, differences: list[str], *, is_new: bool) -> None:
    for one in differences:
        typer.echo(one, err=True)
    if differences:
        typer.echo(f"{len(differences)} differences from the backup.")
        raise typer.Exit(DIFFERENT)
    typer.echo(f"Equal to the backup in rows, files and chain heads: {backup.describe(manifest)}")
    if not is_new:
        return
    if manifest.revision != migrating.head_revision():
        typer.echo("Next: `portal migrate`, as the backup is of an earlier schema.")
    typer.echo(
        "What was revoked after the backup is in force again: end all sessions with `portal credentials sign-out "
        "--everybody`, and look through keys, members and shares. Then `portal audit verify` and `portal doctor`."
    )
