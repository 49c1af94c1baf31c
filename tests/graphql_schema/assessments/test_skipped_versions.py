"""Versions that nobody answered lie between: names are followed through them, wherever answers go on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from portal.assessments import publishing
from questionnaires import workbook
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments import successors
from tests.graphql_schema.assessments.documents import do, start, write, write_all
from tests.graphql_schema.assessments.test_forms import open_desk
from tests.graphql_schema.assessments.test_questionnaires import DIFFERENCE
from tests.graphql_schema.assessments.test_renewals import COMPARE, finish_year, renew, submit
from tests.graphql_schema.assessments.test_upgrades import UPGRADE, index, preview, read, save
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample
from tests.questionnaires import forms

Changes = tuple[tuple[str, str], ...]
JUMP = (
    "checks:\n  - {key: people_jump, severity: warning, tier: micro, title: Jumps.,\n"
    "     rule: {value: KEY, jump: {factor: 2, amount: 10}}}\n"
)
JUMPS = "query ($id: ID!) { scorePreview(assessmentId: $id) { inconsistencies { check left right } } }"


def call(key: str) -> Changes:
    """What asks for the people under another key."""
    return (("{key: headcount,", f"{{key: {key},"), ("q: headcount", f"q: {key}"), ("than: headcount", f"than: {key}"))


def say(old: str, new: str) -> tuple[str, str]:
    return ("checks:\n", f"renamed: [{{from: {old}, to: {new}}}]\nchecks:\n")


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    """A portal with the first version of the sample alone."""
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def publish_renamed(stage: Portal) -> None:
    """Two later versions: one that renames, and one that says nothing of it any more."""
    await successors.publish_change(stage, "1.1.0", *call("people"), say("headcount", "people"))
    await successors.publish_change(stage, "1.2.0", *call("people"), ("checks:\n", JUMP.replace("KEY", "people")))


async def upgrade(stage: Portal, supplier: Caller, draft: str, version: str) -> str:
    made = await do(stage, UPGRADE, supplier, assessmentId=draft, version=version)
    assert made["__typename"] == "AssessmentUpgraded", made
    new: str = made["assessment"]["id"]
    return new


FIGURES = (
    "query ($id: ID!) { assessment(id: $id) { figuresOfOtherPeriods { question fromQuestion content { value { number }"
    " } } } }"
)


async def see(stage: Portal, supplier: Caller, draft: str) -> dict[str, tuple[str, list[str]]]:
    """The fate and the reasons of each answer that there is, by its key in the version that it comes from."""
    seen = (await preview(stage, supplier, draft))["answers"]
    return {
        one["oldQuestion"]: (one["fate"], [why["code"] for why in one["reasons"]])
        for one in seen
        if one["oldQuestion"] is not None
    }


async def test_an_upgrade_and_a_late_device_follow_a_name(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await start(stage, supplier)
    await save(stage, supplier, draft, write("headcount", number="40"))
    await publish_renamed(stage)
    assert await see(stage, supplier, draft) == {"headcount": ("CARRIED", ["QUESTION_RENAMED"])}
    new = await upgrade(stage, supplier, draft, "1.2.0")
    people = index(await read(stage, supplier, new))["people", None]
    assert (people["provenance"], people["carriedQuestion"], people["content"]["value"]["number"]) == (
        "CARRIED",
        "headcount",
        "40",
    )
    (late,) = await save(stage, supplier, draft, write("headcount", 1, number="41"))
    assert (late["status"], late["current"]["question"], late["revision"]) == ("SAVED", "people", 2)


async def test_each_version_on_the_way_may_have_another_name(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await start(stage, supplier)
    await save(stage, supplier, draft, write("headcount", number="40"))
    await successors.publish_change(stage, "1.1.0", *call("people"), say("headcount", "people"))
    await successors.publish_change(stage, "1.2.0", *call("staff"), say("people", "staff"))
    await upgrade(stage, supplier, draft, "1.2.0")
    (late,) = await save(stage, supplier, draft, write("headcount", 1, number="41"))
    assert (late["status"], late["current"]["question"]) == ("SAVED", "staff")
    # The first name again is the same question again: it may come back.
    await successors.publish_change(stage, "1.3.0", *call("headcount"), say("staff", "headcount"))
    told = (await stage.ask(DIFFERENCE, key="sample", old="1.0.0", new="1.3.0"))["data"]["questionnaireDifference"]
    assert told["changes"] == []


async def test_another_year_follows_a_name(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    old, earlier = await finish_year(stage, supplier)
    await publish_renamed(stage)
    new = (await renew(stage, supplier, old))["assessment"]["id"]
    assert ("people", None) not in index(await read(stage, supplier, new))
    shown = (await stage.ask(FIGURES, supplier.token, id=new))["data"]["assessment"]["figuresOfOtherPeriods"]
    assert [(one["question"], one["fromQuestion"], one["content"]["value"]["number"]) for one in shown] == [
        ("people", "headcount", "12"),
        ("trained", "trained", "95"),
    ]
    await save(stage, supplier, new, write("people", number="900"), write("trained", number="96"))
    found = (await stage.ask(JUMPS, supplier.token, id=new))["data"]["scorePreview"]["inconsistencies"]
    assert found == [{"check": "people_jump", "left": "900", "right": "12"}]
    rest = [{"question": one, "revision": 1} for one in ("fees_repaid", "exits_locked")]
    await confirm(stage, supplier, new, rest)
    later = await submit(stage, supplier, new)
    compared = (await stage.ask(COMPARE, supplier.token, earlier=earlier, later=later))["data"]["compareSubmissions"]
    assert compared["totals"]["code"] == "SAME"
    people = compared["answers"][0]
    assert (people["question"], people["earlier"]["value"]["number"], people["later"]["value"]["number"]) == (
        "people",
        "12",
        "900",
    )
    assert {one["comparability"]["code"] for one in compared["answers"]} == {"SAME"}


async def confirm(stage: Portal, supplier: Caller, draft: str, seen: list[dict[str, Any]]) -> None:
    confirming = (
        "mutation ($input: ConfirmAnswersInput!) { result: confirmAnswers(input: $input) { __typename"
        " ... on AnswersSaved { results { status } } } }"
    )
    done = await do(stage, confirming, supplier, assessmentId=draft, answers=seen)
    assert {one["status"] for one in done["results"]} == {"SAVED"}


async def test_a_workbook_of_the_first_version_follows_a_name(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    await publish_renamed(stage)
    desk = await open_desk(stage, supplier)
    own = desk.paths["importPath"].rpartition("/")[2]
    first = sample.make_definition()
    data = workbook.write_workbook(first, {}, replace(forms.make_stamp(first, "basic"), assessment=own))
    data = forms.put(data, {forms.find_cell(data, "headcount"): forms.number_cell("20")})
    seen = await desk.hand_in(data, carry="true")
    assert [(one["question"], one["fate"], one["new"]["value"]) for one in seen["changes"]] == [
        ("people", "CARRIED", "20")
    ]


async def test_a_meaning_that_was_raised_on_the_way_is_never_carried(stage: Portal) -> None:
    supplier = await stage.sign_up("supplier")
    draft = await start(stage, supplier)
    await save(stage, supplier, draft, *write_all())
    other, profile = ("{key: trained,", "{key: taught, meaning: 2,"), ("  trained:", "  taught:")
    await publish(stage, "2.0.0", ("{key: trained,", "{key: trained, meaning: 2,"))
    await publish(stage, "2.1.0", other, say("trained", "taught"), profile=profile)
    assert (await see(stage, supplier, draft))["trained"] == ("BLANK", ["MEANING_RAISED"])
    await publish(stage, "3.0.0", ("{key: trained,", "{key: taught,"), profile=profile)  # means what it once meant
    assert (await see(stage, supplier, draft))["trained"] == ("BLANK", ["MEANING_RAISED"])
    await upgrade(stage, supplier, draft, "3.0.0")
    (late,) = await save(stage, supplier, draft, write("trained", 1, number="96"))
    assert (late["status"], late["problem"]["code"]) == ("REFUSED", "QUESTION_CHANGED")


async def publish(
    stage: Portal, version: str, *changes: tuple[str, str], profile: tuple[str, str] | None = None
) -> None:
    numbered = ("version: 1.0.0", f"version: {version}")
    definition = sample.make_definition(successors.change(sample.QUESTIONNAIRE, (numbered, *changes)))
    scored = successors.change(sample.PROFILE, (numbered, *([profile] if profile else [])))
    packaged = successors.Packaged(definition, (sample.make_profile(scored),))
    await publishing.publish_with_login(stage.database.owner_url, [packaged])


async def test_a_version_that_came_later_is_not_on_the_way(stage: Portal) -> None:
    """An older line goes on after the next one began: what it renames there, the next one never heard of."""
    supplier = await stage.sign_up("supplier")
    draft = await start(stage, supplier)
    await save(stage, supplier, draft, write("headcount", number="40"))
    await successors.publish_change(stage, "2.0.0", ("title: Trained,", "title: Trained people,"))
    await successors.publish_change(stage, "1.1.0", *call("people"), say("headcount", "people"))
    assert await see(stage, supplier, draft) == {"headcount": ("CARRIED", [])}


@pytest.mark.parametrize("old", ["1.0.0", "1.1.0"])
async def test_everybody_is_told_of_a_name_that_changed(stage: Portal, old: str) -> None:
    await publish_renamed(stage)
    told = (await stage.ask(DIFFERENCE, key="sample", old=old, new="1.2.0"))["data"]["questionnaireDifference"]
    codes = {one["code"] for one in told["changes"]}
    assert codes == ({"question_renamed", "check_added"} if old == "1.0.0" else {"check_added"})
    renamed = [(one["old"], one["new"]) for one in told["changes"] if one["code"] == "question_renamed"]
    assert renamed == ([("headcount", "people")] if old == "1.0.0" else [])
