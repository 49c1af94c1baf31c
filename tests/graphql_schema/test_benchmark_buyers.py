"""What a buyer gives for benchmarks: results of its suppliers that take part, and its own purchasing practice."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from portal.assessments import publishing
from portal.benchmarks import entitlement
from questionnaires import catalogue
from questionnaires.catalogue import Packaged
from tests import databases
from tests.graphql_schema import portals
from tests.graphql_schema.portals import Caller, codes
from tests.graphql_schema.test_benchmark import BENCHMARK, SUPPLIERS, Stage, read, set_stage
from tests.portal.assessments import sample
from tests.portal.benchmarks import population
from tests.portal.benchmarks.conftest import MARKED

pytestmark = pytest.mark.slow  # each works on a release of its own

START = """mutation {
  result: startAssessment(input: {
    questionnaire: "purchasing-practice", tier: MICRO, periodStart: "2025-01-01", periodEnd: "2025-12-31"
  }) { ... on AssessmentStarted { assessment { id } } ... on Problem { message } }
}"""
SAVE = """mutation ($assessment: ID!, $answers: [AnswerWriteInput!]!) {
  result: saveAnswers(input: {assessmentId: $assessment, answers: $answers}) {
    ... on AnswersSaved { changeNumber results { status } } ... on Problem { message }
  }
}"""
SUBMIT = """mutation ($assessment: ID!, $seen: Int!) {
  result: submitAssessment(input: {assessmentId: $assessment, expectedChangeNumber: $seen}) {
    __typename ... on Problem { message }
  }
}"""


def find_practice() -> Packaged:
    return next(one for one in catalogue.list_packaged() if one.definition.key == entitlement.PRACTICE)


@pytest.fixture
async def stage(database: databases.TestDatabase) -> AsyncIterator[Stage]:
    packaged = Packaged(sample.make_definition(MARKED), (sample.make_profile(),))
    await publishing.publish_with_login(database.owner_url, [packaged, find_practice()])
    async with portals.run_portal(database) as house, population.open_population(database) as firms:
        made = await set_stage(house, firms)
        # As whoever founds an organization is a supplier, and long ago.
        await house.run_sql(
            "INSERT INTO portal.organization_role (organization_id, role, status) VALUES ($1, 'supplier', 'active')",
            made.buyer.organization,
        )
        await house.run_sql("UPDATE portal.organization_role SET decided_at = '2020-01-01' WHERE role = 'buyer'")
        yield made


async def refuse(stage: Stage, caller: Caller | None = None) -> dict[str, Any]:
    answer = await stage.house.ask(BENCHMARK, (caller or stage.buyer).token)
    error: dict[str, Any] = answer["errors"][0]
    assert codes(await stage.house.ask(SUPPLIERS, (caller or stage.buyer).token)) == [error["extensions"]["code"]]
    return error


async def answer_practice(stage: Stage) -> None:
    """The buyer answers for itself through the API; that it does not know is an answer, too."""
    started = (await read(stage, START, stage.buyer.token))["assessment"]["id"]
    asked = [
        question
        for section in find_practice().definition.sections
        for question in section.questions
        if question.tier == "micro"
    ]
    answers: list[dict[str, Any]] = [
        {"writeId": str(uuid4()), "question": question.key, "baseRevision": 0}
        | ({"value": {"choices": ["made_to_order"]}} if question.type == "multi_choice" else {"state": "UNKNOWN"})
        for question in asked
    ]
    saved = await read(stage, SAVE, stage.buyer.token, assessment=started, answers=answers)
    assert {one["status"] for one in saved["results"]} == {"SAVED"}
    done = await read(stage, SUBMIT, stage.buyer.token, assessment=started, seen=saved["changeNumber"])
    assert done == {"__typename": "AssessmentSubmitted"}


async def test_a_buyer_reads_once_it_has_told_its_own_practice(stage: Stage) -> None:
    refused = await refuse(stage)
    assert refused["extensions"]["code"] == "NO_PURCHASING_PRACTICE"
    assert "must have answered purchasing-practice" in refused["message"]
    assert "shared with you" not in refused["message"]
    await answer_practice(stage)
    assert (await read(stage, BENCHMARK, stage.buyer.token))["cell"]["status"] == "PUBLISHED"
    assert len((await read(stage, SUPPLIERS, stage.buyer.token))["edges"]) == 10
    key = await stage.add_key(stage.buyer.organization, "benchmarks:read")
    assert (await read(stage, BENCHMARK, key))["cell"]["status"] == "PUBLISHED"


@pytest.mark.parametrize(
    "over",
    [
        "UPDATE portal.result SET valid_until = portal.clock()::date - 1 WHERE supplier_id = $1",
        "UPDATE portal.submission SET state = 'withdrawn' WHERE supplier_id = $1",
        "UPDATE portal.submission SET subject = 'site' WHERE supplier_id = $1",
    ],
)
async def test_the_practice_counts_while_it_is_in_force(stage: Stage, over: str) -> None:
    await answer_practice(stage)
    last_day = "UPDATE portal.result SET valid_until = portal.clock()::date WHERE supplier_id = $1"
    await stage.house.run_sql(last_day, stage.buyer.organization)
    assert (await read(stage, BENCHMARK, stage.buyer.token))["cell"]["status"] == "PUBLISHED"
    await stage.house.run_sql(over, stage.buyer.organization)
    assert (await refuse(stage))["extensions"]["code"] == "NO_PURCHASING_PRACTICE"


async def test_a_newer_profile_decides_how_long_it_holds(stage: Stage) -> None:
    await answer_practice(stage)
    await stage.house.run_sql(
        "INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, coverage,"
        " pillars, critical, valid_until) SELECT supplier_id, submission_id, 2, tier_scored, is_own_tier, coverage,"
        " pillars, critical, portal.clock()::date - 1 FROM portal.result WHERE supplier_id = $1",
        stage.buyer.organization,
    )
    assert (await refuse(stage))["extensions"]["code"] == "NO_PURCHASING_PRACTICE"


async def test_both_that_are_missing_are_told_and_new_buyers_need_neither(stage: Stage) -> None:
    other = await stage.house.sign_up("supplier", "buyer")
    await stage.house.run_sql("UPDATE portal.organization_role SET decided_at = '2020-01-01' WHERE role = 'buyer'")
    refused = await refuse(stage, other)
    assert refused["extensions"]["code"] == "NO_SHARED_RESULTS"
    for words in ("shared with you", "must have answered purchasing-practice"):
        assert words in refused["message"]
    for role, days in (("buyer", 179), ("buyer", 181)):
        await stage.house.run_sql(
            "UPDATE portal.organization_role SET decided_at = portal.clock() - make_interval(days => $3)"
            " WHERE organization_id = $1 AND role = $2",
            other.organization,
            role,
            days,
        )
        answer = await stage.house.ask(BENCHMARK, other.token)
        assert ("errors" in answer) is (days == 181)


async def test_nothing_is_asked_that_nobody_can_begin_with(stage: Stage) -> None:
    ends = "UPDATE portal.questionnaire_version SET deprecated_on = $2::date WHERE questionnaire = $1"
    today = (await stage.house.fetch("SELECT portal.clock()::date AS day"))[0]["day"]
    await stage.house.run_sql(ends, entitlement.PRACTICE, today.replace(day=today.day + 1))
    assert (await refuse(stage))["extensions"]["code"] == "NO_PURCHASING_PRACTICE"
    await stage.house.run_sql(ends, entitlement.PRACTICE, today)
    assert (await read(stage, BENCHMARK, stage.buyer.token))["cell"]["status"] == "PUBLISHED"
