"""What a share opens for its buyer and nobody else, and how it ends: at once, everywhere."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.assessments import submissions
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import SHARE, WAIT, Stage, Submitted
from tests.portal.assessments import files
from tests.portal.assessments.house import Caller

EVERYTHING: dict[str, Any] = {"sections": ["facts", "labour", "safety"], "includeEvidence": True}


async def profile(stage: Stage, buyer: Caller, supplier: Caller) -> dict[str, Any]:
    """The buyer's profile of a supplier, once its card is there."""
    async with asyncio.timeout(WAIT):
        while True:
            found = (await stage.ask(buyer, documents.PROFILE, id=stage.name_record(buyer, supplier)))["supplier"]
            if found is not None:
                return found  # type: ignore[no-any-return]
            await asyncio.sleep(0.1)


async def wait_for_card(stage: Stage, buyer: Caller, total: str | None) -> None:
    """Until the worker has brought the buyer's list up to date."""
    async with asyncio.timeout(WAIT):
        while await list_totals(stage, buyer) != [total]:
            await asyncio.sleep(0.1)


async def list_totals(stage: Stage, buyer: Caller) -> list[str | None]:
    nodes = (await stage.ask(buyer, documents.CARDS))["suppliers"]["nodes"]
    return [one["total"] for one in nodes]


async def submit_with_file(stage: Stage) -> tuple[Submitted, str]:
    """A submission of the weaver with a document behind one answer."""
    evidence = await stage.send(stage.weaver, files.make_pdf(), title="Policy")
    await stage.wait_for(stage.weaver, evidence)
    draft = await stage.draft(stage.weaver)
    insert = (
        "INSERT INTO portal.evidence_link (supplier_id, assessment_id, question, evidence_id)"
        " SELECT supplier_id, $1, 'fees_repaid', id FROM portal.evidence"
    )
    await stage.house.fetch(insert, draft[0])
    return await stage.submit(stage.weaver, draft), evidence


async def test_a_summary_shows_the_score_and_nothing_behind_it(stage: Stage) -> None:
    submitted, evidence = await submit_with_file(stage)
    await stage.share(stage.weaver, stage.maker, submitted)
    found = await profile(stage, stage.maker, stage.weaver)
    latest = found["latestResult"]
    assert (latest["total"], latest["band"], latest["tier"], latest["state"]) == ("93.33", "a", "BASIC", "CURRENT")
    assert [(one["key"], one["score"], one["state"]) for one in latest["pillars"]] == [
        ("labour", "100.00", "RATED"),
        ("safety", "83.33", "RATED"),
    ]
    assert (latest["sections"], latest["evidence"], found["history"]) == ([], [], [latest])
    link = await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=evidence)
    assert link["code"] == "NOT_FOUND"


async def test_named_sections_open_answers_and_trace(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver, exits_locked=True, remark="We sew", waste=["paper", "metal"])
    await stage.share(stage.weaver, stage.maker, submitted, sections=["safety"])
    (safety,) = (await profile(stage, stage.maker, stage.weaver))["latestResult"]["sections"]
    assert safety["answers"] == [
        {"question": "exits_locked", "rowId": None, "state": "VALUE", "values": ["true"], "reason": None},
        {"question": "waste", "rowId": None, "state": "VALUE", "values": ["paper", "metal"], "reason": None},
    ]
    assert safety["criticalHits"] == [{"rule": "locked", "question": "exits_locked", "rowId": None, "capBand": "d"}]
    assert [(one["question"], one["points"]) for one in safety["trace"]] == [("exits_locked", "0"), ("waste", "100")]
    nothing = {"option": None, "options": None, "bandFrom": None, "below": None, "ramp": None}
    nothing |= {"closedBy": None, "fresh": None, "ageDays": None, "undated": None}
    why = [nothing | {"option": "true"}, nothing | {"options": ["paper", "metal"]}]
    assert [one["why"] for one in safety["trace"]] == why
    assert {one["section"] for one in safety["trace"]} == {"safety"}
    other = await stage.share(stage.weaver, stage.maker, submitted, sections=["facts"])
    sections = (await profile(stage, stage.maker, stage.weaver))["latestResult"]["sections"]
    assert [one["key"] for one in sections] == ["facts", "safety"]
    rows = [(one["question"], one["rowId"], one["values"]) for one in sections[0]["answers"]]
    assert rows == [
        ("headcount", None, ["12"]),
        ("remark", None, ["We sew"]),
        ("site_people", "a", ["5"]),
        ("sites", None, []),
    ]
    await stage.change(stage.weaver, documents.REVOKE, shareId=other)
    sections = (await profile(stage, stage.maker, stage.weaver))["latestResult"]["sections"]
    assert [one["key"] for one in sections] == ["safety"]


async def test_evidence_is_fetched_by_the_buyer_it_is_shared_with(stage: Stage) -> None:
    submitted, evidence = await submit_with_file(stage)
    share = await stage.share(stage.weaver, stage.maker, submitted, includeEvidence=True)
    (shown,) = (await profile(stage, stage.maker, stage.weaver))["latestResult"]["evidence"]
    assert (shown["evidenceId"], shown["question"], shown["section"]) == (evidence, "fees_repaid", "labour")
    assert (shown["title"], shown["state"], shown["kind"]) == ("Policy", "AVAILABLE", "POLICY")
    link = await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=evidence)
    assert (await stage.get(link["url"])).content == files.make_pdf()
    assert (await stage.change(stage.trader, documents.DOWNLOAD, evidenceId=evidence))["code"] == "NOT_FOUND"
    await stage.change(stage.weaver, documents.REVOKE, shareId=share)
    assert (await stage.get(link["url"])).status_code == 404
    assert (await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=evidence))["code"] == "NOT_FOUND"


async def assert_gone(stage: Stage, buyer: Caller, supplier: Caller, result: str) -> None:
    """Nothing of a share is left in list, profile, history and node, without waiting for the worker."""
    assert await list_totals(stage, buyer) == [None]
    found = (await stage.ask(buyer, documents.PROFILE, id=stage.name_record(buyer, supplier)))["supplier"]
    assert (found["latestResult"], found["history"]) == (None, [])
    assert (found["total"], found["band"], found["sharedUntil"]) == (None, None, None)
    assert (await stage.ask(buyer, documents.NODE, id=result))["node"] is None


@pytest.mark.parametrize("way", ["revoked", "ended", "shortened", "withdrawn"])
async def test_a_share_that_is_over_is_gone_in_the_next_call(stage: Stage, way: str) -> None:
    submitted, evidence = await submit_with_file(stage)
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    share = await stage.share(stage.weaver, stage.maker, submitted, **EVERYTHING, until=until)
    await wait_for_card(stage, stage.maker, "93.33")
    result = (await profile(stage, stage.maker, stage.weaver))["latestResult"]["id"]
    assert (await stage.ask(stage.maker, documents.NODE, id=result))["node"]["total"] == "93.33"
    url = (await stage.change(stage.maker, documents.DOWNLOAD, evidenceId=evidence))["url"]
    if way == "revoked":
        gone = await stage.change(stage.weaver, documents.REVOKE, shareId=share)
        assert gone["share"] == {"id": share, "state": "REVOKED", "shows": None}
    elif way == "withdrawn":
        async with stage.house.act(stage.weaver) as (session, actor):
            await submissions.withdraw_submission(session, actor, submission_id=submitted.id)
    else:
        if way == "shortened":
            soon = (datetime.now(UTC) + timedelta(seconds=90)).isoformat()
            changed = await stage.change(stage.weaver, documents.CHANGE, shareId=share, until=soon)
            assert changed["share"]["state"] == "LIVE"
        moved = timedelta(days=2, seconds=1) if way == "ended" else timedelta(seconds=91)
        await stage.house.set_clock(datetime.now(UTC) + moved)
    await assert_gone(stage, stage.maker, stage.weaver, result)
    assert (await stage.get(url)).status_code == 404


async def test_a_later_end_keeps_the_share(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    now = datetime.now(UTC)
    share = await stage.share(
        stage.weaver, stage.maker, submitted, until=(now + timedelta(days=1)).isoformat(), sections=["facts"]
    )
    await wait_for_card(stage, stage.maker, "93.33")
    later = (now + timedelta(days=3)).isoformat()
    changed = await stage.change(stage.weaver, documents.CHANGE, shareId=share, until=later, sections=["labour"])
    assert (changed["share"]["sections"], changed["share"]["state"]) == (["labour"], "LIVE")
    await stage.house.set_clock(now + timedelta(days=2))
    assert await list_totals(stage, stage.maker) == ["93.33"]
    latest = (await profile(stage, stage.maker, stage.weaver))["latestResult"]
    assert [one["key"] for one in latest["sections"]] == ["labour"]
    endless = await stage.change(stage.weaver, documents.CHANGE, shareId=share, noEnd=True)
    assert endless["share"]["until"] is None
    await stage.house.set_clock(now + timedelta(days=900))
    assert (await stage.ask(stage.maker, documents.SUMMARY, id=stage.name_record(stage.maker, stage.weaver)))[
        "supplier"
    ]["latestResult"]["total"] == "93.33"


async def test_a_snapshot_stays_and_a_following_share_goes_along(stage: Stage) -> None:
    first = await stage.submit(stage.weaver)
    await stage.share(stage.weaver, stage.maker, first, mode="SNAPSHOT")
    await stage.share(stage.weaver, stage.trader, first, mode="FOLLOWING", sections=["safety"])
    await stage.submit(stage.weaver, exits_locked=True, start=date(2026, 7, 1), end=date(2027, 6, 30))
    await wait_for_card(stage, stage.maker, "93.33")
    kept = await profile(stage, stage.maker, stage.weaver)
    assert ([one["total"] for one in kept["history"]], kept["latestResult"]["total"]) == (["93.33"], "93.33")
    async with asyncio.timeout(WAIT):
        while (moved := await profile(stage, stage.trader, stage.weaver))["total"] == "93.33":
            await asyncio.sleep(0.1)
    assert [one["total"] for one in moved["history"]] == [moved["latestResult"]["total"], "93.33"]
    assert moved["latestResult"]["band"] == "d"
    assert [one["key"] for one in moved["latestResult"]["sections"]] == ["safety"]


async def test_preview_shows_exactly_what_the_buyer_will_see_and_shares_nothing(stage: Stage) -> None:
    submitted, _ = await submit_with_file(stage)
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    for asked in ({}, {"sections": ["labour"]}, {"includeEvidence": True}, {**EVERYTHING, "until": until}):
        target = {"submissionId": submitted.node, "buyerId": stage.name_organization(stage.maker), "purpose": "Trust"}
        seen = await stage.change(stage.weaver, documents.PREVIEW, **(target | asked))
        assert seen["share"]["state"] == "LIVE"
        assert (await stage.ask(stage.weaver, documents.SHARES))["shares"]["nodes"] == []
        share = await stage.share(stage.weaver, stage.maker, submitted, **asked)
        assert (await profile(stage, stage.maker, stage.weaver))["latestResult"] == seen["share"]["shows"]
        await stage.change(stage.weaver, documents.REVOKE, shareId=share)
        await stage.house.fetch("DELETE FROM portal.share")
    assert await stage.house.fetch("SELECT 1 FROM portal.read_receipt WHERE reader_id = supplier_id") == []


async def test_sharing_on_a_request_fulfills_it(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    request, name = await stage.request(stage.maker, stage.weaver, accept=False)
    _, second = await stage.request(stage.trader, stage.weaver)
    made = await stage.change(stage.weaver, SHARE, submissionId=submitted.node, requestId=name)
    assert made["fulfilledRequestIds"] == [name]
    assert made["share"]["purpose"] == "Choosing suppliers for next year"
    assert made["share"]["requestId"] == name
    (state,) = (await profile(stage, stage.maker, stage.weaver))["requests"]
    assert (state["id"], state["state"]) == (stage.name("rqst", stage.maker, request), "FULFILLED")
    by_link = await stage.change(
        stage.weaver,
        SHARE,
        submissionId=submitted.node,
        buyerId=stage.name_organization(stage.trader),
        purpose="As asked",
    )
    assert by_link["fulfilledRequestIds"] == [second]
    # Whoever lost the reply is told the same again.
    assert await stage.change(stage.weaver, SHARE, submissionId=submitted.node, requestId=name) == made
    linked = {"buyerId": stage.name_organization(stage.trader), "purpose": "As asked"}
    assert await stage.change(stage.weaver, SHARE, submissionId=submitted.node, **linked) == by_link
    wider = await stage.change(stage.weaver, SHARE, submissionId=submitted.node, **(linked | {"purpose": "Else"}))
    assert wider["fulfilledRequestIds"] == []


async def test_the_same_key_shares_once(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    asked = {"submissionId": submitted.node, "buyerId": stage.name_organization(stage.maker), "purpose": "Trust"}
    first, second = [await stage.change(stage.weaver, SHARE, **asked, idempotencyKey="share-it-once") for _ in "12"]
    assert first["share"]["id"] == second["share"]["id"]
    other = await stage.change(stage.weaver, SHARE, **asked, idempotencyKey="share-it-once", mode="FOLLOWING")
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len((await stage.ask(stage.weaver, documents.SHARES))["shares"]["nodes"]) == 1


async def test_the_very_same_is_shared_once(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    asked = {"submissionId": submitted.node, "buyerId": stage.name_organization(stage.maker), "purpose": "Trust"}
    more = asked | {"sections": ["safety", "facts"]}
    first = await stage.change(stage.weaver, SHARE, **more)
    again = await stage.change(stage.weaver, SHARE, **(more | {"sections": ["facts", "safety"]}))
    assert again["share"]["id"] == first["share"]["id"]
    less = await stage.change(stage.weaver, SHARE, **asked)
    assert less["share"]["id"] != first["share"]["id"]
    await stage.change(stage.weaver, documents.REVOKE, shareId=first["share"]["id"])
    anew = await stage.change(stage.weaver, SHARE, **more)
    assert anew["share"]["id"] not in (first["share"]["id"], less["share"]["id"])
    assert len((await stage.ask(stage.weaver, documents.SHARES))["shares"]["nodes"]) == 3


async def test_bad_shares_are_refused(stage: Stage) -> None:
    submitted = await stage.submit(stage.weaver)
    foreign = await stage.submit(stage.dyer)
    _, higher = await stage.request(stage.maker, stage.weaver, accept=False, minimum_tier="standard")
    _, other = await stage.request(stage.trader, stage.weaver, accept=False, period_start=date(2026, 7, 1))
    maker, trader = stage.name_organization(stage.maker), stage.name_organization(stage.trader)
    good = {"submissionId": submitted.node, "buyerId": maker, "purpose": "Trust"}
    past, far = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
    cases: list[tuple[dict[str, Any], str, str | None]] = [
        ({"submissionId": foreign.node}, "NOT_FOUND", None),
        ({"submissionId": "nonsense"}, "BAD_ID", None),
        ({"submissionId": maker}, "BAD_ID", None),
        ({"buyerId": None}, "ONE_OF", None),
        ({"requestId": higher}, "ONE_OF", None),
        ({"buyerId": stage.name_organization(stage.dyer)}, "NOT_FOUND", None),
        ({"buyerId": stage.name_organization(stage.weaver)}, "NOT_FOUND", None),
        ({"buyerId": None, "requestId": higher}, "TIER_TOO_LOW", None),
        ({"buyerId": None, "requestId": other}, "OTHER_SUBJECT", None),
        ({"sections": ["nothing"]}, "INVALID_INPUT", "SECTION"),
        ({"sections": ["facts", "facts"]}, "INVALID_INPUT", "SECTION"),
        ({"until": past}, "INVALID_INPUT", "UNTIL"),
        ({"until": far}, "INVALID_INPUT", "UNTIL"),
        ({"purpose": None}, "INVALID_INPUT", "PURPOSE"),
        ({"purpose": " "}, "INVALID_INPUT", "PURPOSE"),
        ({"purpose": "x" * 501}, "INVALID_INPUT", "PURPOSE"),
        ({"idempotencyKey": "short"}, "INVALID_INPUT", None),
    ]
    for changed, code, problem in cases:
        made = await stage.change(stage.weaver, SHARE, **(good | changed))
        assert made.get("code") == code, (changed, made)
        if problem is not None:
            assert problem in {one["code"] for one in made["problems"]}
    unlinked = await stage.change(stage.dyer, SHARE, submissionId=foreign.node, buyerId=trader, purpose="Trust")
    assert unlinked["code"] == "NOT_FOUND"
    assert await stage.house.fetch("SELECT 1 FROM portal.share") == []


async def test_a_share_that_is_over_cannot_be_changed(stage: Stage) -> None:
    share = await stage.share(stage.weaver, stage.maker, await stage.submit(stage.weaver))
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    both = await stage.change(stage.weaver, documents.CHANGE, shareId=share, until=later, noEnd=True)
    assert both["problems"][0]["code"] == "UNTIL"
    for _ in range(2):
        gone = await stage.change(stage.weaver, documents.REVOKE, shareId=share)
        assert gone["share"]["state"] == "REVOKED"
    changed = await stage.change(stage.weaver, documents.CHANGE, shareId=share, until=later)
    assert changed["code"] == "ENDED"
    live = [
        len((await stage.ask(stage.weaver, documents.SHARES, live=one))["shares"]["nodes"]) for one in (True, False)
    ]
    assert live == [0, 1]
