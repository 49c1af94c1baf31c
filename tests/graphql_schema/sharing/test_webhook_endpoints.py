"""Owners manage endpoints: bounds, problems, secrets shown once and kept sealed, rotation, pauses, removal."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.delivery.webhooks import endpoints
from tests import databases
from tests.graphql_schema.sharing import stage as stages
from tests.graphql_schema.sharing.hooks import LOCAL, do, open_endpoint, read_endpoint, read_log, settle, write
from tests.graphql_schema.sharing.stage import Stage
from tests.receivers import receive

URL = "https://hooks.example.com/portal"
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


@pytest.fixture
async def stage(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Stage]:
    async with stages.set_stage(database, tmp_path, **LOCAL) as made:
        yield made


@pytest.fixture
async def strict(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Stage]:
    """The same with the settings that ship, and without a worker."""
    async with stages.set_stage(database, tmp_path, works=False) as made:
        yield made


async def test_an_endpoint_is_made_once_and_its_secret_shown_once(strict: Stage) -> None:
    given = {"url": URL, "eventTypes": ["share.created", "share.created"], "idempotencyKey": "my-first-hook"}
    made = await do(strict, strict.maker, "create", **given, description="  ERP ")
    assert made["secret"].startswith("whsec_")
    endpoint = made["endpoint"]
    assert (endpoint["url"], endpoint["types"], endpoint["state"]) == (URL, ["share.created"], "ACTIVE")
    assert endpoint["description"] == "ERP"
    again = await do(strict, strict.maker, "create", **given, description="  ERP ")
    assert (again["secret"], again["endpoint"]["id"]) == (None, endpoint["id"])
    other = await do(strict, strict.maker, "create", **given, description="Other")
    assert other["__typename"] == "Conflict"
    (row,) = await strict.portal.fetch("SELECT string_agg(s::text, ' ') AS all FROM portal.webhook_secret s")
    assert made["secret"] not in row["all"]
    assert made["secret"].removeprefix("whsec_") not in row["all"]
    kept = await strict.portal.fetch("SELECT action FROM portal.audit_event WHERE object_kind = 'webhook_endpoint'")
    assert [one["action"] for one in kept] == ["webhook_endpoint.created"]
    assert (await strict.ask(strict.maker, NODE, id=endpoint["id"]))["node"]["__typename"] == "WebhookEndpoint"
    assert (await strict.ask(strict.trader, NODE, id=endpoint["id"]))["node"] is None


async def test_the_application_itself_cannot_read_what_is_sealed(strict: Stage) -> None:
    await open_endpoint(strict, strict.maker, URL)
    async with strict.house.act(strict.maker) as (session, _):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with session.begin_nested():
                await session.execute(text("SELECT sealed FROM portal.webhook_secret"))


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"url": "http://hooks.example.com/"}, "BAD_URL", "url"),
        ({"url": "https://127.0.0.1/"}, "BAD_URL", "url"),
        ({"url": ""}, "BAD_URL", "url"),
        ({"eventTypes": []}, "REQUIRED", "eventTypes"),
        ({"eventTypes": ["share.stolen"]}, "EVENT_TYPE", "eventTypes"),
        ({"eventTypes": ["webhook.ping"]}, "EVENT_TYPE", "eventTypes"),
        ({"description": "x" * 501}, "LENGTH", "description"),
        ({"description": "a\u202eb"}, "CHARACTERS", "description"),
    ],
)
async def test_what_cannot_be_is_named(strict: Stage, given: dict[str, Any], code: str, path: str) -> None:
    whole = {"url": URL, "eventTypes": ["share.created"]} | given
    refused = await do(strict, strict.maker, "create", **whole)
    assert [(one["code"], one["path"]) for one in refused["problems"]] == [(code, ["input", path])]
    endpoint, _ = await open_endpoint(strict, strict.maker, URL)
    changed = await do(strict, strict.maker, "change", endpointId=endpoint, **given)
    assert [(one["code"], one["path"]) for one in changed["problems"]] == [(code, ["input", path])]


async def test_no_more_than_some_endpoints_also_at_once(strict: Stage) -> None:
    made = await asyncio.gather(
        *(
            do(strict, strict.maker, "create", url=f"{URL}/{place}", eventTypes=["share.created"])
            for place in range(endpoints.MOST_ENDPOINTS + 3)
        )
    )
    kinds = [one["__typename"] for one in made]
    assert kinds.count("WebhookEndpointCreated") == endpoints.MOST_ENDPOINTS
    assert {one["code"] for one in made if one["__typename"] == "Conflict"} == {"TOO_MANY_ENDPOINTS"}
    (first, *_) = [one for one in made if one["__typename"] == "WebhookEndpointCreated"]
    assert (await do(strict, strict.maker, "remove", endpointId=first["endpoint"]["id"]))["endpointId"]
    await open_endpoint(strict, strict.maker, URL)
    await open_endpoint(strict, strict.trader, URL)


async def test_owners_alone_manage_and_only_their_own(strict: Stage) -> None:
    endpoint, _ = await open_endpoint(strict, strict.maker, URL)
    editor = await strict.portal.join(
        stages.portals.Caller("", strict.maker.user, strict.maker.organization), "Ed", "editor"
    )
    acts = ["change", "rotate", "pause", "enable", "ping", "remove"]
    for act in acts:
        refused = await do(strict, strict.trader, act, endpointId=endpoint)
        assert refused["__typename"] == "NotFound", act
        answer = await strict.portal.ask(write(act), editor.token, input={"endpointId": endpoint})
        (result,) = answer["data"].values()
        assert result["__typename"] == "NotAllowed", act
    again = await do(strict, strict.trader, "replay_all", endpointId=endpoint, since="2026-01-01T00:00:00Z")
    assert again["__typename"] == "NotFound"
    assert await read_log(strict, strict.trader, endpoint) == []


async def test_an_endpoint_is_changed_in_what_is_given(strict: Stage) -> None:
    endpoint, _ = await open_endpoint(strict, strict.maker, URL, "share.created")
    await do(strict, strict.maker, "change", endpointId=endpoint, description="ERP")
    changed = await do(
        strict, strict.maker, "change", endpointId=endpoint, url=f"{URL}/2", eventTypes=["share.revoked"]
    )
    found = changed["endpoint"]
    assert (found["url"], found["types"], found["description"]) == (f"{URL}/2", ["share.revoked"], "ERP")
    emptied = await do(strict, strict.maker, "change", endpointId=endpoint, description="")
    assert emptied["endpoint"]["description"] is None


async def test_both_secrets_sign_for_a_day_and_never_three(stage: Stage) -> None:
    async with receive() as receiver:
        endpoint, first = await open_endpoint(stage, stage.maker, receiver)
        rotated = await do(stage, stage.maker, "rotate", endpointId=endpoint)
        second = rotated["secret"]
        assert rotated["endpoint"]["formerSecretUntil"]
        await do(stage, stage.maker, "ping", endpointId=endpoint)
        (message,) = await receiver.wait()
        assert [message.count_signatures(one) for one in (first, second)] == [1, 1]
        third = (await do(stage, stage.maker, "rotate", endpointId=endpoint))["secret"]
        await do(stage, stage.maker, "ping", endpointId=endpoint)
        message = (await receiver.wait(2))[1]
        assert [message.count_signatures(one) for one in (first, second, third)] == [0, 1, 1]
        await settle(stage)
        await stage.portal.run_sql("UPDATE portal.webhook_secret SET valid_until = valid_until - interval '25 hours'")
        await do(stage, stage.maker, "ping", endpointId=endpoint)
        message = (await receiver.wait(3))[2]
        assert [message.count_signatures(one) for one in (first, second, third)] == [0, 0, 1]
    assert (await read_endpoint(stage, stage.maker, endpoint))["formerSecretUntil"] is None


async def test_a_ping_is_sent_whatever_the_filter_and_to_that_endpoint_alone(stage: Stage) -> None:
    async with receive() as one, receive() as other:
        endpoint, _ = await open_endpoint(stage, stage.maker, one, "share.created")
        await open_endpoint(stage, stage.maker, other, "share.created")
        assert (await do(stage, stage.maker, "ping", endpointId=endpoint))["__typename"] == "WebhookPinged"
        (message,) = await one.wait()
        await settle(stage)
        await do(stage, stage.maker, "pause", endpointId=endpoint)
        refused = await do(stage, stage.maker, "ping", endpointId=endpoint)
    assert message.event["type"] == "webhook.ping"
    assert message.event["data"]["endpointId"] == endpoint
    assert other.messages == []
    assert refused["code"] == "NOT_ACTIVE"


async def test_what_happens_during_a_pause_waits_and_is_gone_with_the_endpoint(stage: Stage) -> None:
    async with receive() as receiver:
        endpoint, _ = await open_endpoint(stage, stage.maker, receiver, "request.asked")
        paused = await do(stage, stage.maker, "pause", endpointId=endpoint)
        assert paused["endpoint"]["state"] == "PAUSED"
        await stage.request(stage.maker, stage.weaver, accept=False)
        await settle(stage)
        await asyncio.sleep(1.0)
        assert receiver.messages == []
        assert [one["state"] for one in await read_log(stage, stage.maker, endpoint)] == ["WAITING"]
        await do(stage, stage.maker, "enable", endpointId=endpoint)
        await receiver.wait()
        await settle(stage)
        await do(stage, stage.maker, "remove", endpointId=endpoint)
        await stage.request(stage.maker, stage.dyer, accept=False)
        await settle(stage)
    assert len(receiver.messages) == 1
    for table in ("webhook_endpoint", "webhook_secret", "webhook_delivery"):
        assert await stage.portal.fetch(f"SELECT FROM portal.{table}") == []
