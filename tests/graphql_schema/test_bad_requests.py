"""Requests that are wrong in every way we could think of: each gets a problem with a code, none a fault."""

import json
from typing import Any

import pytest

from tests.graphql_schema.portals import Portal, codes

FINE = {"query": "{ service { version } }"}


def deep(levels: int) -> bytes:
    return b'{"query":"{ service { version } }","variables":{"a":' + b"[" * levels + b"]" * levels + b"}}"


def nested(levels: int) -> str:
    return "{ samples { edges { node " + "{ similar " * levels + "{ id }" + " }" * levels + " } } }"


# Each case: the body, further headers, then the status and the code that must come back.
BODIES: dict[str, tuple[Any, dict[str, str], int, str]] = {
    "no body": (b"", {}, 400, "BAD_JSON"),
    "not json": (b"hello", {}, 400, "BAD_JSON"),
    "half an object": (b'{"query": "{ser', {}, 400, "BAD_JSON"),
    "not utf-8": (b'{"query": "\xff\xfe"}', {}, 400, "BAD_JSON"),
    "a lone surrogate": (b'{"query": "{ a }", "variables": {"a": "\\ud800"}}', {}, 400, "BAD_JSON"),
    "not a number of json": (b'{"query": "{ a }", "variables": {"a": NaN}}', {}, 400, "BAD_JSON"),
    "json 1,000 deep": (deep(1_000), {}, 400, "BAD_JSON"),
    "json 50,000 deep": (deep(50_000), {}, 400, "BAD_JSON"),
    "json 70 deep": (deep(70), {}, 400, "BAD_JSON"),
    "nul in a variable": (b'{"query": "{ a }", "variables": {"a": "x\\u0000"}}', {}, 400, "BAD_JSON"),
    "nul in a declared variable": (
        {"query": "query ($h: String!) { refused(how: $h) }", "variables": {"h": "a\x00"}},
        {},
        400,
        "BAD_JSON",
    ),
    "nul deep in an input": (
        {
            "query": "query ($c: Choice) { echo(choice: $c) { words } }",
            "variables": {"c": {"words": "a\x00b"}},
        },
        {},
        400,
        "BAD_JSON",
    ),
    "nul beside the variables": (FINE | {"variables": {}, "extensions": {"a": "\x00"}}, {}, 400, "BAD_JSON"),
    "nul in the operation's name": (FINE | {"operationName": "\x00"}, {}, 400, "BAD_JSON"),
    "nul in a variable of a document that is none": ({"query": "{", "variables": {"a": ["\x00"]}}, {}, 400, "BAD_JSON"),
    "nul in a name": (b'{"query": "{ a }", "variables": {"a\\u0000": 1}}', {}, 400, "BAD_JSON"),
    "a number": (b"7", {}, 400, "BAD_REQUEST"),
    "null": (b"null", {}, 400, "BAD_REQUEST"),
    "a batch": ([FINE, FINE], {}, 400, "BATCH"),
    "an empty batch": ([], {}, 400, "BATCH"),
    "no query": ({"variables": {}}, {}, 400, "NO_QUERY"),
    "query null": ({"query": None}, {}, 400, "NO_QUERY"),
    "query a number": ({"query": 1}, {}, 400, "NO_QUERY"),
    "query a list": ({"query": ["{ a }"]}, {}, 400, "NO_QUERY"),
    "query empty": ({"query": "  "}, {}, 400, "NO_QUERY"),
    "query with nul": ({"query": '{ refused(how: "\\u0000") }'}, {}, 400, "BAD_REQUEST"),
    "query with nul in braces": ({"query": '{ refused(how: "\\u{000}") }'}, {}, 400, "BAD_REQUEST"),
    "query of 200,000 characters": ({"query": "{ a }" + " " * 200_000}, {}, 400, "TOO_LARGE"),
    "variables a list": (FINE | {"variables": [1]}, {}, 400, "BAD_REQUEST"),
    "variables a text": (FINE | {"variables": "{}"}, {}, 400, "BAD_REQUEST"),
    "operation name a number": (FINE | {"operationName": 7}, {}, 400, "BAD_REQUEST"),
    "operation name an object": (FINE | {"operationName": {}}, {}, 400, "BAD_REQUEST"),
    "extensions a text": (FINE | {"extensions": "x"}, {}, 400, "BAD_REQUEST"),
    "body of 1,000,001 bytes": (b" " * 1_000_001, {}, 413, "TOO_LARGE"),
    "body of 20 MB": (b"[" * 20_000_000, {}, 413, "TOO_LARGE"),
    "text/plain": (FINE, {"content_type": "text/plain"}, 415, "CONTENT_TYPE"),
    "a form": (b"query=%7Ba%7D", {"content_type": "application/x-www-form-urlencoded"}, 415, "CONTENT_TYPE"),
    "multipart": (b"--x--", {"content_type": "multipart/form-data; boundary=x"}, 415, "CONTENT_TYPE"),
    "a type that only begins so": (FINE, {"content_type": "application/jsonish"}, 415, "CONTENT_TYPE"),
    "latin-1": (FINE, {"content_type": "application/json; charset=latin-1"}, 415, "CONTENT_TYPE"),
    "gzip": (FINE, {"content_encoding": "gzip"}, 415, "CONTENT_TYPE"),
    "accepts images only": (FINE, {"accept": "image/png"}, 406, "NOT_ACCEPTABLE"),
    "accepts nothing": (FINE, {"accept": "application/json;q=0"}, 406, "NOT_ACCEPTABLE"),
    "basic credentials": (FINE, {"authorization": "Basic dTpw"}, 401, "UNAUTHENTICATED"),
    "no token": (FINE, {"authorization": "Bearer"}, 401, "UNAUTHENTICATED"),
    "a token of 10,000 characters": (FINE, {"authorization": "Bearer " + "x" * 10_000}, 401, "UNAUTHENTICATED"),
    "no document": ({"query": "#"}, {}, 400, "SYNTAX"),
    "bad syntax": ({"query": "{ service {"}, {}, 400, "SYNTAX"),
    "a bad escape": ({"query": '{ refused(how: "\\uD800") }'}, {}, 400, "SYNTAX"),
    "3,500 tokens": ({"query": "{" + " a" * 3_500 + "}"}, {}, 400, "SYNTAX"),
    "2,000 comments": ({"query": "#\n" * 2_000 + "{ a }"}, {}, 400, "SYNTAX"),
    "braces 2,000 deep": ({"query": "{a" * 2_000 + "}" * 2_000}, {}, 400, "SYNTAX"),
    "a list 2,000 deep": ({"query": "{ a(b: " + "[" * 2_000 + "]" * 2_000 + ") }"}, {}, 400, "SYNTAX"),
    "an unknown field": ({"query": "{ nothing }"}, {}, 400, "INVALID_REQUEST"),
    "a name of 90,000 letters": ({"query": "{ " + "n" * 90_000 + " }"}, {}, 400, "INVALID_REQUEST"),
    "2,500 unknown fields": ({"query": "{" + " a" * 2_500 + "}"}, {}, 400, "INVALID_REQUEST"),
    "an unknown argument": ({"query": "{ service(x: 1) { version } }"}, {}, 400, "INVALID_REQUEST"),
    "an unknown directive": ({"query": "{ service @x { version } }"}, {}, 400, "INVALID_REQUEST"),
    "a missing argument": ({"query": "{ refused }"}, {}, 400, "INVALID_REQUEST"),
    "a field without selection": ({"query": "{ service }"}, {}, 400, "INVALID_REQUEST"),
    "a selection of a scalar": ({"query": "{ service { version { a } } }"}, {}, 400, "INVALID_REQUEST"),
    "only a fragment": ({"query": "fragment f on Query { service { version } }"}, {}, 400, "UNKNOWN_OPERATION"),
    "a fragment cycle": ({"query": "{ ...f } fragment f on Query { ...f }"}, {}, 400, "INVALID_REQUEST"),
    "an unknown fragment": ({"query": "{ ...f }"}, {}, 400, "INVALID_REQUEST"),
    "an unknown operation": (FINE | {"operationName": "X"}, {}, 400, "UNKNOWN_OPERATION"),
    "two operations, none chosen": (
        {"query": "query A { service { version } } query B { service { version } }", "operationName": "C"},
        {},
        400,
        "UNKNOWN_OPERATION",
    ),
    "two operations, no name": (
        {"query": "query A { service { version } } query B { service { version } }"},
        {},
        400,
        "UNKNOWN_OPERATION",
    ),
    "two operations, an empty name": (
        {
            "query": 'mutation A { refuse(how: "rate") { __typename } } mutation B { refuse(how: "x") { __typename } }',
            "operationName": "",
        },
        {},
        400,
        "UNKNOWN_OPERATION",
    ),
    "a subscription": ({"query": "subscription { sampleChanged { sample { id } } }"}, {}, 400, "NEEDS_WEBSOCKET"),
    "20 levels": ({"query": nested(20)}, {}, 400, "TOO_LARGE"),
    "100 aliases": (
        {"query": "{" + "".join(f" a{n}: service {{ version }}" for n in range(100)) + "}"},
        {},
        400,
        "TOO_LARGE",
    ),
    "100 directives": (
        {"query": "{ service {" + " version @skip(if: true)" * 100 + " } }"},
        {},
        400,
        "TOO_LARGE",
    ),
    "25 root fields": ({"query": "{" + " service { version }" * 25 + "}"}, {}, 400, "TOO_LARGE"),
    "25 root fields by fragments": (
        {"query": "{" + " ...f" * 5 + "} fragment f on Query {" + " service { version }" * 5 + " }"},
        {},
        400,
        "TOO_LARGE",
    ),
    "levels by fragments": (
        {
            "query": "{ samples { edges { node { ...a } } } }"
            + "".join(
                f" fragment {one} on Sample {{ similar {{ similar {{ similar {{ ...{two} }} }} }} }}"
                for one, two in zip("abcde", "bcdef", strict=True)
            )
            + " fragment f on Sample { id }"
        },
        {},
        400,
        "TOO_LARGE",
    ),
    "too costly": ({"query": nested(5).replace("samples", "samples(first: 100)")}, {}, 400, "TOO_COSTLY"),
    "too costly by variable": (
        {
            "query": nested(5).replace("samples", "samples(first: $n)").replace("{", "query ($n: Int!) {", 1),
            "variables": {"n": 100},
        },
        {},
        400,
        "TOO_COSTLY",
    ),
    "introspected three times": (
        {"query": "{ a: __schema { types { name } } b: __schema { types { name } } c: __schema { types { name } } }"},
        {},
        400,
        "TOO_COSTLY",
    ),
    "introspection in circles": (
        {"query": "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }"},
        {},
        400,
        "INVALID_REQUEST",
    ),
    "a variable that is missing": ({"query": "query ($h: String!) { refused(how: $h) }"}, {}, 400, "INVALID_REQUEST"),
    "a variable of another type": (
        {"query": "query ($h: String!) { refused(how: $h) }", "variables": {"h": 7}},
        {},
        400,
        "INVALID_REQUEST",
    ),
    "an integer of 64 bits": (
        {"query": "query ($n: Int!) { samples(first: $n) { totalCount } }", "variables": {"n": 2**40}},
        {},
        400,
        "INVALID_REQUEST",
    ),
    "an enum that is none": ({"query": "{ samples(order: PRICE) { totalCount } }"}, {}, 400, "INVALID_REQUEST"),
    "two of a one-of": (
        {"query": '{ echo(choice: {words: "a", number: 1}) { words } }'},
        {},
        400,
        "INVALID_REQUEST",
    ),
    "none of a one-of": (
        {"query": "query ($c: Choice) { echo(choice: $c) { words } }", "variables": {"c": {}}},
        {},
        400,
        "INVALID_REQUEST",
    ),
    "two of a one-of in a variable": (
        {
            "query": "query ($c: Choice) { echo(choice: $c) { words } }",
            "variables": {"c": {"words": "a", "number": 1}},
        },
        {},
        400,
        "INVALID_REQUEST",
    ),
    "null in a one-of": (
        {"query": "query ($c: Choice) { echo(choice: $c) { words } }", "variables": {"c": {"words": None}}},
        {},
        400,
        "INVALID_REQUEST",
    ),
    "an unknown input field": (
        {"query": 'mutation { addSample(input: {name: "a", x: 1}) { __typename } }'},
        {},
        400,
        "INVALID_REQUEST",
    ),
}


@pytest.mark.parametrize("case", BODIES)
async def test_a_bad_request_gets_its_code(portal: Portal, case: str) -> None:
    body, headers, status, code = BODIES[case]
    response = await portal.post(body, **headers)
    answer = response.json()
    assert (response.status_code, codes(answer)[0]) == (status, code), answer
    assert "data" not in answer
    assert len(response.content) < 100_000
    assert all(error["message"] for error in answer["errors"])


async def test_nul_is_refused_by_its_place(portal: Portal) -> None:
    query = "query ($c: Choice) { echo(choice: $c) { words } }"
    answer = (await portal.post({"query": query, "variables": {"c": {"words": "a\x00b"}}})).json()
    assert answer["errors"][0]["message"].endswith("U+0000; it stands at variables.c.words.")


async def test_what_only_looks_like_nul_is_taken(portal: Portal) -> None:
    query = "query ($c: Choice) { echo(choice: $c) { words } }"
    answer = await portal.ask(query, c={"words": "a\\u0000"})
    assert answer["data"]["echo"]["words"] == "a\\u0000"


# Each argument is refused; beside it what the message must say is allowed.
SCALARS = {
    "amount: 12.5": "12.50",
    'amount: "1e5"': "12.50",
    'amount: "NaN"': "12.50",
    'amount: "1234567890123456789"': "18 digits",
    'day: "2026-02-30"': "2026-03-31",
    'day: "30.1.2026"': "2026-03-31",
    "day: 20260331": "2026-03-31",
    'moment: "2026-03-31T08:30:00"': "zone",
    'moment: "2026-03-31"': "zone",
    'moment: "0001-01-01T00:00:00+14:00"': "zone",
    'locale: "english"': "BCP 47",
    'locale: "EN_us"': "BCP 47",
    'country: "vn"': "capital letters",
    'country: "ZZ"': "ISO 3166-1",
    'writeId: "7"': "UUID",
    'writeId: "018f2f3c7b1a7c3d8e4f0123456789ab"': "UUID",
    "order: NOTHING": "SampleOrder",
}


@pytest.mark.parametrize("argument", SCALARS)
async def test_a_bad_scalar_says_what_is_allowed(portal: Portal, argument: str) -> None:
    name, _, literal = argument.partition(": ")
    types = {"amount": "Decimal", "day": "Date", "moment": "DateTime", "locale": "Locale", "country": "CountryCode"}
    asked = [{"query": f"{{ echo({argument}) {{ words }} }}"}]
    if name in types:
        value = json.loads(literal)
        query = f"query ($x: {types[name]}) {{ echo({name}: $x) {{ words }} }}"
        asked.append({"query": query, "variables": {"x": value}})
    for body in asked:
        response = await portal.post(body)
        assert response.status_code == 400, response.text
        assert SCALARS[argument] in response.json()["errors"][0]["message"]


async def test_good_scalars_come_back_in_one_spelling(portal: Portal) -> None:
    given = (
        'amount: "12.500", day: "2026-03-31", moment: "2026-03-31T10:30:00+02:00", locale: "zh-Hans-CN", country: "VN"'
        ', writeId: "018F2F3C-7B1A-7C3D-8E4F-0123456789AB", choice: {number: 4}'
    )
    answer = await portal.ask(f"{{ echo({given}) {{ amount day moment locale country writeId words number }} }}")
    assert answer["data"]["echo"] == {
        "amount": "12.500",
        "day": "2026-03-31",
        "moment": "2026-03-31T08:30:00Z",
        "locale": "zh-Hans-CN",
        "country": "VN",
        "writeId": "018f2f3c-7b1a-7c3d-8e4f-0123456789ab",
        "words": None,
        "number": 4,
    }


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ("", 400, "NO_QUERY"),
        ("query=%7Bservice%7Bversion%7D%7D&variables=%5B", 400, "BAD_JSON"),
        ("query=%7Bservice%7Bversion%7D%7D&variables=%5B%5D", 400, "BAD_REQUEST"),
        ("query=%7Ba%7D&query=%7Bb%7D", 400, "BAD_REQUEST"),
        ("query=%FF%00", 400, "BAD_REQUEST"),
        ("query=%7Bservice%7Bversion%7D%7D&extensions=7", 400, "BAD_REQUEST"),
    ],
)
async def test_a_bad_get_gets_its_code(portal: Portal, parameters: str, status: int, code: str) -> None:
    async with portal.client() as client:
        response = await client.get(f"/graphql?{parameters}")
    assert (response.status_code, codes(response.json())[0]) == (status, code)


async def test_many_errors_are_cut(portal: Portal) -> None:
    answer = (await portal.post({"query": "{" + "".join(f" a{n}" for n in range(200)) + "}"})).json()
    assert len(answer["errors"]) == 51
    assert codes(answer)[-1] == "MORE_ERRORS"


async def test_a_long_name_is_not_repeated_at_length(portal: Portal) -> None:
    answer = (await portal.post({"query": "{ " + "n" * 90_000 + " }"})).json()
    assert len(answer["errors"][0]["message"]) < 1_100
