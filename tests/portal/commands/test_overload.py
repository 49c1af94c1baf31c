"""More than a server takes at once: the rest is told so at once, probes are answered, and it goes on by itself."""

import asyncio
import contextlib
import json
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests import databases
from tests.clients import NOBODY, open_client
from tests.portal.commands.processes import Serving, serve
from tests.portal.database.launching import make_reachable_folder, wait_until

pytestmark = pytest.mark.slow  # starts servers

BODY = json.dumps({"query": "{ __typename }"}).encode()
HEAD = b"POST /graphql HTTP/1.1\r\nhost: portal.test\r\ncontent-type: application/json\r\nconnection: close\r\n"
HEAD += b"content-length: %d\r\n\r\n" % len(BODY)
HELD = HEAD + BODY[:5]
FIRST, SECOND, THIRD = "127.0.0.1", "127.0.0.2", "127.0.0.3"


@pytest.fixture
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        yield made / "data"


@pytest.fixture
def settings(database: databases.TestDatabase) -> dict[str, str]:
    return {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_IN_SERVER": "false",
    }


def open_socket(serving: Serving, address: str = FIRST) -> socket.socket:
    place = urlsplit(serving.url)
    return socket.create_connection((place.hostname, place.port or 0), timeout=60, source_address=(address, 0))


def begin(serving: Serving, address: str) -> socket.socket:
    """A request that is under way: its body has not ended."""
    made = open_socket(serving, address)
    made.sendall(HELD)
    return made


def end(held: socket.socket) -> bytes:
    """Send the rest, and give the answer."""
    held.sendall(BODY[5:])
    return b"".join(iter(lambda: held.recv(65_536), b""))


def ask(serving: Serving, address: str) -> httpx.Response:
    transport = httpx.HTTPTransport(local_address=address, verify=NOBODY)
    with httpx.Client(transport=transport, timeout=30) as client:
        return client.post(f"{serving.url}/graphql", content=BODY, headers={"content-type": "application/json"})


def check_refusal(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"  # it is an answer of ours in all it has
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "OVERLOADED"
    assert "send this again in a few seconds" in error["message"]


def test_what_is_too_much_is_told_so_and_what_was_begun_is_ended(folder: Path, settings: dict[str, str]) -> None:
    with serve(folder, "serve", PORTAL_REQUESTS_AT_ONCE="6", **settings) as serving, contextlib.ExitStack() as stack:
        serving.wait_until_ready()
        held = [stack.enter_context(begin(serving, FIRST)) for _ in range(3)]
        wait_until(lambda: ask(serving, FIRST).status_code == 503)
        check_refusal(ask(serving, FIRST))
        assert ask(serving, SECOND).status_code == 200  # half of the places are for others
        held += [stack.enter_context(begin(serving, SECOND)) for _ in range(3)]
        wait_until(lambda: ask(serving, THIRD).status_code == 503)
        check_refusal(ask(serving, THIRD))
        for path in ("/health/live", "/health/ready"):
            assert httpx.get(f"{serving.url}{path}", timeout=30, verify=NOBODY).status_code == 200
        for one in held:
            assert b" 200 OK\r\n" in (answer := end(one)), answer
            assert b'"data":{"__typename":"Query"}' in answer
        for address in (FIRST, SECOND, THIRD):
            assert ask(serving, address).status_code == 200
        assert '"status":503' in (log := serving.read_log()) or "status=503" in log


async def test_under_a_crowd_every_call_is_answered_in_full_or_told_to_come_again(
    folder: Path, settings: dict[str, str]
) -> None:
    with serve(folder, "serve", PORTAL_REQUESTS_AT_ONCE="4", **settings) as serving:
        await asyncio.to_thread(serving.wait_until_ready)
        query = {"query": "mutation { signIn(input: {email: \"nobody@portal.test\", password: \"none at all\"}) {"
                 " ... on Problem { code } } }"}  # fmt: skip
        async with open_client(timeout=60, limits=httpx.Limits(max_connections=60)) as client:
            asked = (client.post(f"{serving.url}/graphql", json=query) for _ in range(120))
            probes = (client.get(f"{serving.url}/health/live") for _ in range(20))
            answers, alive = await asyncio.gather(asyncio.gather(*asked), asyncio.gather(*probes))
        assert {one.status_code for one in alive} == {200}
        seen = Counter(one.status_code for one in answers)
        assert set(seen) == {200, 503}, seen
        for one in answers:
            if one.status_code == 503:
                check_refusal(one)
            else:
                assert one.json()["data"]["signIn"]["code"] in ("WRONG_PASSWORD", "RATE_LIMITED")
        assert (await asyncio.to_thread(ask, serving, SECOND)).status_code == 200


def test_connections_beyond_the_bound_are_hung_up_on_and_silent_ones_too(
    folder: Path, settings: dict[str, str]
) -> None:
    with serve(folder, "serve", PORTAL_CONNECTIONS_AT_ONCE="10", **settings) as serving:
        serving.wait_until_ready()
        with contextlib.ExitStack() as stack:
            silent = [stack.enter_context(open_socket(serving)) for _ in range(12)]
            silent[0].sendall(HEAD[:20])
            wait_until(lambda: ask(serving, SECOND).status_code == 503)
            refused = ask(serving, SECOND)
            check_refusal(refused)
            assert refused.headers["connection"] == "close"
            assert httpx.get(f"{serving.url}/health/live", timeout=30, verify=NOBODY).status_code == 200
            assert [one.recv(100) for one in silent] == [b""] * 12  # who says nothing keeps no place for long
        assert ask(serving, SECOND).status_code == 200


def test_addresses_are_those_that_a_trusted_proxy_names(folder: Path, settings: dict[str, str]) -> None:
    with serve(folder, "serve", PORTAL_TRUSTED_PROXIES="127.0.0.0/30", **settings) as serving:
        serving.wait_until_ready()
        for address, named in ((SECOND, "203.0.113.1"), ("127.0.0.9", "203.0.113.2")):
            transport = httpx.HTTPTransport(local_address=address, verify=NOBODY)
            with httpx.Client(transport=transport, timeout=30, headers={"x-forwarded-for": named}) as client:
                assert client.get(f"{serving.url}/health/live").status_code == 200
        log = serving.read_log()
        assert "203.0.113.1" in log
        assert "203.0.113.2" not in log  # 127.0.0.9 is nobody's proxy
        assert "127.0.0.9" in log
