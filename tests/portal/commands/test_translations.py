"""`portal questionnaires translations | worksheet | translate`, and publishing what lies beside a version."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portal.commands import questionnaires
from portal.errors import InvalidInput, SetupError
from questionnaires import reading, translation_template
from tests import databases
from tests.portal.assessments import sample
from tests.portal.assessments.test_translations import list_rows

runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "own" / "sample"
    place.mkdir(parents=True)
    (place / "1.0.0.yaml").write_text(sample.QUESTIONNAIRE)
    (place / "1.0.0.profile-1.yaml").write_text(sample.PROFILE)
    return tmp_path / "own"


def run(*arguments: str, folder: Path) -> str:
    done = runner.invoke(questionnaires.app, [*arguments, "--folder", str(folder)])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_from_a_worksheet_to_a_covered_language(folder: Path, tmp_path: Path) -> None:
    assert "not translated yet" in run("translations", "sample", folder=folder)
    sheet = run("worksheet", "sample", "es", folder=folder)
    assert '# "People"\nquestions.headcount.title:\n' in sheet
    assert "questions.drills.title" not in sheet
    file = tmp_path / "es.yaml"
    file.write_text(sheet.replace("questions.headcount.title:", "questions.headcount.title: Personas"))
    said = run("translate", "sample", "es", "--texts", str(file), "--by", "machine", folder=folder)
    assert "1 text taken in; 49 of 50 up to the tier basic are left" in said
    made = folder / "sample" / "translations" / "es.yaml"
    assert reading.read_translation(made).entries["questions.headcount.title"].by == "machine"
    shown = [line.split() for line in run("translations", "sample", folder=folder).splitlines()]
    assert shown[0] == ["sample", "1.0.0,", "written", "in", "en"]
    assert ["es", "basic", "0", "1", "0", "49", "2", "%"] in shown
    (folder / "sample" / "1.0.0.yaml").write_text(sample.QUESTIONNAIRE.replace("title: People,", "title: Staff,"))
    assert '# was, for another source: "Personas"' in run("worksheet", "sample", "es", folder=folder)
    shown = [line.split() for line in run("translations", "sample", folder=folder).splitlines()]
    assert ["es", "basic", "0", "0", "1", "49", "0", "%"] in shown


def test_a_template_of_the_api_is_taken_in_like_a_worksheet(folder: Path, tmp_path: Path) -> None:
    version = (sample.make_definition(), sample.make_profile())
    made = translation_template.write_template(None, version, "basic", "es").text
    file = tmp_path / "es.yaml"
    file.write_text(made.replace("    text:\n", '    text: "Muestra"\n', 1))
    said = run("translate", "sample", "es", "--texts", str(file), "--by", "human", folder=folder)
    assert "1 text taken in" in said
    kept = reading.read_translation(folder / "sample" / "translations" / "es.yaml").entries
    assert {path: (one.text, one.by) for path, one in kept.items()} == {"title": ("Muestra", "machine")}


def test_a_file_or_a_version_may_be_named(folder: Path, tmp_path: Path) -> None:
    file = folder / "sample" / "1.0.0.yaml"
    newer = sample.QUESTIONNAIRE.replace("version: 1.0.0", "version: 1.1.0").replace("title: People,", "title: Staff,")
    file.with_name("1.1.0.yaml").write_text(newer)
    for named, more, title in (
        (str(file), (), "People"),
        (str(file.with_name("1.1.0.yaml")), (), "Staff"),
        ("sample@1.0.0", ("--folder", str(folder)), "People"),
        ("sample", ("--folder", str(folder)), "Staff"),
    ):
        done = runner.invoke(questionnaires.app, ["worksheet", named, "es", *more])
        assert f'# "{title}"\nquestions.headcount.title:\n' in done.output, named
        assert runner.invoke(questionnaires.app, ["translations", named, *more]).exit_code == 0
    sheet = tmp_path / "es.yaml"
    sheet.write_text("title: Muestra\n")
    done = runner.invoke(questionnaires.app, ["translate", str(file), "es", "--texts", str(sheet), "--by", "human"])
    assert done.exit_code == 0, done.output
    assert "title" in reading.read_translation(folder / "sample" / "translations" / "es.yaml").entries
    done = runner.invoke(questionnaires.app, ["worksheet", "spot-check@1.0.0", "xx"])
    assert '# "' in done.output
    for named in ("north-mills--code", "spot-check@9.0.0"):
        done = runner.invoke(questionnaires.app, ["translations", named])
        assert isinstance(done.exception, SetupError)
        assert "handInTranslation" in str(done.exception)


def test_what_is_left_is_told_of_the_highest_tier_that_there_is(folder: Path, tmp_path: Path) -> None:
    file = folder / "sample" / "1.0.0.yaml"
    text = "\n".join(line for line in sample.QUESTIONNAIRE.splitlines() if not line.startswith("tiers"))
    file.write_text(f"{text}\ntiers: [{{key: micro, title: Micro}}]\n")
    sheet = tmp_path / "es.yaml"
    sheet.write_text("title: Muestra\n")
    said = run("translate", "sample", "es", "--texts", str(sheet), "--by", "human", folder=folder)
    assert "up to the tier micro are left" in said


def test_a_language_in_no_usual_spelling_or_a_file_that_is_none(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match='write "zh-Hans"'):
        run("worksheet", "sample", "zh-hans", folder=folder)
    with pytest.raises(InvalidInput, match="no language tag"):
        run("worksheet", "sample", "../../x", folder=folder)
    with pytest.raises(SetupError, match="no questionnaire other"):
        run("translations", "other", folder=folder)
    file = tmp_path / "es.yaml"
    with pytest.raises(SetupError, match="no file"):
        run("translate", "sample", "es", "--texts", str(file), "--by", "human", folder=folder)
    file.write_text("questions.gone.title: a\ntitle: [b]\n")
    with pytest.raises(InvalidInput, match=r"title[\s\S]*gone"):
        run("translate", "sample", "es", "--texts", str(file), "--by", "human", folder=folder)
    assert not (folder / "sample" / "translations").exists()


@pytest.mark.slow
def test_translations_beside_a_version_are_published_with_it(
    database: databases.TestDatabase, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database.app_url)
    monkeypatch.setenv("PORTAL_OWNER_DATABASE_URL", database.owner_url)
    made = sample.write_translation(folder / "sample", sample.make_overlay())
    file = str(folder / "sample" / "1.0.0.yaml")
    done = runner.invoke(questionnaires.app, ["publish", file])
    assert done.exit_code == 0, done.output
    assert "sample in es published as " in done.output
    assert list(asyncio.run(list_rows(database, "sample"))) == ["es"]
    assert "sample in es was published already" in runner.invoke(questionnaires.app, ["publish", file]).output
    made.path.write_text(made.path.read_text().replace("by: machine", "by: nobody", 3))
    refused = runner.invoke(questionnaires.app, ["publish", file])
    assert refused.exit_code == 1
    assert refused.output.count("human, machine") == 3
