"""Answers in gzip: who gets them, which ones never are, and what caches are told."""

import gzip
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from portal.http import compression
from tests.clients import open_client
from tests.graphql_schema import portals
from tests.graphql_schema.portals import Portal

INTROSPECTION = "{ __schema { types { name description fields { name description } } } }"
SAY = "query ($words: String!) { echo(choice: {words: $words}) { words } }"
WORDS = "word " * 400


async def send(portal: Portal, body: Any, **headers: str) -> tuple[httpx.Response, bytes]:
    """The answer to POST and its bytes as they came over the line."""
    sent = {"accept-encoding": "gzip", **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with portal.client() as client, client.stream("POST", "/graphql", json=body, headers=sent) as response:
        raw = b"".join([part async for part in response.aiter_raw()])
    return response, raw


async def test_a_large_answer_to_a_query_is_compressed(portal: Portal) -> None:
    for body in ({"query": SAY, "variables": {"words": WORDS}}, {"query": INTROSPECTION}):
        plain, whole = await send(portal, body, accept_encoding="identity")
        packed, raw = await send(portal, body)
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        assert (int(packed.headers["content-length"]), len(raw) * 3 < len(whole)) == (len(raw), True)
        assert gzip.decompress(raw) == whole
        assert "content-encoding" not in plain.headers
        assert packed.headers["cache-control"] == "no-store"


async def test_a_small_answer_is_not_compressed(portal: Portal) -> None:
    response, _ = await send(portal, {"query": "{ service { version } }"})
    assert ("content-encoding" in response.headers, response.headers["vary"]) == (False, "Accept-Encoding")


async def test_an_answer_to_a_mutation_or_a_refusal_is_never_compressed(portal: Portal) -> None:
    document = "mutation { " + " ".join(f'a{n}: refuse(how: "conflict") {{ __typename }}' for n in range(20)) + " }"
    many = document.replace("__typename", "... on Problem { message code path }")
    for body in ({"query": many}, {"query": "{ nothing }" * 200}, {"query": "{ " + "nothing " * 40 + "}"}):
        response, raw = await send(portal, body)
        assert len(raw) > compression.SMALLEST
        assert "content-encoding" not in response.headers


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        ("gzip", True),
        ("GZIP;q=0.1, identity", True),
        ("br, x-gzip", True),
        ("*", True),
        ("deflate, *;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=x", False),
        ("*;q=0", False),
        ("br", False),
        ("gzipped", False),
        ("", False),
    ],
)
def test_what_a_client_takes(accepted: str, wanted: bool) -> None:
    assert compression.takes_gzip(Headers({"accept-encoding": accepted})) is wanted
    assert not compression.takes_gzip(Headers({}))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain(portal: Portal, sample_schema: object) -> AsyncIterator[Portal]:
    async with portals.run_portal(portal.database, sample_schema, compression=False) as running:
        yield running


async def test_it_can_be_left_to_a_proxy(portal: Portal, plain: Portal) -> None:
    response, _ = await send(plain, {"query": SAY, "variables": {"words": WORDS}})
    assert not {"content-encoding", "vary"} & set(response.headers)


async def ask(answer: Any, *, mark: bool = True, **headers: str) -> tuple[httpx.Response, bytes]:
    """What a route's answer becomes on its way out."""

    async def route(scope: Any, receive: Any, send: Any) -> None:
        if mark:
            compression.mark_compressible(Request(scope))
        await answer(scope, receive, send)

    transport = httpx.ASGITransport(compression.Compression(route))
    async with (
        open_client(transport=transport, base_url="http://portal") as client,
        client.stream("GET", "/", headers={"accept-encoding": "gzip", **headers}) as response,
    ):
        return response, b"".join([part async for part in response.aiter_raw()])


async def stream_lines(count: int) -> AsyncIterator[bytes]:
    for number in range(count):
        yield f"line {number}\n".encode()


async def test_what_no_route_marked_stays_as_it_is() -> None:
    for answer in (Response(b"x" * 10_000), StreamingResponse(stream_lines(1_000), headers={"Content-Length": "8890"})):
        response, raw = await ask(answer, mark=False)
        assert (len(raw), response.headers["content-length"]) == (
            int(response.headers["content-length"]),
            str(len(raw)),
        )
        assert not {"content-encoding", "vary"} & set(response.headers)


async def test_a_stream_is_compressed_piece_by_piece() -> None:
    response, raw = await ask(StreamingResponse(stream_lines(1_000), headers={"Content-Length": "8890"}))
    assert (response.headers["content-encoding"], "content-length" in response.headers) == ("gzip", False)
    assert gzip.decompress(raw) == b"".join([part async for part in stream_lines(1_000)])
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert reader.decompress(raw[: len(raw) // 2])


async def test_a_very_large_answer_is_compressed_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    aside: list[int] = []
    to_thread = compression.asyncio.to_thread

    async def note(work: Any, body: bytes, more: bool) -> bytes:
        aside.append(len(body))
        packed: bytes = await to_thread(work, body, more)
        return packed

    monkeypatch.setattr(compression.asyncio, "to_thread", note)
    for length in (compression.LARGE - 1, compression.LARGE):
        _, raw = await ask(Response(b"x" * length))
        assert gzip.decompress(raw) == b"x" * length
    assert aside == [compression.LARGE]


async def test_what_is_packed_already_and_what_has_no_body_pass() -> None:
    packed = gzip.compress(b"x" * 5_000, 0)
    _, raw = await ask(Response(packed, headers={"Content-Encoding": "gzip"}))
    assert raw == packed
    unchanged, raw = await ask(Response(status_code=304, headers={"ETag": 'W/"a"', "Vary": "Authorization"}))
    assert (raw, unchanged.headers["vary"]) == (b"", "Authorization, Accept-Encoding")
    assert "content-encoding" not in unchanged.headers
