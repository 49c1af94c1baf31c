"""`portal backup`: makes a backup, or checks one."""

import asyncio
import errno
from pathlib import Path
from typing import Annotated

import obstore.exceptions
import typer

from portal import errors, signing, storage
from portal import settings as configuration
from portal.backups import checking, contents, drafts, taking, vouching
from portal.backups.contents import Manifest
from portal.backups.taking import Source
from portal.backups.vouching import Voucher
from portal.commands import installation, sealed, steps
from portal.identity.resealing import Opened
from portal.settings import Settings

DIFFERENT = 1
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES)
Folder = Annotated[Path, typer.Argument(help="A folder: a new one for a backup, an existing one with --verify.")]


def back_up(
    folder: Folder,
    with_keys: Annotated[
        bool,
        typer.Option(
            "--with-keys",
            help="Put PORTAL_SECRET_KEY, PORTAL_FORMER_SECRET_KEYS and PORTAL_SIGNING_KEY into it, too; without this "
            "keep them elsewhere.",
        ),
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check a backup by its hashes and its signature, and change nothing.")
    ] = False,
) -> None:
    """Copy database, files and heads of the audit trail, as they are at one moment, into a new folder.

    Uses the login of PORTAL_BACKUP_DATABASE_URL, or the embedded database, and PORTAL_STORAGE_URL; servers may run
    meanwhile. Exit code 1 where a document has no file, or another one, or keys that go with it open not all that is
    sealed: everything else is in the backup then.
    """
    settings = configuration.read_settings()
    if verify:
        check(folder.absolute(), settings)
    else:
        make(folder.absolute(), settings, with_keys=with_keys)


def make(folder: Path, settings: Settings, *, with_keys: bool) -> None:
    """Make a backup and say what is in it. Raises SetupError."""
    keys = read_keys(settings) if with_keys else {}
    with installation.open_server(settings) as complete:
        url = installation.require(complete.backup_database_url, "PORTAL_BACKUP_DATABASE_URL")
        signing_key = signing.find_signing_key(complete)
        signs = signing.read_keys(signing_key, "the signing key") if signing_key else None
        with installation.explain_database(url), steps.open_steps() as progress, drafts.open_draft(folder) as draft:
            source = Source(url, storage.open_storage(complete.storage_url), signs, keys)
            try:
                manifest = asyncio.run(taking.take(source, draft, progress))
            except obstore.exceptions.BaseError as error:
                words = f"Is there room for {folder}, and can PORTAL_STORAGE_URL be read?"
                raise errors.SetupError(f"A file could not be copied ({type(error).__name__}). {words}") from None
            except OSError as error:
                if error.errno not in DISK:
                    raise  # the way to the database
                raise errors.SetupError(f"{folder} cannot be written ({error.strerror}).") from None
            opened = sealed.try_keys(url, settings) if with_keys else Opened()
    typer.echo(f"{folder}: {describe(manifest)}")
    if signs is None:
        typer.echo("It is not signed, as there is no signing key here: nobody can tell whether it was changed.")
    typer.echo(_describe_keys(manifest, settings))
    is_whole = sealed.tell(opened, sealed.PACKED, settings) and not manifest.faults
    for key in manifest.faults:
        typer.echo(f"MISSING OR CHANGED {key}", err=True)
    if manifest.faults:
        typer.echo(f"{len(manifest.faults)} files were not there as their rows have them; `portal evidence verify`.")
    if not is_whole:
        raise typer.Exit(DIFFERENT)


def describe(manifest: Manifest) -> str:
    """What is in a backup, in one line."""
    rows = sum(manifest.tables.values())
    return (
        f"{rows:,} rows of {len(manifest.tables)} tables at schema {manifest.revision}, {manifest.files:,} files with "
        f"{manifest.bytes:,} bytes, {manifest.chains} chains of the audit trail, "
        f"of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC."
    )


def _describe_keys(manifest: Manifest, settings: Settings) -> str:
    if manifest.keys:
        return f"Keys are in it: {', '.join(manifest.keys)}. Whoever has it can sign, and open what they sealed."
    return (
        f"No keys are in it. Keep {configuration.SECRET_FILE} and {signing.KEY_FILE} of {settings.data_dir}, or what "
        "PORTAL_SECRET_KEY and PORTAL_SIGNING_KEY hold, at another place: without them secrets stay sealed."
    )


def read_keys(settings: Settings) -> dict[str, bytes]:
    """The keys of this installation as files of a backup; raises SetupError where there are none."""
    secret = configuration.find_secret_key(settings)
    found = taking.read_keys(secret, signing.find_signing_key(settings), settings.former_secret_keys)
    if not {configuration.SECRET_FILE, signing.KEY_FILE} <= set(found):
        raise errors.SetupError("The keys are not here: neither set nor in the data folder. Leave out --with-keys.")
    return found


def check(folder: Path, settings: Settings) -> Voucher:
    """Check a backup and say who vouches for it; ends with 1 where something differs, with each place.

    Raises SetupError where it is none.
    """
    manifest = contents.read_manifest(folder)
    signing_key = signing.find_signing_key(settings)
    known = signing.read_public_keys(signing_key, "the signing key") if signing_key else {}
    voucher = vouching.find_voucher(folder, manifest, known)
    found = 0
    if voucher is Voucher.BROKEN:
        typer.echo(f"SIGNATURE {contents.MANIFEST}", err=True)
        found += 1
    with steps.open_steps() as progress:
        try:
            for fault in checking.check_folder(folder, manifest, progress):
                typer.echo(str(fault), err=True)
                found += 1
        except OSError as error:
            raise errors.SetupError(f"{error.filename} cannot be read ({error.strerror}).") from None
    if found:
        typer.echo(f"{folder}: {found} differences from what was backed up.")
        raise typer.Exit(DIFFERENT)
    typer.echo(f"{folder} is whole, {voucher}: {describe(manifest)}")
    return voucher
