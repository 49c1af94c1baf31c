"""What `portal restore` says at its end, and with which exit code."""

from datetime import UTC, datetime
from typing import Any

import pytest
import typer

from portal.backups.contents import Manifest
from portal.backups.repeating import Repeated
from portal.commands import restore
from portal.commands.restore import Outcome
from portal.database import ids, migrating
from portal.trail.erasures import CLOSED, PERSON, Erasure, Notes
from portal.trail.restorations import Restoration

NOW = datetime(2026, 12, 1, tzinfo=UTC)
NOTES = Notes(tuple(Erasure(ids.new_id(), act, ids.new_id(), NOW) for act in (PERSON, PERSON, CLOSED)), ())


def tell(capsys: pytest.CaptureFixture[str], *, blocks: int = 3, run: int = 1, **outcome: Any) -> tuple[int, str, str]:
    """The exit code and both outputs."""
    manifest = Manifest(ids.new_id(), NOW, "1.0", migrating.head_revision(), 18, 18, {}, 1, 1, 0, 0, 0, (), {}, ())
    noted = Restoration(ids.new_id(), NOW, manifest.id, NOW, 1, blocks, blocks, 1, None, run)
    given: dict[str, Any] = {"differences": [], "noted": noted, "notes": NOTES, "repeated": Repeated(erased=2)}
    code = 0
    try:
        restore._report(manifest, Outcome(**given | outcome))
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
