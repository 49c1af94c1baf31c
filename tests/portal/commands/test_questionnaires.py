"""`portal questionnaires`: exit codes and what is printed."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portal.commands import operator, questionnaires
from portal.errors import InvalidInput, SetupError
from questionnaires import catalogue
from tests import databases, people
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
    told = "SELECT object_id, actor_role FROM portal.audit_event WHERE action = 'questionnaire.published'"
    rows = asyncio.run(people.run_sql(database, told))
    assert [tuple(row) for row in rows] == [("sample@1.0.0", "operator")]  # what changes nothing is told by nothing
    assert "sample 1.0.0" in runner.invoke(questionnaires.app, ["show"]).output
    shown = runner.invoke(questionnaires.app, ["show", "sample"])
    assert shown.exit_code == 0
    assert "Locked?" in shown.output
    for named in (["sample@1.0.0"], ["sample@1.0.0", "1.0.0"], ["sample", "1.0.0"]):
        assert runner.invoke(questionnaires.app, ["show", *named]).output == shown.output
    assert runner.invoke(questionnaires.app, ["show", "sample", "9.9.9"]).exit_code == 1
    two = runner.invoke(questionnaires.app, ["show", "sample@1.0.0", "9.9.9"])
    assert isinstance(two.exception, InvalidInput)
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


def write_renamed(folder: Path) -> list[Path]:
    """Three versions; the second and the third each give a question another name."""
    paths = []
    for version, name, renamed in (
        ("1.0.0", "headcount", ""),
        ("1.1.0", "heads", "renamed: [{from: headcount, to: heads}]\n"),
        ("1.2.0", "hands", "renamed: [{from: heads, to: hands}]\n"),
    ):
        text = sample.QUESTIONNAIRE.replace("headcount", name).replace("version: 1.0.0", f"version: {version}")
        paths.append(folder / "sample" / f"{version}.yaml")
        paths[-1].write_text(text.replace("\nsections:", f"\n{renamed}sections:", 1))
    return paths


def test_a_difference_goes_by_way_of_the_versions_between(folder: Path) -> None:
    old, middle, new = write_renamed(folder)
    done = runner.invoke(questionnaires.app, ["diff", str(old), str(new)])
    assert "question_renamed" in done.output, done.output
    assert "question_removed" not in done.output
    middle.unlink()
    assert "question_removed" in runner.invoke(questionnaires.app, ["diff", str(old), str(new)]).output


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


def test_the_operator_ends_versions_and_approves_those_of_organizations(
    database: databases.TestDatabase, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database.app_url)
    monkeypatch.setenv("PORTAL_OWNER_DATABASE_URL", database.owner_url)
    runner.invoke(questionnaires.app, ["publish", str(folder / "sample" / "1.0.0.yaml")])
    done = runner.invoke(questionnaires.app, ["end", "sample", "1.0.0", "--retired-on", "2035-01-31"])
    assert done.output == "sample 1.0.0: deprecated 2035-01-31, retired 2035-01-31\n"
    for wrong in (["sample", "9.9.9"], ["sample", "1.0.0", "--retired-on", "soon"], ["sample", "1.0.0", "--retired-on",
                  "2020-01-01"]):  # fmt: skip
        assert runner.invoke(questionnaires.app, ["end", *wrong]).exit_code == 1
    seed = """
    INSERT INTO portal.organization (id, name) VALUES ('018f2f3c-7b1a-7c3d-8e4f-0123456789ab', 'North Mills');
    INSERT INTO portal.questionnaire (key, owner_id, title, purpose, visibility)
    VALUES ('north-mills--code', '018f2f3c-7b1a-7c3d-8e4f-0123456789ab', 'Code', 'self_assessment', 'private');
    INSERT INTO portal.questionnaire_version (questionnaire, version, content_hash, locale, document, approval,
                                              approval_asked_at)
    VALUES ('north-mills--code', '1.0.0', 'x', 'en', '{"questionnaire": {"title": "Code", "purpose": "pulse"}}',
            'asked', now());
    """
    databases.administer(database.superuser_url, lambda admin: admin.execute(seed))
    waiting = runner.invoke(operator.app, ["questionnaires"])
    key, version, read, whose = waiting.output.split()[:4]
    assert (key, version, whose) == ("north-mills--code", "1.0.0", "North")
    decide = ["decide-questionnaire", "north-mills--code", "1.0.0", read]
    assert runner.invoke(operator.app, [*decide[:-1], "0" * 64, "approved"]).exit_code == 1  # other words
    assert runner.invoke(operator.app, [*decide, "refused"]).exit_code == 1  # without a reason
    assert runner.invoke(operator.app, [*decide, "approved"]).output == (
        "north-mills--code 1.0.0, translated to no other language, is approved.\n"
    )
    assert runner.invoke(operator.app, [*decide, "approved"]).exit_code == 1
    assert "north-mills--code 1.0.0" in runner.invoke(questionnaires.app, ["show"]).output
    handed_in = """
    INSERT INTO portal.questionnaire_translation (content_hash, questionnaire, locale, document, is_packaged,
                                                   is_current, approval, approval_asked_at)
    VALUES ('abc', 'north-mills--code', 'fr', '{"entries": {}}', false, false, 'asked', now());
    """
    databases.administer(database.superuser_url, lambda admin: admin.execute(handed_in))
    assert "north-mills--code fr abc  North Mills" in runner.invoke(operator.app, ["translations"]).output
    decide = ["decide-translation", "north-mills--code", "fr", "abc"]
    assert runner.invoke(operator.app, [*decide, "refused"]).exit_code == 1
    assert runner.invoke(operator.app, [*decide, "approved"]).output == "north-mills--code in fr is approved.\n"
    assert runner.invoke(operator.app, ["translations"]).output == ""


def test_a_key_of_an_organization_is_not_the_operators(
    database: databases.TestDatabase, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database.app_url)
    monkeypatch.setenv("PORTAL_OWNER_DATABASE_URL", database.owner_url)
    own = folder / "north-mills--code"
    (folder / "sample").rename(own)
    for file in own.iterdir():
        file.write_text(file.read_text().replace("key: sample", "key: north-mills--code").replace(
            "questionnaire: sample", "questionnaire: north-mills--code"))  # fmt: skip
    refused = runner.invoke(questionnaires.app, ["publish", str(own / "1.0.0.yaml")])
    assert isinstance(refused.exception, InvalidInput)
    assert refused.exception.code == "KEY_OF_PUBLISHER"
