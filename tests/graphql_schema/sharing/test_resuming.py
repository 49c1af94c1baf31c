"""Files in pieces by tus 1.0: interrupted anywhere and resumed, in a folder and in S3."""

import asyncio
import base64
import hashlib
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import obstore
import pytest
from obstore.store import ObjectStore

from portal import storage, uploads
from portal.database import engine, ids
from portal.delivery import leftovers, workplace
from portal.http import pace, resumable_uploads
from portal.http import uploads as upload_routes
from tests import people
from tests.graphql_schema.sharing import documents
from tests.graphql_schema.sharing.stage import UPLOAD, WAIT, Stage
from tests.portal.assessments import files

pytestmark = pytest.mark.slow  # waits for files to be checked

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
LARGE = files.make_pdf(random.Random(7).randbytes(11_000_000))
Kept = tuple[Stage, ObjectStore]


async def ask(stage: Stage, method: str, token: str | None, content: Any = None, **headers: str) -> httpx.Response:
    """One request of the protocol; underscores in names of headers are hyphens."""
    sent = {} if token is None else {uploads.HEADER: token}
    sent |= PIECE if method == "PATCH" else TUS
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    async with stage.portal.client() as client:
        return await client.request(method, "/uploads", content=content, headers=raw)


async def tell(stage: Stage, token: str) -> int:
    """How far a file is."""
    answer = await ask(stage, "HEAD", token)
    assert answer.status_code == 200, answer.headers
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


async def add(stage: Stage, token: str, offset: int, content: Any, **headers: str) -> httpx.Response:
    return await ask(stage, "PATCH", token, content, Upload_Offset=str(offset), **headers)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


def list_keys(store: ObjectStore) -> list[str]:
    paths = (meta["path"] for page in obstore.list(store) for meta in page)
    return sorted(path for path in paths if not path.startswith("audit/"))  # where the trail's signatures lie


async def break_off(stage: Stage, token: str, offset: int, content: bytes, after: int, **headers: str) -> None:
    """Send a piece and hang up in the middle of it, as a line that dies does."""
    _, writer = await asyncio.open_connection("127.0.0.1", stage.portal.port)
    lines = {**PIECE, "Host": "x", uploads.HEADER: token, "Upload-Offset": str(offset)}
    lines |= {"Content-Length": str(len(content)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"PATCH /uploads HTTP/1.1\r\n{head}\r\n".encode() + content[:after])
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()


async def test_a_file_that_is_interrupted_anywhere_arrives_whole(kept: Kept) -> None:
    stage, store = kept
    dice = random.Random(11)
    evidence, token = await stage.announce(stage.weaver, size=len(LARGE))
    offset, breaks = 0, 0
    async with asyncio.timeout(120):
        while offset < len(LARGE):
            rest = LARGE[offset : offset + dice.randrange(1, 9_000_000)]
            if dice.random() < 0.6:
                await break_off(stage, token, offset, rest, dice.randrange(len(rest) + 1))
                breaks += 1
                await asyncio.sleep(0.2)
            else:
                sent = await add(stage, token, offset, rest)
                assert (sent.status_code, int(sent.headers["upload-offset"])) == (204, offset + len(rest))
            now = await tell(stage, token)
            assert offset <= now <= offset + len(rest)
            offset = now
    assert breaks >= 2
    found = await stage.wait_for(stage.weaver, evidence)
    assert (found["state"], found["size"]) == ("AVAILABLE", len(LARGE))
    assert found["sha256"] == hashlib.sha256(LARGE).hexdigest()
    url = (await stage.change(stage.weaver, documents.DOWNLOAD, evidenceId=evidence))["url"]
    assert (await stage.get(url)).content == LARGE
    assert await tell(stage, token) == len(LARGE)  # whoever lost the last answer learns it
    await stage.wait_for_jobs()
    assert list_keys(store) == [f"evidence/{stage.weaver.organization.hex}/{found['sha256']}"]
    assert await stage.house.fetch("SELECT 1 FROM portal.upload_part") == []


async def test_a_length_may_be_said_at_the_end(kept: Kept) -> None:
    stage, _ = kept
    evidence, token = await stage.announce(stage.weaver)
    first = await ask(stage, "HEAD", token)
    assert (first.headers["upload-defer-length"], first.headers["upload-offset"]) == ("1", "0")
    pdf = files.make_pdf()
    assert (await add(stage, token, 0, pdf[:20])).status_code == 204
    last = await add(stage, token, 20, pdf[20:], Upload_Length=str(len(pdf)))
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(pdf)))
    assert (await stage.wait_for(stage.weaver, evidence))["state"] == "AVAILABLE"
    assert code(await add(stage, token, len(pdf), b"more")) == (409, "USED")


async def test_wrong_offsets_and_lengths_change_nothing(kept: Kept) -> None:
    stage, store = kept
    _, token = await stage.announce(stage.weaver, size=100)
    assert (await add(stage, token, 0, b"x" * 40)).status_code == 204
    for offset in (0, 39, 41, 100):
        refused = await add(stage, token, offset, b"y")
        assert (*code(refused), refused.headers["upload-offset"]) == (409, "OFFSET", "40")
    cases: list[tuple[dict[str, str], Any, int, str]] = [
        ({"Upload_Offset": "40"}, b"z" * 61, 413, "TOO_LARGE"),
        ({"Upload_Offset": "40", "Upload_Length": "99"}, b"z", 400, "LENGTH"),
        ({"Upload_Offset": "40", "Upload_Length": "39"}, b"z", 400, "LENGTH"),
        ({"Upload_Offset": "-1"}, b"z", 400, "UPLOAD_OFFSET"),
        ({"Upload_Offset": "4²"}, b"z", 400, "UPLOAD_OFFSET"),
        ({"Upload_Offset": "9" * 19}, b"z", 400, "UPLOAD_OFFSET"),
        ({}, b"z", 400, "OFFSET"),
        ({"Upload_Offset": "40", "Content_Type": "application/pdf"}, b"z", 415, "CONTENT_TYPE"),
        ({"Upload_Offset": "40", "Tus_Resumable": "0.2.2"}, b"z", 412, "VERSION"),
        ({"Upload_Offset": "40", "Upload_Checksum": "md5 eA=="}, b"z", 400, "CHECKSUM"),
        ({"Upload_Offset": "40", "Upload_Checksum": "sha1 ?"}, b"z", 400, "CHECKSUM"),
    ]
    for headers, content, status, word in cases:
        refused = await ask(stage, "PATCH", token, content, **headers)
        assert code(refused) == (status, word), headers
        assert refused.headers["tus-resumable"] == "1.0.0"
    for wrong in (None, "", "wrong", "x" * 500):
        assert (await ask(stage, "HEAD", wrong)).status_code == 404
        assert code(await ask(stage, "PATCH", wrong, b"z", Upload_Offset="0")) == (404, "NOT_FOUND")
    assert await tell(stage, token) == 40
    assert len(list_keys(store)) == 1


async def test_two_that_send_at_once_never_mix(kept: Kept) -> None:
    stage, store = kept
    _, token = await stage.announce(stage.weaver, size=3_000_000)
    answers = await asyncio.gather(*(add(stage, token, 0, bytes([n]) * 1_000_000) for n in range(4)))
    assert sorted(one.status_code for one in answers) == [204, 409, 409, 409]
    assert await tell(stage, token) == 1_000_000
    assert len(list_keys(store)) == 1


async def test_a_checksum_is_looked_at_before_the_piece_is_kept(kept: Kept) -> None:
    stage, store = kept
    pdf = files.make_pdf(bytes(9_000_000))
    evidence, token = await stage.announce(stage.weaver, size=len(pdf))

    def write(algorithm: str, content: bytes) -> str:
        return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"

    wrong = await add(stage, token, 0, pdf, Upload_Checksum=write("sha1", b"other"))
    assert code(wrong) == (460, "CHECKSUM")
    await break_off(stage, token, 0, pdf, 8_000_000, **{"Upload-Checksum": write("sha1", pdf)})
    await asyncio.sleep(0.3)
    assert await tell(stage, token) == 0
    bad = {**PIECE, uploads.HEADER: token, "Upload-Offset": "0", "Upload-Checksum": write("sha256", pdf[:9])}
    async with stage.portal.client() as client:
        assert (await client.patch("/uploads", content=pdf[:8], headers=bad)).status_code == 460
    assert list_keys(store) == []
    assert (await add(stage, token, 0, pdf[:9], Upload_Checksum=write("sha1", pdf[:9]))).status_code == 204
    assert (await add(stage, token, 9, pdf[9:], Upload_Checksum=write("sha256", pdf[9:]))).status_code == 204
    assert (await stage.wait_for(stage.weaver, evidence))["state"] == "AVAILABLE"


async def test_a_file_is_refused_at_the_limit_while_it_comes(kept: Kept) -> None:
    stage, _ = kept
    limit, told = stage.settings.max_upload_bytes, 5_000_000_000
    announced = await stage.change(stage.weaver, UPLOAD, fileName="a.pdf", kind="POLICY", size=limit + 1)
    assert announced["problems"] == [{"path": ["input", "size"], "code": "TOO_LARGE"}]
    _, token = await stage.announce(stage.weaver)
    assert code(await add(stage, token, 0, b"x", Upload_Length=str(told))) == (413, "TOO_LARGE")
    sent = 0

    async def pour() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < told:
            sent += 1 << 20
            yield bytes(1 << 20)

    for method in ("PATCH", "PUT"):
        sent = 0
        try:
            refused = await ask(stage, method, token, pour(), Upload_Offset="0")
            assert code(refused) == (413, "TOO_LARGE")
        except httpx.TransportError:  # the server hung up on somebody who goes on and on
            pass
        assert limit < sent < 4 * limit
    here = await tell(stage, token)
    assert here <= limit
    assert code(await add(stage, token, here, bytes(limit + 1 - here))) == (413, "TOO_LARGE")


async def test_a_link_goes_on_while_pieces_come_and_ends_a_day_after_the_last(kept: Kept) -> None:
    stage, store = kept
    start = datetime.now(UTC)
    _, token = await stage.announce(stage.weaver)
    await stage.house.set_clock(start + timedelta(minutes=59))
    added = await add(stage, token, 0, b"a" * 10)
    until = parsedate_to_datetime(added.headers["upload-expires"])
    assert timedelta(hours=24, minutes=58) < until - start < timedelta(hours=25)
    await stage.house.set_clock(start + timedelta(hours=24))
    assert await tell(stage, token) == 10
    await stage.house.set_clock(start + timedelta(hours=25))
    assert (await ask(stage, "HEAD", token)).status_code == 410
    assert code(await add(stage, token, 10, b"a")) == (410, "EXPIRED")
    workers = engine.Database(engine.create_engine(stage.house.made.worker_url, pool_size=1))
    try:
        place = workplace.Workplace(stage.settings, workers, store)
        await people.move_clock(stage.house.made, "47 hours")
        await leftovers.clear_leftovers(place)
        assert len(list_keys(store)) == 1
        await people.move_clock(stage.house.made, "50 hours")
        await leftovers.clear_leftovers(place)
    finally:
        await workers.close()
    assert list_keys(store) == []
    assert await stage.house.fetch("SELECT 1 FROM portal.upload_part") == []
    assert (await ask(stage, "HEAD", token)).status_code == 404


async def test_an_upload_is_given_up(kept: Kept) -> None:
    stage, store = kept
    key = {"fileName": "a.pdf", "kind": "POLICY", "idempotencyKey": "the-same-key"}
    made = await stage.change(stage.weaver, UPLOAD, **key)
    token = made["upload"]["headers"][0]["value"]
    await add(stage, token, 0, b"a" * 10, Upload_Length="100")
    ended = await ask(stage, "DELETE", token)
    assert (ended.status_code, ended.headers["tus-resumable"]) == (204, "1.0.0")
    assert list_keys(store) == []
    assert (await ask(stage, "DELETE", token)).status_code == 404
    again = (await stage.change(stage.weaver, UPLOAD, **key))["upload"]["headers"][0]["value"]
    assert await tell(stage, again) == 0
    assert (await stage.put(again, files.make_pdf())).status_code == 201


async def test_a_file_that_came_whole_after_all_clears_its_pieces(kept: Kept) -> None:
    stage, store = kept
    evidence, token = await stage.announce(stage.weaver)
    await add(stage, token, 0, b"a" * 10)
    assert (await stage.put(token, files.make_pdf())).status_code == 201
    await stage.wait_for(stage.weaver, evidence)
    await stage.wait_for_jobs()
    assert len(list_keys(store)) == 1
    _, other = await stage.announce(stage.weaver, size=9)
    assert code(await stage.put(other, files.make_pdf())) == (400, "LENGTH")


async def test_a_server_that_died_before_the_end_loses_nothing(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, _ = kept
    pdf = files.make_pdf()
    evidence, token = await stage.announce(stage.weaver, size=len(pdf))

    async def die(*_: Any) -> None:
        raise OSError

    real = resumable_uploads.close
    monkeypatch.setattr(resumable_uploads, "close", die)
    assert (await add(stage, token, 0, pdf)).status_code == 500
    monkeypatch.setattr(resumable_uploads, "close", real)
    # Whoever asks makes the end of it, and whoever asked at the same time and comes too late is told no less.
    listing, made = uploads.list_parts, asyncio.Event()
    turns = iter((False, True))

    async def list_late(*given: Any) -> list[str]:
        if next(turns):
            await made.wait()
        return await listing(*given)

    monkeypatch.setattr(uploads, "list_parts", list_late)
    first, second = asyncio.create_task(tell(stage, token)), asyncio.create_task(tell(stage, token))
    await asyncio.wait([first, second], return_when=asyncio.FIRST_COMPLETED)
    made.set()
    assert (await first, await second) == (len(pdf), len(pdf))
    assert (await stage.wait_for(stage.weaver, evidence))["state"] == "AVAILABLE"


async def test_a_length_below_what_came_meanwhile_is_not_taken(unwatched: Stage) -> None:
    stage = unwatched
    _, token = await stage.announce(stage.weaver)
    assert (await add(stage, token, 0, b"x" * 40)).status_code == 204
    async with stage.house.database.transaction() as (session, _):  # whoever asked before the piece came
        assert await uploads.declare_size(session, token, 39) is None
    assert (await ask(stage, "HEAD", token)).headers["upload-defer-length"] == "1"
    assert code(await add(stage, token, 40, b"y", Upload_Length="39")) == (400, "LENGTH")
    assert (await add(stage, token, 40, b"y", Upload_Length="41")).status_code == 204


async def test_one_organization_leaves_room_for_others(unwatched: Stage) -> None:
    """It takes its share of the places with files that come slowly; then it hears so, and others do not notice."""
    stage = unwatched
    slow = []
    for _ in range(upload_routes.SHARE):
        _, token = await stage.announce(stage.weaver)
        _, writer = await asyncio.open_connection("127.0.0.1", stage.portal.port)
        writer.write(
            f"PUT /uploads HTTP/1.1\r\nHost: x\r\nUpload-Token: {token}\r\nContent-Length: 99\r\n\r\nx".encode()
        )
        await writer.drain()
        slow.append(writer)
    _, mine = await stage.announce(stage.weaver)
    _, other = await stage.announce(stage.dyer)
    pdf = files.make_pdf()
    async with asyncio.timeout(WAIT):
        while (refused := await stage.put(mine, pdf)).status_code == 201:  # until all of the slow ones are there
            _, mine = await stage.announce(stage.weaver)
    assert (*code(refused), refused.headers["retry-after"]) == (503, "BUSY", "5")
    assert code(await add(stage, mine, 0, pdf)) == (503, "BUSY")
    assert (await stage.put(other, pdf)).status_code == 201
    for writer in slow:
        writer.close()
        await writer.wait_closed()
    async with asyncio.timeout(WAIT):
        while (await stage.put(mine, pdf)).status_code == 503:
            await asyncio.sleep(0.05)


async def test_a_file_that_trickles_in_is_not_waited_for(unwatched: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = unwatched
    monkeypatch.setattr(pace, "GRACE_SECONDS", 0.5)

    async def trickle() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.1)

    _, token = await stage.announce(stage.weaver)
    headers = {"Content_Length": "100"}
    assert code(await ask(stage, "PUT", token, trickle(), **headers)) == (408, "TOO_SLOW")
    assert code(await ask(stage, "PATCH", token, trickle(), Upload_Offset="0", **headers)) == (408, "TOO_SLOW")
    assert 0 < await tell(stage, token) < 100  # what has come stays


async def test_a_client_learns_what_the_server_can(unwatched: Stage) -> None:
    stage = unwatched
    async with stage.portal.client() as client:
        told = await client.options("/uploads")
        assert (told.status_code, told.headers["tus-version"]) == (204, "1.0.0")
        assert told.headers["tus-max-size"] == str(stage.settings.max_upload_bytes)
        assert set(told.headers["tus-extension"].split(",")) == {
            "creation-defer-length", "expiration", "checksum", "termination",
        }  # fmt: skip
        assert (await client.post("/uploads", headers=TUS)).status_code == 405
    _, token = await stage.announce(stage.weaver)
    override = {"X_HTTP_Method_Override": "PATCH", "Content_Type": PIECE["Content-Type"], "Upload_Offset": "0"}
    assert (await ask(stage, "POST", token, b"abc", **override)).headers["upload-offset"] == "3"


async def test_a_supplier_list_comes_in_pieces_too(kept: Kept) -> None:
    stage, store = kept
    async with stage.house.act(stage.maker) as (session, _):
        ticket = await uploads.make_ticket(session)
    await stage.house.fetch(
        "INSERT INTO portal.supplier_import (buyer_id, id, file_name, upload_hash, upload_expires_at, state)"
        " VALUES ($1, $2, 'list.csv', $3, $4, 'awaiting')",
        stage.maker.organization,
        ids.new_id(),
        ticket.token_hash,
        ticket.expires_at,
    )
    content = b"name;country\nMade-up Weavers;VN\n"
    assert (await add(stage, ticket.token, 0, content[:7])).status_code == 204
    assert (await add(stage, ticket.token, 7, content[7:], Upload_Length=str(len(content)))).status_code == 204
    (row,) = await stage.house.fetch("SELECT state, storage_key FROM portal.supplier_import")
    async with asyncio.timeout(WAIT):
        assert list_keys(store) == [row["storage_key"]]
    assert b"".join([piece async for piece in storage.read_stream(store, row["storage_key"])]) == content
