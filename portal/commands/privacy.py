"""`portal privacy ...`: hand out or erase what there is about a person, close an organization; by the owner's login."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from joserfc.jwk import OKPKey
from sqlalchemy.ext.asyncio import AsyncSession

from portal import settings as configuration
from portal import signing, storage
from portal.backups import repeating
from portal.commands import installation, operator, repeated
from portal.identity import closing, operators, orphans, personal_data, personal_exports
from portal.trail import erasing, erasures

Person = Annotated[str, typer.Argument(help="Who: the address of the account, or its UUID.")]

app = typer.Typer(
    help="Hand out what there is about a person, or erase it; close an organization. Uses the login of "
    "PORTAL_OWNER_DATABASE_URL, or the embedded database.",
    no_args_is_help=True,
)


@app.command("export")
def export(person: Person) -> None:
    """Print everything about a person as JSON; the README describes it."""

    async def write(session: AsyncSession) -> None:
        found = await personal_data.find_person(session, person)
        async for piece in personal_exports.write_person(session, operators.OWNER_LOGIN, person=found):
            typer.echo(piece, nl=False)

    operator.run_as_owner(write)


@app.command("erase")
def erase(
    person: Person,
    reason: Annotated[str, typer.Option(help="Who asked for it, without naming the person; kept in the audit trail.")],
) -> None:
    """Erase a person for good: account, memberships and everything that names the person, also beside the audit trail.

    What organizations answered and decided stays theirs. A last letter tells the person.
    """

    async def erase_it(session: AsyncSession) -> int:
        found = await personal_data.find_person(session, person)
        await personal_data.erase_person(session, operators.OWNER_LOGIN, person=found, reason=reason)
        while await personal_data.forget_devices(session, found):
            pass
        return await erasing.unlink_person(session, operators.OWNER_LOGIN, found)

    typer.echo(f"{person} was erased; {operator.run_as_owner(erase_it)} events of the trail tell no more who it was.")


@app.command("preview-closing")
def preview_closing(organization: operator.Organization) -> None:
    """List what closing an organization would end at once, erase after 30 days, and leave; the README says more."""
    found = operator.run_as_owner(
        lambda session: closing.preview(session, operators.OWNER_LOGIN, organization=organization)
    )
    for name, count in asdict(found).items():
        typer.echo(f"{name:18}  {int(count)}")


@app.command("close")
def close(
    organization: operator.Organization,
    reason: Annotated[str, typer.Option(help="Why, and who asked; kept in the organization's audit trail.")],
) -> None:
    """Close an organization: nobody acts for it at once, and it is erased when nobody opened it again for 30 days."""

    async def close_it(session: AsyncSession) -> datetime:
        return await closing.close(session, operators.OWNER_LOGIN, organization=organization, reason=reason)

    typer.echo(f"It is closed. Until {operator.run_as_owner(close_it):%Y-%m-%d} it can be opened again.")


@app.command("reopen")
def reopen(
    organization: operator.Organization,
    reason: Annotated[str, typer.Option(help="Why, and who asked; kept in the organization's audit trail.")],
) -> None:
    """Open an organization again that was closed, while nothing of it is erased; what ended with it stays ended."""
    operator.run_as_owner(
        lambda session: closing.reopen(session, operators.OWNER_LOGIN, organization=organization, reason=reason)
    )
    typer.echo("It acts again.")


@app.command("appoint-owner")
def appoint_owner(
    organization: operator.Organization,
    person: Person,
    reason: Annotated[str, typer.Option(help="Why, and how you know; kept in the organization's audit trail.")],
) -> None:
    """Name an owner of an organization that nobody owns, as where `erase-again` says so; nobody else can be one so."""

    async def appoint(session: AsyncSession) -> None:
        found = await personal_data.find_person(session, person)
        await orphans.appoint_owner(
            session, operators.OWNER_LOGIN, organization=organization, person=found, reason=reason
        )

    operator.run_as_owner(appoint)
    typer.echo(f"{person} owns it now.")


@app.command("erase-again")
def erase_again() -> None:
    """Erase and close again what the storage notes as erased and closed, as after a database came back from a copy.

    `portal restore` does it by itself. What is done already is left alone. Exit code 1 where a note does not hold, or
    something could not be done.
    """
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.owner_database_url, "PORTAL_OWNER_DATABASE_URL")
        known = signing.read_public_keys(signing.find_signing_key(complete), "the signing key")
        with installation.explain_database(url):
            is_sound = asyncio.run(_erase_again(url, complete.storage_url, known))
    if not is_sound:
        raise typer.Exit(1)


async def _erase_again(url: str, storage_url: str, known: Mapping[str, OKPKey]) -> bool:
    notes = await erasures.read_notes(storage.open_storage(storage_url), known)
    return repeated.tell(notes, await repeating.repeat(url, notes))
