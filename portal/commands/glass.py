"""`portal operator glass ...`: an operator's view into one organization's data, opened, ended and listed."""

import getpass
import sys
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors, sealing
from portal import settings as configuration
from portal.access import OWNER_LOGIN, Actor
from portal.commands import operator, references
from portal.identity import second_factors
from portal.identity.wording import normalize_email
from portal.oversight import glasses

ACT_AS = text(
    "SELECT u.id, set_config('portal.user', u.id::text, true) FROM portal.user_account u"
    " WHERE u.email = :email AND u.is_operator"
)
Glass = Annotated[
    UUID, typer.Argument(parser=references.read_glass, metavar="GLASS", help="As `portal operator glass list` has it.")
]

app: typer.Typer = typer.Typer(
    help="An operator's view into one organization's data, for some hours and told to its owners. It is read through"
    " the API (glassView) by the operator it is opened for.",
    no_args_is_help=True,
)


@app.command("open")
def open_glass(
    organization: operator.Organization,
    email: Annotated[str, typer.Option("--for", metavar="EMAIL", help="The operator's address.")],
    reason: Annotated[str, typer.Option(help="The organization's owners get it in a letter; at least 20 characters.")],
    hours: Annotated[int, typer.Option(help="For how long: 1 to 4.")] = 1,
) -> None:
    """Open a view for an operator, whose second factor is asked for: a code of the app, or a recovery code."""
    glasses.check_wish(reason, hours)
    sealer = sealing.open_sealer(configuration.ensure_secret_key(configuration.read_settings()))
    code = ask_code(email)

    async def open_it(session: AsyncSession) -> glasses.View:
        found = (await session.execute(ACT_AS, {"email": normalize_email(email)})).one_or_none()
        if found is None:
            raise errors.NotFound(f"{email} is no operator.")
        await second_factors.check_of(session, sealer, person=found.id, code=code)
        actor = Actor(user_id=found.id, is_operator=True)
        return await glasses.open_view(session, actor, organization=organization, reason=reason, hours=hours)

    opened = operator.run_as_owner(open_it)
    typer.echo(f"{opened.id}  open until {write_moment(opened.until)}; the owners of {opened.organization} are told.")


def ask_code(email: str) -> str:
    """A code, typed without being shown, or a line of a pipe."""
    return getpass.getpass(f"Code of {email}: ") if sys.stdin.isatty() else sys.stdin.readline().strip()


@app.command("close")
def close_glass(glass: Glass) -> None:
    """End a view before its time, whoever opened it."""
    closed = operator.run_as_owner(lambda session: glasses.close_view(session, OWNER_LOGIN, glass=glass))
    typer.echo(f"{closed.id}  ended {write_moment(closed.ended_at or closed.until)}; read {closed.reads} times.")


@app.command("list")
def list_glasses(
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are open now.")] = False,
    limit: operator.Limit = operator.MOST_LINES,
) -> None:
    """List the views that were opened, the newest first: id, state, whose data, by whom, how often read, why."""
    for one in operator.run_as_owner(
        lambda session: glasses.list_views(session, OWNER_LOGIN, only_open=only_open, limit=limit)
    ):
        state, moment = ("open until", one.until) if one.is_open else ("ended", one.ended_at or one.until)
        words = f"{one.id}  {state} {write_moment(moment)}  {one.organization}  by {one.operator or one.operator_mark}"
        typer.echo(f"{words}  {one.reads}  {one.reason}")


def write_moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


operator.app.add_typer(app, name="glass")
OPERATOR = operator.app  # with this group in it: what `portal operator` calls
