"""Publishing translations: the newest is current, every one stays under its hash, an operator's own is kept."""

from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from portal import errors
from portal.assessments import definitions, publishing, translations
from portal.assessments.translations import TranslationFile
from portal.database.tables import publishing as tables
from questionnaires import canonical, catalogue
from tests import databases
from tests.portal.assessments import sample
from tests.portal.assessments.house import House
from tests.portal.assessments.sample import make_overlay, write_translation


async def publish(house: House, file: TranslationFile) -> translations.Translated:
    (done,) = (await publishing.publish_all(house.made.owner_url, [], [file]))[1]
    return done


async def list_current(house: House) -> dict[str, str]:
    async with house.database.transaction() as (session, _):
        return await translations.list_translations(session, "sample")


SHIPPED = "responsible-sourcing"


async def test_the_newest_is_current_and_every_one_stays(house: House, tmp_path: Path) -> None:
    first = await publish(house, write_translation(tmp_path, make_overlay()))
    other = await publish(house, write_translation(tmp_path, make_overlay("ar", "[{}]")))
    second = await publish(house, write_translation(tmp_path, make_overlay(mark="¿{}?")))
    assert [one.is_new for one in (first, other, second)] == [True] * 3
    assert await list_current(house) == {"ar": other.content_hash, "es": second.content_hash}
    async with house.database.transaction() as (session, _):
        for made, mark in ((first, "¡Sample!"), (second, "¿Sample?")):
            document = orjson.loads(await translations.load_document(session, made.content_hash))
            assert canonical.hash_document(document) == made.content_hash
            assert document["entries"]["title"]["text"] == mark
        with pytest.raises(errors.NotFound):
            await translations.load_document(session, "0" * 64)
    again = await publish(house, write_translation(tmp_path, make_overlay()))
    assert (again.content_hash, again.is_new) == (first.content_hash, False)
    assert (await list_current(house))["es"] == first.content_hash


async def test_a_faulty_file_changes_nothing(house: House, tmp_path: Path) -> None:
    made = await publish(house, write_translation(tmp_path, make_overlay()))
    file = write_translation(tmp_path, make_overlay(mark="¿{}?"))
    file.path.write_text(file.path.read_text().replace("by: machine", "by: nobody", 2))
    with pytest.raises(errors.InvalidInput) as refused:
        await publish(house, file)
    assert len(refused.value.problems) == 2
    assert await list_current(house) == {"es": made.content_hash}


async def test_versions_in_memory_are_bounded(house: House, tmp_path: Path) -> None:
    made = await publish(house, write_translation(tmp_path, make_overlay()))
    async with house.database.transaction() as (session, _):
        found = await definitions.load_current(session, "sample")
        hashes = (found.content_hash, made.content_hash, None)
        told = await translations.load_translation(session, found.definition, hashes)
        assert told.definition.questionnaire.title == "¡Sample!"
        assert translations.find_kept(*hashes) is told
        for number in range(2 * translations.CACHED):
            await translations.load_translation(session, found.definition, (f"{number}", None, None))
    assert translations.find_kept(*hashes) is None
    assert len(translations._laid) == translations.CACHED


async def test_what_ships_is_published_once_and_an_operators_own_is_kept(
    database: databases.TestDatabase, tmp_path: Path
) -> None:
    await publishing.publish_packaged(database.owner_url)
    packaged = {one.locale: one for one in translations.list_packaged() if one.questionnaire == SHIPPED}
    kept = await list_rows(database)
    assert {locale: (row.file_hash, row.is_packaged) for locale, row in kept.items()} == {
        locale: (file.file_hash, True) for locale, file in packaged.items()
    }
    await publishing.publish_packaged(database.owner_url)
    assert {row.content_hash for row in (await list_rows(database)).values()} == {
        row.content_hash for row in kept.values()
    }
    file = tmp_path / "responsible-sourcing" / "translations" / "es.yaml"
    file.parent.mkdir(parents=True)
    text = packaged["es"].path.read_text(encoding="utf-8")
    file.write_text(text.replace("by: machine", "by: human", 1), encoding="utf-8")
    own = TranslationFile("responsible-sourcing", "es", file)
    await publishing.publish_all(database.owner_url, [], [own])
    await publishing.publish_packaged(database.owner_url)
    row = (await list_rows(database))["es"]
    assert (row.file_hash, row.is_packaged) == (own.file_hash, False)
    await publishing.publish_all(database.owner_url, [], [packaged["es"]])
    row = (await list_rows(database))["es"]
    assert (row.content_hash, row.is_packaged) == (kept["es"].content_hash, True)


async def list_rows(database: databases.TestDatabase, key: str = SHIPPED) -> dict[str, tables.QuestionnaireTranslation]:
    """The current translations of one questionnaire by language."""
    table = tables.QuestionnaireTranslation
    async with publishing._open_publishing(database.owner_url) as session:
        found = (await session.scalars(select(table).where(table.is_current, table.questionnaire == key))).all()
        session.expunge_all()
    return {row.locale: row for row in found}


def test_files_beside_a_version_are_held_against_it(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    (tmp_path / "sample").mkdir()
    (folder / "1.0.0.yaml").write_text(sample.QUESTIONNAIRE)
    (folder / "1.0.0.profile-1.yaml").write_text(sample.PROFILE)
    assert translations.check_files(folder, "sample") == []
    file = write_translation(folder, make_overlay())
    assert translations.check_files(folder, "sample") == [file]
    file.path.write_text(file.path.read_text().replace("questions.founded.title", "questions.gone.title"))
    with pytest.raises(errors.InvalidInput) as refused:
        translations.check_files(folder, "sample")
    (problem,) = refused.value.problems
    assert "questions.gone.title: no version of the questionnaire has a text at this path" in problem.message


def test_what_ships_is_named_by_its_files() -> None:
    assert [one.path for one in translations.list_packaged()] == sorted(
        path
        for key in dict.fromkeys(key for key, _ in catalogue.name_packaged())
        for path in catalogue.name_translations(key).values()
    )
