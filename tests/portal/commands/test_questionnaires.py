"""`portal questionnaires`: exit codes and what is printed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from portal.commands import questionnaires
from portal.errors import InvalidInput, SetupError
from questionnaires import catalogue
from tests import databases
from tests.portal.assessments import sample

pytestmark = pytest.mark.slow  # each command is a process of its own

runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "sample"
    place.mkdir()
    (place / "1.0.0.yaml").write_text(sample.QUESTIONNAIRE)
    (place / "1.0.0.profile-1.yaml").write_text(sample.PROFILE)
    return tmp_path


def test_what_ships_is_clean() -> None:
    done = runner.invoke(questionnaires.app, ["lint"])
    assert done.exit_code == 0, done.output
    assert "0 errors" in done.output


def test_all_errors_of_a_file_and_its_profile_at_once(folder: Path) -> None:
    assert runner.invoke(questionnaires.app, ["lint", str(folder)]).exit_code == 0
    file = folder / "sample" / "1.0.0.yaml"
    file.write_text(sample.QUESTIONNAIRE.replace("options_ref: yes_partly_no", "options_ref: nothing"))
    (folder / "sample" / "1.0.0.profile-1.yaml").write_text(sample.PROFILE.replace("cap_band: d", "cap_band: z"))
    for path in (folder, file):
        done = runner.invoke(questionnaires.app, ["lint", str(path)])
        assert done.exit_code == 1
        assert "nothing" in done.output
        assert '"z"' in done.output or "'z'" in done.output


def test_a_profile_is_read_as_one(folder: Path) -> None:
    file = folder / "sample" / "1.0.0.profile-1.yaml"
    clean = runner.invoke(questionnaires.app, ["lint", str(file)])
    assert (clean.exit_code, clean.output) == (0, "0 errors, 0 warnings.\n")
    file.write_text(sample.PROFILE.replace("cap_band: d", "cap_band: z"))
    done = runner.invoke(questionnaires.app, ["lint", str(file)])
    assert done.exit_code == 1
    assert "cap_band" in done.output
    assert "unknown key" not in done.output


@pytest.mark.parametrize("make", [lambda path: path / "none.yaml", lambda path: path])
def test_nothing_to_check(tmp_path: Path, make: object) -> None:
    assert callable(make)
    done = runner.invoke(questionnaires.app, ["lint", str(make(tmp_path))])
    assert done.exit_code == 1
    assert isinstance(done.exception, SetupError)


def test_publish_and_show(database: databases.TestDatabase, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database.app_url)
    monkeypatch.setenv("PORTAL_OWNER_DATABASE_URL", database.owner_url)
    file = str(folder / "sample" / "1.0.0.yaml")
    first = runner.invoke(questionnaires.app, ["publish", file])
    assert first.exit_code == 0, first.output
    assert "sample 1.0.0 published" in first.output
    assert "new profile 1" in first.output
    assert "was published already" in runner.invoke(questionnaires.app, ["publish", file]).output
    assert "sample 1.0.0" in runner.invoke(questionnaires.app, ["show"]).output
    shown = runner.invoke(questionnaires.app, ["show", "sample"])
    assert shown.exit_code == 0
    assert "Locked?" in shown.output
    assert runner.invoke(questionnaires.app, ["show", "sample", "9.9.9"]).exit_code == 1
    Path(file).write_text(sample.QUESTIONNAIRE.replace("type: date", "type: day"))
    faulty = runner.invoke(questionnaires.app, ["publish", file])
    assert faulty.exit_code == 1
    assert "founded" in faulty.output
    assert isinstance(faulty.exception, InvalidInput)


def test_a_profile_is_not_published_as_a_questionnaire(folder: Path) -> None:
    refused = runner.invoke(questionnaires.app, ["publish", str(folder / "sample" / "1.0.0.profile-1.yaml")])
    assert (refused.exit_code, isinstance(refused.exception, InvalidInput)) == (1, True)
    assert "1.0.0.profile-1.yaml is a scoring profile. Give 1.0.0.yaml" in refused.output


def test_publishing_holds_a_file_to_the_caps_that_lint_tells(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "TIER_CAPS", {"micro": 1})
    file = str(folder / "sample" / "1.0.0.yaml")
    told, refused = (runner.invoke(questionnaires.app, [command, file]) for command in ("lint", "publish"))
    assert (told.exit_code, refused.exit_code) == (1, 1)
    fault = told.output.splitlines()[0]
    assert "1.0.0.yaml" in fault
    assert fault in refused.output


def test_a_difference_is_printed_with_the_step_it_needs() -> None:
    done = runner.invoke(questionnaires.app, ["diff", "responsible-sourcing@1.0.0", "responsible-sourcing@1.1.0"])
    assert done.exit_code == 0, done.output
    assert "minor  tiers.standard tier_added: - -> " in done.output
    assert done.output.splitlines()[-1].endswith("least version 1.1.0.")
    same = runner.invoke(questionnaires.app, ["diff", *["responsible-sourcing@1.0.0"] * 2])
    assert (same.exit_code, same.output) == (0, "0 changes; least version 1.0.0.\n")


def test_a_number_that_is_too_low_is_told(folder: Path) -> None:
    new = folder / "sample" / "1.0.1.yaml"
    text = sample.QUESTIONNAIRE.replace("version: 1.0.0", "version: 1.0.1").replace("max_length: 200", "max_length: 20")
    new.write_text(text)
    done = runner.invoke(questionnaires.app, ["diff", str(folder / "sample" / "1.0.0.yaml"), str(new)])
    assert done.exit_code == 1
    assert "limit_changed: 200 -> 20" in done.output
    assert "1.0.1 is too low" in done.output


@pytest.mark.parametrize("named", ["nothing@1.0.0", "nowhere.yaml", "responsible-sourcing@9.0.0"])
def test_a_version_that_is_not_there(named: str) -> None:
    with pytest.raises(SetupError):
        runner.invoke(questionnaires.app, ["diff", named, named], catch_exceptions=False)


def test_two_questionnaires_are_not_compared(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="two questionnaires"):
        runner.invoke(
            questionnaires.app,
            ["diff", "responsible-sourcing@1.0.0", str(folder / "sample" / "1.0.0.yaml")],
            catch_exceptions=False,
        )
