"""Subscriptions over graphql-transport-ws: credentials, limits, wrong messages, and the end of a session."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
import websockets

from graphql_schema import socket
from portal.database import ids
from portal.delivery.events import Event
from portal.identity import attempts
from tests.graphql_schema import node
from tests.graphql_schema.portals import Caller, Portal

QUERY = "subscription { sampleChanged { sample { name } } }"
SUBSCRIBE = {"id": "1", "type": "subscribe", "payload": {"query": QUERY}}
ADD = 'mutation { addSample(input: {name: "News"}) { __typename } }'


class Client:
    """A client that speaks the protocol by hand."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def say(self, message: Any) -> None:
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(await asyncio.wait_for(self.connection.recv(), 10))
        return heard

    async def hear_close(self) -> tuple[int, str]:
        """The code and reason of the close that must come next, after whatever else comes."""
        async with asyncio.timeout(10):
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    await self.connection.recv()
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def connect(portal: Portal, **options: Any) -> AsyncIterator[Client]:
    options = {"subprotocols": ["graphql-transport-ws"]} | options
    async with websockets.connect(portal.url.replace("http", "ws"), **options) as connection:
        yield Client(connection)


@asynccontextmanager
async def signed_in(portal: Portal, caller: Caller) -> AsyncIterator[Client]:
    async with connect(portal) as client:
        await client.say({"type": "connection_init", "payload": {"authorization": f"Bearer {caller.token}"}})
        assert (await client.hear())["type"] == "connection_ack"
        yield client


async def wait_for_listeners(portal: Portal, count: int = 1) -> None:
    async with asyncio.timeout(10):
        while portal.app.state.services.events.count_listeners() != count:
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def nobody_else(portal: Portal) -> None:
    """The listeners of the test before have gone."""
    await wait_for_listeners(portal, 0)


async def test_a_subscriber_sees_a_change(portal: Portal) -> None:
    caller, stranger = await portal.sign_up("supplier"), await portal.sign_up("supplier")
    async with signed_in(portal, caller) as client, signed_in(portal, stranger) as other:
        await client.say(SUBSCRIBE)
        await other.say(SUBSCRIBE)
        await wait_for_listeners(portal, 2)
        await portal.ask(ADD, caller.token)
        heard = await client.hear()
        assert heard["payload"]["data"] == {"sampleChanged": {"sample": {"name": "News"}}}
        await portal.ask(ADD, stranger.token)
        assert (await other.hear())["type"] == "next"
        await client.say({"id": "1", "type": "complete"})
        await wait_for_listeners(portal, 1)
    await wait_for_listeners(portal, 0)


async def test_the_public_client_sees_a_change(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    process = await node.start("subscribe.mjs", portal.url.replace("http", "ws"), caller.token, QUERY, "2")
    await wait_for_listeners(portal)
    for _ in range(2):
        await portal.ask(ADD, caller.token)
    output, problems = await asyncio.wait_for(process.communicate(), 20)
    lines = [json.loads(line) for line in output.splitlines()]
    assert lines[0] == {"connected": True}, problems.decode()
    assert [line["data"]["sampleChanged"]["sample"] for line in lines[1:3]] == [{"name": "News"}] * 2
    assert lines[3:] == [{"ended": "complete"}]


async def test_the_end_of_the_session_closes_the_socket(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    async with signed_in(portal, caller) as client:
        await client.say(SUBSCRIBE)
        await wait_for_listeners(portal)
        await portal.run_sql("DELETE FROM portal.session")
        portal.app.state.services.events.publish(Event(f"owner:{caller.organization}", "sample.added", ids.new_id()))
        heard = await client.hear()
        assert "sample" not in json.dumps(heard.get("payload", {}).get("data"))
        assert heard["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert await client.hear_close() == (4401, "Session ended")
    await wait_for_listeners(portal, 0)


async def test_an_idle_socket_closes_after_the_session(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "WATCH_SECONDS", 0.05)
    caller = await portal.sign_up("supplier")
    async with signed_in(portal, caller) as client:
        await client.say(SUBSCRIBE)
        await wait_for_listeners(portal)
        await portal.run_sql("DELETE FROM portal.session")
        assert await client.hear_close() == (4401, "Session ended")


async def test_a_socket_whose_session_cannot_be_asked_for_closes(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(attempts, "LIMITS", attempts.LIMITS | {"bearer": attempts.Limit(0, 0, 60)})
    caller = await portal.sign_up("supplier")
    async with signed_in(portal, caller) as client:
        await portal.run_sql("DELETE FROM portal.session")
        assert await client.hear_close() == (4401, "Session ended")


async def test_a_membership_that_ends_is_denied_at_the_next_event(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    async with signed_in(portal, caller) as client:
        await client.say(SUBSCRIBE)
        await wait_for_listeners(portal)
        await portal.run_sql("DELETE FROM portal.member")
        portal.app.state.services.events.publish(Event(f"owner:{caller.organization}", "sample.added", ids.new_id()))
        heard = await client.hear()
        assert heard["payload"]["errors"][0]["extensions"]["code"] in ("NOT_ALLOWED", "NOT_FOUND")


@pytest.mark.parametrize("payload", [None, {}, {"authorization": "Bearer wrong"}, {"authorization": 7}])
async def test_without_a_good_credential_nobody_connects(portal: Portal, payload: Any) -> None:
    async with connect(portal) as client:
        await client.say(
            {"type": "connection_init"} if payload is None else {"type": "connection_init", "payload": payload}
        )
        assert await client.hear_close() == (4403, "Forbidden")


async def test_subscribing_before_the_credential_is_refused(portal: Portal) -> None:
    async with connect(portal) as client:
        await client.say(SUBSCRIBE)
        assert (await client.hear_close())[0] == 4401


@pytest.mark.parametrize(
    "message",
    [
        "not json",
        "7",
        "null",
        "[]",
        "{}",
        b"\x00\x01",
        {"type": 7},
        {"type": "start", "id": "1"},
        {"type": "subscribe"},
        {"type": "subscribe", "id": ["1"], "payload": {"query": QUERY}},
        {"type": "subscribe", "id": {}, "payload": {"query": QUERY}},
        {"type": "subscribe", "id": "", "payload": {"query": QUERY}},
        {"type": "subscribe", "id": "x" * 101, "payload": {"query": QUERY}},
        {"type": "subscribe", "id": "1", "payload": QUERY},
        {"type": "subscribe", "id": "1", "payload": {}},
        {"type": "subscribe", "id": "1", "payload": {"query": 7}},
        {"type": "subscribe", "id": "1", "payload": {"query": QUERY, "variables": []}},
        {"type": "subscribe", "id": "1", "payload": {"query": QUERY, "operationName": {}}},
        {"type": "complete"},
        {"type": "complete", "id": []},
        {"type": "ping", "payload": "x" * 300_000},
        '{"type": ' + "[" * 900 + "]" * 900 + "}",
    ],
    ids=lambda message: str(message)[:40],
)
async def test_a_message_that_is_none_closes_the_socket(portal: Portal, message: Any) -> None:
    caller = await portal.sign_up("supplier")
    async with signed_in(portal, caller) as client:
        await client.say(message)
        assert (await client.hear_close())[0] == 4400
    assert (await portal.ask("{ service { version } }"))["data"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ service { version } }", "not allowed"),
        (ADD, "not allowed"),
        ("subscription {", "Syntax Error"),
        ("subscription { nothing }", "Cannot query field"),
        ("subscription { sampleChanged { sample { " + "similar { " * 20 + "id" + " }" * 20 + " } } }", "nested levels"),
        ("fragment f on Query { a }", "operation"),
    ],
)
async def test_a_wrong_operation_gets_an_error_and_the_socket_lives(portal: Portal, query: str, words: str) -> None:
    caller = await portal.sign_up("supplier")
    async with signed_in(portal, caller) as client:
        await client.say({"id": "7", "type": "subscribe", "payload": {"query": query}})
        heard = await client.hear()
        assert (heard["type"], heard["id"]) == ("error", "7")
        assert words in heard["payload"][0]["message"]
        await client.say({"type": "ping"})
        assert (await client.hear())["type"] == "pong"


async def test_subscriptions_of_a_connection_are_limited(portal: Portal) -> None:
    caller = await portal.sign_up("supplier")
    async with signed_in(portal, caller) as client:
        for number in range(socket.SUBSCRIPTIONS_PER_CONNECTION + 1):
            await client.say(SUBSCRIBE | {"id": str(number)})
        heard = await client.hear()
        assert (heard["type"], heard["id"]) == ("error", str(socket.SUBSCRIPTIONS_PER_CONNECTION))


async def test_connections_of_a_caller_are_limited(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "CONNECTIONS_PER_CALLER", 2)
    caller, other = await portal.sign_up("supplier"), await portal.sign_up("supplier")
    init = {"type": "connection_init", "payload": {"authorization": f"Bearer {caller.token}"}}
    async with signed_in(portal, caller), signed_in(portal, other):
        async with signed_in(portal, caller), connect(portal) as third:
            await third.say(init)
            assert (await third.hear_close())[0] == 4403
        async with connect(portal) as again:
            await again.say(init)
            assert (await again.hear())["type"] == "connection_ack"


async def test_connections_of_a_process_are_limited(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "CONNECTIONS", 1)
    async with connect(portal):
        with pytest.raises(websockets.InvalidStatus):
            async with connect(portal):
                pass


async def test_only_our_own_and_allowed_origins_connect(portal: Portal) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect(portal, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    async with connect(portal, origin=f"http://127.0.0.1:{portal.port}"):
        pass


@pytest.mark.parametrize("protocol", ["graphql-ws", "chat"])
async def test_other_protocols_are_refused(portal: Portal, protocol: str) -> None:
    async with connect(portal, subprotocols=[protocol]) as client:
        assert (await client.hear_close())[0] == 4406
