"""Trusted documents through HTTP and WebSocket: by hash, in both forms, and where nothing else is run."""

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from portal import documents
from portal.http import front
from tests import people
from tests.graphql_schema import portals, test_socket
from tests.graphql_schema.portals import Portal, codes

READ = "query Read { service { version } }\nquery Other { service { limits { depth } } }"
SAY = "query Say($words: String!) { echo(choice: {words: $words}) { words } }"
WRITE = 'mutation { refuse(how: "conflict") { __typename } }'
OUTGROWN = "{ fieldOfAnOlderSchema }"
FOLLOW = test_socket.QUERY
VERSION = {"service": {"version": "0.1.0"}}
UNKNOWN = "0" * 64


async def add(portal: Portal, *texts: str) -> None:
    async with people.open_session(portal.database.owner_url) as session:
        await documents.add_documents(session, texts)


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def stored(portal: Portal) -> None:
    await add(portal, READ, SAY, WRITE, OUTGROWN, FOLLOW)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def strict(portal: Portal, sample_schema: object) -> AsyncIterator[Portal]:
    """A second server over the same database, which runs trusted documents only."""
    async with portals.run_portal(portal.database, sample_schema, only_trusted_documents=True) as running:
        yield running


def name(text: str, **more: Any) -> dict[str, Any]:
    return {"documentId": f"sha256:{documents.hash_text(text)}", **more}


def name_as_apollo(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": documents.hash_text(text)}}, **more}


async def get(portal: Portal, body: dict[str, Any], **headers: str) -> httpx.Response:
    """Send a body as parameters of GET."""
    sent = {one: value if isinstance(value, str) else json.dumps(value) for one, value in body.items()}
    async with portal.client() as client:
        accept = {"accept": "application/graphql-response+json"}
        return await client.get("/graphql", params=sent, headers=accept | headers)


@pytest.mark.parametrize("form", [name, name_as_apollo])
async def test_a_document_runs_by_its_hash(portal: Portal, form: Any) -> None:
    said = form(SAY, variables={"words": "hello"})
    for response in (await portal.post(said), await get(portal, said)):
        assert (response.status_code, response.json()["data"]) == (200, {"echo": {"words": "hello"}})
    other = await portal.post(form(READ, operationName="Other"))
    assert other.json()["data"] == {"service": {"limits": {"depth": 15}}}
    both = await portal.post(form(READ, query=READ, operationName="Read"))
    assert both.json()["data"] == VERSION
    assert (await portal.post(form(WRITE))).json()["data"] == {"refuse": {"__typename": "Conflict"}}
    by_get = await get(portal, form(WRITE))
    assert (by_get.status_code, codes(by_get.json())) == (405, ["NEEDS_POST"])
    bare = {"documentId": documents.hash_text(READ), "operationName": "Read"}
    assert (await portal.post(bare)).json()["data"] == VERSION


@pytest.mark.parametrize(("form", "code"), [(name, "UNKNOWN_DOCUMENT"), (name_as_apollo, "PERSISTED_QUERY_NOT_FOUND")])
async def test_an_unknown_hash_says_so_and_nothing_is_registered(portal: Portal, form: Any, code: str) -> None:
    text = f"{{ service {{ version }} }} # {code}"
    for _ in range(2):
        unknown = await portal.post(form(text))
        assert (unknown.status_code, codes(unknown.json())) == (400, [code])
        assert "data" not in unknown.json()
        old = await portal.post(form(text), accept="application/json")
        assert (old.status_code, codes(old.json())) == (200, [code])
        by_get = await get(portal, form(text))
        assert (by_get.status_code, codes(by_get.json()), by_get.headers["cache-control"]) == (400, [code], "no-store")
        assert (await portal.post(form(text, query=text))).json()["data"] == VERSION


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"documentId": 7}, "BAD_REQUEST"),
        ({"documentId": ""}, "BAD_REQUEST"),
        ({"documentId": "sha256:"}, "BAD_REQUEST"),
        ({"documentId": f"md5:{UNKNOWN[:32]}"}, "BAD_REQUEST"),
        ({"documentId": f"sha256:{'A' * 64}"}, "BAD_REQUEST"),
        ({"documentId": f"sha256:{UNKNOWN}\n"}, "BAD_REQUEST"),
        ({"documentId": [UNKNOWN]}, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": UNKNOWN}}, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": {"sha256Hash": UNKNOWN}}}, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": UNKNOWN}}}, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": None}}}, "BAD_REQUEST"),
        (name(READ) | name_as_apollo(SAY), "BAD_REQUEST"),
        (name(READ, query=SAY), "HASH_MISMATCH"),
        (name(READ, query=""), "NO_QUERY"),
        (name(READ, query=7), "NO_QUERY"),
        (name(READ, variables=[]), "BAD_REQUEST"),
        (name(READ, operationName={}), "BAD_REQUEST"),
        ({"documentId": None}, "NO_QUERY"),
        ({"extensions": {}}, "NO_QUERY"),
    ],
    ids=str,
)
async def test_what_names_no_document_is_refused(portal: Portal, body: dict[str, Any], code: str) -> None:
    response = await portal.post(body)
    assert (response.status_code, codes(response.json())) == (400, [code])


async def test_a_parameter_that_comes_twice_is_refused(portal: Portal) -> None:
    async with portal.client() as client:
        response = await client.get(f"/graphql?documentId={UNKNOWN}&documentId={UNKNOWN}")
    assert (response.status_code, codes(response.json())) == (400, ["BAD_REQUEST"])


async def test_a_document_that_the_schema_outgrew_is_answered_with_its_errors(portal: Portal) -> None:
    response = await portal.post(name(OUTGROWN))
    assert (response.status_code, codes(response.json())) == (400, ["INVALID_REQUEST"])
    assert "fieldOfAnOlderSchema" in response.json()["errors"][0]["message"]


async def test_the_cost_of_a_document_counts_like_any_other(portal: Portal) -> None:
    paged = "query ($n: Int!) { samples(first: $n) { edges { node { name similar { id } } } } }"
    await add(portal, paged)
    caller = await portal.sign_up("supplier")
    answer = (await portal.post(name(paged, variables={"n": 10}), caller.token)).json()
    assert answer["extensions"]["cost"]["value"] == 1 + 10 * 9


async def test_only_trusted_documents_run_where_that_is_set(strict: Portal) -> None:
    for trusted in (name(READ, operationName="Read"), name_as_apollo(READ, operationName="Read")):
        assert (await strict.post(trusted)).json()["data"] == VERSION
    # A text that is one of them is no other.
    assert (await strict.post({"query": READ, "operationName": "Read"})).json()["data"] == VERSION
    for other in ("{ service { version } }", "{ __schema { types { name } } }", "{", f"{READ} ", WRITE + "\n"):
        response = await strict.post({"query": other})
        assert (response.status_code, codes(response.json())) == (400, ["NOT_TRUSTED"])
        old = await strict.post({"query": other}, accept="application/json")
        assert (old.status_code, codes(old.json())) == (200, ["NOT_TRUSTED"])
    assert codes((await get(strict, {"query": "{ service { version } }"})).json()) == ["NOT_TRUSTED"]
    assert codes((await strict.post(name("{ a }"))).json()) == ["UNKNOWN_DOCUMENT"]
    assert codes((await strict.post({})).json()) == ["NO_QUERY"]


async def test_the_page_of_the_portal_itself_works_on(strict: Portal) -> None:
    texts = front.list_documents()
    assert len(texts) == (front.FOLDER / "front.js").read_text().count("{ result: ")
    for text in texts:
        # The schema of these tests has none of its fields; what matters is that it is looked at.
        assert set(codes((await strict.post({"query": text})).json())) == {"INVALID_REQUEST"}


async def test_a_subscription_by_its_hash(portal: Portal, strict: Portal) -> None:
    for place in (portal, strict):
        caller = await place.sign_up("supplier")
        async with test_socket.signed_in(place, caller) as client:
            await client.say({"id": "1", "type": "subscribe", "payload": name(FOLLOW)})
            await test_socket.wait_for_listeners(place)
            assert (await place.post({"query": test_socket.ADD}, caller.token)).status_code in (200, 400)
            await client.say({"id": "2", "type": "subscribe", "payload": name("subscription { other }")})
            heard = await client.hear()
            while heard["type"] == "next":
                assert heard["payload"]["data"] == {"sampleChanged": {"sample": {"name": "News"}}}
                heard = await client.hear()
            assert (heard["id"], heard["type"]) == ("2", "error")
            assert heard["payload"][0]["extensions"]["code"] == "UNKNOWN_DOCUMENT"
        await test_socket.wait_for_listeners(place, 0)


async def test_a_subscription_of_another_text_is_refused_where_only_trusted_ones_run(strict: Portal) -> None:
    caller = await strict.sign_up("supplier")
    async with test_socket.signed_in(strict, caller) as client:
        await client.say({"id": "1", "type": "subscribe", "payload": {"query": f"{FOLLOW} "}})
        heard = await client.hear()
        assert (heard["type"], heard["payload"][0]["extensions"]["code"]) == ("error", "NOT_TRUSTED")
        await client.say({"type": "ping"})
        assert (await client.hear())["type"] == "pong"


async def test_by_hash_too_nobody_subscribes_before_the_credential_or_twice(portal: Portal) -> None:
    message = {"id": "1", "type": "subscribe", "payload": name(FOLLOW)}
    async with test_socket.connect(portal) as client:
        await client.say(message)
        assert (await client.hear_close())[0] == 4401
    async with test_socket.signed_in(portal, await portal.sign_up("supplier")) as client:
        await client.say(message)
        await client.say(message)
        assert (await client.hear_close())[0] == 4409
    for wrong in ({"documentId": 7}, name(FOLLOW, query="{ a }")):
        async with test_socket.signed_in(portal, await portal.sign_up("supplier")) as client:
            await client.say({"id": "1", "type": "subscribe", "payload": wrong})
            assert (await client.hear_close())[0] == 4400


async def test_what_was_added_and_removed_is_known_soon(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "FOUND_SECONDS", 0.0)
    monkeypatch.setattr(documents, "UNKNOWN_SECONDS", 0.0)
    text = "{ service { version } } # comes and goes"
    assert codes((await portal.post(name(text))).json()) == ["UNKNOWN_DOCUMENT"]
    await add(portal, text)
    assert (await portal.post(name(text))).json()["data"] == VERSION
    async with people.open_session(portal.database.owner_url) as session:
        await documents.remove_document(session, documents.hash_text(text))
    assert codes((await portal.post(name(text))).json()) == ["UNKNOWN_DOCUMENT"]


async def test_the_database_is_asked_once_for_what_is_known_and_seldom_for_what_is_not(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_MISSES", 3)
    monkeypatch.setattr(documents, "monotonic", lambda: 1_000_000.5)
    trusted = portal.app.state.services.trusted_documents
    asked: list[str] = []
    reading = portal.app.state.services.database.reading

    def count(*given: Any, **named: Any) -> Any:
        asked.append("asked")
        return reading(*given, **named)

    monkeypatch.setattr(portal.app.state.services.database, "reading", count)
    for _ in range(3):
        await trusted.find(UNKNOWN)
        await trusted.find(documents.hash_text(READ))
    assert len(asked) == 2
    made_up = [f"{number:064x}" for number in range(1, 20)]
    statuses = [(await portal.post({"documentId": one})).status_code for one in made_up]
    assert statuses == [400] * 2 + [429] * 17
    assert len(asked) == 4
    refused = await portal.post({"documentId": "f" * 64})
    assert (codes(refused.json()), refused.headers["retry-after"]) == (["RATE_LIMITED"], "1")
    assert await trusted.find(documents.hash_text(READ)) == READ


async def test_what_a_process_keeps_is_bounded(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_FOUND", 2)
    monkeypatch.setattr(documents, "MOST_UNKNOWN", 2)
    monkeypatch.setattr(documents, "MOST_MISSES", 100)
    trusted = documents.TrustedDocuments(portal.app.state.services.database)
    for text in (READ, SAY, WRITE, "{ a }", "{ b }", "{ c }"):
        await trusted.find(documents.hash_text(text))
    assert (len(trusted._found), len(trusted._unknown)) == (2, 2)


async def test_the_application_reads_by_hash_and_writes_nothing(portal: Portal) -> None:
    for statement in ("SELECT count(*) FROM portal.trusted_document", "DELETE FROM portal.trusted_document"):
        for url in (portal.database.app_url, portal.database.worker_url):
            assert "permission denied" in await refuse_sql(url, statement)
    assert "permission denied" in await refuse_sql(
        portal.database.worker_url, "SELECT portal.find_trusted_document('x')"
    )
    wrong = "INSERT INTO portal.trusted_document (content_hash, text) VALUES (repeat('0', 64), '{ a }')"
    assert "ck_trusted_document_content_hash" in await refuse_sql(portal.database.owner_url, wrong)


async def refuse_sql(url: str, statement: str) -> str:
    """What the database says against a statement."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        with pytest.raises(asyncpg.PostgresError) as refused:
            await connection.execute(statement)
        return str(refused.value)
    finally:
        await connection.close()
