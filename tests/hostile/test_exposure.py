"""What a server in production shows of itself and takes from whoever comes by: what is meant, and nothing else."""

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from starlette.routing import Route

from tests import people
from tests.clients import open_client
from tests.databases import TestDatabase
from tests.graphql_schema import portals

pytestmark = pytest.mark.slow
NOT_THERE = (
    "/.git/HEAD", "/.git/config", "/.svn/entries", "/.env", "/pyproject.toml", "/README.md", "/front", "/front/",
    "/front/index.html", "/front/../app.py", "/front/%2e%2e/app.py", "/graphiql", "/explorer/", "/explorer/index.html",
    "/docs", "/openapi.json", "/admin", "/debug", "/server-status", "/portal/app.py", "//etc/passwd",
)  # fmt: skip
# One body that a server which believes the length, or the chunks, takes for two requests.
TWO_LENGTHS = (
    b"POST /graphql HTTP/1.1\r\nHost: portal.test\r\nContent-Type: application/json\r\n%b\r\n\r\n"
    b"0\r\n\r\nGET /health/live?smuggled HTTP/1.1\r\nHost: portal.test\r\n\r\n"
)
LENGTHS = {
    "length first": b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    "chunks first": b"Transfer-Encoding: chunked\r\nContent-Length: 5",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 60",
    "chunks that are none": b"Content-Length: 5\r\nTransfer-Encoding: xchunked",
}


# What stands in a path where a word of any kind would lead to no route.
PARAMETERS = {"{release:int}": "1", "{connection:uuid}": "01a23041-1dc3-7eda-8c9d-52503c986556"}


def list_paths(portal: portals.Portal) -> list[str]:
    paths = {one.path for one in portal.app.routes if isinstance(one, Route)}
    for parameter, value in PARAMETERS.items():
        paths = {path.replace(parameter, value) for path in paths}
    return sorted(paths)


async def test_nothing_echoes_what_was_sent(database: TestDatabase) -> None:
    async with portals.run_portal(database) as portal, portal.client() as client:
        for path in list_paths(portal):
            response = await client.request("TRACE", path, headers={"x-canary": "canary-41c"})
            assert response.status_code == 405, path
            assert "canary-41c" not in response.text, path


async def test_no_file_and_no_folder_is_there_that_is_not_served(database: TestDatabase) -> None:
    async with portals.run_portal(database) as portal, portal.client() as client:
        for path in NOT_THERE:
            response = await client.get(path)
            assert response.status_code == 404, path
            assert portals.codes(response.json()) == ["HTTP"], path


async def test_every_answer_says_what_it_is(database: TestDatabase) -> None:
    async with portals.run_portal(database, public_url="https://portal.example") as portal, portal.client() as client:
        for path in (*list_paths(portal), "/nothing"):
            for method in ("GET", "POST"):
                response = await client.request(method, path, content=b"" if method == "POST" else None)
                kind = response.headers.get("content-type", "")
                assert kind or not response.content, path
                assert not kind.startswith("text/") or "charset=utf-8" in kind, path
                if "json" in kind:
                    response.json()
                # What was sent in the clear by mistake is answered here and now, so that the mistake is seen.
                assert urlsplit(response.headers.get("location", "")).path != path
                assert "max-age=31536000" in response.headers["strict-transport-security"], path
                assert response.headers["x-content-type-options"] == "nosniff", path


async def test_a_new_portal_has_no_account_that_anybody_could_guess(database: TestDatabase) -> None:
    tables = ("user_account", "session", "api_key", "organization", "member")
    counts = ", ".join(f"(SELECT count(*) FROM portal.{one}) AS {one}" for one in tables)
    (found,) = await people.run_sql(database, f"SELECT {counts}")
    assert dict(found) == dict.fromkeys(tables, 0)


async def test_passwords_are_typed_unseen_pasted_and_filled_in_by_managers(database: TestDatabase) -> None:
    async with portals.run_portal(database) as portal, portal.client() as client:
        page, script = [(await client.get(path)).text for path in ("/", "/front/front.js")]
    fields = [one for one in re.findall(r"<input[^>]*>", page) if re.search(r'name="\w*[pP]assword"', one)]
    assert len(fields) >= 3
    for one in fields:
        assert 'type="password"' in one
        assert re.search(r'autocomplete="(current|new)-password"', one), one
    assert not re.search(r"paste|contextmenu|autocomplete=.off", page + script)


@pytest.mark.parametrize("headers", LENGTHS.values(), ids=LENGTHS)
async def test_one_request_is_never_taken_for_two(database: TestDatabase, headers: bytes) -> None:
    async with portals.run_portal(database) as portal:
        reader, writer = await asyncio.open_connection("127.0.0.1", portal.port)
        writer.write(TWO_LENGTHS % headers)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 4"), answer
    assert answer.count(b"HTTP/1.1") == 1, answer
    assert b'"status":"ok"' not in answer


@pytest.mark.parametrize(("peer", "seen"), [("127.0.0.1", "203.0.113.7"), ("198.51.100.20", "198.51.100.20")])
async def test_only_a_proxy_that_is_trusted_says_who_is_behind_it(
    peer: str, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    found: list[Any] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = uvicorn.Config(answer, log_config=None)
    config.load()
    transport = httpx.ASGITransport(config.loaded_app, client=(peer, 4_711))  # type: ignore[arg-type]
    async with open_client(transport=transport, base_url="http://portal") as client:
        await client.get("/", headers={"x-forwarded-for": "192.0.2.1, 203.0.113.7"})
    assert found == [seen]
