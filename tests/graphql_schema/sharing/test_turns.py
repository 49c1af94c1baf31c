"""Acts of a supplier that meet: what counts, what a buyer reads and what it asked come out as if one came first."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import migrations
from portal.assessments import assessments, submissions
from portal.delivery import reminders
from tests.graphql_schema.assessments.documents import discard
from tests.graphql_schema.sharing.stage import SHARE, Stage, Submitted
from tests.graphql_schema.sharing.test_access_requests import REFUSE, ask, receive
from tests.graphql_schema.sharing.test_correction import CORRECT, WITHDRAW, correct
from tests.graphql_schema.sharing.test_standing_rules import END_ACCESS, make
from tests.portal.assessments.house import write

WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
ACCEPT = """
mutation ($input: AcceptRequestInput!) { acceptRequest(input: $input) { __typename ... on Problem { code path message }
  ... on RequestAccepted { outcome submission { id } request { state } } } }
"""
DECLINE = """
mutation ($input: DeclineRequestInput!) { declineRequest(input: $input) { __typename ... on Problem { code }
  ... on RequestDeclined { request { state stateReason } } } }
"""
DISOWN = """
mutation ($input: DisownRequestInput!) { disownRequest(input: $input) { __typename ... on Problem { code }
  ... on RequestDisowned { request { state stateReason } } } }
"""
TAKE_BACK = """
mutation ($input: WithdrawRequestInput!) { withdrawRequest(input: $input) { __typename ... on Problem { code }
  ... on RequestWithdrawn { request { state } } } }
"""
BURDEN = "{ receivedRequests { nodes { id burden { new toConfirm } } } }"
STATE = "SELECT r.state, r.assessment_id FROM portal.request r WHERE r.id = $1"
COUNTING = "SELECT revision, state FROM portal.submission ORDER BY revision"


async def meet(stage: Stage, submission: UUID | None, *acts: Callable[[], Coroutine[Any, Any, Any]]) -> list[Any]:
    """What the other acts give that begin while a withdrawal, or a submission of a new draft, is under way."""
    draft = None if submission is not None else await stage.draft(stage.weaver)
    async with stage.house.act(stage.weaver) as (session, actor):
        if submission is not None:
            await submissions.withdraw_submission(session, actor, submission_id=submission)
        if draft is not None:
            await submissions.submit_assessment(session, actor, assessment_id=draft[0], expected_change_number=draft[1])
        tasks = [asyncio.create_task(act()) for act in acts]
        async with asyncio.timeout(10):
            while not all(task.done() for task in tasks) and not await stage.house.fetch(WAITING):
                await asyncio.sleep(0.02)
    return [await task for task in tasks]


async def begin(stage: Stage, old: Submitted) -> tuple[UUID, int]:
    """A correction that is begun: its draft and change number."""
    async with stage.house.act(stage.weaver) as (session, actor):
        made = await assessments.correct_assessment(session, actor, assessment_id=old.assessment)
    return made.assessment.id, made.assessment.change_number


async def read_counting(stage: Stage) -> list[tuple[int, str]]:
    return [tuple(row) for row in await stage.house.fetch(COUNTING)]


async def test_all_access_ends_with_what_a_rule_shares_in_that_moment(unwatched: Stage) -> None:
    stage = unwatched
    await make(stage)
    buyer = stage.name_organization(stage.maker)
    (ended,) = await meet(stage, None, lambda: stage.change(stage.weaver, END_ACCESS, buyerId=buyer))
    assert ended == {"endedCount": 1, "endedRuleCount": 1}
    assert await stage.house.fetch("SELECT FROM portal.share WHERE revoked_at IS NULL") == []


async def test_one_submission_counts_whatever_is_withdrawn_beside_it(unwatched: Stage) -> None:
    stage = unwatched
    first = await stage.submit(stage.weaver)
    second = await correct(stage, first, write("remark", "Other words"))
    third = await begin(stage, second)
    await meet(stage, second.id, lambda: stage.submit(stage.weaver, third))
    assert await read_counting(stage) == [(1, "superseded"), (2, "withdrawn"), (3, "current")]
    # Two at once: the one before both counts again. Sharing that waited finds what it would share gone.
    (row,) = await stage.house.fetch("SELECT id FROM portal.submission WHERE revision = 3")
    given = {"submissionId": stage.name("subm", stage.weaver, row["id"]), "purpose": "Trust"}
    fourth = await stage.submit(stage.weaver, await begin(stage, Submitted(row["id"], third[0], "")))
    made, refused = await meet(
        stage,
        row["id"],
        lambda: stage.change(stage.weaver, WITHDRAW, submissionId=fourth.node),
        lambda: stage.change(stage.weaver, SHARE, **given, buyerId=stage.name_organization(stage.maker)),
    )
    assert (made["submission"]["state"], refused["code"]) == ("WITHDRAWN", "WITHDRAWN")
    assert await read_counting(stage) == [(1, "current"), (2, "withdrawn"), (3, "withdrawn"), (4, "withdrawn")]
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_submission_current"):
        await stage.house.fetch("UPDATE portal.submission SET state = 'current'")
    # Where several counted before there was the rule, its migration lets the last of them.
    script = (Path(migrations.__path__[0]) / "turns" / "counting.sql").read_text(encoding="utf-8")
    connection = await asyncpg.connect(stage.house.made.superuser_url.replace("+asyncpg", ""))
    try:
        await connection.execute("DROP INDEX portal.uq_submission_current")
        await connection.execute("UPDATE portal.submission SET state = 'current' WHERE revision < 4")
        await connection.execute(script)
    finally:
        await connection.close()
    counting = [(1, "superseded"), (2, "superseded"), (3, "current"), (4, "withdrawn")]
    assert await read_counting(stage) == counting


async def share(stage: Stage, submitted: Submitted, **whom: str) -> list[str]:
    """The requests that sharing a submission fulfilled."""
    made = await stage.change(stage.weaver, SHARE, submissionId=submitted.node, purpose="Trust", **whom)
    assert made["__typename"] == "ResultShared", made
    fulfilled: list[str] = made["fulfilledRequestIds"]
    return fulfilled


async def test_what_counts_fulfils_a_request_though_a_correction_was_begun(unwatched: Stage) -> None:
    stage, maker = unwatched, unwatched.name_organization(unwatched.maker)
    first = await stage.submit(stage.weaver)
    accepted, node = await stage.request(stage.maker, stage.weaver)
    trusted, trusts = await stage.request(stage.trader, stage.weaver)
    made = await stage.change(stage.weaver, CORRECT, assessmentId=stage.name("asmt", stage.weaver, first.assessment))
    draft = made["assessment"]["id"]
    # Offered is what counts, to who asks now, too.
    done = await stage.change(stage.weaver, ACCEPT, requestId=trusts)
    assert (done["outcome"], done["submission"]) == ("ALREADY_SUBMITTED", {"id": first.node})
    assert await share(stage, first, requestId=trusts) == [trusts]
    assert await share(stage, first, buyerId=maker) == [node]
    rows = [tuple((await stage.house.fetch(STATE, one))[0]) for one in (accepted, trusted)]
    assert rows == [("fulfilled", first.assessment)] * 2
    # One that was not accepted is answered by it as well, and none is in the way of throwing the correction away.
    later, newest = await stage.request(stage.maker, stage.weaver, accept=False)
    assert await share(stage, first, requestId=newest) == [newest]
    assert tuple((await stage.house.fetch(STATE, later))[0]) == ("fulfilled", first.assessment)
    assert (await discard(stage.portal, stage.weaver.credential.token, draft))["__typename"] == "AssessmentDiscarded"


async def test_a_request_goes_back_to_what_counts_again(unwatched: Stage) -> None:
    stage = unwatched
    first = await stage.submit(stage.weaver)
    accepted, node = await stage.request(stage.maker, stage.weaver)
    draft, _ = await begin(stage, first)
    assert tuple((await stage.house.fetch(STATE, accepted))[0]) == ("accepted", draft)
    gone = await discard(stage.portal, stage.weaver.credential.token, stage.name("asmt", stage.weaver, draft))
    assert gone["__typename"] == "AssessmentDiscarded", gone
    assert tuple((await stage.house.fetch(STATE, accepted))[0]) == ("accepted", first.assessment)
    second = await correct(stage, first, write("remark", "Other words", base_revision=0))
    assert tuple((await stage.house.fetch(STATE, accepted))[0]) == ("accepted", second.assessment)
    await stage.change(stage.weaver, WITHDRAW, submissionId=second.node)
    assert tuple((await stage.house.fetch(STATE, accepted))[0]) == ("accepted", first.assessment)
    again = await stage.change(stage.weaver, ACCEPT, requestId=node)
    assert (again["outcome"], again["submission"]) == ("ALREADY_SUBMITTED", {"id": first.node})
    # Who asks by then is answered by it too.
    _, trusts = await stage.request(stage.trader, stage.weaver, accept=False)
    done = await stage.change(stage.weaver, ACCEPT, requestId=trusts)
    assert (done["outcome"], done["submission"]) == ("ALREADY_SUBMITTED", {"id": first.node})
    assert await share(stage, first, requestId=trusts) == [trusts]
    assert await share(stage, first, requestId=node) == [node]


async def remind(stage: Stage, *, days: int) -> int:
    """How many letters a worker plans by day, so many days before requests are due that were made today."""
    noon = datetime.now(UTC).replace(hour=12, minute=0) + timedelta(days=30 - days)
    await stage.house.set_clock(noon)
    connection = await asyncpg.connect(stage.house.made.worker_url.replace("+asyncpg", ""))
    try:
        return await reminders.plan_reminders(connection)
    finally:
        await connection.close()


async def test_a_request_is_reminded_of_until_it_is_answered_as_deeply_as_it_asks(unwatched: Stage) -> None:
    stage = unwatched
    first = await stage.submit(stage.weaver)  # at the tier basic
    await stage.request(stage.maker, stage.weaver, minimum_tier="basic")
    deep, node = await stage.request(stage.trader, stage.weaver, minimum_tier="standard", accept=False)
    assert (await stage.change(stage.weaver, ACCEPT, requestId=node))["outcome"] == "REVISION_NEEDED"
    assert await remind(stage, days=14) == 1
    await begin(stage, first)  # what counts is an answer still
    assert await remind(stage, days=3) == 1
    told = await stage.house.fetch("SELECT request_id, due_since FROM portal.reminder ORDER BY due_since")
    assert [row["request_id"] for row in told] == [deep, deep]
    measured = await stage.ask(stage.weaver, BURDEN)
    burdens = {one["id"]: one["burden"] for one in measured["receivedRequests"]["nodes"]}
    assert burdens.pop(node)["new"] > 0
    assert [one["new"] for one in burdens.values()] == [0]


async def test_what_is_said_again_after_a_lost_reply_changes_nothing(unwatched: Stage) -> None:
    stage = unwatched
    _, refused = await stage.request(stage.maker, stage.weaver, accept=False)
    inside, disowned = await stage.request(stage.maker, stage.dyer, accept=False)
    taken, _ = await stage.request(stage.trader, stage.weaver, accept=False)
    await ask(stage, sections=["labour"])
    (wish,) = await receive(stage)
    no = {"requestId": wish["id"], "reason": "Named people ", "offer": "NONE"}
    said: list[tuple[Any, str, dict[str, Any], dict[str, Any]]] = [
        (stage.weaver, DECLINE, {"requestId": refused, "reason": "Too much "}, {"reason": None}),
        (stage.dyer, DISOWN, {"requestId": disowned, "reason": "Another firm"}, {"reason": "Other words"}),
        (stage.trader, TAKE_BACK, {"requestId": stage.name("rqst", stage.trader, taken)}, {}),
        (stage.weaver, REFUSE, no, {"offer": "TALK"}),
    ]
    told = "SELECT (SELECT count(*) FROM portal.outbox), (SELECT count(*) FROM portal.audit_event)"
    for caller, query, input, other in said:
        first = await stage.change(caller, query, **input)
        counts = await stage.house.fetch(told)
        assert "request" in first and await stage.change(caller, query, **input) == first
        assert await stage.house.fetch(told) == counts
        if other:  # what was said before stands
            assert (await stage.change(caller, query, **input | other))["code"] == "NOT_OPEN"
    assert (await stage.house.fetch(STATE, inside))[0]["state"] == "not_us"
    # Whoever declined by mistake hears what can still be done.
    regretted = await stage.change(stage.weaver, ACCEPT, requestId=refused)
    assert (regretted["code"], regretted["path"]) == ("NOT_OPEN", ["input", "requestId"])
    assert "share the result" in regretted["message"]
    # Nor is one withdrawn that was answered.
    node = stage.name("rqst", stage.maker, inside)
    assert (await stage.change(stage.maker, TAKE_BACK, requestId=node))["code"] == "NOT_OPEN"
