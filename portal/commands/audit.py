"""`portal audit ...`: check the audit trail, hand out one organization's, erase a person from it."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from portal import errors, signing, storage
from portal import settings as configuration
from portal.commands import installation, operator, references
from portal.identity import operators
from portal.settings import Settings
from portal.trail import erasing, erasures, exports, reading, restorations, verifying
from portal.trail.checking import Fault, Keys
from portal.trail.verifying import Count

DIFFERENT = 1
One = Annotated[
    UUID | None,
    typer.Option(
        "--organization",
        parser=references.read_chain,
        metavar="ORGANIZATION",
        help="Only this one's chain, by its UUID or id, or `portal` for the portal's own; without it every chain.",
    ),
]
Whose = Annotated[
    UUID,
    typer.Argument(
        parser=references.read_chain,
        metavar="ORGANIZATION",
        help="Whose trail, by its UUID or its id; `portal` is the portal's own, of what is of no organization.",
    ),
]
File = Annotated[Path | None, typer.Option("--file", help="Check a file of `portal audit export`, without a database.")]
KeyFile = Annotated[
    Path | None, typer.Option("--keys", help="Public keys, as /.well-known/jwks.json has them; with --file needed.")
]
Person = Annotated[UUID, typer.Argument(help="The person's UUID, as `portal operator create-operator` prints one.")]

app = typer.Typer(
    help="Check the audit trail, export one organization's, erase a person from it. Uses the logins of "
    "PORTAL_WORKER_DATABASE_URL and, for erasing, PORTAL_OWNER_DATABASE_URL, or the embedded database.",
    no_args_is_help=True,
)


@app.command("verify")
def verify(organization: One = None, file: File = None, keys: KeyFile = None) -> None:
    """Compare events, blocks, signatures and the heads outside; exit code 1 where something differs, with each place.

    With --file a trail that was exported is checked alone, against keys that you have from elsewhere.
    """
    if file is not None:
        given = _read_keys(keys)
        count = asyncio.run(_verify_file(file, given))
    else:
        settings = configuration.read_settings()
        with installation.open_installation(settings) as complete:
            url = installation.require(complete.worker_database_url, "PORTAL_WORKER_DATABASE_URL")
            known = _read_keys(keys) if keys is not None else _open_keys(complete)
            with installation.explain_database(url):
                count = asyncio.run(_verify(url, complete, known, organization))
    seen = f"{count.chains} chains, {count.blocks} blocks, {count.events} sealed events"
    waiting = f"; {count.waiting} events wait to be sealed" if count.waiting else ""
    typer.echo(f"{seen}: {f'{count.faults} differences' if count.faults else 'all as sealed'}{waiting}.")
    if count.faults:
        raise typer.Exit(DIFFERENT)


def _read_keys(path: Path | None) -> Keys:
    if path is None:
        raise errors.InvalidInput("Name the public keys with --keys: a file that brings its own proves nothing.")
    try:
        return signing.read_public_keys(path.read_bytes(), str(path))
    except OSError as error:
        raise errors.SetupError(f"{path} cannot be read ({error.strerror}).") from None


def _open_keys(settings: Settings) -> Keys:
    ready = signing.ensure_signing_key(settings)
    return signing.read_keys(ready.signing_key, "PORTAL_SIGNING_KEY").public


async def _verify(url: str, settings: Settings, keys: Keys, only: UUID | None) -> Count:
    count = Count()
    with _open_progress() as bar:
        task = bar.add_task("Comparing", total=None)
        async with reading.open_picture(url) as picture:
            store = storage.open_storage(settings.storage_url)
            async for fault in verifying.verify_database(picture, store, keys, count, only=only):
                count.faults += 1
                bar.console.print(str(fault), style="red", soft_wrap=True, highlight=False)
                bar.update(task, completed=count.events)
            async for found in restorations.check(picture, store, keys):
                is_fault = isinstance(found, Fault)
                count.faults += is_fault
                bar.console.print(str(found), style="red" if is_fault else None, soft_wrap=True, highlight=False)
            async for fault in erasures.check(picture, store, keys):
                count.faults += 1
                bar.console.print(str(fault), style="red", soft_wrap=True, highlight=False)
            count.waiting = await picture.fetchval(reading.WAITING)
    if only is None:
        await verifying.write_note(store, count.faults)
    return count


def _open_progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.completed} events"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


async def _verify_file(path: Path, keys: Keys) -> Count:
    count = Count()
    try:
        async for fault in verifying.verify_file(path, keys, count):
            count.faults += 1
            typer.echo(str(fault), err=True)
    except OSError as error:
        raise errors.SetupError(f"{path} cannot be read ({error.strerror}).") from None
    return count


@app.command("export")
def export(organization: Whose) -> None:
    """Print a trail with its blocks and signatures, a JSON object a line; the README describes it."""
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.worker_database_url, "PORTAL_WORKER_DATABASE_URL")
        with installation.explain_database(url):
            asyncio.run(_export(url, organization))


async def _export(url: str, organization: UUID) -> None:
    async with reading.open_picture(url) as picture:
        if organization not in await reading.list_chains(picture):
            raise errors.NotFound("There is no trail of such an organization.")
        async for line in exports.write_trail(picture, organization):
            sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


@app.command("erase")
def erase(person: Person) -> None:
    """Unlink a person from every event; acts, times and seals stay, so that `verify` finds all as it was."""
    done = operator.run_as_owner(lambda session: erasing.unlink_person(session, operators.OWNER_LOGIN, person))
    typer.echo(f"{done} events tell no more of {person}.")
