"""A repeated submit gives the same submission; a withdrawn one is gone for buyers, who see only the day."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.assessments import answers
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import SHARE, Stage
from tests.graphql_schema.sharing.test_correction import correct
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
RESEND = """
mutation ($input: ResendRequestInput!) { resendRequest(input: $input) { __typename ... on Problem { code } } }
"""
ACCEPT = """
mutation ($input: AcceptRequestInput!) { acceptRequest(input: $input) { __typename ... on Problem { code }
  ... on RequestAccepted { outcome submission { id } } } }
"""
RECEIVED = "{ receivedRequests(state: ACCEPTED) { nodes { id assessment { id } } } }"
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
    waits = {"state": "ACCEPTED", "answerWithdrawnOn": today}
    assert (await stage.ask(stage.maker, ASKED, id=asked))["node"] == waits
    foreign = await stage.portal.ask(ASKED, stage.trader.credential.token, id=asked)
    assert foreign["data"]["node"] is None
    (share,) = await stage.house.fetch("UPDATE portal.share SET revoked_at = now() RETURNING id")
    assert (await stage.ask(stage.maker, ASKED, id=asked))["node"]["answerWithdrawnOn"] is None, share
    told = "SELECT count(*) FROM portal.audit_event WHERE action = 'submission.withdrawn'"
    assert (await stage.house.fetch(told))[0][0] == 1


async def test_a_request_waits_again_once_its_only_answer_is_withdrawn(stage: Stage) -> None:
    inside, received = await stage.request(stage.maker, stage.weaver, questionnaire="sample")
    other, _ = await stage.request(stage.trader, stage.weaver, questionnaire="sample")  # answered, and no more shown
    (found,) = await stage.house.fetch("SELECT assessment_id FROM portal.request WHERE id = $1", inside)
    first = await stage.submit(stage.weaver, await fill(stage, found["assessment_id"]))
    await stage.share(stage.weaver, stage.maker, first, buyerId=None, requestId=received, purpose=None)
    await stage.share(stage.weaver, stage.trader, first)
    await stage.house.fetch("UPDATE portal.share SET revoked_at = now() WHERE buyer_id = $1", stage.trader.organization)
    asked = stage.name("rqst", stage.maker, inside)
    assert await find_states(stage, inside, other) == ["fulfilled", "fulfilled"]
    await stage.house.fetch("UPDATE portal.request SET told_at = told_at - interval '7 days'")
    await stage.change(stage.weaver, WITHDRAW, submissionId=first.node)
    assert await find_states(stage, inside, other) == ["accepted", "fulfilled"]
    (seen,) = (await stage.ask(stage.weaver, RECEIVED))["receivedRequests"]["nodes"]
    assert (seen["id"], seen["assessment"]["id"]) == (received, stage.name("asmt", stage.weaver, first.assessment))
    told = await stage.house.fetch("SELECT ids ->> 'request' FROM portal.outbox WHERE ids ->> 'state' = 'reopened'")
    news = await stage.house.fetch("SELECT buyer_id, thing_id FROM portal.buyer_news WHERE kind = 'reopened'")
    assert [one[0] for one in told] == [str(inside)]
    assert [tuple(one) for one in news] == [(stage.maker.organization, inside)]
    assert (await stage.change(stage.maker, RESEND, requestId=asked))["__typename"] == "RequestResent"
    second = await correct(stage, first, write("remark", "As it is", base_revision=0))
    assert (await stage.ask(stage.maker, ASKED, id=asked))["node"]["answerWithdrawnOn"] is not None
    given = {"requestId": received, "submissionId": second.node, "mode": "SNAPSHOT", "sections": []}
    shared = await stage.change(stage.weaver, SHARE, **given, includeEvidence=False)
    assert shared["fulfilledRequestIds"] == [received]
    assert (await stage.ask(stage.maker, ASKED, id=asked))["node"] == {"state": "FULFILLED", "answerWithdrawnOn": None}


async def test_a_request_waits_again_only_where_its_buyer_reads_nothing_that_counts(unwatched: Stage) -> None:
    """Of a withdrawn correction: who was shown both revisions has its answer still, who was shown one has none."""
    stage = unwatched
    (both, _), (one, received) = [
        await stage.request(buyer, stage.weaver, questionnaire="sample") for buyer in (stage.maker, stage.trader)
    ]
    (found,) = await stage.house.fetch("SELECT assessment_id FROM portal.request WHERE id = $1", both)
    first = await stage.submit(stage.weaver, await fill(stage, found["assessment_id"]))
    await stage.share(stage.weaver, stage.maker, first, mode="FOLLOWING")
    second = await correct(stage, first, write("remark", "Mixed up", base_revision=0))
    await stage.share(stage.weaver, stage.trader, second)
    assert await find_states(stage, both, one) == ["fulfilled", "fulfilled"]
    await stage.change(stage.weaver, WITHDRAW, submissionId=second.node)
    assert await find_states(stage, both, one) == ["fulfilled", "accepted"]
    for buyer, request, is_withdrawn in ((stage.maker, both, False), (stage.trader, one, True)):
        node = (await stage.ask(buyer, ASKED, id=stage.name("rqst", buyer, request)))["node"]
        assert (node["answerWithdrawnOn"] is not None) == is_withdrawn
    again = await stage.change(stage.weaver, ACCEPT, requestId=received)
    assert (again["outcome"], again["submission"]["id"]) == ("ALREADY_SUBMITTED", first.node)
    await stage.share(stage.weaver, stage.trader, first)
    assert await find_states(stage, both, one) == ["fulfilled", "fulfilled"]
    await stage.change(stage.weaver, WITHDRAW, submissionId=first.node)
    assert await find_states(stage, both, one) == ["accepted", "accepted"]


async def test_of_what_was_asked_several_times_one_request_waits(unwatched: Stage) -> None:
    """As asking itself has it: the newest, and none where another one waits."""
    stage = unwatched
    first = await stage.submit(stage.weaver)
    old, _ = await stage.request(stage.maker, stage.weaver, questionnaire="sample")
    await stage.share(stage.weaver, stage.maker, first, mode="FOLLOWING")
    new, _ = await stage.request(stage.maker, stage.weaver, questionnaire="sample")
    assert await find_states(stage, old, new) == ["fulfilled", "fulfilled"]
    await stage.change(stage.weaver, WITHDRAW, submissionId=first.node)
    assert await find_states(stage, old, new) == ["fulfilled", "accepted"]
    second = await correct(stage, first, write("remark", "As it is", base_revision=0))
    assert await find_states(stage, old, new) == ["fulfilled", "fulfilled"]
    last, _ = await stage.request(stage.maker, stage.weaver, questionnaire="sample", accept=False)
    made = await stage.change(stage.weaver, WITHDRAW, submissionId=second.node)
    assert made["submission"]["state"] == "WITHDRAWN"
    assert await find_states(stage, old, new, last) == ["fulfilled", "fulfilled", "open"]


async def find_states(stage: Stage, *wanted: Any) -> list[str]:
    rows = await stage.house.fetch("SELECT id, state FROM portal.request WHERE id = ANY ($1::uuid[])", wanted)
    states = {row["id"]: row["state"] for row in rows}
    return [states[one] for one in wanted]


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
