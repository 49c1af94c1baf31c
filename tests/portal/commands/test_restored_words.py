"""What `portal restore` says at its end, and with which exit code."""

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from portal.backups.contents import Manifest
from portal.backups.repeating import Repeated
from portal.commands import credentials, restore
from portal.commands.restore import Outcome
from portal.database import ids, migrating
from portal.identity.resealing import Opened
from portal.settings import Settings
from portal.trail.erasures import CLOSED, PERSON, Erasure, Notes
from portal.trail.restorations import Restoration
from tests import databases

NOW = datetime(2026, 12, 1, tzinfo=UTC)
NOTES = Notes(tuple(Erasure(ids.new_id(), act, ids.new_id(), NOW) for act in (PERSON, PERSON, CLOSED)), ())

SETTINGS = Settings(data_dir=Path("/var/lib/portal"))


def tell(capsys: pytest.CaptureFixture[str], *, blocks: int = 3, run: int = 1, **outcome: Any) -> tuple[int, str, str]:
    """The exit code and both outputs."""
    manifest = Manifest(ids.new_id(), NOW, "1.0", migrating.head_revision(), 18, 18, {}, 1, 1, 0, 0, 0, (), {}, ())
    noted = Restoration(ids.new_id(), NOW, manifest.id, NOW, 1, blocks, blocks, 1, None, run)
    given: dict[str, Any] = {"differences": [], "noted": noted, "notes": NOTES, "repeated": Repeated(erased=2)}
    code = 0
    try:
        restore._report(manifest, Outcome(**given | outcome), SETTINGS)
    except typer.Exit as ended:
        code = ended.exit_code
    said = capsys.readouterr()
    return code, " ".join(said.out.split()), said.err


def test_what_was_done_again_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = tell(capsys)
    assert code == 0
    assert "notes of 2 people who were erased and 1 organizations that were closed" in said
    assert "Done again: 2 erased, 0 closed, 0 opened." in said
    assert "Nothing is known here" not in said
    code, said, _ = tell(capsys, repeated=Repeated(erased=1, ownerless=["Left Alone (1)"]))
    assert (code, "Nobody owns Left Alone (1) now" in said, "appoint-owner" in said) == (0, True, True)


def test_a_storage_that_did_not_outlive_the_backup_knows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = tell(capsys, blocks=0)
    assert (code, "Nothing is known here of erasures after the backup" in said) == (0, True)


def test_a_backup_of_an_earlier_schema_is_migrated_first(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = tell(capsys, repeated=None)
    assert (code, "Done again" in said) == (0, False)
    assert "Next: `portal migrate`" in said and "then `portal privacy erase-again`" in said


def test_what_could_not_be_done_again_or_holds_no_more_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, faults = tell(capsys, repeated=Repeated(failed=["person.erased 1: refused"]))
    assert (code, faults) == (1, "NOT DONE person.erased 1: refused\n")
    for repeated in (Repeated(), None):
        code, _, faults = tell(capsys, notes=Notes((), ("audit/erasures/1.jws",)), repeated=repeated)
        assert (code, faults) == (1, "SIGNATURE audit/erasures/1.jws\n")


def test_a_second_run_says_why_rows_may_differ(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, faults = tell(capsys, differences=["rows of portal.member: 1 here, 2 in the backup"], run=2)
    assert (code, faults) == (1, "rows of portal.member: 1 here, 2 in the backup\n")
    assert "It was restored before: what was done since then" in said


def test_the_command_that_ends_all_sessions_is_one_that_runs(capsys: pytest.CaptureFixture[str]) -> None:
    _, said, _ = tell(capsys)
    readme = (databases.ROOT / "README.md").read_text(encoding="utf-8")
    for text in (said, " ".join(readme.split())):
        found = re.findall(r"`portal credentials (sign-out --everybody[^`]*)`", text)
        assert found
        for one in found:
            name, *arguments = shlex.split(one)
            command = typer.main.get_group(credentials.app).commands[name]
            assert command.make_context(name, arguments).params["everybody"] is True


def test_what_does_not_open_is_no_success_and_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    code, said, faults = tell(capsys, opened=Opened(opened=2, closed=3))
    assert (code, "Equal to the backup" in said) == (1, True)
    assert faults.startswith("KEYS 3 of 5 sealed secrets do not open")
    for words in ("secret.key of the lost portal into /var/lib/portal", "PORTAL_FORMER_SECRET_KEYS", "reset-second-"):
        assert words in faults
    code, _, faults = tell(capsys, opened=Opened(opened=2, older=1))
    assert (code, faults) == (0, "")
