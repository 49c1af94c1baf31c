"""An organization that is closed leaves nobody waiting: what was open in a review is over, and the others read why."""

from typing import Any

import pytest

from tests.graphql_schema.reviewing import documents
from tests.graphql_schema.reviewing.conftest import Review, find
from tests.graphql_schema.reviewing.test_clarifications import ask
from tests.graphql_schema.reviewing.test_disputes import dispute
from tests.graphql_schema.reviewing.test_review_letters import compose, list_told, name, open_workers
from tests.portal.assessments.house import Caller

pytestmark = pytest.mark.slow  # waits for files and the worker

CLOSE = "SELECT portal.close_organization($1, 'operator', 'It asked for that')"
LISTS = {
    "supplier": (documents.RECEIVED, documents.DISPUTES, documents.ENGAGEMENTS),
    "reader": (documents.ASKED, documents.RECEIVED_DISPUTES, documents.ENGAGEMENTS),
}
BECAUSE = "ORGANIZATION_CLOSED"


async def read(review: Review, caller: Caller, side: str) -> list[tuple[Any, Any]]:
    """State and reason of the one clarification, dispute and engagement that somebody sees of each, where it does."""
    found = []
    for document in LISTS[side]:
        (listed,) = (await review.stage.ask(caller, document)).values()
        found += [(one["state"], one["closedBecause"]) for one in listed["nodes"]]
    return found


async def open_all(review: Review) -> None:
    """The reviewer asks and states, the supplier disputes, all by an engagement that a buyer proposed."""
    stage = review.stage
    await review.share(stage.maker)
    made = (await review.propose(stage.maker))["engagement"]["id"]
    await stage.change(stage.weaver, documents.CONSENT, engagementId=made)
    await stage.change(review.reviewer, documents.ACCEPT, engagementId=made)
    stated = await review.state(review.reviewer, find("fees_repaid", "CONTRADICTED"))
    assert (await ask(review, review.reviewer, "trained"))["__typename"] == "ClarificationAsked"
    assert (await dispute(review, stated["statement"]["id"]))["__typename"] == "DisputeOpened"
    assert await read(review, stage.weaver, "supplier") == [("OPEN", None), ("OPEN", None), ("ACTIVE", None)]
    await stage.wait_for_jobs()


async def test_when_a_reviewer_is_closed_its_supplier_reads_that_nobody_answers(review: Review) -> None:
    stage = review.stage
    await open_all(review)
    await stage.house.fetch(CLOSE, review.reviewer.organization)
    assert await read(review, stage.weaver, "supplier") == [
        ("WITHDRAWN", BECAUSE), ("WITHDRAWN", BECAUSE), ("ENDED", BECAUSE),
    ]  # fmt: skip
    ended = (await stage.ask(stage.maker, documents.ENGAGEMENTS))["engagements"]["nodes"]
    assert [(one["endedBy"], one["closedBecause"]) for one in ended] == [("REVIEWER", BECAUSE)]
    assert await list_told(review, "clarification_withdrawn") == name(stage.weaver)
    assert await list_told(review, "dispute_withdrawn") == name(stage.weaver)
    assert await list_told(review, "engagement_ended") == name(stage.weaver, stage.maker)
    async with open_workers(review) as workers, workers.transaction() as (session, _):
        for kind in ("clarification_withdrawn", "dispute_withdrawn", "engagement_ended"):
            letter = await compose(session, review, kind)
            assert letter is not None
            assert "was closed at this portal" in letter.body, kind
    trail = "SELECT action, concerns_id FROM portal.audit_event WHERE organization_id = $1 AND actor_role = 'operator'"
    acts = {tuple(row) for row in await stage.house.fetch(trail, review.reviewer.organization)}
    weaver = stage.weaver.organization
    assert {(act, weaver) for act in ("clarification.withdrawn", "dispute.withdrawn", "engagement.ended")} <= acts
    open_shares = await stage.house.fetch("SELECT FROM portal.share WHERE sections_only AND revoked_at IS NULL")
    assert open_shares == []


async def test_when_a_supplier_is_closed_its_reader_reads_that_nobody_answers(review: Review) -> None:
    stage = review.stage
    await open_all(review)
    await stage.house.fetch(CLOSE, stage.weaver.organization)
    for table in ("clarification", "dispute"):
        rows = await stage.house.fetch(f"SELECT state, closed_because FROM portal.{table}")
        assert [tuple(row) for row in rows] == [("withdrawn", "organization_closed")]
    for party in (review.reviewer, stage.maker):
        ended = (await stage.ask(party, documents.ENGAGEMENTS))["engagements"]["nodes"]
        assert [(one["state"], one["endedBy"], one["closedBecause"]) for one in ended] == [
            ("ENDED", "SUPPLIER", BECAUSE)
        ]
    assert await list_told(review, "engagement_ended") == name(review.reviewer, stage.maker)
    assert await list_told(review, "clarification_withdrawn") == name(review.reviewer)
    async with open_workers(review) as workers, workers.transaction() as (session, _):
        letter = await compose(session, review, "clarification_withdrawn")
    assert letter is not None  # although what it read by its share is gone
    assert "was closed at this portal" in letter.body


async def test_what_a_buyer_asked_ends_with_the_buyer_or_with_the_supplier(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour", "safety")
    await review.share(stage.trader, "labour", "safety")
    for buyer in (stage.maker, stage.trader):
        assert (await ask(review, buyer, "trained"))["__typename"] == "ClarificationAsked"
    await stage.house.fetch(CLOSE, stage.trader.organization)
    assert sorted(await read(review, stage.weaver, "supplier"), key=str) == [("OPEN", None), ("WITHDRAWN", BECAUSE)]
    assert await read(review, stage.maker, "reader") == [("OPEN", None)]
    await stage.house.fetch(CLOSE, stage.weaver.organization)  # the snapshot stays readable, and so does the reason
    assert await read(review, stage.maker, "reader") == [("WITHDRAWN", BECAUSE)]
