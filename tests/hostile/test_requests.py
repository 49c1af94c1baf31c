"""Hostile requests: guessed credentials by every way in, forged ids and cursors, headers that say two things, values
that no client would send. None may end in a fault, and none may act for somebody else."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
import websockets

from portal.database import ids
from portal.identity import attempts
from tests import databases, people
from tests.graphql_schema import portals
from tests.hostile import surface

pytestmark = pytest.mark.slow
SIGN_IN = "mutation ($email: String!, $password: String!) { signIn(input: {email: $email, password: $password}) %s }"
SAID = "{ __typename ... on Problem { code } ... on RateLimited { retryAfter } }"
VIEWER = "{ viewer { user { email } organization { id } } }"


@dataclass
class Stand:
    """A portal, a supplier, a buyer, and one connection to send by."""

    portal: portals.Portal
    client: httpx.AsyncClient
    tokens: dict[str, str]
    emails: dict[str, str]

    async def post(self, query: str, actor: str = "", **variables: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.tokens[actor]}"} if actor else {}
        return await self.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand(database_server: databases.Server, database_template: str) -> AsyncIterator[Stand]:
    with databases.copy_template(database_server, database_template) as made:
        async with portals.run_portal(made) as running, running.client() as client:
            tokens, emails = {}, {}
            for role in ("supplier", "buyer", "partner"):
                person = await people.add_person(made)
                await people.add_organization(made, (person, "owner"), roles=(role,))
                tokens[role], emails[role] = person.token, person.email
            yield Stand(running, client, tokens, emails)


@pytest.fixture(autouse=True)
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test reaches with few tries."""
    monkeypatch.setitem(attempts.LIMITS, "sign_in", attempts.Limit(4, 12, 900))
    monkeypatch.setitem(attempts.LIMITS, "bearer", attempts.Limit(6, 6, 300))


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def fresh(stand: Stand) -> None:
    await stand.portal.run_sql("DELETE FROM portal.credential_attempt")


def assert_no_fault(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text[:500]
    assert "INTERNAL" not in response.text, response.text[:500]


@pytest.mark.asyncio(loop_scope="module")
async def test_guesses_by_alias_are_each_counted(stand: Stand) -> None:
    guesses = " ".join(
        f'a{n}: signIn(input: {{email: "{stand.emails["supplier"]}", password: "guess {n}"}}) {SAID}' for n in range(15)
    )
    answer = (await stand.post(f"mutation {{ {guesses} }}")).json()["data"]
    kinds = [one["__typename"] for one in answer.values()]
    assert kinds == ["Unauthenticated"] * 4 + ["RateLimited"] * 11
    right = await stand.post(SIGN_IN % SAID, email=stand.emails["supplier"], password=people.PASSWORD)
    assert right.json()["data"]["signIn"]["__typename"] == "RateLimited"


@pytest.mark.asyncio(loop_scope="module")
async def test_many_accounts_from_one_address_are_counted_together(stand: Stand) -> None:
    """What a client writes into the headers of a proxy stands before the address that the proxy itself adds."""
    kinds = []
    for n in range(16):
        headers = {"x-forwarded-for": f"203.0.113.{n}, 198.51.100.7", "x-real-ip": f"203.0.113.{n}"}
        body = {"query": SIGN_IN % SAID, "variables": {"email": f"guess{n}@example.com", "password": "Spring2026!x"}}
        response = await stand.client.post("/graphql", json=body, headers=headers)
        kinds.append(response.json()["data"]["signIn"]["__typename"])
    assert kinds == ["Unauthenticated"] * 12 + ["RateLimited"] * 4


@pytest.mark.asyncio(loop_scope="module")
async def test_guesses_by_batch_get_and_socket_are_not_taken(stand: Stand) -> None:
    one = {"query": SIGN_IN % SAID, "variables": {"email": stand.emails["buyer"], "password": people.PASSWORD}}
    batch = await stand.client.post("/graphql", json=[one] * 10)
    assert (batch.status_code, batch.json()["errors"][0]["extensions"]["code"]) == (400, "BATCH")
    got = await stand.client.get("/graphql", params={"query": one["query"], "variables": json.dumps(one["variables"])})
    assert got.status_code == 405
    assert "token" not in got.text
    many = " ".join(f'a{n}: signIn(input: {{email: "x@example.com", password: "{n}"}}) {SAID}' for n in range(61))
    refused = await stand.post(f"mutation {{ {many} }}")
    assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_LARGE"
    messages = await speak(stand, stand.tokens["buyer"], {"id": "1", "type": "subscribe", "payload": one})
    assert messages[-1]["type"] == "error"
    assert "token" not in json.dumps(messages)


@pytest.mark.asyncio(loop_scope="module")
async def test_tokens_guessed_by_socket_and_by_header_are_counted_together(stand: Stand) -> None:
    for n in range(3):
        assert (await speak(stand, f"guess{n}" * 6))[-1]["type"] != "connection_ack"
        await stand.client.post("/graphql", json={"query": VIEWER}, headers={"authorization": f"Bearer spk_guess{n}"})
    last = await stand.client.post("/graphql", json={"query": VIEWER}, headers={"authorization": "Bearer guess"})
    assert last.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert int(last.headers["retry-after"]) > 0
    assert (await stand.post(VIEWER, "supplier")).json()["data"]["viewer"]["user"]["email"] == stand.emails["supplier"]


async def speak(stand: Stand, token: str, *sent: Any) -> list[Any]:
    """What a socket says to a token, and then to each message."""
    url = stand.portal.url.replace("http:", "ws:")
    said: list[Any] = []
    try:
        async with websockets.connect(url, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            opening = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
            for one in (opening, *sent):
                await socket.send(orjson.dumps(one).decode())
                said.append(orjson.loads(await asyncio.wait_for(socket.recv(), 5)))
    except websockets.ConnectionClosed as closed:
        said.append({"type": "closed", "code": closed.rcvd and closed.rcvd.code})
    return said


def write_head(*headers: bytes, body: bytes = b'{"query":"{ viewer { user { email } } }"}') -> bytes:
    lines = [b"POST /graphql HTTP/1.1", b"Host: portal.test", b"Content-Type: application/json", b"Connection: close"]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), *headers, b"", body])


HEADERS = {
    "two credentials": (b"Authorization: Bearer %(supplier)s", b"Authorization: Bearer %(buyer)s"),
    "a good one and a bad one": (b"Authorization: Bearer %(supplier)s", b"Authorization: Bearer nothing"),
    "a bad one and a good one": (b"Authorization: Bearer nothing", b"Authorization: Bearer %(supplier)s"),
    "two in one line": (b"Authorization: Bearer %(supplier)s, Bearer %(buyer)s",),
    "nul": (b"Authorization: Bearer a\x00b",),
    "nul behind a good one": (b"Authorization: Bearer %(supplier)s\x00",),
    "not ascii": (b"Authorization: Bearer \xff\xfe\xc3\x28",),
    "no token": (b"Authorization: Bearer",),
    "spaces": (b"Authorization: Bearer    ",),
    "basic": (b"Authorization: Basic YTpi",),
    "a token of 5,000": (b"Authorization: Bearer " + b"a" * 5_000,),
    "a header of 100,000": (b"Authorization: Bearer " + b"a" * 100_000,),
    "2,000 headers": tuple(b"X-Many: %d" % n for n in range(2_000)),
    "a cookie": (b"Cookie: session=%(supplier)s; portal=%(supplier)s",),
    "another user": (b"X-User: owner", b"X-Organization: 1", b"X-Remote-User: admin", b"X-Original-URL: /graphql"),
    "two lengths": (b"Content-Length: 3",),
    "chunks and a length": (b"Transfer-Encoding: chunked",),
    "a request id": (b"X-Request-Id: " + b"<script>" * 50,),
    "another method": (b"X-HTTP-Method-Override: DELETE",),
    "a folded line": (b"Authorization: Bearer\r\n %(supplier)s",),
}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", HEADERS)
async def test_headers_that_say_two_things_act_for_nobody_else(stand: Stand, case: str) -> None:
    tokens = {name.encode(): token.encode() for name, token in stand.tokens.items()}
    sent = write_head(*(one % tokens if b"%(" in one else one for one in HEADERS[case]))
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.portal.port)
    writer.write(sent)
    try:
        said = await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        said = b""
    writer.close()
    assert not said or 200 <= int(said.split(b" ")[1]) < 500, said[:300]
    assert b"INTERNAL" not in said
    assert stand.emails["buyer"].encode() not in said
    if "Bearer %(supplier)s" in str(HEADERS[case]) and len(HEADERS[case]) > 1:
        assert b"400 Bad Request" in said[:40]
    if case not in ("a request id", "another method"):
        assert stand.emails["supplier"].encode() not in said, said[:600]


IDS = (
    "", " ", "x", "null", "0", "-1", "1 OR 1=1", "'; DROP TABLE portal.answer; --", "../../etc/passwd", "%00", "\u202e",
    "=" * 48, "A" * 47, "A" * 48, "A" * 49, "é" * 48, "\U0001f600" * 12, "A" * 10_000, "asmt" + "A" * 44,
    base64.b64encode(b"asmt" + bytes(32)).decode(), base64.b64encode(b"ASMT" + bytes(32)).decode(),
    base64.b64encode(b"zzzz" + bytes(32)).decode(), base64.b64encode(b"orga" + b"\xff" * 32).decode(),
    str(ids.new_id()), "PScgT1IgMT0x", "eyJpZCI6MX0=",
)  # fmt: skip


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("slot", [one for one in surface.list_slots() if one.root != "Subscription"], ids=str)
async def test_a_forged_id_is_a_problem_and_no_fault(stand: Stand, slot: surface.Slot) -> None:
    values = [*IDS, *(surface.encode_id(tag, ids.new_id(), ids.new_id()) for tag in ("asmt", "supp", "orga", "subm"))]
    for value in values:
        given = surface.fill(slot, value, {})
        assert_no_fault(await stand.post(surface.write_brief(slot.root, slot.field, *given), find_role(slot), **given))


def find_role(slot: surface.Slot) -> str:
    return (
        "buyer" if surface.find_rule(slot.root, slot.field).startswith(("BUYER", "READER", "REVIEWER")) else "supplier"
    )


def list_cursors() -> Iterator[str]:
    for content in (
        b"", b"[]", b"{}", b"null", b"1", b"[1]", b"[1,2,3]", b'[1,"name",["a"],"x"]', b'["newest",[],"x"]',
        b"[[[[[[]]]]]]",
        b'[1,"newest",[null],null]', b'["newest","2026-01-01","00000000-0000-0000-0000-000000000000"]', b"\xff\xfe\x00",
        b'[1,"newest",["\\u0000"],"00000000-0000-0000-0000-000000000000"]', b"9" * 400, b'["total_highest",1e999,"x"]',
        b'["name","a","00000000-0000-0000-0000-00000000000g"]', b"[" * 800, b'["name",{"$gt":""},null]',
    ):  # fmt: skip
        yield base64.urlsafe_b64encode(content).rstrip(b"=").decode()
    yield from ("", "=", "!", "é", "' OR 1=1 --", "A" * 3_000)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_forged_cursor_is_a_problem_and_no_fault(stand: Stand) -> None:
    tried = refused = 0
    for name, needed, actor in list_lists("after"):
        for cursor in list_cursors():
            response = await stand.post(
                surface.write_brief("Query", name, *needed, "after"), actor, **needed, after=cursor
            )
            assert_no_fault(response)
            tried += 1
            refused += "BAD_CURSOR" in response.text
    assert tried > 200
    assert refused > 200


def list_lists(argument: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Lists of the query root that take an argument, with what else they need, and who may ask for them."""
    for name, one in surface.SCHEMA.query_type.fields.items():  # type: ignore[union-attr]
        if argument in one.args:
            needed = {key: surface.make_value(a.type, key, {}) for key, a in one.args.items() if surface.is_needed(a)}
            yield name, needed, find_role(surface.Slot("Query", name, ()))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("size", [0, -1, 101, 2**31 - 1, 2**31, -(2**31), 10**30, 1.5, "1", None])
async def test_page_sizes_out_of_range_are_problems(stand: Stand, size: Any) -> None:
    for name, needed, actor in list_lists("first"):
        response = await stand.post(surface.write_brief("Query", name, *needed, "first"), actor, **needed, first=size)
        assert_no_fault(response)
        assert "errors" in response.json(), (name, size)


TEXTS = (
    "",
    " ",
    "\u202e\u200b\ufeff",
    "'; DROP TABLE portal.answer; --",
    "%s%n{0}${x}",
    "A" * 20_000,
    "1e400",
    "\uffff",
    "\x7f\x1b[2J",
)
NUMBERS = (0, -1, 2**31 - 1, -(2**31))
DAYS = ("0001-01-01", "9999-12-31", "2026-02-30", "2026-1-1", "")
MOMENTS = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00", "x")


def list_nasty(declared: Any) -> tuple[Any, ...]:
    """Values of a scalar's type, or nearly, that no client would send."""
    name = surface.get_named_type(declared).name
    if name in ("Int", "Float"):
        return NUMBERS
    return {"Date": DAYS, "DateTime": MOMENTS, "Boolean": (None, "true"), "UUID": ("", "x", "0" * 32)}.get(name, TEXTS)


def list_variants(mutation: str) -> Iterator[dict[str, Any]]:
    """The input of a mutation with one of its members made nasty at a time, lists also made long."""
    declared = surface.SCHEMA.mutation_type.fields[mutation].args.get("input")  # type: ignore[union-attr]
    if declared is None:
        return
    members = surface.get_named_type(declared.type).fields
    plain = {name: surface.make_value(one.type, name, {}) for name, one in members.items() if surface.is_needed(one)}
    yield plain
    for name, one in members.items():
        inner = surface.get_nullable_type(one.type)
        if surface.is_list_type(inner):
            item = surface.make_value(inner.of_type, name, {})
            yield from (plain | {name: many} for many in ([], [item] * 3, [item] * 1_100))
        elif surface.is_leaf_type(inner) and not surface.is_enum_type(inner) and inner.name != "ID":
            yield from (plain | {name: value} for value in list_nasty(inner))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("mutation", list(surface.SCHEMA.mutation_type.fields))  # type: ignore[union-attr]
async def test_nasty_values_are_problems_and_no_faults(stand: Stand, mutation: str) -> None:
    role, document = find_role(surface.Slot("Mutation", mutation, ())), surface.write_brief("Mutation", mutation)
    if mutation in ("signOut", "endOtherSessions"):
        return  # they take nothing
    for given in list_variants(mutation):
        assert_no_fault(await stand.post(document, role, input=given))
