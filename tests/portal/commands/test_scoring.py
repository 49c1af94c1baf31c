"""`portal questionnaires score`: what a file of answers earns, as a submission would, and which file is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from portal.commands import questionnaires
from portal.errors import InvalidInput, SetupError
from questionnaires import answer_table, nesting, workbook
from tests.portal.assessments import sample
from tests.questionnaires import forms

runner = CliRunner()
ANSWERS: dict[str, Any] = {
    "headcount": {"state": "value", "value": "12"},
    "fees_repaid": {"state": "value", "value": "partly"},
    "trained": {"state": "value", "value": "95"},
    "exits_locked": {"state": "value", "value": False},
}
DEFINITION = sample.make_definition()
SAID = """sample 1.0.0, profile 1, micro, 2026-01-15
total 77.5, band c, coverage 100 %
band c: the total decides
  Labor: 62.5
  Safety: 100
"""


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """The sample's file with its profile beside it."""
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "1.0.0.yaml").write_text(sample.QUESTIONNAIRE)
    (folder / "1.0.0.profile-1.yaml").write_text(sample.PROFILE)
    return folder / "1.0.0.yaml"


def score(version: Path | str, answers: Path, *more: str) -> Result:
    given = ["score", str(version), str(answers), "--tier", "micro", "--day", "2026-01-15", *more]
    return runner.invoke(questionnaires.app, given)


def write(folder: Path, content: Any, name: str = "answers.json") -> Path:
    made = folder / name
    made.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return made


def test_the_same_answers_in_every_format(version: Path, tmp_path: Path) -> None:
    kept, _ = nesting.read_nested(DEFINITION, ANSWERS)
    stamp = forms.make_stamp(DEFINITION, "micro")
    for name, content in (
        ("answers.json", ANSWERS),
        ("answers.csv", answer_table.write_table(DEFINITION, kept, stamp)),
        ("answers.xlsx", workbook.write_workbook(DEFINITION, kept, stamp)),
    ):
        done = score(version, write(tmp_path, content, name))
        assert (done.exit_code, done.output) == (0, SAID), (name, done.output, done.exception)


def test_a_trace_is_written_once(version: Path, tmp_path: Path) -> None:
    answers, target = write(tmp_path, ANSWERS), tmp_path / "trace.json"
    assert score(version, answers, "--trace", str(target)).exit_code == 0
    assert json.loads(target.read_bytes())["summary"]["total"] == "77.5"
    assert isinstance(score(version, answers, "--trace", str(target)).exception, SetupError)


def test_what_stands_against_submitting_is_named(version: Path, tmp_path: Path) -> None:
    given = ANSWERS | {"trained": {"state": "value", "value": "much"}}
    del given["exits_locked"]
    done = score(version, write(tmp_path, given))
    assert done.exit_code == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["trained", "exits_locked"]
    assert "total" in done.stdout


def test_a_cell_that_cannot_be_used_is_told_as_an_import_tells_it(version: Path, tmp_path: Path) -> None:
    given = ANSWERS | {"founded": {"state": "value", "value": "2020-01-01"}, "area": {"state": "value", "value": "7.5"}}
    kept, _ = nesting.read_nested(DEFINITION, given)
    stamp = forms.make_stamp(DEFINITION, "micro")
    table = answer_table.write_table(DEFINITION, kept, stamp).decode()
    for line, old, written, words in (
        (5, "value,7.5,", "value,1.234,", "“1.234” can be read as "),
        (2, "value,12,", "value,twelve,", "“twelve” is not a number."),
        (3, "value,2020-01-01,", "value,03/04/2026,", "“03/04/2026” can be read as 2026-04-03"),
    ):
        assert old in table
        done = score(version, write(tmp_path, table.replace(old, written).encode(), "off.csv"))
        assert done.exit_code == 1, done.output
        told = done.stderr.splitlines()[0]
        assert told.startswith(f"line {line}: “")
        assert words in told
    data = workbook.write_workbook(DEFINITION, kept, stamp)
    place = forms.find_cell(data, "headcount")
    data = forms.put(data, {place: forms.formula_cell("5+7", "12")})
    done = score(version, write(tmp_path, data, "off.xlsx"))
    assert done.exit_code == 1, done.output
    assert f"Answers!{place}: The cell holds a formula. Write the answer itself." in done.stderr


def test_a_band_says_its_reason_and_its_critical_rules(version: Path, tmp_path: Path) -> None:
    locked = ANSWERS | {"exits_locked": {"state": "value", "value": True}}
    said = score(version, write(tmp_path, locked)).stdout
    assert "band d: the total decides\n" in said
    assert "  critical: Locked exits (exits_locked), at most band d\n" in said
    nobody = ANSWERS | {"exits_locked": {"state": "unknown"}}
    said = score(version, write(tmp_path, nobody)).stdout
    assert "band none" in said
    assert "band none: nobody knows whether a critical rule is hit\n" in said
    assert "  critical, open: Locked exits (exits_locked is unknown)\n" in said


def test_a_packaged_version_and_the_highest_tier(tmp_path: Path) -> None:
    answers = write(tmp_path, {"locked_exit": {"state": "value", "value": "not_seen"}})
    done = runner.invoke(questionnaires.app, ["score", "spot-check@1.0.0", str(answers)])
    assert done.stdout.startswith("spot-check 1.0.0, profile 1, basic, ")


def test_what_cannot_be_scored(version: Path, tmp_path: Path) -> None:
    other = sample.make_definition(sample.QUESTIONNAIRE.replace("version: 1.0.0", "version: 1.0.1"))
    stamp = forms.make_stamp(other, "micro")
    for name, content, kind, words in (
        ("none.json", None, SetupError, "no file"),
        ("answers.txt", b"", InvalidInput, "none of .json, .csv, .xlsx"),
        ("answers.json", b"{", InvalidInput, "line 1, column 2"),
        ("latin.json", b"\xe4", InvalidInput, "not in UTF-8"),
        ("foreign.csv", b"a,b\n", InvalidInput, "needs the columns"),
        ("other.csv", answer_table.write_table(other, {}, stamp), InvalidInput, "sample 1.0.1, not to sample 1.0.0"),
        ("other.xlsx", workbook.write_workbook(other, {}, stamp), InvalidInput, "holds answers to"),
    ):
        path = tmp_path / name if content is None else write(tmp_path, content, name)
        done = score(version, path)
        assert isinstance(done.exception, kind), (name, done.output)
        assert words in str(done.exception)
    version.with_name("1.0.0.profile-1.yaml").unlink()
    done = score(version, write(tmp_path, ANSWERS))
    assert isinstance(done.exception, InvalidInput)
    assert "no scoring profile" in str(done.exception)
