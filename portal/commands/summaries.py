"""`portal verify-summary`, without a server or database, and `portal keys`: the keys that summaries are signed with."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from portal import errors, signing
from portal import settings as configuration
from portal.settings import Settings
from portal.signing import KeyRing
from questionnaires import assurance, summaries

REFUSED = 1
Given = Annotated[Path, typer.Argument(metavar="FILE", help="The signed summary, as summaryPath gives it.")]
Keys = Annotated[Path, typer.Option("--keys", help="The issuer's public keys: its /.well-known/jwks.json.")]
Section = Annotated[
    list[Path] | None, typer.Option("--section", help="A section, as sectionPath gives it; may be repeated.")
]
Day = Annotated[str | None, typer.Option("--day", help="The day it must be valid (YYYY-MM-DD); without it, today.")]

app = typer.Typer(
    help="The keys that summaries are signed with, in the data folder or PORTAL_SIGNING_KEY.", no_args_is_help=True
)


def verify(path: Given, keys: Keys, section: Section = None, day: Day = None) -> None:
    """Check a signed summary, and sections that are said to belong to it, without any connection.

    Exit code 1 where something does not hold, with each reason.
    """
    on = _read_day(day)
    signed = signing.check_signature(_read(path), signing.read_public_keys(_read(keys), str(keys)))
    summary = signed.content
    faults = summaries.find_faults(summary, on)
    if not faults:
        for one in section or []:
            faults += [f"{one}: {fault}" for fault in summaries.find_section_faults(summary, _read_json(one))]
    if faults:
        for fault in faults:
            typer.echo(fault, err=True)
        raise typer.Exit(REFUSED)
    for line in describe(summary, signed.key_id):
        typer.echo(line)
    for one in section or []:
        typer.echo(f"{one}: section {_read_json(one)['section']} belongs to it, unchanged")


def describe(summary: dict[str, Any], key_id: str) -> list[str]:
    """What a summary says, in a few lines."""
    about = f" ({summary['subject_name']})" if summary["subject_name"] else ""
    superseded = f": {summaries.WORDS['superseded']}" if summary["state"] == "superseded" else ""
    return [
        f"{summary['organization']}{about}, {summary['questionnaire']} {summary['version']}, {summary['tier']}",
        f"period {summary['period_start']} to {summary['period_end']}, revision {summary['revision']}, submitted on "
        f"{summary['submitted_on']}, valid until {summary['valid_until']}",
        f"total {summary['total']}, band {summary['band']} ({summary['band_reason']}), "
        f"coverage {summary['coverage']} %, scoring profile {summary['profile']}",
        *describe_assurance(summary),
        f"{summary['state']}{superseded}",
        f"signed by {summary['issuer']} at {summary['issued_at']} with the key {key_id}",
    ]


def describe_assurance(summary: dict[str, Any]) -> list[str]:
    """What reviewers stated comes to, with the day that it holds for; nothing of a summary from before it was told."""
    if "assurance" not in summary:
        return []
    stated = summary["assurance"]
    if stated is None:
        return [f"assurance: no reviewer had stated anything by {summary['issued_at']}, all is declared"]
    shares = ", ".join(f"{name} {stated[name]} %" for name in assurance.ORDER)
    return [
        f"assurance on {stated['as_of']}, the same since {stated['since']}: {shares} of the points, scoring profile "
        f"{stated['profile']}; reviewers disagree on {stated['conflicts']} answers"
    ]


def _read_day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise errors.InvalidInput(f"--day takes a day like 2026-01-31, not {text!r}.", code="DAY") from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise errors.SetupError(f"{path} is not in UTF-8.") from None
    except OSError as error:
        raise errors.SetupError(f"{path} cannot be read ({error.strerror}).") from None


def _read_json(path: Path) -> Any:
    try:
        return orjson.loads(_read(path))
    except orjson.JSONDecodeError:
        raise errors.SetupError(f"{path} is no JSON.") from None


@app.command("show")
def show() -> None:
    """Print the public keys as a JWK set, as /.well-known/jwks.json gives them; the first one signs."""
    typer.echo(_open().publish().decode())


@app.command("rotate")
def rotate(
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the new set, private key included, for PORTAL_SIGNING_KEY.")
    ] = False,
) -> None:
    """Sign with a new key from the next start of the servers on; what older ones signed can still be checked."""
    settings = configuration.read_settings()
    if only_print:
        typer.echo(signing.make_keys(_open(settings)).decode())
        return
    made = signing.rotate_keys(settings)
    older = len(made.public) - 1
    typer.echo(f"New key {made.private.thumbprint()}; older ones that stay published: {older}. Start the servers anew.")


def _open(settings: Settings | None = None) -> KeyRing:
    ready = signing.ensure_signing_key(settings or configuration.read_settings())
    return signing.read_keys(ready.signing_key, "PORTAL_SIGNING_KEY")
