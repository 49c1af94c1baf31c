"""Publishing: for ever, the same again changes nothing, and another content under the same name is refused."""

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import errors
from portal.assessments import definitions, publishing
from portal.database.tables import publishing as tables
from questionnaires import canonical, catalogue, construction, difference, document
from questionnaires.catalogue import Packaged
from questionnaires.definition import Definition
from questionnaires.faults import FaultList
from questionnaires.profile import Profile
from questionnaires.source import read_yaml
from tests import databases
from tests.portal.assessments import sample
from tests.portal.assessments.house import House

# The beginnings of the hashes of released versions: they never change.
RELEASED = {
    ("responsible-sourcing", "1.0.0"): "262e6cb59c2d0764",
    ("responsible-sourcing", "1.1.0"): "966956a73a4f304c",
    ("site-environment", "1.0.0"): "c33aaa70189c9d82",
    ("site-environment", "1.1.0"): "8c91bf898e96cc9d",
    ("spot-check", "1.0.0"): "f8d25adadfc6c4c6",
    ("pulse-of-suppliers", "1.0.0"): "c4756e4029d54e0f",
    ("pulse-of-buyers", "1.0.0"): "e9f32efcb8d8bcf4",
    ("purchasing-practice", "1.0.0"): "2b4938b78fe6fe99",
}
EXTRA = "{key: extra, type: text, tier: micro, kind: fact, title: More, why: Room., max_length: 9}"


async def publish(house: House, packaged: Packaged) -> publishing.Published:
    (done,) = await publishing.publish_with_login(house.made.owner_url, [packaged])
    return done


def make_packaged(version: str = "1.0.0", title: str = "Sample") -> Packaged:
    text = sample.QUESTIONNAIRE.replace("version: 1.0.0", f"version: {version}").replace(
        "title: Sample", f"title: {title}"
    )
    profile = sample.PROFILE.replace("version: 1.0.0", f"version: {version}")
    return Packaged(sample.make_definition(text), (sample.make_profile(profile),))


async def test_the_same_again_changes_nothing(house: House) -> None:
    again = await publish(house, sample.make_packaged())
    assert (again.is_new, again.new_profiles) == (False, ())
    assert again.content_hash == document.hash_content(sample.make_definition())


async def test_another_content_is_refused(house: House) -> None:
    with pytest.raises(errors.Conflict, match=r"sample 1\.0\.0 is published already"):
        await publish(house, make_packaged(title="Another"))
    changed = sample.make_profile(sample.PROFILE.replace("validity_days: 365", "validity_days: 30"))
    with pytest.raises(errors.Conflict, match=r"profile 1 of sample 1\.0\.0"):
        await publish(house, Packaged(sample.make_definition(), (changed,)))


async def test_a_second_profile_scores_from_then_on(house: House) -> None:
    second = sample.make_profile(sample.PROFILE.replace("number: 1", "number: 2"))
    assert (await publish(house, Packaged(sample.make_definition(), (second,)))).new_profiles == (2,)
    async with house.database.transaction() as (session, _):
        profile, _ = await definitions.load_latest_profile(session, sample.make_definition())
    assert profile.number == 2


async def test_the_highest_version_is_the_current_one(house: House) -> None:
    for version in ("1.10.0", "1.9.0"):
        assert (await publish(house, make_packaged(version))).is_new
    async with house.database.transaction() as (session, _):
        current = await definitions.load_current(session, "sample")
        assert current.definition.version == "1.10.0"
        old = await definitions.load_version(session, "sample", "1.9.0")
        text = await definitions.load_document(session, old.content_hash)
        assert canonical.hash_document(publishing.read_document(text)) == old.content_hash
        with pytest.raises(errors.NotFound):
            await definitions.load_version(session, "sample", "3.0.0")
        with pytest.raises(errors.NotFound):
            await definitions.load_document(session, "0" * 64)


async def test_a_rule_of_the_lint_that_came_later_locks_nothing_out(house: House) -> None:
    text = sample.QUESTIONNAIRE.replace("version: 1.0.0", "version: 1.0.1").replace("why: Room., ", "")
    old = construction.construct(Definition, read_yaml(text, FaultList("")), FaultList(""))
    profile = construction.construct(
        Profile,
        read_yaml(
            sample.PROFILE.replace("version: 1.0.0", "version: 1.0.1").replace(
                "validity_days: 365", "validity_days: 0"
            ),
            FaultList(""),
        ),
        FaultList(""),
    )
    await publish(house, Packaged(old, (profile,)))
    async with house.database.transaction() as (session, _):
        found = await definitions.load_version(session, "sample", "1.0.1")
        assert found.definition == old
        assert (await definitions.load_latest_profile(session, old))[0].validity_days == 0


async def test_the_packaged_ones_are_published(database: databases.TestDatabase) -> None:
    done = await publishing.publish_packaged(database.owner_url)
    assert "responsible-sourcing" in [one.questionnaire for one in done]
    assert all(one.is_new and one.new_profiles for one in done)
    assert {(one.questionnaire, one.version) for one in done} == set(catalogue.name_packaged())
    assert await publishing.publish_packaged(database.owner_url) == []


def test_what_ships_keeps_its_content_and_follows_what_shipped() -> None:
    """At run time nobody looks: what was published is not read again, and an operator may have a version of its own."""
    for one in catalogue.list_packaged():
        shipped = RELEASED.get((one.definition.key, one.definition.version))
        assert shipped is None or document.hash_content(one.definition).startswith(shipped)
        before = [other for other in catalogue.list_packaged() if is_before(other.definition, one.definition)]
        for other in before:
            assert difference.is_step_enough(difference.compare(other.definition, one.definition))
    assert set(RELEASED) <= set(catalogue.name_packaged())


def is_before(one: Definition, other: Definition) -> bool:
    return one.key == other.key and difference.order_version(one.version) < difference.order_version(other.version)


async def test_an_operators_own_version_keeps_no_newer_portal_from_starting(database: databases.TestDatabase) -> None:
    shipped = catalogue.read_packaged("responsible-sourcing", "1.1.0").definition
    header = dataclasses.replace(shipped.questionnaire, version="1.0.5")
    fewer = dataclasses.replace(shipped, questionnaire=header, sections=shipped.sections[:3], checks=())
    await publishing.publish_with_login(database.owner_url, [Packaged(fewer, ())])
    done = await publishing.publish_packaged(database.owner_url)
    assert ("responsible-sourcing", "1.1.0") in [(one.questionnaire, one.version) for one in done]


async def test_a_profile_that_ships_is_published_beside_an_operators_own(database: databases.TestDatabase) -> None:
    shipped = catalogue.read_packaged("spot-check", "1.0.0")
    header = dataclasses.replace(shipped.profiles[0].profile, number=7)
    own = dataclasses.replace(shipped.profiles[0], profile=header)
    await publishing.publish_with_login(database.owner_url, [Packaged(shipped.definition, (own,))])
    done = {one.questionnaire: one for one in await publishing.publish_packaged(database.owner_url)}
    assert (done["spot-check"].is_new, done["spot-check"].new_profiles) == (False, (1,))


async def test_a_number_that_is_too_low_is_refused_with_its_reasons(house: House) -> None:
    added = sample.QUESTIONNAIRE.replace("max_length: 200}", "max_length: 200}\n      - " + EXTRA)
    assert added != sample.QUESTIONNAIRE
    text = added.replace("version: 1.0.0", "version: 1.0.1")
    with pytest.raises(errors.InvalidInput, match=r"must be 1\.1\.0 or higher") as refused:
        await publish(house, Packaged(sample.make_definition(text), ()))
    assert refused.value.code == "VERSION_TOO_LOW"
    (problem,) = refused.value.problems
    assert problem.code == "QUESTION_ADDED"
    assert problem.path[-2:] == ("questions", "extra")
    text = added.replace("version: 1.0.0", "version: 1.1.0")
    assert (await publish(house, Packaged(sample.make_definition(text), ()))).is_new
    patch = make_packaged("1.0.1", title="Of the older line")  # is held against 1.0.0, not against 1.1.0
    assert (await publish(house, patch)).is_new


async def test_a_key_that_was_gone_does_not_come_back(house: House) -> None:
    added = sample.QUESTIONNAIRE.replace("max_length: 200}", "max_length: 200}\n      - " + EXTRA)
    for version, text in (("1.1.0", added), ("2.0.0", sample.QUESTIONNAIRE)):
        definition = sample.make_definition(text.replace("version: 1.0.0", f"version: {version}"))
        await publish(house, Packaged(definition, ()))
    again = sample.make_definition(added.replace("version: 1.0.0", "version: 3.0.0"))
    with pytest.raises(errors.InvalidInput, match="extra") as refused:
        await publish(house, Packaged(again, ()))
    assert refused.value.code == "KEY_REUSED"


async def test_the_application_itself_cannot_publish(house: House) -> None:
    with pytest.raises(Exception, match="violates row-level security policy"):
        async with house.database.transaction() as (session, _):
            await publishing.publish_version(session, make_packaged("2.0.0"))
    async with house.database.transaction() as (session, _):
        assert (await session.scalars(select(tables.QuestionnaireVersion.version))).all() == ["1.0.0"]


def test_a_faulty_file_names_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "sample" / "1.0.0.yaml"
    path.parent.mkdir()
    path.write_text(sample.QUESTIONNAIRE.replace("type: date", "type: day").replace("why: Room., ", ""))
    with pytest.raises(errors.InvalidInput) as caught:
        publishing.read_files(path)
    assert len(caught.value.problems) >= 2
    assert all("1.0.0.yaml" in problem.message for problem in caught.value.problems)
