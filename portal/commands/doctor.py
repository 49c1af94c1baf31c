"""`portal doctor`: what is wrong with this installation, and what to do about it."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import orjson
import typer

from portal import settings as configuration
from portal.commands import installation
from portal.commands.doctoring import choices, databases, keys, places, work
from portal.commands.doctoring.findings import Check, Finding, fail, name_worst, run
from portal.database import embedded
from portal.errors import SetupError
from portal.settings import Settings

UNWELL = 1
HERE: tuple[tuple[str, Check], ...] = (
    ("address", choices.check_address),
    ("choices", choices.check_choices),
    ("settings.names", choices.check_names),
    ("key", keys.check_keys),
    ("files", places.check_files),
    ("disk", places.check_disk),
    ("open_files", places.check_open_files),
    ("storage", places.check_storage),
    ("mail", places.check_mail),
    ("scanner", places.check_scanner),
)
THERE: tuple[tuple[str, Check], ...] = (
    ("database", databases.check_logins),
    ("database.rights", databases.check_rights),
    ("database.server", databases.check_server),
    ("database.pooler", databases.check_pooler),
    ("clock", databases.check_clock),
    ("worker", work.check_worker),
    ("failures", work.check_failures),
    ("trail", work.check_trail),
    ("key.sealed", keys.check_sealed),
    ("operators", choices.check_operators),
)
"""What only a database can tell."""


def examine(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")] = False,
) -> None:
    """Look at everything that a running portal needs, change nothing, and say what to do; exit code 1 on an error.

    One small file is written to the storage, and removed. Run it as the account, and with the settings, of the server.
    """
    found = list_findings()
    worst = name_worst(found)
    if as_json:
        typer.echo(orjson.dumps({"status": worst, "checks": found}, option=orjson.OPT_INDENT_2).decode())
    else:
        for one in found:
            typer.echo(write_line(one))
    if worst == "error":
        raise typer.Exit(UNWELL)


def list_findings() -> list[Finding]:
    """Everything that is found, in the order of the checks."""
    try:
        settings = configuration.read_settings()
    except SetupError as problem:
        return [fail("settings", str(problem), "Correct them; the table of settings in the README says how.")]
    found = asyncio.run(run(HERE, settings))
    try:
        with _find_database(settings) as complete:
            return [*found, *asyncio.run(_run_there(complete))]
    except SetupError as problem:
        advice = "Where there is a portal already, name its folder; a new one begins with `portal serve`."
        return [*found, fail("database.folder", str(problem), advice)]


async def _run_there(settings: Settings) -> Sequence[Finding]:
    reached = await run(THERE[:1], settings)
    if any(one.check == "database.app" and one.status == "error" for one in reached):
        return reached  # everything else would only say the same again
    return [*reached, *await run(THERE[1:], settings)]


@contextmanager
def _find_database(settings: Settings) -> Iterator[Settings]:
    """The settings with the addresses of an embedded database, which runs meanwhile; as it is, however that is."""
    if settings.database_url:
        yield settings
        return
    installation.refuse_empty(settings)
    with embedded.join(settings.data_dir / installation.FOLDER) as server:
        yield settings.model_copy(update=installation.list_addresses(server))


def write_line(one: Finding) -> str:
    """One line for a person, with what to do below it."""
    colors = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW, "error": typer.colors.RED}
    status = f"{one.status:7}"
    status = typer.style(status, colors[one.status]) if sys.stdout.isatty() else status
    line = f"{status}  {one.check}: {one.message}"
    return f"{line}\n         {one.advice}" if one.advice else line
