"""A third party reviews one submission: both agree first, it reads its sections alone, and nothing once it is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from portal.assessments import engagements
from tests.graphql_schema.reviewing import documents
from tests.graphql_schema.reviewing.conftest import UNTIL, Review, find
from tests.graphql_schema.sharing.documents import DOWNLOAD

pytestmark = pytest.mark.slow  # waits for files and the worker

REVOKE = """
mutation ($input: RevokeShareInput!) { revokeShare(input: $input) { __typename ... on Problem { code } } }
"""
FEED = "query ($after: String) { supplierChanges(after: $after) { endCursor changes { kind type id } } }"
SHARES = "query { shares { nodes { id buyer { name } sections includeEvidence until } } }"
LOOKED = "query { readReceipts { nodes { kind reader { name } } } }"


async def list_states(review: Review, caller: Any) -> list[str]:
    found = await review.stage.ask(caller, documents.ENGAGEMENTS)
    return [one["state"] for one in found["engagements"]["nodes"]]


async def test_a_reviewer_reads_its_sections_and_nothing_else(review: Review) -> None:
    stage = review.stage
    listed = (await stage.ask(stage.weaver, documents.REVIEWERS))["reviewers"]
    assert [one["id"] for one in listed] == [stage.name_organization(review.reviewer)]
    await review.share(stage.maker)
    made = await review.propose(stage.maker)  # the summary is shared, no section: it may propose all the same
    assert made["__typename"] == "EngagementProposed", made
    engagement = made["engagement"]["id"]
    assert made["engagement"]["supplier"]["name"]
    assert await review.read(review.reviewer) is None
    await stage.change(review.reviewer, documents.ACCEPT, engagementId=engagement)
    assert await list_states(review, review.reviewer) == ["PROPOSED"]
    assert await review.read(review.reviewer) is None  # the supplier has not consented
    assert (await review.state(review.reviewer, find("fees_repaid")))["code"] == "NOT_FOUND"
    assert (await stage.change(review.reviewer, documents.CONSENT, engagementId=engagement))["code"] == "NOT_ALLOWED"
    agreed = await stage.change(stage.weaver, documents.CONSENT, engagementId=engagement)
    assert agreed["engagement"]["state"] == "ACTIVE"
    seen = await review.read(review.reviewer)
    assert [one["key"] for one in seen["sections"]] == ["labour"]
    assert [one["evidenceId"] for one in seen["evidence"]] == [review.document]  # of its section alone
    own = (await stage.ask(review.reviewer, documents.ENGAGEMENTS))["engagements"]["nodes"][0]
    assert (own["resultId"], own["submissionId"]) == (review.result, None)
    link = await stage.change(review.reviewer, DOWNLOAD, evidenceId=review.document)
    assert (await stage.get(link["url"])).status_code == 200
    assert (await stage.change(review.reviewer, DOWNLOAD, evidenceId=review.other))["code"] == "NOT_FOUND"
    refused = await review.state(review.reviewer, find("exits_locked"))
    assert [one["code"] for one in refused["problems"]] == ["UNKNOWN_ANSWER"]
    stated = await review.state(review.reviewer, find("fees_repaid", restsOn=[review.document]))
    assert stated["statement"]["isThirdParty"]
    await stage.wait_for_jobs()
    # The buyer sees the shares; the name and what was found only once the section is opened to it.
    assert (await review.read(stage.maker))["assurance"]["verified"] != "0.00"
    await review.share(stage.maker, "labour")
    (section,) = (await review.read(stage.maker))["sections"]
    assert section["findings"][0]["reviewer"]["name"]
    assert (section["findings"][0]["isThirdParty"], section["findings"][0]["level"]) == (True, "VERIFIED")
    receipts = (await stage.ask(stage.weaver, LOOKED))["readReceipts"]["nodes"]
    assert {one["kind"] for one in receipts} >= {"ANSWERS", "EVIDENCE"}
    for caller in (stage.dyer, stage.trader):
        assert await list_states(review, caller) == []
        assert (await stage.change(caller, documents.END, engagementId=engagement))["code"] == "NOT_FOUND"


async def test_what_a_supplier_proposes_is_consent_and_ends_with_its_share(review: Review) -> None:
    stage = review.stage
    start = (await stage.ask(review.reviewer, FEED))["supplierChanges"]["endCursor"]
    engagement = await review.engage(sections=["labour", "safety"], includeEvidence=False)
    (share,) = (await stage.ask(stage.weaver, SHARES))["shares"]["nodes"]
    assert (share["sections"], share["includeEvidence"]) == (["labour", "safety"], False)
    seen = await review.read(review.reviewer)
    assert ([one["key"] for one in seen["sections"]], seen["evidence"]) == (["labour", "safety"], [])
    await review.state(review.reviewer, find("exits_locked", "CONTRADICTED"))
    again = await review.propose(stage.weaver)
    assert again["code"] == "ALREADY_PROPOSED"
    revoked = await stage.change(stage.weaver, REVOKE, shareId=share["id"])
    assert revoked["__typename"] == "ShareRevoked"
    assert await list_states(review, review.reviewer) == ["ENDED"]
    await expect_nothing(review)
    assert (await stage.change(review.reviewer, documents.ACCEPT, engagementId=engagement))["code"] == "NOT_FOUND"
    told = (await stage.ask(review.reviewer, FEED, after=start))["supplierChanges"]["changes"]
    assert {(one["kind"], one["type"]) for one in told} == {("ENGAGEMENT", "UPSERTED"), ("SHARED_RESULT", "REMOVED")}
    # What it stated stays, for its supplier and whoever reads the section.
    assert len((await review.read_own())["review"]["statements"]) == 1


async def expect_nothing(review: Review) -> None:
    """The reviewer reads nothing of the submission, not even what it said itself, and says nothing more."""
    stage = review.stage
    assert await review.read(review.reviewer) is None
    assert (await review.state(review.reviewer, find("fees_repaid")))["code"] == "NOT_FOUND"
    asked = {"resultId": review.result, "items": [{"question": "trained", "text": "How?"}], "dueOn": "2027-01-31"}
    assert (await stage.change(review.reviewer, documents.ASK, **asked))["code"] == "NOT_FOUND"
    assert (await stage.change(review.reviewer, DOWNLOAD, evidenceId=review.document))["code"] == "NOT_FOUND"
    for query in (documents.ASKED, documents.RECEIVED_DISPUTES):
        (found,) = (await stage.ask(review.reviewer, query)).values()
        assert found["nodes"] == []
    (statement,) = (await review.read_own())["review"]["statements"] or [None]
    if statement is not None:
        assert (await stage.ask(review.reviewer, documents.ALONE, id=statement["id"]))["node"] is None


async def test_an_engagement_ends_by_its_date_and_by_every_party(review: Review) -> None:
    stage = review.stage
    engagement = await review.engage()
    await review.state(review.reviewer, find("fees_repaid"))
    assert await review.read(review.reviewer) is not None
    ended = await stage.change(review.reviewer, documents.END, engagementId=engagement)
    assert (ended["engagement"]["state"], ended["engagement"]["endedBy"]) == ("ENDED", "REVIEWER")
    await expect_nothing(review)
    await review.share(stage.maker)
    proposed = await review.propose(stage.maker)
    declined = await stage.change(stage.weaver, documents.END, engagementId=proposed["engagement"]["id"])
    assert declined["engagement"]["state"] == "DECLINED"
    narrower = (await review.propose(stage.maker, sections=["facts", "labour"]))["engagement"]["id"]
    await stage.change(review.reviewer, documents.ACCEPT, engagementId=narrower)
    agreed = await stage.change(
        stage.weaver, documents.CONSENT, engagementId=narrower, sections=["facts"], until="2027-01-31T00:00:00Z"
    )
    assert (agreed["engagement"]["sections"], agreed["engagement"]["state"]) == (["facts"], "ACTIVE")
    assert [one["key"] for one in (await review.read(review.reviewer))["sections"]] == ["facts"]
    await stage.house.set_clock(datetime(2027, 1, 31, tzinfo=UTC))
    assert "ENDED" in await list_states(review, stage.maker)
    await expect_nothing(review)


async def test_one_that_has_run_out_can_be_left(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker, "labour")
    now = datetime.now(UTC)
    soon = (now + timedelta(days=3)).isoformat()
    first = (await review.propose(stage.maker, until=soon))["engagement"]["id"]
    active = await review.engage(until=soon)
    await stage.house.set_clock(now + timedelta(days=5))
    assert (await stage.change(review.reviewer, documents.ACCEPT, engagementId=first))["code"] == "NOT_FOUND"
    ended = await stage.change(review.reviewer, documents.END, engagementId=active)
    assert (ended["engagement"]["state"], ended["engagement"]["endedBy"]) == ("ENDED", "REVIEWER")
    again = await review.propose(stage.maker, until=UNTIL)  # without ending the one that ran out
    assert again["__typename"] == "EngagementProposed", again
    assert await list_states(review, stage.maker) == ["PROPOSED", "ENDED"]
    await review.engage(until=UNTIL)


@pytest.mark.parametrize("party", ["weaver", "maker"])  # the supplier, and the third party itself
async def test_its_end_leaves_no_result_on_the_readers_card(review: Review, party: str) -> None:
    stage = review.stage
    role = "INSERT INTO portal.organization_role (organization_id, role, status) VALUES ($1, 'reviewer', 'active')"
    await stage.house.fetch(role, stage.maker.organization)
    made = await review.propose(stage.weaver, reviewerId=stage.name_organization(stage.maker))
    engagement = made["engagement"]["id"]
    await stage.change(stage.maker, documents.ACCEPT, engagementId=engagement)
    await stage.wait_for_jobs()
    cards = text("SELECT total FROM portal.relationship_card WHERE submission_id IS NOT NULL")
    async with stage.house.act(stage.maker) as (session, _):
        assert len((await session.execute(cards)).all()) == 1
    (row,) = await stage.house.fetch("SELECT id FROM portal.engagement")
    async with stage.house.act(getattr(stage, party)) as (session, actor):
        await engagements.end_engagement(session, actor, supplier_id=stage.weaver.organization, engagement_id=row["id"])
        maker = {"organization": str(stage.maker.organization)}
        await session.execute(text("SELECT set_config('portal.organization', :organization, true)"), maker)
        assert (await session.execute(cards)).all() == []  # in the same transaction


async def test_what_cannot_be_proposed(review: Review) -> None:
    stage = review.stage
    await review.share(stage.maker)
    for caller, changed, code in [
        (stage.trader, {}, "NOT_FOUND"),  # it reads nothing of it
        (stage.maker, {"reviewerId": stage.name_organization(stage.trader)}, "NOT_FOUND"),  # is no reviewer
        (stage.maker, {"submissionId": review.submitted.node}, "ONE_OF"),
        (review.reviewer, {}, "NOT_ALLOWED"),
    ]:
        assert (await review.propose(caller, **changed))["code"] == code
    refused = await review.propose(
        stage.maker, sections=["labour", "nothing"], until="2020-01-01T00:00:00Z", purpose=""
    )
    assert {one["code"] for one in refused["problems"]} == {"SECTION", "UNTIL", "PURPOSE"}


async def test_a_third_party_owes_no_feedback_on_what_it_reviews(review: Review) -> None:
    await review.engage()
    await review.stage.wait_for_jobs()
    assert await review.stage.house.fetch("SELECT FROM portal.result_feedback") == []
    await review.share(review.stage.maker)
    await review.stage.wait_for_jobs()
    rows = await review.stage.house.fetch("SELECT buyer_id FROM portal.result_feedback")
    assert [row["buyer_id"] for row in rows] == [review.stage.maker.organization]
