"""`portal suppliers import`: an operator brings a buyer's list of suppliers in."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal import settings as configuration
from portal.access import Actor
from portal.commands import installation
from portal.database import engine
from portal.database.tables import identity
from portal.directory import imports, opening
from portal.directory.lists import table
from portal.directory.lists.columns import Mapped
from portal.directory.lists.problems import Problem
from portal.directory.lists.rows import RowKind
from portal.directory.opening import ListOptions, OpenedList

ACT_FOR = text("SELECT set_config('portal.organization', :organization, true)")
STATEMENT_MS = 120_000  # of a list of 200,000 rows, when nobody waits for an answer

app = typer.Typer(help="A buyer's suppliers: import a list.", no_args_is_help=True)


@app.callback()
def suppliers() -> None:
    """Keep `import` a command of its own, also while there is no other."""


@dataclass(frozen=True)
class Buyer:
    """The organization whose list it is."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Outcome:
    """What a list came to; `counts` is None where nothing was to be written."""

    buyer: Buyer
    preview: imports.Preview
    counts: dict[str, int] | None


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="A CSV file or Excel workbook.", exists=True, dir_okay=False)],
    buyer: Annotated[str, typer.Option(help="The buyer's name or UUID.")],
    mapping: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=COLUMN, where the guess is wrong: a header, or a number from 1; nothing for none."),
    ] = None,
    header_line: Annotated[int | None, typer.Option(help="The line of the header; 0 for none.")] = None,
    default_country: Annotated[str | None, typer.Option(help="The country of rows that name none.")] = None,
    encoding: Annotated[str | None, typer.Option(help="How the text is encoded.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="What parts the columns.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Which sheet of a workbook.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Add the suppliers of a list that the buyer does not have; known ones stay as they are, but for a missing contact.

    Rows that cannot be used are named by line with the reason; the others are imported. Importing a list again adds
    nothing. Uses the logins of PORTAL_OWNER_DATABASE_URL (to find the buyer) and PORTAL_DATABASE_URL, or the embedded
    database. Exit code 1 where the list as a whole cannot be used.
    """
    options = ListOptions(
        mapping=read_mapping(mapping or ()),
        header_line=header_line,
        default_country=default_country,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
    )
    data = read_file(file)
    opened = opening.open_now(data, options)
    opening.refuse_missing(opened)
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete, make_progress() as bar:
        owner = installation.require(complete.owner_database_url, "PORTAL_OWNER_DATABASE_URL")
        url = installation.require(complete.database_url, "PORTAL_DATABASE_URL")
        with installation.explain_database(owner):
            work = bring_in(owner, url, buyer, file.name, data, opened, bar, dry_run=dry_run)
            outcome = asyncio.run(work)
    if as_json:
        typer.echo(json.dumps(describe(outcome, file.name), ensure_ascii=False, indent=2))
    else:
        show(outcome, file.name)


def read_mapping(given: Iterable[str]) -> dict[str, Mapped]:
    """What `--mapping` says; several columns of one address are given one by one. Raises InvalidInput."""
    found: dict[str, list[str | int]] = {}
    for one in given:
        name, parted, column = one.partition("=")
        if not parted:
            raise errors.InvalidInput(f"--mapping {one!r}: write FIELD=COLUMN.", code="MAPPING")
        columns = found.setdefault(name.strip().lower(), [])
        if column.strip():
            columns.append(int(column) if column.strip().isdecimal() else column.strip())
    return {name: columns or None for name, columns in found.items()}


def read_file(file: Path) -> bytes:
    """The bytes of a list, no more than are needed to see that it is too large. Raises InvalidInput."""
    try:
        with file.open("rb") as source:
            return source.read(table.MAXIMUM_BYTES + 1)
    except OSError as problem:
        raise errors.InvalidInput(f"{file} cannot be read: {problem.strerror}.", code="FILE") from None


def make_progress() -> Progress:
    """A bar on the terminal, and nothing where there is none."""
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


async def bring_in(
    owner_url: str, url: str, wanted: str, name: str, data: bytes, opened: OpenedList, bar: Progress, *, dry_run: bool
) -> Outcome:
    """Find the buyer as the owner, then act for it with the application's login, below every policy."""
    async with open_session(owner_url) as session:
        buyer = await find_buyer(session, wanted)
    actor = Actor(organization_id=buyer.id, member_role="editor", organization_roles=frozenset({"buyer"}))
    task = bar.add_task("Suppliers", total=None)
    async with open_session(url) as session:
        await session.execute(ACT_FOR, {"organization": str(buyer.id)})
        if dry_run:
            return Outcome(buyer, await imports.compare(session, actor, opened), None)
        done = await imports.import_file(
            session,
            actor,
            file_name=name[:200],
            data=data,
            opened=opened,
            progress=lambda count, total: bar.update(task, completed=count, total=total),
        )
    assert done.preview is not None  # a list that was just made is confirmed for the first time
    return Outcome(buyer, done.preview, done.counts)


@asynccontextmanager
async def open_session(url: str) -> AsyncIterator[AsyncSession]:
    """One transaction with a login, committed at the end."""
    made = engine.create_engine(url, pool_size=1, timeout_ms=STATEMENT_MS)
    try:
        async with AsyncSession(made, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        await made.dispose()


async def find_buyer(session: AsyncSession, wanted: str) -> Buyer:
    """The one active buyer with this UUID or name. Raises NotFound, Conflict."""
    organization, role = identity.Organization, identity.OrganizationRole
    query = (
        select(organization.id, organization.name)
        .join(role, role.organization_id == organization.id)
        .where(role.role == "buyer", role.status == "active", organization.status == "active")
    )
    try:
        query = query.where(organization.id == UUID(wanted))
    except ValueError:
        query = query.where(func.lower(organization.name) == wanted.strip().lower())
    found = [Buyer(*row) for row in await session.execute(query.order_by(organization.id).limit(10))]
    if not found:
        words = (
            f"There is no active buyer with the name or UUID {wanted!r} (the whole name is needed); "
            "`portal operator approve` lets an organization be one."
        )
        raise errors.NotFound(words)
    if len(found) > 1:
        listed = ", ".join(str(one.id) for one in found)
        raise errors.Conflict(f"Several buyers are called {wanted!r}; give one of these: {listed}.", code="AMBIGUOUS")
    return found[0]


def list_problems(outcome: Outcome) -> list[Problem]:
    return [problem for row in outcome.preview.rows for problem in row.problems]


def list_warnings(outcome: Outcome) -> list[Problem]:
    """What stands beside rows that are kept; what only stands beside a bad row goes with its problems."""
    return [warning for row in outcome.preview.rows if not row.problems for warning in row.warnings]


def list_repeats(outcome: Outcome) -> list[dict[str, Any]]:
    """The rows that are left out, each with the earlier line that has the same supplier."""
    found = [row for row in outcome.preview.rows if row.kind is RowKind.REPEAT and row.record]
    return [{"line": row.line, "name": row.record.name, "repeat_of": row.repeat_of} for row in found if row.record]


def list_suggestions(outcome: Outcome) -> list[dict[str, Any]]:
    """The rows that are added, though they may be a supplier of the buyer or of an earlier line."""
    return [
        {"line": line, "name": match.row.record.name, "reason": match.reason, "perhaps": [one.name for one in others]}
        for line, match in sorted(outcome.preview.matches.items())
        if match.kind == "SUGGESTED" and match.row.record and (others := match.duplicates)
    ]


def list_unread(outcome: Outcome) -> list[str]:
    """The visible sheets of a workbook that were not read."""
    opened = outcome.preview.opened.table
    return [name for name in opened.sheets if name != opened.sheet]


def describe(outcome: Outcome, name: str) -> dict[str, Any]:
    """The outcome for programs."""
    opened, summary = outcome.preview.opened, outcome.preview.summary
    return {
        "file": name,
        "buyer": {"id": str(outcome.buyer.id), "name": outcome.buyer.name},
        "columns": [
            {"number": one.number, "header": one.header, "field": one.field, "confidence": one.confidence}
            for one in opened.plan.columns
        ],
        "summary": None if summary is None else asdict(summary),
        "counts": outcome.counts,
        "problems": [asdict(one) for one in list_problems(outcome)],
        "warnings": [asdict(one) for one in list_warnings(outcome)],
        "suggestions": list_suggestions(outcome),
        "repeats": list_repeats(outcome),
        "unread_sheets": list_unread(outcome),
    }


def show_problem(problem: Problem, kind: str = "") -> None:
    """One thing about one row, in one line."""
    value = f" {problem.value!r}" if problem.value else ""
    allowed = f" ({problem.allowed})" if problem.allowed else ""
    typer.echo(f"Line {problem.line}: {kind}{problem.column}{value}: {problem.text}{allowed}")


def show(outcome: Outcome, name: str) -> None:
    """The outcome for people: the columns, what was found about rows, and the figures."""
    opened, summary = outcome.preview.opened, outcome.preview.summary
    typer.echo(f"{name} for {outcome.buyer.name}: {opened.table.kind}, {opened.table.encoding or opened.table.sheet}")
    for one in opened.plan.columns:
        typer.echo(f"  {one.field or 'not imported':18} <- {one.header}  ({one.reason})")
    if unread := list_unread(outcome):
        typer.echo(f"Not read: the sheets {', '.join(map(repr, unread))} (--sheet names another).")
    for problem in list_problems(outcome):
        show_problem(problem)
    for warning in list_warnings(outcome):
        show_problem(warning, "note: ")
    for new in list_suggestions(outcome):
        typer.echo(
            f"Line {new['line']}: {new['name']}: new, but perhaps {', '.join(new['perhaps'])} ({new['reason']})."
        )
    for repeat in list_repeats(outcome):
        typer.echo(f"Line {repeat['line']}: {repeat['name']}: left out, a repeat of line {repeat['repeat_of']}.")
    assert summary is not None  # a list without its columns was refused before
    typer.echo(
        f"{summary.rows} rows: {summary.creates} new ({summary.suggested} perhaps known), {summary.known} known, "
        f"{summary.repeats} repeats, {summary.conflicts} in conflict, {summary.bad} bad."
    )
    for row in outcome.preview.rows:
        match = outcome.preview.matches.get(row.line)
        if row.kind is RowKind.OK and match and match.kind == "CONFLICT" and row.record:
            typer.echo(f"Line {row.line}: {row.record.name}: left out, {match.reason}.")
    if outcome.counts is None:
        typer.echo("Nothing was written (--dry-run).")
    else:
        counts = outcome.counts
        typer.echo(
            f"Written: {counts['created']} suppliers, {counts['contacts_added']} contacts. "
            f"{summary.without_contact} of the new suppliers need a contact."
        )
