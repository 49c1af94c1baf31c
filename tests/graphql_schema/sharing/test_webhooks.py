"""What happens reaches whom it concerns, and nobody else: signed, with ids alone, to a real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal.database import outbox
from portal.delivery.webhooks.catalogue import CATALOGUE, PING
from tests import databases, people
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.hooks import LOCAL, do, open_endpoint, read_log, relayed, settle
from tests.graphql_schema.sharing.stage import Stage
from tests.receivers import Receiver, receive

ALL = sorted(CATALOGUE.keys() - {PING})
REVOKE = """mutation ($input: RevokeShareInput!) { revokeShare(input: $input) { __typename } }"""
DECLINE = """mutation ($input: DeclineRequestInput!) { declineRequest(input: $input) { __typename } }"""
CHANGE = """mutation ($input: ChangeShareInput!) { changeShare(input: $input) { __typename } }"""
TAKE_BACK = """mutation ($input: WithdrawSubmissionInput!) { withdrawSubmission(input: $input) { __typename } }"""
LATER = """
UPDATE portal.share SET starts_at = created_at + interval '30 minutes', until = created_at + interval '2 hours'
"""
TYPES = "{ webhookEventTypes { name toldTo description } }"


@pytest.fixture
async def stage(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Stage]:
    async with stages.set_stage(database, tmp_path, **LOCAL) as made:
        yield made


def find(receiver: Receiver, kind: str) -> Any:
    """The data of the one event of a type."""
    (found,) = [one.event["data"] for one in receiver.messages if one.event["type"] == kind]
    return found


async def test_a_message_is_a_signed_cloud_event_with_ids_alone(stage: Stage) -> None:
    async with receive() as receiver:
        _, secret = await open_endpoint(stage, stage.maker, receiver, "request.asked")
        asked, _ = await stage.request(stage.maker, stage.weaver, accept=False)
        (message,) = await receiver.wait()
    assert message.path == "/hook"
    assert message.count_signatures(secret) == 1
    assert message.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    event = message.event
    node = stage.name("rqst", stage.maker, asked)
    assert event["id"] == message.headers["webhook-id"]
    assert set(event) == {"specversion", "id", "source", "type", "time", "datacontenttype", "subject", "data"}
    assert (event["specversion"], event["source"], event["type"]) == ("1.0", "http://portal.test", "request.asked")
    assert (event["subject"], event["datacontenttype"]) == (node, "application/json")
    assert event["data"] == {
        "organizationId": stage.name_organization(stage.maker),
        "supplierId": stage.name_record(stage.maker, stage.weaver),
        "requestId": node,
    }
    assert "cookie" not in message.headers
    assert "authorization" not in message.headers


async def test_each_side_is_told_in_its_own_ids_and_nobody_else_is(stage: Stage) -> None:
    async with receive() as weaver, receive() as dyer, receive() as maker, receive() as trader:
        for caller, receiver in (
            (stage.weaver, weaver),
            (stage.dyer, dyer),
            (stage.maker, maker),
            (stage.trader, trader),
        ):
            await open_endpoint(stage, caller, receiver, *ALL)
        asked, received = await stage.request(stage.maker, stage.weaver)
        submitted = await stage.submit(stage.weaver)
        share = await stage.share(stage.weaver, stage.maker, submitted)
        await stage.change(stage.weaver, CHANGE, shareId=share, sections=["labour"])
        await settle(stage)  # what was revoked before is not told
        await stage.change(stage.weaver, REVOKE, shareId=share)
        other, _ = await stage.request(stage.trader, stage.weaver, accept=False, questionnaire="sample")
        await stage.change(stage.weaver, DECLINE, requestId=stage.name("rcvd", stage.trader, other), reason="No")
        await settle(stage)
    both = ["request.accepted", "request.asked", "request.fulfilled", "share.changed", "share.created", "share.revoked"]
    assert maker.list_types() == both
    assert trader.list_types() == ["request.asked", "request.declined"]
    assert weaver.list_types() == sorted([*both, "request.asked", "request.declined", "submission.created"])
    assert dyer.list_types() == []
    result = stage.name("shrd", stage.weaver, submitted.id)
    record = stage.name_record(stage.maker, stage.weaver)
    own = {"organizationId": stage.name_organization(stage.maker), "supplierId": record}
    for kind in ("share.created", "share.changed", "share.revoked"):
        assert find(maker, kind) == {**own, "resultId": result}
        assert find(weaver, kind) == {
            "organizationId": stage.name_organization(stage.weaver),
            "buyerId": stage.name_organization(stage.maker),
            "shareId": share,
            "submissionId": submitted.node,
        }
    assert find(maker, "request.accepted") == {**own, "requestId": stage.name("rqst", stage.maker, asked)}
    assert find(weaver, "request.accepted") == {
        "organizationId": stage.name_organization(stage.weaver),
        "buyerId": stage.name_organization(stage.maker),
        "requestId": received,
    }
    for receiver, foreign in ((maker, submitted.assessment), (trader, submitted.id), (trader, asked)):
        assert foreign.bytes.hex() not in b"".join(one.body for one in receiver.messages).hex()


async def test_a_result_concerns_those_who_may_read_it(stage: Stage) -> None:
    async with receive() as maker, receive() as trader, receive() as weaver:
        for caller, receiver in ((stage.maker, maker), (stage.trader, trader), (stage.weaver, weaver)):
            await open_endpoint(stage, caller, receiver, *(one for one in ALL if not one.startswith("request.")))
        first = await stage.submit(stage.weaver)
        await stage.share(stage.weaver, stage.maker, first, mode="FOLLOWING")
        await stage.share(stage.weaver, stage.trader, first)
        await settle(stage)
        place = {"supplier": stage.weaver.organization, "submission": first.id, "before": 1, "profile": 2}
        version = {"supplier": stage.weaver.organization, "questionnaire": "sample", "version": "1.0.0"}
        other = version | {"version": "9.9.9"}
        async with stage.house.act(stage.weaver) as (session, _):
            await outbox.add_event(session, "band.changed", **place)
            await outbox.add_event(session, "submission.rescored", **version)
            await outbox.add_event(session, "submission.rescored", **other)
        await settle(stage)
        found = await stage.house.fetch("SELECT version FROM portal.submission")
        assert {row["version"] for row in found} == {"1.0.0"}
        for receiver in (maker, trader):
            assert receiver.list_types() == ["result.band_changed", "result.rescored", "share.created"]
            assert find(receiver, "result.rescored")["resultId"] == stage.name("shrd", stage.weaver, first.id)
        assert find(weaver, "result.band_changed")["submissionId"] == first.node
        await stage.change(stage.weaver, TAKE_BACK, submissionId=first.node)
        await settle(stage)
    for receiver in (maker, trader):
        assert find(receiver, "result.withdrawn")["resultId"] == stage.name("shrd", stage.weaver, first.id)
    assert find(weaver, "submission.withdrawn")["submissionId"] == first.node


async def test_a_share_that_follows_tells_of_the_next_submission(stage: Stage) -> None:
    async with receive() as maker, receive() as trader:
        for caller, receiver in ((stage.maker, maker), (stage.trader, trader)):
            await open_endpoint(stage, caller, receiver, "result.available")
        first = await stage.submit(stage.weaver, start=date(2024, 1, 1), end=date(2024, 12, 31))
        await stage.share(stage.weaver, stage.maker, first, mode="FOLLOWING")
        await stage.share(stage.weaver, stage.trader, first)
        second = await stage.submit(stage.weaver)
        await settle(stage)
    assert find(maker, "result.available")["resultId"] == stage.name("shrd", stage.weaver, second.id)
    assert trader.messages == []


async def test_nothing_more_is_sent_by_a_share_that_has_ended_meanwhile(stage: Stage) -> None:
    async with receive() as receiver:
        endpoint, _ = await open_endpoint(stage, stage.maker, receiver, "share.created", "share.revoked")
        await do(stage, stage.maker, "pause", endpointId=endpoint)
        submitted = await stage.submit(stage.weaver)
        share = await stage.share(stage.weaver, stage.maker, submitted)
        await relayed(stage)
        await stage.change(stage.weaver, REVOKE, shareId=share)
        await relayed(stage)
        await do(stage, stage.maker, "enable", endpointId=endpoint)
        await receiver.wait()
        await settle(stage)
    assert receiver.list_types() == ["share.revoked"]
    listed = {one["type"]: one for one in await read_log(stage, stage.maker, endpoint)}
    assert (listed["share.created"]["state"], listed["share.created"]["failure"]) == ("DROPPED", "SHARE_ENDED")
    assert listed["share.revoked"]["state"] == "DELIVERED"


async def test_a_share_that_begins_or_ends_by_its_date_is_told_to_both_sides(stage: Stage) -> None:
    async with receive() as maker, receive() as weaver:
        for caller, receiver in ((stage.maker, maker), (stage.weaver, weaver)):
            await open_endpoint(stage, caller, receiver, "share.created", "share.started", "share.ended")
        submitted = await stage.submit(stage.weaver)
        share = await stage.share(stage.weaver, stage.maker, submitted)
        await settle(stage)
        await stage.house.fetch(LATER)  # as an engagement or an agreement that begins another day
        await people.move_clock(stage.portal.database, "1 hour")
        await asyncio.gather(maker.wait(2), weaver.wait(2))
        await people.move_clock(stage.portal.database, "3 hours")
        await asyncio.gather(maker.wait(3), weaver.wait(3))
        await settle(stage)
    assert maker.list_types() == weaver.list_types() == ["share.created", "share.ended", "share.started"]
    told = find(maker, "share.ended")
    assert told == find(maker, "share.started") == find(maker, "share.created")
    assert told["resultId"] == stage.name("shrd", stage.weaver, submitted.id)
    assert find(weaver, "share.ended")["shareId"] == share
    (row,) = await stage.house.fetch("SELECT start_noted, end_noted FROM portal.share")
    assert (row["start_noted"], row["end_noted"]) == (True, True)


async def test_a_release_concerns_everybody_who_reads_releases(stage: Stage) -> None:
    async with receive() as maker, receive() as weaver, receive() as dyer:
        for caller, receiver in ((stage.maker, maker), (stage.weaver, weaver)):
            await open_endpoint(stage, caller, receiver, "benchmark.released")
        await open_endpoint(stage, stage.dyer, dyer, "share.created")
        async with stage.house.act(stage.dyer) as (session, _):
            await outbox.add_event(session, "release.made", release=7)
        await settle(stage)
    assert find(maker, "benchmark.released")["release"] == "7"
    assert find(weaver, "benchmark.released")["organizationId"] == stage.name_organization(stage.weaver)
    assert dyer.messages == []


async def test_an_organization_without_the_role_or_suspended_is_told_nothing(stage: Stage) -> None:
    async with receive() as maker, receive() as trader:
        for caller, receiver in ((stage.maker, maker), (stage.trader, trader)):
            await open_endpoint(stage, caller, receiver, "request.asked", "request.accepted")
        await stage.portal.run_sql(
            "UPDATE portal.organization SET status = 'suspended' WHERE id = $1", stage.maker.organization
        )
        await stage.portal.run_sql(
            "UPDATE portal.organization_role SET status = 'refused' WHERE organization_id = $1",
            stage.trader.organization,
        )
        for buyer in (stage.maker, stage.trader):
            async with stage.house.act(stage.weaver) as (session, _):
                await outbox.add_event(
                    session, "request.asked", buyer=buyer.organization, request=await add_request(stage, buyer)
                )
        await settle(stage)
    assert maker.messages == []
    assert trader.messages == []


async def add_request(stage: Stage, buyer: Any) -> Any:
    record = stage.records[buyer.organization, stage.weaver.organization]
    (row,) = await stage.portal.fetch(
        "INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,"
        " period_start, period_end, purpose, due_on) VALUES ($1, gen_random_uuid(), $2, $3, 'sample', 'micro',"
        " '2025-01-01', '2025-12-31', 'x', '2099-01-01') RETURNING id",
        buyer.organization,
        record,
        stage.weaver.organization,
    )
    return row["id"]


async def test_types_are_listed_for_everybody(stage: Stage) -> None:
    answer = await stage.portal.ask(TYPES)
    listed = answer["data"]["webhookEventTypes"]
    assert [one["name"] for one in listed] == list(CATALOGUE)
    assert all(one["description"].endswith(".") and one["toldTo"] for one in listed)
    assert json.dumps(listed).count("webhook.ping") == 1
