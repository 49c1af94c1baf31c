"""`portal credentials ...`: what is done about second factors and sealed secrets, with the owner's login."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from portal import sealing
from portal import settings as configuration
from portal.commands import operator
from portal.errors import InvalidInput, SetupError
from portal.identity import operators, resealing, second_factors, signing_out

app = typer.Typer(
    help="Help a person who lost the second factor; end sessions; seal secrets with a new key. Uses the login of "
    "PORTAL_OWNER_DATABASE_URL, or the embedded database.",
    no_args_is_help=True,
)


@app.command("reset-second-factor")
def reset_second_factor(
    email: operator.Email,
    reason: Annotated[str, typer.Option(help="How you know that it is this person; kept in the audit trail.")],
) -> None:
    """Remove the second factor of a person who lost both phone and recovery codes, and end all sessions of it.

    A letter tells the person.
    """
    operator.run_as_owner(
        lambda session: second_factors.reset(session, operators.OWNER_LOGIN, email=email, reason=reason)
    )
    typer.echo(f"{email} has no second factor any more, and is signed out everywhere.")


@app.command("sign-out")
def sign_out(
    reason: Annotated[str, typer.Option(help="Why; kept in the audit trail.")],
    email: Annotated[str | None, typer.Argument(help="The address of the person's account.")] = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="All sessions of all people instead.")] = False,
) -> None:
    """End every session of a person, or of everybody, at once; API keys and passwords stay as they are."""
    if (email is None) != everybody:
        raise InvalidInput("Name one address, or say --everybody.")

    async def end(session: AsyncSession) -> int:
        if email is None:
            return await signing_out.sign_out_everybody(session, operators.OWNER_LOGIN, reason=reason)
        return await signing_out.sign_out_person(session, operators.OWNER_LOGIN, email=email, reason=reason)

    typer.echo(f"{operator.run_as_owner(end)} sessions were ended.")


@app.command("reseal")
def reseal() -> None:
    """Seal every secret at rest with PORTAL_SECRET_KEY that one of PORTAL_FORMER_SECRET_KEYS sealed.

    Stopped in the middle it loses nothing; called again it goes on. Afterwards the former keys are needed no more.
    """
    settings = configuration.read_settings()
    key = configuration.find_secret_key(settings)
    if not key:
        raise SetupError(f"There is neither PORTAL_SECRET_KEY nor {settings.data_dir / configuration.SECRET_FILE}.")
    sealer = sealing.open_sealer(settings.model_copy(update={"secret_key": key}))

    async def reseal_them(session: AsyncSession) -> int:
        return await resealing.reseal(session, sealer)

    typer.echo(f"{operator.run_as_owner(reseal_them)} secrets were sealed anew.")
