"""`portal questionnaires export|import`: the files that are written, and what is refused before anything is."""

import re
from pathlib import Path

import orjson
import pytest
from fhir.resources.questionnaire import Questionnaire
from pyxform.xls2xform import convert
from typer.testing import CliRunner

from portal.commands import questionnaires
from portal.errors import InvalidInput, SetupError
from questionnaires import answer_table, catalogue, document, reading
from tests.portal.assessments import sample
from tests.questionnaires import forms
from tests.questionnaires.test_xlsform import FOREIGN, make_form, reduce_definition

runner = CliRunner()
NAMED = "spot-check@1.0.0"
DEFINITION = catalogue.read_packaged("spot-check", "1.0.0").definition


def export(target: Path, format: str, *more: str, named: str = NAMED) -> bytes:
    done = runner.invoke(questionnaires.app, ["export", named, "--format", format, "-o", str(target), *more])
    assert (done.exit_code, done.output) == (0, f"Written to {target}.\n"), done.output
    return target.read_bytes()


def test_every_format(tmp_path: Path) -> None:
    files = {name: export(tmp_path / name, name) for name in ("xlsx", "csv", "xlsform", "fhir", "json", "pdf")}
    filled = forms.read_back(files["xlsx"], DEFINITION)
    assert (filled.refused, filled.stamp.content_hash) == ((), document.hash_content(DEFINITION))
    assert answer_table.open_table(files["csv"]).version == "spot-check 1.0.0"
    warnings: list[str] = []
    convert(files["xlsform"], warnings=warnings, file_type=".xlsx")
    assert warnings == []
    assert Questionnaire.model_validate_json(files["fhir"]).version == "1.0.0"
    assert reading.definition_from_document(orjson.loads(files["json"])) == DEFINITION
    assert files["pdf"].startswith(b"%PDF-")


def test_a_file_and_a_tier(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "1.0.0.yaml").write_text(sample.QUESTIONNAIRE)
    table = export(tmp_path / "t.csv", "csv", "--tier", "micro", named=str(folder / "1.0.0.yaml")).decode()
    assert "headcount" in table
    assert "sites" not in table


def test_a_file_in_a_language_that_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    made = sample.write_translation(folder, sample.make_overlay())
    named = str(folder / "1.0.0.yaml")
    Path(named).write_text(sample.QUESTIONNAIRE)
    (folder / "1.0.0.profile-1.yaml").write_text(sample.PROFILE)
    table = export(tmp_path / "es.csv", "csv", "--locale", "es", named=named).decode()
    assert "¡People!" in table
    done = runner.invoke(questionnaires.app, ["export", named, "-f", "csv", "--locale", "vi"])
    assert isinstance(done.exception, InvalidInput)
    assert str(done.exception) == "There is no translation to vi beside 1.0.0.yaml; there are: es."
    made.path.write_text(made.path.read_text().replace("by: machine", "by: nobody", 1))
    done = runner.invoke(questionnaires.app, ["export", named, "-f", "csv", "--locale", "es"])
    assert isinstance(done.exception, InvalidInput)
    assert "human, machine" in done.output


def test_another_language(tmp_path: Path) -> None:
    named = "responsible-sourcing@1.1.0"
    source = catalogue.read_packaged("responsible-sourcing", "1.1.0").definition
    data = export(tmp_path / "vi.xlsx", "xlsx", "--tier", "micro", "--locale", "vi", named=named)
    stamp = forms.read_back(data, source).stamp
    assert (stamp.locale, stamp.content_hash) == ("vi", document.hash_content(source))
    assert orjson.loads(export(tmp_path / "vi.json", "json", "--locale", "vi", named=named)) == orjson.loads(
        export(tmp_path / "en.json", "json", named=named)
    )
    done = runner.invoke(questionnaires.app, ["export", named, "-f", "pdf", "--locale", "xx"])
    assert isinstance(done.exception, InvalidInput)
    assert "no packaged translation of responsible-sourcing to xx" in str(done.exception)


def test_without_a_target_it_is_named_after_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = runner.invoke(questionnaires.app, ["export", NAMED, "-f", "fhir"])
    assert done.output == "Written to spot-check-1.0.0.fhir.json.\n"


def test_what_cannot_be_exported(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for arguments, kind, words in (
        ([NAMED, "-f", "json", "-o", str(taken)], SetupError, "exists already"),
        (
            [NAMED, "-f", "pdf", "--tier", "huge", "-o", str(tmp_path / "new")],
            InvalidInput,
            'no tier "huge"; it has: micro',
        ),
        (["nothing@1.0.0", "-f", "pdf"], SetupError, "no packaged questionnaire nothing"),
    ):
        done = runner.invoke(questionnaires.app, ["export", *arguments])
        assert isinstance(done.exception, kind)
        assert words in str(done.exception)
    assert taken.read_text() == "mine"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_a_form_goes_out_and_comes_back(tmp_path: Path, ending: str) -> None:
    export(tmp_path / "form.xlsx", "xlsform")
    target = tmp_path / "spot-check" / f"1.0.0.{ending}"
    done = runner.invoke(questionnaires.app, ["import", str(tmp_path / "form.xlsx"), "-o", str(target)])
    assert done.exit_code == 0, done.output
    if ending == "yaml":
        assert done.output == f"Written to {target}. Check it with `portal questionnaires lint {target}`.\n"
        read = reading.read_questionnaire(target)
    else:
        named = "spot-check/1.0.0.yaml, as it is without --output"
        assert done.output == f"Written to {target}. To check or publish it, have it as {named}.\n"
        read = reading.definition_from_document(orjson.loads(target.read_bytes()))
    assert reduce_definition(read) == reduce_definition(DEFINITION)


def test_what_is_said_after_an_import_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    export(tmp_path / "form.xlsx", "xlsform")
    said = runner.invoke(questionnaires.app, ["import", "form.xlsx"]).output
    (command,) = re.findall(r"`portal questionnaires (.*?)`", said)
    done = runner.invoke(questionnaires.app, command.split())
    assert "the file is called" not in done.output
    assert done.exit_code == 0, done.output
    other = runner.invoke(questionnaires.app, ["import", "form.xlsx", "-o", "mine.yaml"]).output
    assert other == (
        "Written to mine.yaml. To check or publish it, have it as spot-check/1.0.0.yaml, as it is without --output.\n"
    )
    monkeypatch.chdir(tmp_path / "spot-check")
    assert runner.invoke(questionnaires.app, ["lint", "1.0.0.yaml"]).exit_code == 0


def test_a_foreign_form_says_what_is_left_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("form.xlsx").write_bytes(FOREIGN)
    done = runner.invoke(questionnaires.app, ["import", "form.xlsx", "--publisher", "weaver"])
    assert done.exit_code == 0, done.output
    made = Path("site-survey-v2/1.0.0.yaml")
    assert made.exists()
    assert 'sheet survey, row 5: warning: the name "staff-count" becomes the key staff_count' in done.output
    assert "still to do: site-survey-v2 1.0.0: section people, question staff_count" in done.output


def test_rows_that_do_not_map_are_named_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("form.xlsx").write_bytes(
        make_form([("type", "name", "label"), ("text", "firm", "Firm?"), ("geopoint", "place", "Where?")])
    )
    done = runner.invoke(questionnaires.app, ["import", "form.xlsx", "-o", "made.json"])
    assert done.exit_code == 1
    assert 'sheet survey, row 3: the type "geopoint" does not map' in done.output
    assert not Path("made.json").exists()
    done = runner.invoke(questionnaires.app, ["import", "form.xlsx", "-o", "made.json", "--partial"])
    assert done.exit_code == 0
    assert b"place" not in Path("made.json").read_bytes()


def test_what_is_no_form(tmp_path: Path) -> None:
    (tmp_path / "no.xlsx").write_bytes(b"%PDF-1.7")
    for name, kind in (("no.xlsx", InvalidInput), ("gone.xlsx", SetupError)):
        done = runner.invoke(questionnaires.app, ["import", str(tmp_path / name)])
        assert isinstance(done.exception, kind)
