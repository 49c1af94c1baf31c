"""More files at once than a process takes: some wait, others are told to come again, and nothing of them is kept."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from portal.assessments import publishing
from portal.authoring import inspection
from portal.http import imports, pace
from portal.identity import attempts
from questionnaires import catalogue
from tests import databases
from tests.graphql_schema import portals
from tests.graphql_schema.assessments.documents import do
from tests.graphql_schema.assessments.test_forms import Desk, open_desk
from tests.graphql_schema.authoring.documents import (
    ADD_PROFILE,
    HAND_IN,
    IMPORT,
    PUBLISH,
    TRY,
    claim,
    draft,
    publish,
    write_profile,
    write_questionnaire,
)
from tests.graphql_schema.portals import Caller, Portal, codes
from tests.graphql_schema.suppliers.documents import PREVIEW
from tests.graphql_schema.suppliers.test_lists import LIST, send_list
from tests.portal.assessments import sample
from tests.portal.assessments.sample import make_overlay, write_translation
from tests.questionnaires import forms
from tests.questionnaires.forms import number_cell, put

HASH = '{ questionnaireVersion(questionnaire: "sample") { contentHash } }'
PLACES = {"files_at_once": 1, "files_waiting": 2}


@pytest.fixture
async def published(database: databases.TestDatabase) -> databases.TestDatabase:
    await publishing.publish_with_login(database.owner_url, [sample.make_packaged()])
    return database


@asynccontextmanager
async def run_small(database: databases.TestDatabase, **changed: Any) -> AsyncIterator[Portal]:
    async with portals.run_portal(database, **(PLACES | changed)) as running:
        yield running


@asynccontextmanager
async def send_slowly(house: Portal, desk: Desk, times: int) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Uploads that have begun and do not go on."""
    head = f"POST {desk.paths['importPath']} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n"
    readers, writers = [], []
    try:
        for _ in range(times):
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
            readers.append(reader)
            writers.append(writer)
            writer.write(f"{head}Authorization: {desk.headers['authorization']}\r\n\r\nPK".encode())
            await writer.drain()
        await asyncio.sleep(1)  # what was sent is looked at, and the calls wait for the rest
        yield readers
    finally:
        for writer in writers:
            writer.close()
            await writer.wait_closed()


@contextmanager
def hold_places(house: Portal, *callers: Caller) -> Iterator[None]:
    """Files of these that are being read."""
    with ExitStack() as stack:
        for one in callers:
            stack.enter_context(house.app.state.services.reading.hold_place(one.organization))
        yield


async def test_uploads_beyond_the_places_are_sent_away_and_nothing_of_them_is_stored(
    published: databases.TestDatabase,
) -> None:
    async with run_small(published) as house:
        first, other = await open_desk(house), await open_desk(house)
        data = (await first.fetch("workbook")).content
        data = put(data, {forms.find_cell(data, "headcount"): number_cell("20")})
        own = (await other.fetch("workbook")).content
        with hold_places(house, first.supplier, first.supplier):
            # One organization has half of the places, and another one still finds room.
            refused = await asyncio.gather(*(first.post(data, apply=0) for _ in range(10)))
            assert {(one.status_code, *codes(one.json())) for one in refused} == {(503, "BUSY")}
            assert {one.headers["retry-after"] for one in refused} == {"5"}
            assert "Nothing was stored" in refused[0].json()["errors"][0]["message"]
            assert (await other.hand_in(own))["changes"] == []
            with hold_places(house, other.supplier):
                assert (await other.post(own)).status_code == 503
                await is_well(house)
            assert await first.count() == 0
        done = await first.hand_in(data, apply=0)
        assert [one["status"] for one in done["changes"]] == ["SAVED"]


async def test_who_sends_slowly_keeps_nobody_from_reading_and_is_sent_away(
    published: databases.TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "PAUSE_SECONDS", 4.0)
    async with run_small(published) as house:
        first, other = await open_desk(house), await open_desk(house)
        own = (await other.fetch("workbook")).content
        async with send_slowly(house, first, imports.SHARE) as held:
            refused = await first.post(own)
            assert (refused.status_code, codes(refused.json())) == (503, ["BUSY"])
            assert (await other.hand_in(own))["changes"] == []
            await is_well(house)
            for reader in held:
                told = (await asyncio.wait_for(reader.read(), 10)).decode()
                assert told.startswith("HTTP/1.1 408 ") and '"TOO_SLOW"' in told
                assert "connection: close" in told.lower()
        assert (await first.post(b"x")).status_code == 400


async def test_who_goes_on_sending_next_to_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "GRACE_SECONDS", 0.3)

    async def list_parts(size: int, times: int) -> AsyncIterator[bytes]:
        for _ in range(times):
            await asyncio.sleep(0.05)
            yield b"x" * size

    with pytest.raises(TimeoutError):
        _ = [part async for part in pace.keep_pace(list_parts(1, 100))]
    assert len([part async for part in pace.keep_pace(list_parts(2_000, 20))]) == 20


async def is_well(house: Portal) -> None:
    """Everything else goes on while files wait."""
    async with house.client() as client:
        for path in ("/health/live", "/health/ready"):
            answer = await asyncio.wait_for(client.get(path), 5)
            assert answer.status_code == 200, answer.text
    assert (await house.ask(HASH))["data"]["questionnaireVersion"]["contentHash"]


async def test_questionnaires_and_lists_that_are_handed_in_wait_at_the_same_turnstile(
    published: databases.TestDatabase, tmp_path: Path
) -> None:
    async with run_small(published, storage_url=tmp_path.as_uri()) as house:
        first, other, buyer = await open_desk(house), await open_desk(house), await house.sign_up("buyer")
        key = await publish(house, buyer, await claim(house, buyer))
        made = (await draft(house, buyer, *write_next(key)))["draft"]
        suppliers = await send_list(house, buyer, LIST)
        source = {"format": "YAML", "text": "x"}
        version = {"questionnaire": key, "version": "1.0.0"}
        calls = (
            (IMPORT, source, "UNREADABLE"),
            (PREVIEW, {"supplierListId": suppliers}, None),
            (HAND_IN, version | {"locale": "de", "entries": []}, None),
            (ADD_PROFILE, version | source, "FAULTY"),
            (PUBLISH, {"questionnaire": key, "revision": made["revision"]}, None),
        )
        tried = {"tier": "MICRO", "source": source}
        with hold_places(house, first.supplier, first.supplier, other.supplier):
            for document, given, _ in calls:
                busy = await house.post({"query": document, "variables": {"input": given}}, buyer.token)
                (problem,) = busy.json()["data"].values()
                assert (problem["__typename"], problem["code"]) == ("RateLimited", "BUSY"), problem
                assert busy.headers["retry-after"] == "5"
            busy = await house.post({"query": TRY, "variables": {"input": tried}}, buyer.token)
            assert (codes(busy.json()), busy.headers["retry-after"]) == (["BUSY"], "5")
            assert busy.json()["errors"][0]["extensions"]["retryAfter"] == 5
        for document, given, code in calls:
            told = await house.ask(document, buyer.token, input=given)
            (done,) = told["data"].values()
            assert done.get("code") == code, done


def write_next(key: str) -> tuple[str, str]:
    publisher, _, name = key.partition("--")
    return (
        write_questionnaire(publisher, name, "1.0.1", sample.QUESTIONNAIRE.replace("How many people", "How many")),
        write_profile(publisher, name, "1.0.1"),
    )


async def test_texts_that_wait_to_be_read_hold_no_connection(
    published: databases.TestDatabase,
) -> None:
    async with portals.run_portal(published, pool_size=3) as house:
        buyer, other = await house.sign_up("buyer"), await house.sign_up("buyer")
        key = await publish(house, buyer, await claim(house, buyer))
        name = await claim(house, other)
        made = (await draft(house, buyer, *write_next(key)))["draft"]
        started = threading.Event()
        go_on = threading.Event()

        def wait() -> None:
            started.set()
            go_on.wait(30)

        blocked = inspection.READERS.submit(wait)
        try:
            given = {"questionnaire": key, "version": "1.0.0", "format": "YAML", "text": "x"}
            waiting = [asyncio.create_task(do(house, ADD_PROFILE, buyer, **given)) for _ in range(8)]
            seen = {"questionnaire": key, "revision": made["revision"]}
            publishing = asyncio.create_task(do(house, PUBLISH, other, **seen))
            await asyncio.sleep(1)
            assert started.is_set()
            await asyncio.wait_for(is_well(house), 10)
            importing = asyncio.create_task(draft(house, other, write_questionnaire(name), write_profile(name)))
            await asyncio.sleep(0.5)
            go_on.set()
            assert (await asyncio.wait_for(importing, 20))["__typename"] == "QuestionnaireImported"
            assert {(await one)["code"] for one in waiting} == {"FAULTY"}
            assert (await publishing)["code"] == "NOT_FOUND"
        finally:
            go_on.set()
            blocked.result(30)


async def test_calls_of_one_organization_are_counted(
    published: databases.TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.LIMITS, "form_import", attempts.Limit(2, 2, 60))
    async with run_small(published) as house:
        first, other = await open_desk(house), await open_desk(house)
        assert [(await first.post(b"%PDF-1.7")).status_code for _ in range(2)] == [400, 400]
        limited = await first.post(b"%PDF-1.7")
        assert (limited.status_code, codes(limited.json())) == (429, ["RATE_LIMITED"])
        assert 0 < int(limited.headers["retry-after"]) <= 60
        assert (await other.post(b"%PDF-1.7")).status_code == 400


async def test_files_of_answers_are_made_within_bounds(published: databases.TestDatabase) -> None:
    async with run_small(published, files_waiting=0) as house:
        desk = await open_desk(house)
        answers = await asyncio.gather(*(desk.fetch("pdf") for _ in range(8)))
        statuses = [one.status_code for one in answers]
        assert set(statuses) == {200, 503}
        refused = next(one for one in answers if one.status_code == 503)
        assert (codes(refused.json()), refused.headers["retry-after"]) == (["BUSY"], "5")
        assert (await desk.fetch("pdf")).status_code == 200


async def find_hash(house: Portal) -> str:
    found: str = (await house.ask(HASH))["data"]["questionnaireVersion"]["contentHash"]
    return found


async def get(house: Portal, path: str, **headers: str) -> httpx.Response:
    async with house.client() as client:
        return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_file_that_many_ask_for_is_made_once(published: databases.TestDatabase) -> None:
    async with run_small(published, files_waiting=0) as house:
        path = f"/questionnaires/{await find_hash(house)}.pdf"
        answers = await asyncio.gather(*(get(house, path) for _ in range(20)))
        assert {one.status_code for one in answers} == {200}
        assert len({one.content for one in answers}) == 1


async def test_more_files_than_can_be_made_are_refused(published: databases.TestDatabase) -> None:
    long = catalogue.read_packaged("responsible-sourcing", "1.1.0")
    (made,) = await publishing.publish_with_login(published.owner_url, [long])
    async with run_small(published, files_waiting=0) as house:
        path = f"/questionnaires/{made.content_hash}.pdf"
        paths = [f"{path}?tier={tier}" for tier in long.definition.tier_keys]
        answers = await asyncio.gather(*(get(house, one) for one in paths))
        assert {one.status_code for one in answers} == {200, 503}
        refused = next(one for one in answers if one.status_code == 503)
        assert (codes(refused.json()), refused.headers["retry-after"]) == (["BUSY"], "5")
        assert refused.headers["cache-control"] == "no-store"
        assert [(await get(house, one)).status_code for one in paths] == [200] * 4


@pytest.mark.parametrize("ending", ["pdf", "fhir.json", "xlsform.xlsx"])
async def test_a_client_that_has_a_file_is_told_so_by_every_process(
    published: databases.TestDatabase, ending: str
) -> None:
    async with run_small(published) as house, run_small(published) as second:
        path = f"/questionnaires/{await find_hash(house)}.{ending}"
        whole = await get(house, path)
        tag = whole.headers["etag"]
        for process in (house, second):
            known = await get(process, path, if_none_match=tag)
            assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
            assert known.headers["cache-control"] == whole.headers["cache-control"] == "public, max-age=3600"
        assert (await get(house, path, if_none_match='W/"other"')).content == whole.content
        basic = await get(house, f"{path}?tier=micro", if_none_match=tag)
        assert basic.status_code == (304 if ending == "xlsform.xlsx" else 200)  # which has all tiers always


async def test_an_address_that_has_many_files_made_waits_in_all_processes(
    published: databases.TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.LIMITS, "file_made", attempts.Limit(2, 2, 900))
    async with run_small(published) as house, run_small(published) as second:
        path = f"/questionnaires/{await find_hash(house)}"
        made = [await get(house, f"{path}.{ending}") for ending in ("pdf", "fhir.json")]
        assert [one.status_code for one in made] == [200, 200]
        for process, ending in ((house, "xlsform.xlsx"), (second, "pdf")):
            limited = await get(process, f"{path}.{ending}")
            assert (limited.status_code, codes(limited.json())) == (429, ["RATE_LIMITED"])
            assert 0 < int(limited.headers["retry-after"]) <= 900
        assert (await get(house, f"{path}.pdf")).status_code == 200  # it is kept, and costs nothing
        assert (await get(house, f"{path}.json")).status_code == 200


async def test_a_new_translation_is_in_the_next_file(published: databases.TestDatabase, tmp_path: Path) -> None:
    async with run_small(published) as house:
        path = f"/questionnaires/{await find_hash(house)}.fhir.json?locale=es"
        titles = []
        for mark in ("¡{}!", "¿{}?"):
            file = write_translation(tmp_path, make_overlay(mark=mark))
            await publishing.publish_all(published.owner_url, [], [file])
            titles.append((await get(house, path)).json()["title"])
        assert titles == ["¡Sample!", "¿Sample?"]
