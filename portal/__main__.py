"""The command line of the portal: `portal COMMAND`, or `python -m portal COMMAND`."""

import signal
import sys
from types import FrameType
from typing import Annotated

import typer

import portal
from portal.commands import (
    benchmarks,
    cards,
    demo,
    documents,
    migration,
    operator,
    questionnaires,
    server,
    suppliers,
    worker,
)
from portal.database import faults
from portal.errors import PortalError, SetupError

FAILED = 1
INTERRUPTED = 130
HELP = "A self-hostable supplier portal. Settings are PORTAL_... variables; the README lists them."

app = typer.Typer(
    name="portal",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("serve")(server.serve)
app.command("worker")(worker.run)
app.command("migrate")(migration.migrate)
app.add_typer(operator.app, name="operator")
app.add_typer(questionnaires.app, name="questionnaires")
app.add_typer(suppliers.app, name="suppliers")
app.add_typer(documents.app, name="documents")
app.add_typer(cards.app, name="cards")
app.add_typer(benchmarks.app, name="benchmarks")


def show_version(wanted: bool) -> None:
    """Print the version and end, where it is asked for."""
    if wanted:
        typer.echo(f"portal {portal.VERSION}")
        raise typer.Exit


@app.callback(help=HELP)
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take what stands before a command."""


def main() -> None:
    """Run a command; exit code 0 when done, 1 with the reason in one line, 2 when it was called wrongly."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except (SetupError, PortalError) as problem:
        print(f"portal: {problem}", file=sys.stderr)
        sys.exit(FAILED)
    except faults.DATABASE as problem:  # a last resort: commands name what they expect
        print(f"portal: {faults.describe(problem)}", file=sys.stderr)
        sys.exit(FAILED)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Let a polite request to end unwind like Ctrl-C, so that what a command started is stopped."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
