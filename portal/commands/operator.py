"""`portal operator ...`: what the operator does on the command line, with the owner's login."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
import typer
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal import settings as configuration
from portal.assessments import operator_limits
from portal.assessments import translations as published_texts
from portal.authoring import awaited, visibility
from portal.authoring import publishers as naming
from portal.commands import installation, references
from portal.database import engine
from portal.delivery import failures
from portal.identity import accounts, operators, passwords, provisioning, registers
from portal.identity.accounts import NewAccount
from portal.identity.wording import Reading

Result = TypeVar("Result")
Organization = Annotated[
    UUID,
    typer.Argument(
        parser=references.read_organization,
        metavar="ORGANIZATION",
        help="The organization's UUID, as `portal operator organizations` lists it, or its id in the API.",
    ),
]
Group = Annotated[
    UUID,
    typer.Argument(
        parser=references.read_group,
        metavar="GROUP",
        help="The group's UUID, as `portal operator groups` lists it, or its id in the API.",
    ),
]
Publisher = Annotated[str, typer.Argument(help="A name, as `portal operator publishers` lists it.")]
Role = Annotated[str, typer.Argument(help="buyer, partner, reviewer or supplier.")]
Search = Annotated[str | None, typer.Option(help="A part of the name, or a UUID.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many at most.")]
Email = Annotated[str, typer.Argument(help="The address of the person's account.")]

PAGE = 200  # rows of one statement
MOST_LINES = 100

app = typer.Typer(
    help="Find organizations; decide who may be buyer, partner or reviewer; suspend; confirm corporate groups; see "
    "and retry failed letters and jobs; name operators; decide which questionnaires of organizations everybody sees; "
    "release publishers' names. Uses the login of "
    "PORTAL_OWNER_DATABASE_URL, or the embedded database.",
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
    """The password, typed twice without being shown, or a line of a pipe. Raises InvalidInput where they differ."""
    if not sys.stdin.isatty():  # nothing is shown there, and nobody mistypes
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise errors.InvalidInput("The two passwords differ.", code="DIFFERENT")
    return password


@app.command("questionnaires")
def questionnaires(limit: Limit = MOST_LINES) -> None:
    """List what organizations want to show to everybody, the first asked first.

    Key, version, hash of all that is to be read, whose it is, since when, languages.

    `portal questionnaires export KEY@VERSION`, also with `--locale`, gives each language to read.
    """
    for one in run_as_owner(lambda session: visibility.list_approvals(session, operators.OWNER_LOGIN, limit=limit)):
        line = f"{one.questionnaire} {one.version} {one.read_hash}  {one.organization_name}  {one.asked_at:%Y-%m-%d}"
        typer.echo(f"{line}  {name_locales(one.locales)}")


def name_locales(locales: Iterable[str]) -> str:
    """What a version is translated to, in words."""
    return f"translated to {', '.join(locales) or 'no other language'}"


@app.command("decide-questionnaire")
def decide_questionnaire(
    key: Annotated[str, typer.Argument(help="A questionnaire's key, as `portal operator questionnaires` lists it.")],
    version: Annotated[str, typer.Argument(help="The version that waits.")],
    read_hash: Annotated[str, typer.Argument(metavar="HASH", help="As it was listed: other words have another one.")],
    decision: Annotated[str, typer.Argument(help="approved or refused.")],
    reason: Annotated[str | None, typer.Option(help="Its owner reads it; needed to refuse.")] = None,
) -> None:
    """Show an organization's version to everybody, for good, or not, with what it is translated to."""

    async def decide_it(session: AsyncSession) -> Iterable[str]:
        await visibility.decide(
            session,
            operators.OWNER_LOGIN,
            questionnaire=key,
            version=version,
            read_hash=read_hash,
            decision=decision,
            reason=reason,
        )
        return await published_texts.list_translations(session, key)

    typer.echo(f"{key} {version}, {name_locales(run_as_owner(decide_it))}, is {decision}.")


@app.command("translations")
def translations(
    limit: Limit = MOST_LINES,
    texts: Annotated[
        bool, typer.Option("--texts", help="Print also each text that would be new, with its source.")
    ] = False,
) -> None:
    """List translations of what everybody sees that wait, the first asked first: key, language, hash, whose."""
    for one in run_as_owner(
        lambda session: visibility.list_translation_approvals(session, operators.OWNER_LOGIN, limit=limit)
    ):
        line = f"{one.questionnaire} {one.locale} {one.content_hash}"
        typer.echo(f"{line}  {one.organization_name}  {one.asked_at:%Y-%m-%d}")
        for path, source, _, entry in awaited.read_awaited(one).texts if texts else ():
            typer.echo(f"  {path} ({entry.by}): {write_line(source)} -> {write_line(entry.text)}")


def write_line(text: str | None) -> str:
    """A text on one line."""
    return "nothing" if text is None else orjson.dumps(text).decode()


@app.command("decide-translation")
def decide_translation(
    key: Annotated[str, typer.Argument(help="A questionnaire's key, as `portal operator translations` lists it.")],
    locale: Annotated[str, typer.Argument(help="The language that waits.")],
    content_hash: Annotated[str, typer.Argument(help="The hash that was listed: another one is another text.")],
    decision: Annotated[str, typer.Argument(help="approved or refused.")],
    reason: Annotated[str | None, typer.Option(help="Its owner reads it; needed to refuse.")] = None,
) -> None:
    """Show an organization's translation to everybody, or not; `portal operator translations --texts` prints it."""
    run_as_owner(
        lambda session: visibility.decide_translation(
            session,
            operators.OWNER_LOGIN,
            questionnaire=key,
            locale=locale,
            content_hash=content_hash,
            decision=decision,
            reason=reason,
        )
    )
    typer.echo(f"{key} in {locale} is {decision}.")


@app.command("publishers")
def publishers(limit: Limit = MOST_LINES, as_json: AsJson = False) -> None:
    """List the names that organizations publish under: name, how many questionnaires have it, organization."""

    async def read(session: AsyncSession, last: naming.Named | None) -> Sequence[Any]:
        return await naming.list_names(session, operators.OWNER_LOGIN, after=last.name if last else "", limit=PAGE)

    def write(one: naming.Named) -> str:
        return f"{one.name:30}  {one.questionnaires:4}  {one.organization_id}  {one.organization_name}"

    show_all(read, write, as_json=as_json, none="Nobody has claimed a name.", most=limit)


@app.command("release-publisher")
def release_publisher(name: Publisher) -> None:
    """Take back a name that nothing is published under, so that anybody may claim it."""
    run_as_owner(lambda session: naming.move_name(session, operators.OWNER_LOGIN, name=name, organization=None))
    typer.echo(f"{name} is nobody's.")


@app.command("assign-publisher")
def assign_publisher(name: Publisher, organization: Organization) -> None:
    """Give a claimed name that nothing is published under to another organization, which has none."""
    run_as_owner(lambda session: naming.move_name(session, operators.OWNER_LOGIN, name=name, organization=organization))
    typer.echo(f"{name} belongs to {organization}.")


@app.command("limits")
def limits(as_json: AsJson = False) -> None:
    """List the limits for everybody: name, value (none where there is no limit), unit, default, when it was set."""
    for one in run_as_owner(operator_limits.list_limits):
        if as_json:
            typer.echo(orjson.dumps(asdict(one)).decode())
            continue
        since = "never set" if one.set_at is None else f"set {one.set_at:%Y-%m-%d}"
        typer.echo(f"{one.name}  {one.value or 'none'} {one.unit}  default {one.default or 'none'}  {since}")


@app.command("set-limit")
def set_limit(
    name: Annotated[str, typer.Argument(help="A limit, as `portal operator limits` lists it.")],
    value: Annotated[str, typer.Argument(help="A whole number in its unit, or none for no limit.")],
) -> None:
    """Set a limit for everybody: how long the plan of a declared gap holds, what a supplier is asked for in a year.

    What is beyond the yearly minutes is delivered all the same; the supplier sees it as optional.
    """
    if value != "none" and not (value.isascii() and value.isdigit() and len(value) < 10):
        raise errors.InvalidInput(f"A limit is a whole number, or none; this is {value[:40]}.", code="OUT_OF_RANGE")
    number = None if value == "none" else int(value)
    run_as_owner(lambda session: operator_limits.set_limit(session, name=name, value=number))
    typer.echo(f"{name} is {value} now.")


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
    """List the applications that wait, the oldest first: id, role, day, country (-- where none was given), name."""
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
    """Let an organization's members look at what is its own as a supplier and no more, until it is reinstated.

    An owner may still revoke shares. What others share with it is closed to it, and its API keys are dead.
    """
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


@app.command("organizations")
def organizations(
    search: Search = None,
    role: Annotated[str | None, typer.Option(help="Only those that act as supplier, buyer, partner, reviewer.")] = None,
    status: Annotated[str | None, typer.Option(help="Only those that are active, suspended or closed.")] = None,
    limit: Limit = MOST_LINES,
    as_json: AsJson = False,
) -> None:
    """List organizations, the newest first: id, status, roles, country, name, corporate group."""
    reading = Reading()
    if role is not None:
        reading.read_choice("role", role, operators.ROLES)
    if status is not None:
        reading.read_choice("status", status, registers.STATUSES)
    reading.finish()

    async def read(session: AsyncSession, last: registers.RegisteredOrganization | None) -> Sequence[Any]:
        return await registers.list_organizations(
            session,
            operators.OWNER_LOGIN,
            search=search,
            role=role,
            status=status,
            after=last.organization_id if last else None,
            limit=PAGE,
        )

    def write(one: registers.RegisteredOrganization) -> str:
        group = "" if one.group_name is None else f"  [{one.group_name}, {one.group_status}]"
        roles = ",".join(one.roles) or "-"
        return f"{one.organization_id}  {one.status:9}  {roles:14}  {one.country or '--'}  {one.name}{group}"

    show_all(read, write, as_json=as_json, none="There is no such organization.", most=limit)


@app.command("groups")
def groups(
    proposed: Annotated[bool, typer.Option("--proposed", help="Only those that are not confirmed.")] = False,
    wanted: Annotated[str | None, typer.Option("--status", help="Only those that are proposed or confirmed.")] = None,
    search: Search = None,
    limit: Limit = MOST_LINES,
    as_json: AsJson = False,
) -> None:
    """List corporate groups, the oldest first."""
    reading = Reading()
    if wanted is not None:
        reading.read_choice("status", wanted, operators.GROUP_STATUSES)
    reading.finish()
    status = "proposed" if proposed else wanted

    async def read(session: AsyncSession, last: operators.CorporateGroup | None) -> Sequence[Any]:
        return await registers.list_groups(
            session, operators.OWNER_LOGIN, search=search, status=status, after=last.id if last else None, limit=PAGE
        )

    def write(one: operators.CorporateGroup) -> str:
        noun = "organization " if one.organizations == 1 else "organizations"
        return f"{one.id}  {one.status:9}  {one.organizations:4} {noun}  {one.name}"

    show_all(read, write, as_json=as_json, none="There is no such group.", most=limit)


@app.command("mail")
def mail(as_json: AsJson = False) -> None:
    """List letters that failed, the newest first: id, kind, tries, since when, held or next try, last error."""

    async def read(session: AsyncSession, last: failures.FailedLetter | None) -> Sequence[Any]:
        return await failures.list_letters(session, operators.OWNER_LOGIN, after=last.id if last else None, limit=PAGE)

    show_all(read, write_failure, as_json=as_json, none="No letter has failed.")


@app.command("jobs")
def jobs(as_json: AsJson = False) -> None:
    """List jobs that failed, the newest first: number, kind, tries, since when, held or next try, last error."""

    async def read(session: AsyncSession, last: failures.FailedJob | None) -> Sequence[Any]:
        return await failures.list_jobs(session, operators.OWNER_LOGIN, after=last.id if last else None, limit=PAGE)

    show_all(read, write_failure, as_json=as_json, none="No job has failed.")


@app.command("retry")
def retry(
    number: Annotated[str | None, typer.Argument(help="What `mail` or `jobs` lists first on its line.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is held.")] = False,
) -> None:
    """Try letters and jobs again that are held."""
    if (number is None) != everything:
        raise errors.InvalidInput("Name one letter or job, or give --all.", code="EXACTLY_ONE")
    letter, job = read_number(number)
    made = run_as_owner(lambda session: failures.retry(session, operators.OWNER_LOGIN, letter=letter, job=job))
    typer.echo(f"{made} to be tried again.")


def read_number(number: str | None) -> tuple[UUID | None, int | None]:
    """The letter or the job that a number names. Raises InvalidInput."""
    if number is None:
        return None, None
    if number.isascii() and number.isdigit():
        return None, int(number)
    try:
        return UUID(number), None
    except ValueError:
        words = "A letter has a UUID and a job a number, as `mail` and `jobs` list them."
        raise errors.InvalidInput(words, code="BAD_ID") from None


def write_failure(one: failures.FailedLetter | failures.FailedJob) -> str:
    """One line of what failed."""
    when = "held" if one.next_try_at is None else f"again at {one.next_try_at:%H:%M:%S}"
    return (
        f"{one.id}  {one.kind:15} {one.tries} tries  {one.created_at:%Y-%m-%d %H:%M}  {when}  {one.last_error or '-'}"
    )


def show_all(
    read: Callable[[AsyncSession, Any], Awaitable[Sequence[Any]]],
    write: Callable[[Any], str],
    *,
    as_json: bool,
    none: str,
    most: int | None = None,
) -> None:
    """Print what a list has, page by page of it and no more than `most`, or say that it has nothing."""

    async def read_all(session: AsyncSession) -> list[Any]:
        found: list[Any] = []
        while page := await read(session, found[-1] if found else None):
            found += page
            if most is not None and len(found) > most:
                break
        return found

    found = run_as_owner(read_all)
    for one in found[:most]:
        typer.echo(orjson.dumps(asdict(one), default=str).decode() if as_json else write(one))
    if not found:
        typer.echo(none, err=True)
    if most is not None and len(found) > most:
        typer.echo(f"There are more than these {most}: narrow it down with --search, or raise --limit.", err=True)


@app.command("place-in-group")
def place_in_group(
    organization: Organization,
    group: Annotated[
        UUID | None,
        typer.Option(parser=references.read_group, metavar="GROUP", help="A group there is, by its UUID or id."),
    ] = None,
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
