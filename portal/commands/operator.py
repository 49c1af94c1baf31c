"""`portal operator ...`: what the operator does on the command line, with the owner's login."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal import settings as configuration
from portal.commands import installation
from portal.database import engine
from portal.identity import accounts, operators, passwords, provisioning
from portal.identity.accounts import NewAccount

Result = TypeVar("Result")
Organization = Annotated[
    UUID, typer.Argument(help="The organization's UUID, as `portal operator applications` lists it.")
]
Group = Annotated[UUID, typer.Argument(help="The group's UUID, as `portal operator groups` lists it.")]
Role = Annotated[str, typer.Argument(help="buyer, partner, reviewer or supplier.")]
Email = Annotated[str, typer.Argument(help="The address of the person's account.")]

app = typer.Typer(
    help="Decide who may be buyer, partner or reviewer; suspend; confirm corporate groups; name operators. Uses the "
    "login of PORTAL_OWNER_DATABASE_URL, or the embedded database.",
    no_args_is_help=True,
)


def run_as_owner(work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """Do work in one transaction of the owner's login. Raises SetupError where there is no such login."""
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.owner_database_url, "PORTAL_OWNER_DATABASE_URL")
        with installation.explain_database(url):
            return asyncio.run(_run(url, work))


async def _run(url: str, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    made = engine.create_engine(url, pool_size=1)
    try:
        async with AsyncSession(made, expire_on_commit=False) as session, session.begin():
            return await work(session)
    finally:
        await made.dispose()


@app.command("create-operator")
def create_operator(
    email: Email,
    name: Annotated[str, typer.Option(help="The person's name.")] = "Operator",
    password_from_input: Annotated[
        bool, typer.Option("--password-from-input", help="Read the password from the first line of standard input.")
    ] = False,
) -> None:
    """Open an account with the operator's rights; the password is asked for and never shown."""
    password = sys.stdin.readline().rstrip("\n") if password_from_input else ask_password()
    account = accounts.check_account(NewAccount(email, password, name))
    password_hash = asyncio.run(passwords.hash_password(password))

    async def create(session: AsyncSession) -> UUID:
        return await provisioning.create_account(
            session, email=account.email, name=account.name, password_hash=password_hash, is_operator=True
        )

    typer.echo(f"{run_as_owner(create)}  {account.email} is an operator.")


def ask_password() -> str:
    """The password, typed twice without being shown. Raises InvalidInput where the two differ."""
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise errors.InvalidInput("The two passwords differ.", code="DIFFERENT")
    return password


@app.command("grant")
def grant(email: Email) -> None:
    """Give a person who has an account the operator's rights."""
    run_as_owner(lambda session: provisioning.set_operator(session, email=email, is_operator=True))
    typer.echo(f"{email} is an operator.")


@app.command("withdraw")
def withdraw(email: Email) -> None:
    """Take the operator's rights from a person; the account stays."""
    run_as_owner(lambda session: provisioning.set_operator(session, email=email, is_operator=False))
    typer.echo(f"{email} is no operator.")


@app.command("applications")
def applications() -> None:
    """List the applications that wait, the oldest first."""
    waiting = run_as_owner(lambda session: operators.list_applications(session, operators.OWNER_LOGIN, limit=500))
    for one in waiting:
        typer.echo(f"{one.organization_id}  {one.role:9} {one.created_at:%Y-%m-%d}  {one.country or '--'}  {one.name}")
    if not waiting:
        typer.echo("No application waits.", err=True)


@app.command("approve")
def approve(organization: Organization, role: Role) -> None:
    """Let an organization act in a role it applied for."""
    decide(organization, role, "active", None)


@app.command("refuse")
def refuse(
    organization: Organization,
    role: Role,
    reason: Annotated[str, typer.Option(help="Why; it is mailed to the organization.")],
) -> None:
    """Refuse an application, or end a role that acts."""
    decide(organization, role, "refused", reason)


def decide(organization: UUID, role: str, decision: str, reason: str | None) -> None:
    """Decide and say so."""
    decided = run_as_owner(
        lambda session: operators.decide_role(
            session,
            operators.OWNER_LOGIN,
            organization=organization,
            role=role,
            decision=decision,
            reason=reason,
        )
    )
    typer.echo(f"{decided.name}: {decided.role} is {decided.status}.")


@app.command("suspend")
def suspend(
    organization: Organization, reason: Annotated[str, typer.Option(help="Why; kept in its audit trail.")]
) -> None:
    """Let an organization's members look and no more; its API keys are dead until it is reinstated."""
    set_status(organization, "suspended", reason)


@app.command("reinstate")
def reinstate(
    organization: Organization, reason: Annotated[str, typer.Option(help="Why; kept in its audit trail.")]
) -> None:
    """Let a suspended organization take part again."""
    set_status(organization, "active", reason)


def set_status(organization: UUID, status: str, reason: str) -> None:
    """Change the status and say so."""
    found = run_as_owner(
        lambda session: operators.set_organization_status(
            session, operators.OWNER_LOGIN, organization=organization, status=status, reason=reason
        )
    )
    typer.echo(f"{found.name} is {found.status}.")


@app.command("groups")
def groups(
    proposed: Annotated[bool, typer.Option("--proposed", help="Only those that are not confirmed.")] = False,
) -> None:
    """List corporate groups, the oldest first."""
    status = "proposed" if proposed else None
    found = run_as_owner(
        lambda session: operators.list_groups(session, operators.OWNER_LOGIN, status=status, limit=500)
    )
    for one in found:
        typer.echo(f"{one.id}  {one.status:9}  {one.organizations:4} organizations  {one.name}")
    if not found:
        typer.echo("There is no such group.", err=True)


@app.command("place-in-group")
def place_in_group(
    organization: Organization,
    group: Annotated[UUID | None, typer.Option(help="A group there is.")] = None,
    new_group: Annotated[str | None, typer.Option(help="The name of a new group.")] = None,
) -> None:
    """Say which corporate group an organization belongs to; exactly one of the two options."""
    placed = run_as_owner(
        lambda session: operators.place_in_group(
            session, operators.OWNER_LOGIN, organization=organization, group=group, new_group=new_group
        )
    )
    typer.echo(f"{organization} belongs to the group {placed}.")


@app.command("confirm-group")
def confirm_group(group: Group) -> None:
    """Confirm that a corporate group is a real ultimate parent, so that benchmarks count it as one."""
    run_as_owner(lambda session: operators.confirm_group(session, operators.OWNER_LOGIN, group=group))
    typer.echo(f"The group {group} is confirmed.")
