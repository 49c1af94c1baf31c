"""`portal questionnaires ...`: check files, publish versions, and show what is published."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal import settings as configuration
from portal.assessments import definitions, publishing
from portal.assessments import translations as translating
from portal.assessments.publishing import Published
from portal.authoring import ending
from portal.commands import installation, named_versions, questionnaire_files, rescoring, scoring, translations
from portal.commands.operator import run_as_owner
from portal.commands.questionnaire_files import FileFormat
from portal.database import engine
from portal.identity.operators import OWNER_LOGIN
from questionnaires import catalogue, difference, reading, reasons
from questionnaires.definition import Definition
from questionnaires.faults import Fault

FAULTY = 1

app = typer.Typer(
    help="Check questionnaire files, publish versions, show what is published. Publishing uses the login of "
    "PORTAL_OWNER_DATABASE_URL, or the embedded database.",
    no_args_is_help=True,
)
app.add_typer(translations.app)
app.command("rescore")(rescoring.rescore)
Place = Annotated[
    Path | None, typer.Argument(help="A file KEY/VERSION.yaml, or a folder with such; without it, the packaged ones.")
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
    old: Annotated[
        str, typer.Argument(help="A file <key>/<version>.yaml, or a packaged or published version as KEY@VERSION.")
    ],
    new: Annotated[str, typer.Argument(help="The later version, in the same way.")],
) -> None:
    """Print what changed between two versions and the step it needs; exit code 1 where the new number is too low."""
    before, after = (named_versions.read_named(one).source for one in (old, new))
    try:
        changed = difference.compare(before, after, named_versions.list_between(old, new, before, after))
    except ValueError as refused:
        raise errors.InvalidInput(f"{refused}.", code="TWO_QUESTIONNAIRES") from None
    for one in changed.changes:
        words = f": {one.old or '-'} -> {one.new or '-'}" if one.old or one.new else ""
        typer.echo(f"{one.step:6} {one.path} {one.code}{words[:200]}")
    typer.echo(f"{_count(len(changed.changes), 'change')}; least version {changed.least_version}.")
    if not difference.is_step_enough(changed):
        typer.echo(f"{after.version} is too low:", err=True)
        for one in changed.reasons:
            typer.echo(f"  {one.path}: {reasons.write_sentence(one.code)}", err=True)
        raise typer.Exit(FAULTY)


@app.command("score")
def score(
    version: Annotated[str, typer.Argument(help="A file <key>/<version>.yaml, or a packaged version as KEY@VERSION.")],
    answers: scoring.Given,
    tier: questionnaire_files.Tiers = None,
    day: scoring.Day = None,
    trace: scoring.Trace = None,
) -> None:
    """Print what answers earn by the newest scoring profile; exit code 1 where something stands against submitting.

    Nothing is kept, and no server is needed.
    """
    scoring.score(named_versions.find_packaged(version), answers, tier=tier, day=read_day(day), target=trace)


@app.command("export")
def export(
    version: Annotated[str, typer.Argument(help="A packaged or published version as KEY@VERSION, or a file.")],
    format: Annotated[FileFormat, typer.Option("--format", "-f", help="The kind of file.")],
    tier: questionnaire_files.Tiers = None,
    locale: questionnaire_files.Locales = None,
    output: questionnaire_files.Target = None,
) -> None:
    """Write a version as a file: an answer workbook, CSV, XLSForm, FHIR, JSON, or a form to print.

    Published ones are read with the owner's login: those of organizations too, also where nobody else may see them.
    """
    named = named_versions.read_named(version, locale)
    path = questionnaire_files.export_version(named, format, tier=tier, target=output)
    typer.echo(f"Written to {path}.")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="An XLSForm (.xlsx).")],
    publisher: Annotated[str, typer.Option(help="Who publishes it, where the form does not say.")] = "imported",
    output: questionnaire_files.Target = None,
    partial: Annotated[bool, typer.Option("--partial", help="Write what maps, also where rows do not.")] = False,
) -> None:
    """Turn an XLSForm into a questionnaire file of our own, naming each row that does not map.

    Without --output the file is KEY/VERSION.yaml below the folder you are in: `lint` and `publish` ask for that name,
    with a scoring profile beside it as KEY/VERSION.profile-1.yaml.
    """
    made, named = questionnaire_files.import_form(path, publisher, output, partial=partial)
    if made.absolute().parts[-2:] == named.parts:
        typer.echo(f"Written to {made}. Check it with `portal questionnaires lint {made}`.")
    else:
        typer.echo(f"Written to {made}. To check or publish it, have it as {named}, as it is without --output.")


@app.command("publish")
def publish(
    path: Annotated[
        Path | None, typer.Argument(help="A file <key>/<version>.yaml; without it, the packaged ones.")
    ] = None,
) -> None:
    """Publish a version and the scoring profiles beside its file, for ever; again changes nothing.

    The translations beside it are published with it, and take the place of those that were.
    """
    packaged = catalogue.list_packaged() if path is None else (named_versions.read_version(path),)
    files = translating.list_packaged() if path is None else check_translations(path, packaged[0].definition.key)
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.owner_database_url, "PORTAL_OWNER_DATABASE_URL")
        with installation.explain_database(url):
            done, translated = asyncio.run(publishing.publish_all(url, packaged, files))
    for one in done:
        typer.echo(describe(one))
    for file in translated:
        was = "published" if file.is_new else "was published already"
        typer.echo(f"{file.questionnaire} in {file.locale} {was} as {file.content_hash}")


def check_translations(path: Path, key: str) -> list[translating.TranslationFile]:
    """The translations beside a version's file; prints every fault before it raises InvalidInput."""
    try:
        return translating.check_files(path.parent, key)
    except errors.InvalidInput as refused:
        for problem in refused.problems:
            typer.echo(problem.message, err=True)
        raise


@app.command("end")
def end(
    key: Annotated[str, typer.Argument(help="A questionnaire's key, or KEY@VERSION.")],
    version: Annotated[str | None, typer.Argument(help="A published version.")] = None,
    deprecated_on: Annotated[
        str | None, typer.Option(help="From this day on (YYYY-MM-DD) only what was asked for before begins with it.")
    ] = None,
    retired_on: Annotated[str | None, typer.Option(help="From this day on nothing begins with it.")] = None,
) -> None:
    """Deprecate and retire a version on these days, or take back those that have not come; it stays readable."""
    if "@" in key:
        key, version = read_name(key, version)
    if version is None:
        raise errors.InvalidInput(f"Name the version: {key} VERSION, or {key}@VERSION.", code="VERSION")
    days = {"deprecated_on": read_day(deprecated_on), "retired_on": read_day(retired_on)}
    run_as_owner(lambda session: ending.set_days(session, OWNER_LOGIN, key, version, days))
    typer.echo(f"{key} {version}: deprecated {deprecated_on or retired_on or 'never'}, retired {retired_on or 'never'}")


def read_day(text: str | None) -> date | None:
    """A day as ISO 8601 spells it; raises InvalidInput."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise errors.InvalidInput(f"{text} is no day; write it like 2027-01-31.", code="DAY") from None


def describe(one: Published) -> str:
    """One line on what publishing did."""
    what = "published" if one.is_new else "was published already"
    profiles = "".join(f"; new profile {number}" for number in one.new_profiles)
    return f"{one.questionnaire} {one.version} {what} as {one.content_hash}{profiles}"


@app.command("show")
def show(
    key: Annotated[
        str | None, typer.Argument(help="A questionnaire's key, or KEY@VERSION; without it, all are listed.")
    ] = None,
    version: Annotated[str | None, typer.Argument(help="A version; without it, the one new assessments use.")] = None,
) -> None:
    """List published versions, or show the sections and questions of one."""
    if key is not None and "@" in key:
        key, version = read_name(key, version)
    settings = configuration.read_settings()
    with installation.open_installation(settings) as complete:
        url = installation.require(complete.database_url, "PORTAL_DATABASE_URL")
        with installation.explain_database(url):
            typer.echo("\n".join(asyncio.run(_show(url, key, version))))


def read_name(named: str, version: str | None) -> tuple[str, str]:
    """Key and version of KEY@VERSION; raises InvalidInput where another version stands beside it."""
    key, _, own = named.partition("@")
    if version is not None and version != own:
        raise errors.InvalidInput(f"{named} and {version} are two versions; name one.", code="TWO_VERSIONS")
    return key, own


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
