"""The command line of the portal: `portal COMMAND`, or `python -m portal COMMAND`."""

import gc
import importlib
import signal
import sys
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import portal
from portal.errors import PortalError, SetupError

FAILED = 1
INTERRUPTED = 130
HELP = "A self-hostable supplier portal. Settings are PORTAL_... variables; the README lists them."
# Of each command its module in `portal.commands` and what there is called, or holds the commands below it.
COMMANDS = {
    "demo": ("demo", "demo"),
    "serve": ("server", "serve"),
    "worker": ("worker", "run"),
    "migrate": ("migration", "migrate"),
    "backup": ("backup", "back_up"),
    "restore": ("restore", "restore"),
    "doctor": ("doctor", "examine"),
    "verify-summary": ("summaries", "verify"),
    "operator": ("glass", "OPERATOR"),
    "audit": ("audit", "app"),
    "credentials": ("credentials", "app"),
    "privacy": ("privacy", "app"),
    "sso": ("sso", "app"),
    "questionnaires": ("questionnaires", "app"),
    "suppliers": ("suppliers", "app"),
    "documents": ("documents", "app"),
    "cards": ("cards", "app"),
    "evidence": ("evidence", "app"),
    "letters": ("letters", "app"),
    "benchmarks": ("benchmarks", "app"),
    "keys": ("summaries", "app"),
}


class Commands(TyperGroup):
    """Imports a command when it is called, and nothing that only the others need."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All of them, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One of them, or none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, part = COMMANDS[cmd_name]
        gc.disable()  # what is imported stays: to look for garbage in it would take a sixth of the start
        try:
            found = getattr(importlib.import_module(f"portal.commands.{module}"), part)
        finally:
            gc.enable()
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)


app = typer.Typer(
    name="portal",
    cls=Commands,
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
    except Exception as problem:
        from portal.database import faults  # not before it is needed: it brings all of SQLAlchemy

        if not isinstance(problem, faults.DATABASE):
            raise
        # A last resort: commands name what they expect.
        print(f"portal: {faults.describe(problem)}", file=sys.stderr)
        sys.exit(FAILED)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Let a polite request to end unwind like Ctrl-C, so that what a command started is stopped."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
