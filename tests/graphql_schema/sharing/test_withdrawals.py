"""A repeated submit gives the same submission; a withdrawn one is gone for buyers, who see only the day."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.assessments import answers
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import Stage
from tests.graphql_schema.sharing.test_share import profile
from tests.portal.assessments.house import FULL, write

SUBMIT = """
mutation ($input: SubmitAssessmentInput!) { submitAssessment(input: $input) {
  __typename ... on Problem { code path } ... on AssessmentSubmitted { submission { id revision } assessment { state } }
} }
"""
WITHDRAW = """
mutation ($input: WithdrawSubmissionInput!) { withdrawSubmission(input: $input) {
  __typename ... on Problem { code path }
  ... on SubmissionWithdrawn { submission { id state withdrawnAt withdrawnReason } }
} }
"""
ASKED = "query ($id: ID!) { node(id: $id) { ... on Request { state answerWithdrawnOn } } }"


async def test_a_lost_reply_costs_nothing(unwatched: Stage) -> None:
    stage = unwatched
    assessment, number = await stage.draft(stage.weaver)
    input: dict[str, Any] = {
        "assessmentId": stage.name("asmt", stage.weaver, assessment),
        "expectedChangeNumber": number,
    }
    first = await asyncio.gather(*(stage.change(stage.weaver, SUBMIT, **input) for _ in range(2)))
    again = await stage.change(stage.weaver, SUBMIT, **input, idempotencyKey="of-the-telephone")
    assert first[0]["__typename"] == "AssessmentSubmitted", first
    assert first[0] == first[1] == again
    assert again["assessment"] == {"state": "SUBMITTED"} and again["submission"]["revision"] == 1
    refused = await stage.change(stage.weaver, SUBMIT, **input | {"expectedChangeNumber": number - 1})
    assert refused["code"] == "ALREADY_SUBMITTED"
    counts = "SELECT (SELECT count(*) FROM portal.submission), (SELECT count(*) FROM portal.result WHERE is_own_tier)"
    assert tuple((await stage.house.fetch(counts))[0]) == (1, 1)
    told = "SELECT count(*) FROM portal.outbox WHERE topic = 'assessment.submitted'"
    assert (await stage.house.fetch(told))[0][0] == 1


async def test_buyers_see_the_day_and_nothing_else(stage: Stage) -> None:
    inside, received = await stage.request(stage.maker, stage.weaver, questionnaire="sample")
    found = await stage.house.fetch("SELECT assessment_id FROM portal.request WHERE id = $1", inside)
    submitted = await stage.submit(stage.weaver, await fill(stage, found[0]["assessment_id"]))
    await stage.share(stage.weaver, stage.maker, submitted, buyerId=None, requestId=received, purpose=None)
    asked = stage.name("rqst", stage.maker, inside)
    assert (await stage.ask(stage.maker, ASKED, id=asked))["node"] == {"state": "FULFILLED", "answerWithdrawnOn": None}
    result = (await profile(stage, stage.maker, stage.weaver))["latestResult"]["id"]
    made = await stage.change(stage.weaver, WITHDRAW, submissionId=submitted.node, reason=" Two sites were mixed up. ")
    assert made["submission"]["state"] == "WITHDRAWN"
    assert made["submission"]["withdrawnReason"] == "Two sites were mixed up."
    again = await stage.change(stage.weaver, WITHDRAW, submissionId=submitted.node, reason="Another word")
    assert again == made
    today = datetime.now(UTC).date().isoformat()
    assert made["submission"]["withdrawnAt"].startswith(today)
    answer = await stage.portal.ask(documents.NODE, stage.maker.credential.token, id=result)
    assert answer["data"]["node"] is None
    assert (await profile(stage, stage.maker, stage.weaver))["latestResult"] is None
    assert (await stage.ask(stage.maker, ASKED, id=asked))["node"]["answerWithdrawnOn"] == today
    foreign = await stage.portal.ask(ASKED, stage.trader.credential.token, id=asked)
    assert foreign["data"]["node"] is None
    (share,) = await stage.house.fetch("UPDATE portal.share SET revoked_at = now() RETURNING id")
    assert (await stage.ask(stage.maker, ASKED, id=asked))["node"]["answerWithdrawnOn"] is None, share
    told = "SELECT count(*) FROM portal.audit_event WHERE action = 'submission.withdrawn'"
    assert (await stage.house.fetch(told))[0][0] == 1


async def fill(stage: Stage, assessment: Any) -> tuple[Any, int]:
    """Answers for the draft that an accepted request has begun."""
    async with stage.house.act(stage.weaver) as (session, actor):
        sent = [write(key, value) for key, value in (FULL | {"waste": ["paper"]}).items()]
        sent += [write("sites", True, row_id="a"), write("site_people", "5", row_id="a")]
        saved = await answers.save_answers(session, actor, assessment_id=assessment, sent=sent)
    return assessment, saved.change_number


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
async def test_a_reason_says_something(unwatched: Stage, reason: str) -> None:
    stage = unwatched
    submitted = await stage.submit(stage.weaver)
    refused = await stage.change(stage.weaver, WITHDRAW, submissionId=submitted.node, reason=reason)
    assert (refused["code"], refused["path"]) == ("REASON", ["input", "reason"])
    assert (await stage.house.fetch("SELECT state FROM portal.submission"))[0][0] == "current"
