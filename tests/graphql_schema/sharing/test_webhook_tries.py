"""Tries: what counts as taken, growing waits, giving up, replays, the log; and a worker that is killed."""

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from portal import storage
from portal.database import engine
from portal.delivery import letter_texts, letters, mail, relay, workplace
from portal.delivery.webhooks import dispatch
from tests import databases
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.hooks import LOCAL, LOG, do, open_endpoint, read_endpoint, read_log, relayed, settle
from tests.graphql_schema.sharing.stage import Stage
from tests.portal.commands.processes import Serving
from tests.receivers import Message, receive

TEXTS = letter_texts.read_packaged()
DUE = "UPDATE portal.webhook_delivery SET next_attempt_at = portal.clock() WHERE state = 'waiting'"


@pytest.fixture
async def stage(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Stage]:
    async with stages.set_stage(database, tmp_path, **LOCAL) as made:
        yield made


@pytest.fixture
async def still(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[tuple[Stage, workplace.Workplace]]:
    """Without a worker that sends by itself: the test says when a try is made."""
    async with stages.set_stage(database, tmp_path, works=False, **LOCAL) as made:
        workers = engine.Database(engine.create_engine(database.worker_url, pool_size=2))
        yield made, workplace.Workplace(made.settings, workers, storage.open_storage(made.settings.storage_url))
        await workers.close()


async def ping(stage: Stage, endpoint: str) -> None:
    """A message that waits, without a worker."""
    assert (await do(stage, stage.maker, "ping", endpointId=endpoint))["__typename"] == "WebhookPinged"
    await relay_now(stage)
    assert await stage.portal.fetch("SELECT FROM portal.webhook_delivery WHERE state = 'waiting'")


async def relay_now(stage: Stage) -> None:
    connection = await asyncpg.connect(stage.portal.database.worker_url.replace("+asyncpg", ""))
    try:
        await relay.relay_batch(connection)
    finally:
        await connection.close()


async def try_once(place: workplace.Workplace) -> int:
    claims = await dispatch.claim_due(place)
    await asyncio.gather(*(dispatch.deliver(place, claim) for claim in claims))
    return len(claims)


def test_the_waits_are_three_days_and_grow() -> None:
    assert sorted(dispatch.WAITS) == list(dispatch.WAITS)
    assert timedelta(days=3) < timedelta(seconds=sum(dispatch.WAITS) * (1 - dispatch.JITTER)) + timedelta(hours=6)
    assert timedelta(days=2.5) < timedelta(seconds=sum(dispatch.WAITS)) < timedelta(days=3.5)


@pytest.mark.parametrize(
    ("status", "state", "failure"),
    [
        ("200 OK", "DELIVERED", None),
        ("204 No Content", "DELIVERED", None),
        ("299 Strange", "DELIVERED", None),
        ("304 Not Modified", "WAITING", "STATUS"),
        ("307 Temporary Redirect", "WAITING", "STATUS"),
        ("404 Not Found", "WAITING", "STATUS"),
        ("429 Too Many Requests", "WAITING", "STATUS"),
        ("500 Oh", "WAITING", "STATUS"),
        ("410 Gone", "FAILED", "STATUS"),
    ],
)
async def test_what_counts_as_taken(
    still: tuple[Stage, workplace.Workplace], status: str, state: str, failure: str | None
) -> None:
    stage, place = still
    async with receive() as receiver:
        receiver.answer = lambda message: status
        endpoint, _ = await open_endpoint(stage, stage.maker, receiver)
        await ping(stage, endpoint)
        assert await try_once(place) == 1
    (one,) = await read_log(stage, stage.maker, endpoint)
    assert (one["state"], one["failure"], one["attempts"]) == (state, failure, 1)
    assert one["responseCode"] == int(status[:3])
    assert (one["nextAttemptAt"] is None) == (state != "WAITING")
    found = await read_endpoint(stage, stage.maker, endpoint)
    assert (found["failingSince"] is None) == (state == "DELIVERED")
    gone = ("DISABLED", "GONE") if status.startswith("410") else ("ACTIVE", None)
    assert (found["state"], found["disabledReason"]) == gone
    told = await compose_disabled(stage)
    if found["state"] == "ACTIVE":
        assert told == []
        return
    (letter,) = told
    (owner,) = await stage.portal.fetch("SELECT email FROM portal.user_account WHERE id = $1", stage.maker.user)
    assert letter.to == owner["email"]
    assert f"http://127.0.0.1:{receiver.port}\n\nThe other side answers that it is gone for good." in letter.body
    await do(stage, stage.maker, "enable", endpointId=endpoint)
    assert await compose_disabled(stage) == []


async def compose_disabled(stage: Stage) -> list[letters.Letter]:
    """What the members would be told by letter about endpoints that are disabled now."""
    await relay_now(stage)
    workers = engine.Database(engine.create_engine(stage.portal.database.worker_url, pool_size=1))
    rows = await stage.portal.fetch("SELECT kind, ids FROM portal.mail WHERE kind = 'webhook_disabled'")
    async with workers.transaction() as (session, _):
        made = [
            await mail.compose(session, row["kind"], orjson.loads(row["ids"]), "http://portal.test", TEXTS)
            for row in rows
        ]
    await workers.close()
    return [one for one in made if one is not None]


async def test_every_try_comes_later_under_the_same_id_until_the_endpoint_is_given_up(
    still: tuple[Stage, workplace.Workplace],
) -> None:
    stage, place = still
    async with receive() as receiver:
        receiver.answer = lambda message: "500 Oh"
        endpoint, _ = await open_endpoint(stage, stage.maker, receiver, "request.asked")
        await ping(stage, endpoint)
        for wait in dispatch.WAITS:
            assert await try_once(place) == 1
            assert await try_once(place) == 0, "it is not due yet"
            (row,) = await stage.portal.fetch(
                "SELECT extract(epoch FROM next_attempt_at - portal.clock())::float8 AS seconds"
                " FROM portal.webhook_delivery"
            )
            assert wait * 0.9 - 5 <= row["seconds"] <= wait * 1.1
            await stage.portal.run_sql(DUE)
        await stage.portal.run_sql(
            "UPDATE portal.webhook_endpoint SET failing_since = failing_since - interval '73 hours'"
        )
        assert await try_once(place) == 1
        assert len(receiver.messages) == len(dispatch.WAITS) + 1
        assert len({one.headers["webhook-id"] for one in receiver.messages}) == 1
        assert len({one.body for one in receiver.messages}) == 1
        (one,) = await read_log(stage, stage.maker, endpoint)
        assert (one["state"], one["attempts"], one["nextAttemptAt"]) == ("FAILED", 10, None)
        found = await read_endpoint(stage, stage.maker, endpoint)
        assert (found["state"], found["disabledReason"]) == ("DISABLED", "FAILING")
        receiver.answer = lambda message: "200 OK"
        enabled = await do(stage, stage.maker, "enable", endpointId=endpoint)
        assert enabled["endpoint"]["disabledReason"] is None
        replayed = await do(stage, stage.maker, "replay", deliveryId=one["id"])
        assert (replayed["delivery"]["state"], replayed["delivery"]["attempts"]) == ("WAITING", 0)
        assert await try_once(place) == 1
    assert receiver.messages[-1].headers["webhook-id"] == one["messageId"]
    (one,) = await read_log(stage, stage.maker, endpoint)
    assert (one["state"], one["attempts"], one["responseCode"]) == ("DELIVERED", 1, 200)


async def test_one_message_that_failed_does_not_disable_an_endpoint_that_takes_others(
    still: tuple[Stage, workplace.Workplace],
) -> None:
    stage, place = still
    async with receive() as receiver:
        receiver.answer = lambda message: "500 Oh"
        endpoint, _ = await open_endpoint(stage, stage.maker, receiver)
        await ping(stage, endpoint)
        await stage.portal.run_sql("UPDATE portal.webhook_delivery SET attempts = 9")
        assert await try_once(place) == 1
    (one,) = await read_log(stage, stage.maker, endpoint)
    assert one["state"] == "FAILED"
    assert (await read_endpoint(stage, stage.maker, endpoint))["state"] == "ACTIVE"


async def test_no_answer_and_no_connection_are_told_apart(still: tuple[Stage, workplace.Workplace]) -> None:
    stage, place = still

    def hang_up(message: Message) -> str:
        raise ConnectionError

    async with receive() as receiver:
        receiver.answer = hang_up
        endpoint, _ = await open_endpoint(stage, stage.maker, receiver)
        await ping(stage, endpoint)
        await try_once(place)
        assert [one["failure"] for one in await read_log(stage, stage.maker, endpoint)] == ["CONNECTION"]
    await stage.portal.run_sql(DUE)
    await try_once(place)
    assert [one["failure"] for one in await read_log(stage, stage.maker, endpoint)] == ["CONNECTION"]


async def test_a_range_is_replayed_what_failed_or_everything(stage: Stage) -> None:
    async with receive() as receiver:
        endpoint, _ = await open_endpoint(stage, stage.maker, receiver, "request.asked")
        await stage.request(stage.maker, stage.weaver, accept=False)
        await stage.request(stage.maker, stage.dyer, accept=False)
        await receiver.wait(2)
        await settle(stage)
        await stage.portal.run_sql(
            "UPDATE portal.webhook_delivery SET state = 'failed' WHERE id = (SELECT min(id::text)::uuid FROM"
            " portal.webhook_delivery)"
        )
        since = {"endpointId": endpoint, "since": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
        assert (await do(stage, stage.maker, "replay_all", **since))["count"] == 1
        await receiver.wait(3)
        await settle(stage)
        early = since | {"until": (datetime.now(UTC) - timedelta(minutes=30)).isoformat()}
        assert (await do(stage, stage.maker, "replay_all", **early, withDelivered=True))["count"] == 0
        assert (await do(stage, stage.maker, "replay_all", **since, withDelivered=True))["count"] == 2
        await receiver.wait(5)
        refused = await do(stage, stage.maker, "replay_all", endpointId=endpoint, since="2020-01-01T00:00:00Z")
        assert refused["code"] == "RANGE"
        backwards = since | {"until": "2020-01-01T00:00:00Z"}
        assert (await do(stage, stage.maker, "replay_all", **backwards))["code"] == "RANGE"
    assert len({one.headers["webhook-id"] for one in receiver.messages}) == 2


async def test_the_log_is_read_in_pages_by_state_and_type_and_kept_for_a_month(stage: Stage) -> None:
    async with receive() as receiver:
        endpoint, _ = await open_endpoint(stage, stage.maker, receiver, "request.asked")
        for _ in range(5):
            await do(stage, stage.maker, "ping", endpointId=endpoint)
        await receiver.wait(5)
        await settle(stage)
    seen, after = [], None
    while True:
        page = (await stage.ask(stage.maker, LOG, id=endpoint, first=2, after=after))["webhookDeliveries"]
        seen += [one["id"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert (len(seen), len(set(seen))) == (5, 5)
    assert len(await read_log(stage, stage.maker, endpoint, type="webhook.ping", state="DELIVERED")) == 5
    assert await read_log(stage, stage.maker, endpoint, state="FAILED") == []
    assert await read_log(stage, stage.maker, endpoint, type="request.asked") == []
    await stage.portal.run_sql(
        "UPDATE portal.webhook_delivery SET created_at = created_at - interval '30 days'"
        " WHERE id IN (SELECT id FROM portal.webhook_delivery ORDER BY id LIMIT 3)"
    )
    async with asyncio.timeout(stages.WAIT):
        while len(await read_log(stage, stage.maker, endpoint)) != 2:
            await asyncio.sleep(0.2)


async def test_a_slow_endpoint_delays_itself_alone(stage: Stage) -> None:
    async with receive() as slow, receive() as quick:
        slow.hold = asyncio.Event()
        endpoint, _ = await open_endpoint(stage, stage.maker, slow, "request.asked")
        other, _ = await open_endpoint(stage, stage.trader, quick, "request.asked")
        for _ in range(dispatch.AT_ONCE + 8):
            await do(stage, stage.maker, "ping", endpointId=endpoint)
        await relayed(stage)
        await slow.wait(1)
        await do(stage, stage.trader, "ping", endpointId=other)
        await quick.wait()
        assert len(slow.messages) <= dispatch.AT_ONCE_EACH
        assert {one.event["data"]["endpointId"] for one in slow.messages} == {endpoint}
        slow.hold.set()
        await slow.wait(dispatch.AT_ONCE + 8)


async def test_one_organization_never_takes_all_places(still: tuple[Stage, workplace.Workplace]) -> None:
    stage, place = still
    for number in range(6):
        endpoint, _ = await open_endpoint(stage, stage.maker, f"http://127.0.0.1:9999/{number}")
        for _ in range(dispatch.AT_ONCE_EACH + 2):
            await ping(stage, endpoint)
    endpoint, _ = await open_endpoint(stage, stage.trader, "http://127.0.0.1:9999/")
    assert (await do(stage, stage.trader, "ping", endpointId=endpoint))["__typename"] == "WebhookPinged"
    await relay_now(stage)
    first = await dispatch.claim_due(place)
    mine = [one for one in first if one.organization_id == stage.maker.organization]
    assert (len(mine), len(first)) == (dispatch.AT_ONCE_OF_ONE, dispatch.AT_ONCE_OF_ONE + 1)
    assert await dispatch.claim_due(place, full=[stage.maker.organization]) == []
    again = await dispatch.claim_due(place, busy=[one.endpoint_id for one in first])
    assert not {one.endpoint_id for one in again} & {one.endpoint_id for one in first}
    assert again


async def test_a_secret_sealed_by_another_key_is_told_and_rotated_away(
    still: tuple[Stage, workplace.Workplace],
) -> None:
    stage, place = still
    moved = workplace.Workplace(
        place.settings.model_copy(update={"secret_key": "another key since a restore"}), place.database, place.storage
    )
    async with receive() as receiver:
        endpoint, _ = await open_endpoint(stage, stage.maker, receiver)
        await ping(stage, endpoint)
        await try_once(moved)
    assert receiver.messages == []
    assert [one["failure"] for one in await read_log(stage, stage.maker, endpoint)] == ["SECRET"]


async def test_a_worker_killed_in_the_middle_loses_nothing(still: tuple[Stage, workplace.Workplace]) -> None:
    stage, _ = still
    async with receive() as receiver:
        receiver.hold = asyncio.Event()
        endpoint, secret = await open_endpoint(stage, stage.maker, receiver, "request.asked")
        for _ in range(3):
            await do(stage, stage.maker, "ping", endpointId=endpoint)
        first = start_worker(stage)
        try:
            await receiver.wait(3)
            before = {one.headers["webhook-id"] for one in receiver.messages}
        finally:
            first.process.kill()
            first.process.wait()
            first.log.close()
        receiver.hold.set()
        assert [one["state"] for one in await read_log(stage, stage.maker, endpoint)] == ["WAITING"] * 3
        await stage.portal.run_sql(DUE)  # as the lease is over
        await stage.request(stage.maker, stage.weaver, accept=False)
        second = start_worker(stage)
        try:
            await receiver.wait(7)
            await settle(stage)
        finally:
            assert second.interrupt(signal.SIGTERM) == 0, second.read_log()
            second.log.close()
    assert {one["state"] for one in await read_log(stage, stage.maker, endpoint)} == {"DELIVERED"}
    told = [one.headers["webhook-id"] for one in receiver.messages]
    assert sorted(told[:3]) == sorted(before)
    assert sorted(one for one in told if told.count(one) == 2) == sorted([*before, *before])
    assert all(one.count_signatures(secret) == 1 for one in receiver.messages)


def start_worker(stage: Stage) -> Serving:
    database = stage.portal.database
    settings: dict[str, Any] = {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
        "PORTAL_SECRET_KEY": stages.SECRET,
        "PORTAL_PUBLIC_URL": "http://portal.test",
        "PORTAL_WEBHOOK_HTTP": "true",
        "PORTAL_WEBHOOK_NETWORKS": "127.0.0.0/8",
    }
    return Serving(stage.folder, settings, "worker")
