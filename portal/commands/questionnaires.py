"""`portal questionnaires ...`: check files, publish versions, and show what is published."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal import settings as configuration
from portal.assessments import definitions, publishing
from portal.assessments.publishing import Published
from portal.commands import installation
from portal.database import engine
from questionnaires import catalogue, difference, reading
from questionnaires.definition import Definition
from questionnaires.faults import Fault

FAULTY = 1

app = typer.Typer(
    help="Check questionnaire files, publish versions, show what is published. Publishing uses the login of "
    "PORTAL_OWNER_DATABASE_URL, or the embedded database.",
    no_args_is_help=True,
)
Place = Annotated[
    Path | None, typer.Argument(help="A file, or a folder with <key>/<version>.yaml; without it, the packaged ones.")
]


@app.command("lint")
def lint(path: Place = None) -> None:
    """Print every error and warning of files; exit code 1 where there is an error, 0 otherwise."""
    faults = list_faults(path or catalogue.find_content_folder())
    for fault in faults:
        typer.echo(str(fault), err=fault.severity == "error")
    wrong = sum(fault.severity == "error" for fault in faults)
    typer.echo(f"{_count(wrong, 'error')}, {_count(len(faults) - wrong, 'warning')}.")
    if wrong:
        raise typer.Exit(FAULTY)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def list_faults(path: Path) -> list[Fault]:
    """The faults of a questionnaire with its profiles, of one profile, or of all below a folder. Raises SetupError."""
    if not path.exists():
        raise errors.SetupError(f"There is no file or folder {path}.")
    if path.is_dir() and not reading.list_files(path):
        raise errors.SetupError(f"There are no .yaml files in {path}.")
    check = reading.lint_folder if path.is_dir() else reading.lint_file
    return check(path, tier_caps=catalogue.TIER_CAPS, standards=catalogue.read_standards())


@app.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="A file <key>/<version>.yaml, or a packaged version as KEY@VERSION.")],
    new: Annotated[str, typer.Argument(help="The later version, in the same way.")],
) -> None:
    """Print what changed between two versions and the step it needs; exit code 1 where the new number is too low."""
    before, after = read_definition(old), read_definition(new)
    try:
        changed = difference.compare(before, after)
    except ValueError as refused:
        raise errors.InvalidInput(f"{refused}.", code="TWO_QUESTIONNAIRES") from None
    for one in changed.changes:
        words = f": {one.old or '-'} -> {one.new or '-'}" if one.old or one.new else ""
        typer.echo(f"{one.step:6} {one.path} {one.code}{words[:200]}")
    typer.echo(f"{_count(len(changed.changes), 'change')}; least version {changed.least_version}.")
    if not difference.is_step_enough(changed):
        typer.echo(f"{after.version} is too low:", err=True)
        for one in changed.reasons:
            typer.echo(f"  {one.path}: {one.sentence}", err=True)
        raise typer.Exit(FAULTY)


def read_definition(named: str) -> Definition:
    """The version of a file, or a packaged one; raises SetupError or InvalidInput."""
    key, at, version = named.partition("@")
    if at and not Path(named).exists():
        try:
            return catalogue.read_packaged(key, version).definition
        except LookupError as unknown:
            raise errors.SetupError(f"There is {unknown}.") from None
    if not Path(named).is_file():
        raise errors.SetupError(f"There is no file {named}; a packaged version is named KEY@VERSION.")
    return read_version(Path(named)).definition


@app.command("publish")
def publish(
    path: Annotated[
        Path | None, typer.Argument(help="A file <key>/<version>.yaml; without it, the packaged ones.")
    ] = None,
) -> None:
    """Publish a version and the scoring profiles beside its file, for ever; again changes nothing."""
    packaged = catalogue.list_packaged() if path is None else (read_version(path),)
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.owner_database_url, "PORTAL_OWNER_DATABASE_URL")
        with installation.explain_database(url):
            done = asyncio.run(publishing.publish_with_login(url, packaged))
    for one in done:
        typer.echo(describe(one))


def read_version(path: Path) -> catalogue.Packaged:
    """The version of a file; prints every fault before it raises InvalidInput."""
    try:
        return publishing.read_files(path)
    except errors.InvalidInput as refused:
        for problem in refused.problems:
            typer.echo(problem.message, err=True)
        raise


def describe(one: Published) -> str:
    """One line on what publishing did."""
    what = "published" if one.is_new else "was published already"
    profiles = "".join(f"; new profile {number}" for number in one.new_profiles)
    return f"{one.questionnaire} {one.version} {what} as {one.content_hash}{profiles}"


@app.command("show")
def show(
    key: Annotated[str | None, typer.Argument(help="A questionnaire's key; without it, all are listed.")] = None,
    version: Annotated[str | None, typer.Argument(help="A version; without it, the one new assessments use.")] = None,
) -> None:
    """List published versions, or show the sections and questions of one."""
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.database_url, "PORTAL_DATABASE_URL")
        with installation.explain_database(url):
            typer.echo("\n".join(asyncio.run(_show(url, key, version))))


async def _show(url: str, key: str | None, version: str | None) -> list[str]:
    made = engine.create_engine(url, pool_size=1)
    try:
        async with AsyncSession(made) as session:
            if key is None:
                published = await publishing.list_published(session)
                return [f"{row.questionnaire} {row.version}  {row.content_hash}" for row in published]
            if version is None:
                found = await definitions.load_current(session, key)
            else:
                found = await definitions.load_version(session, key, version)
            return write_outline(found.definition, found.content_hash)
    finally:
        await made.dispose()


def write_outline(definition: Definition, content_hash: str) -> list[str]:
    """Title, sections and questions with type, tier and title, one line each."""
    header = definition.questionnaire
    lines = [f"{header.title} ({header.key} {header.version})", content_hash]
    for section, question, parent in definition.walk():
        if question is section.questions[0]:
            lines.append(f"\n{section.title} [{section.key}]")
        indent = "    " if parent else "  "
        lines.append(f"{indent}{question.key:32} {question.type:13} {question.tier:9} {question.title}")
    return lines
