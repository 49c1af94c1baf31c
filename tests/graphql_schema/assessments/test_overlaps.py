"""What was said for a period that overlaps is offered to be confirmed; its figures are shown, and never taken over."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest_asyncio

from portal.assessments import publishing
from questionnaires.catalogue import Packaged
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.assessments import successors
from tests.graphql_schema.assessments.documents import add_record, do, start, write
from tests.graphql_schema.assessments.test_burden import PROGRESS, ask, read_meter, tell
from tests.graphql_schema.assessments.test_renewals import OTHER_CHANGES, OTHER_PROFILE, RENEW, REUSE, finish_year
from tests.graphql_schema.assessments.test_upgrades import READ, index, save
from tests.graphql_schema.portals import Caller, Portal
from tests.portal.assessments import sample

YEAR = {"periodStart": "2025-01-01", "periodEnd": "2025-12-31"}
SHIFTED = {"periodStart": "2025-07-01", "periodEnd": "2026-06-30"}
QUARTER = {"periodStart": "2025-04-01", "periodEnd": "2025-06-30"}
PREVIEW = (
    "query ($id: ID!, $periodStart: Date!, $periodEnd: Date!) { assessment(id: $id) {"
    " renewalPreview(periodStart: $periodStart, periodEnd: $periodEnd) {"
    " fromPeriodStart fromPeriodEnd confirmCount blankCount"
    " answers { question fate reasons { code } earlier { value { number } } } } } }"
)
OFFERED = (
    "query ($id: ID!) { assessment(id: $id) { renewsId earlierId"
    " figuresOfOtherPeriods { question rowId fromId fromQuestionnaire fromQuestion fromTitle fromPeriodStart"
    " fromPeriodEnd content { value { number } } }"
    " reusableAnswers { question fromId fromPeriodStart fromPeriodEnd content { value { boolean number } } } } }"
)
STATE = (("title: Locked?", "concept: safety.exits, title: Locked?"),)  # a fact that is no figure


@pytest_asyncio.fixture
async def stage(database: TestDatabase) -> AsyncIterator[Portal]:
    """A portal with two questionnaires that ask for the same figure and the same state."""
    first = successors.change(sample.QUESTIONNAIRE, STATE)
    other = successors.change(first, OTHER_CHANGES)
    packaged = [
        Packaged(sample.make_definition(first), (sample.make_profile(sample.PROFILE),)),
        Packaged(
            sample.make_definition(other),
            (sample.make_profile(successors.change(sample.PROFILE, OTHER_PROFILE)),),
        ),
    ]
    await publishing.publish_with_login(database.owner_url, packaged)
    async with portals.run_portal(database, listen_url=database.app_url) as running:
        yield running


async def look(stage: Portal, supplier: Caller, draft: str) -> Any:
    return (await stage.ask(OFFERED, supplier.token, id=draft))["data"]["assessment"]


async def test_each_overlap_is_offered_as_the_meter_says(stage: Portal) -> None:
    """Whichever of two periods begins first, or lies within the other."""
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    record = await add_record(stage, buyer, supplier)
    told, _ = await finish_year(stage, supplier, **SHIFTED)
    for period in (YEAR, {"periodStart": "2025-10-01", "periodEnd": "2025-12-31"}):
        await ask(stage, buyer, record, **period)
        burden = (await read_meter(stage, supplier))["sample", "MICRO", period["periodStart"]]
        assert burden == tell(6, 1, 5, "5", toConfirm=1, renewsId=told)
        draft = await start(stage, supplier, "MICRO", **period)
        found = await look(stage, supplier, draft)
        assert (found["renewsId"], found["earlierId"]) == (told, None)
        seen = (await stage.ask(PREVIEW, supplier.token, id=told, **period))["data"]["assessment"]["renewalPreview"]
        assert [seen["fromPeriodStart"], seen["fromPeriodEnd"]] == list(SHIFTED.values())
        assert (seen["confirmCount"], seen["blankCount"]) == (2, 2)
        people = next(one for one in seen["answers"] if one["question"] == "headcount")
        assert (people["fate"], people["earlier"]) == ("BLANK", {"value": {"number": "12"}})
        made = await do(stage, RENEW, supplier, assessmentId=told, **period)
        assert made["assessment"]["id"] == draft
        standing = index((await stage.ask(READ, supplier.token, id=draft))["data"]["assessment"])
        assert {key: one["provenance"] for (key, _), one in standing.items()} == {
            "fees_repaid": "TO_CONFIRM",
            "exits_locked": "TO_CONFIRM",
        }
        progress = (await stage.ask(PROGRESS, supplier.token, id=draft))["data"]["assessment"]["progress"]
        assert [progress["asked"], progress["answered"]] == [burden["questions"], burden["known"]]
        assert progress["minutesLeft"] == burden["minutes"]


async def test_what_ended_before_is_not_filled_from_later(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    record = await add_record(stage, buyer, supplier)
    told, _ = await finish_year(stage, supplier, **SHIFTED)
    await ask(stage, buyer, record, **QUARTER)
    assert (await read_meter(stage, supplier))["sample", "MICRO", "2025-04-01"] == tell(6, 0, 6, "6")
    draft = await start(stage, supplier, "MICRO", **QUARTER)
    found = await look(stage, supplier, draft)
    assert (found["renewsId"], found["figuresOfOtherPeriods"]) == (None, [])
    refused = await do(stage, RENEW, supplier, assessmentId=told, **QUARTER)
    assert (refused["__typename"], refused["code"], refused["path"]) == (
        "InvalidInput",
        "PERIOD",
        ["input", "periodEnd"],
    )


async def test_the_period_that_shares_most_days_comes_first(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    record = await add_record(stage, buyer, supplier)
    await finish_year(stage, supplier, periodStart="2024-01-01", periodEnd="2024-12-31")
    await finish_year(stage, supplier, periodStart="2025-12-01", periodEnd="2026-06-30")
    half, _ = await finish_year(stage, supplier, periodStart="2024-07-01", periodEnd="2025-06-30")
    await ask(stage, buyer, record, **YEAR)
    assert (await read_meter(stage, supplier))["sample", "MICRO", "2025-01-01"]["renewsId"] == half
    draft = await start(stage, supplier, "MICRO", **YEAR)
    assert (await look(stage, supplier, draft))["renewsId"] == half
    # Of those that share none, the latest before.
    later = await start(stage, supplier, "MICRO", periodStart="2026-07-01", periodEnd="2026-12-31")
    found = await look(stage, supplier, later)
    assert found["renewsId"] == found["earlierId"] != half


async def test_a_figure_is_shown_with_its_period_until_the_question_is_answered(stage: Portal) -> None:
    supplier, stranger = await stage.sign_up("supplier"), await stage.sign_up("supplier")
    told = await start(stage, supplier, "BASIC", **YEAR)
    rows = [write("sites", rowId="mill", row=True), write("site_people", rowId="mill", number="5")]
    given = [write("headcount", number="12"), write("fees_repaid", choice="yes"), write("exits_locked", boolean=False)]
    await save(stage, supplier, told, *given, *rows)
    elsewhere = await start(stage, supplier, "MICRO", questionnaire="other", **YEAR)
    await save(stage, supplier, elsewhere, write("people", number="13"), write("exits_locked", boolean=True))
    draft = await start(stage, supplier, "BASIC", **SHIFTED)

    def tell_figure(question: str, number: str, source: str, **more: Any) -> dict[str, Any]:
        own = {"fromQuestionnaire": "sample", "fromQuestion": question, "fromTitle": "People", "rowId": None}
        period = {"fromPeriodStart": YEAR["periodStart"], "fromPeriodEnd": YEAR["periodEnd"]}
        value = {"content": {"value": {"number": number}}}
        return own | period | value | {"question": question, "fromId": source} | more

    # What was not submitted in the same questionnaire is nothing to go by; what another one was told is.
    found = await look(stage, supplier, draft)
    other = {"fromQuestionnaire": "other", "fromQuestion": "people"}
    assert found["figuresOfOtherPeriods"] == [tell_figure("headcount", "13", elsewhere, **other)]
    (offered,) = found["reusableAnswers"]
    assert offered == {
        "question": "exits_locked",
        "fromId": elsewhere,
        "fromPeriodStart": YEAR["periodStart"],
        "fromPeriodEnd": YEAR["periodEnd"],
        "content": {"value": {"boolean": True, "number": None}},
    }
    await stage.run_sql(
        "UPDATE portal.assessment SET state = 'submitted' WHERE tier = 'basic' AND period_start = $1", date(2025, 1, 1)
    )
    # Its row is not here before the rows are taken over.
    assert (await look(stage, supplier, draft))["figuresOfOtherPeriods"] == [tell_figure("headcount", "12", told)]
    assert (await do(stage, RENEW, supplier, assessmentId=told, **SHIFTED))["assessment"]["id"] == draft
    shown = (await look(stage, supplier, draft))["figuresOfOtherPeriods"]
    row = tell_figure("site_people", "5", told, rowId="mill", fromTitle="People here")
    assert shown == [tell_figure("headcount", "12", told), row]
    await save(stage, supplier, draft, write("headcount", number="14"))
    found = await look(stage, supplier, draft)
    assert (found["figuresOfOtherPeriods"], found["reusableAnswers"]) == ([row], [])
    assert (await stage.ask(OFFERED, stranger.token, id=draft))["data"]["assessment"] is None


async def test_another_questionnaires_state_is_taken_over_from_an_overlap_and_its_figure_is_not(stage: Portal) -> None:
    buyer, supplier = await stage.sign_up("buyer"), await stage.sign_up("supplier")
    record = await add_record(stage, buyer, supplier)
    told = await start(stage, supplier, "MICRO", **YEAR)
    await save(stage, supplier, told, write("headcount", number="12"), write("exits_locked", boolean=False))
    await ask(stage, buyer, record, questionnaire="other", **SHIFTED)
    burden = (await read_meter(stage, supplier))["other", "MICRO", "2025-07-01"]
    assert burden == tell(6, 0, 5, "5", reusable=1)
    draft = await start(stage, supplier, "MICRO", questionnaire="other", **SHIFTED)
    assert len((await look(stage, supplier, draft))["reusableAnswers"]) == burden["reusable"]
    done = await do(stage, REUSE, supplier, assessmentId=draft)
    assert done["questions"] == ["exits_locked"]
    standing = index((await stage.ask(READ, supplier.token, id=draft))["data"]["assessment"])
    assert {key: (one["provenance"], one["carriedFromId"]) for (key, _), one in standing.items()} == {
        "exits_locked": ("TO_CONFIRM", told)
    }
