"""Whole operations over the small read model: what each construct of the language gives, finished both ways."""

import asyncio
import dataclasses
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from graphql import GraphQLError

from graphql_schema import finishing, selection
from portal import access, errors
from portal.reading import reads
from tests import databases
from tests.graphql_schema.toy_schema import SCHEMA, ToyContext
from tests.portal.reading import toy, toy_data


@pytest.fixture(scope="module")
def filled(database_server: databases.Server, database_template: str) -> Iterator[databases.TestDatabase]:
    with databases.copy_template(database_server, database_template) as made:
        asyncio.run(toy_data.fill(made))
        yield made


async def run_once(
    database: databases.TestDatabase, query: str, actor: access.Actor, variables: dict[str, Any]
) -> tuple[Any, list[GraphQLError], bool]:
    async with toy_data.open_engine(database) as engine:
        result = await SCHEMA.execute(query, variable_values=variables, context_value=ToyContext(engine, actor))
    as_text = any(type(value) is orjson.Fragment for value in (result.data or {}).values())
    return orjson.loads(orjson.dumps(result.data)), result.errors or [], as_text


async def run(
    database: databases.TestDatabase, query: str, actor: access.Actor = toy.EDITOR, **variables: Any
) -> tuple[Any, list[GraphQLError], bool]:
    """Both ways; they must not differ."""
    data, problems, as_text = await run_once(database, query, actor, variables)
    with finishing.finish_ordinarily():
        ordinary, ordinary_problems, was_text = await run_once(database, query, actor, variables)
    assert not was_text
    assert data == ordinary
    assert [(one.message, one.path) for one in problems] == [(one.message, one.path) for one in ordinary_problems]
    return data, problems, as_text


async def test_values_of_every_kind(filled: databases.TestDatabase) -> None:
    leaves = "id name country grade tint score points founded seenAt tags plantCount parts { key score }"
    data, problems, as_text = await run(filled, f"{{ firm(number: 13) {{ __typename {leaves} }} }}")
    assert not problems
    assert as_text
    assert data["firm"] == {
        "__typename": "Firm",
        "id": "ZmlybQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAP1",
        "name": 'Firm "02" \\ ü工',
        **{name: data["firm"][name] for name in ("country", "grade", "tint", "score", "points")},
        "founded": "1990-01-14",
        "seenAt": data["firm"]["seenAt"],
        "tags": ["tag 0"],
        "plantCount": 1,
        "parts": [{"key": "k0", "score": "0.00"}],
    }
    assert data["firm"]["seenAt"].startswith("2026-03-01T12:00:13")
    assert data["firm"]["seenAt"].endswith("Z")


async def test_spellings_of_decimals_and_enums(filled: databases.TestDatabase) -> None:
    data, _, _ = await run(filled, "{ firms(first: 100) { nodes { score points grade tint } } }")
    nodes = data["firms"]["nodes"]
    for node in nodes:
        assert node["score"] == (None if node["points"] is None else f"{node['points'] / 100:.2f}")
        assert (node["grade"], node["tint"]) in {(None, None), ("GOLD", "YELLOW"), ("NOT_RATED", "GRAY")}
    assert {"0.00", "0.05", "12.30", "99.99", None} <= {node["score"] for node in nodes}
    assert {"GOLD", "NOT_RATED", None} == {node["grade"] for node in nodes}


async def test_one_field_under_several_names_and_arguments(filled: databases.TestDatabase) -> None:
    long = "l" * 100
    query = f"""query ($some: String) {{ firm(number: 20) {{
        a: name {long}: name
        few: plants(first: 1) {{ nodes {{ name }} pageInfo {{ hasNextPage }} }}
        all: plants(sort: STAFF) {{ nodes {{ staff }} pageInfo {{ hasNextPage }} totalCount }}
        named: topPlants(name: $some) {{ name }} topPlants {{ name }}
    }} }}"""
    data, problems, as_text = await run(filled, query, some="Plant 1")
    assert not problems
    assert as_text
    firm = data["firm"]
    assert list(firm) == ["a", long, "few", "all", "named", "topPlants"]
    assert firm["a"] == firm[long]
    assert firm["few"] == {"nodes": [{"name": "Plant 0"}], "pageInfo": {"hasNextPage": True}}
    assert [node["staff"] for node in firm["all"]["nodes"]] == [0, 100, 300, 400, None, None]
    assert firm["all"]["totalCount"] == 4  # the cap
    assert {plant["name"] for plant in firm["named"]} == {"Plant 1"}
    assert len(firm["topPlants"]) == 3


async def test_more_names_than_a_function_takes_arguments(filled: databases.TestDatabase) -> None:
    names = [f"n{place}" for place in range(120)]
    data, _, as_text = await run(filled, "{ firm(number: 1) { %s } }" % " ".join(f"{one}: name" for one in names))  # noqa: UP031
    assert as_text
    assert list(data["firm"]) == names


async def test_fragments_merge_and_switches_choose(filled: databases.TestDatabase) -> None:
    query = """query ($on: Boolean!) { firm(number: 3) { ...A parent { name } parent { ...B }
        ... on Firm @include(if: $on) { country } points @skip(if: $on) } }
        fragment A on Firm { name parent { id } ... on Node { id } } fragment B on Firm { points }"""
    on, problems, _ = await run(filled, query, on=True)
    assert not problems
    assert list(on["firm"]) == ["name", "parent", "id", "country"]
    assert list(on["firm"]["parent"]) == ["id", "name", "points"]
    off, _, _ = await run(filled, query, on=False)
    assert list(off["firm"]) == ["name", "parent", "id", "points"]


async def test_interfaces_and_unions(filled: databases.TestDatabase) -> None:
    query = """query ($n: Int!) { thing(number: $n) { __typename id ... on Firm { name }
        ... on Person { nickname } ... on Plant { opened } } }"""
    firm, _, _ = await run(filled, query, n=3)
    person, _, _ = await run(filled, query, n=2)
    assert (firm["thing"]["__typename"], list(firm["thing"])) == ("Firm", ["__typename", "id", "name"])
    assert person["thing"]["__typename"] == "Person"
    keeper = "keeper { __typename ... on Person { name } ... on Plant { p: name } }"
    data, _, as_text = await run(filled, f"{{ firms(first: 100) {{ nodes {{ {keeper} }} }} }}")
    assert as_text
    kinds = {node["keeper"] and node["keeper"]["__typename"] for node in data["firms"]["nodes"]}
    assert kinds == {"Person", "Plant", None}


async def test_a_computed_field_beside_declared_ones(filled: databases.TestDatabase) -> None:
    query = "{ firm(number: 1) { shout loud: shout name keeper { ... on Person { shout } } } }"
    data, problems, as_text = await run(filled, query)
    assert not problems
    assert not as_text
    assert data["firm"]["shout"] == data["firm"]["loud"] == f"{data['firm']['name'].upper()}!"


async def test_a_refused_field_is_null_with_an_error(filled: databases.TestDatabase) -> None:
    data, problems, as_text = await run(filled, "{ firms(first: 2) { nodes { name secret } } }")
    assert not as_text
    assert [node["secret"] for node in data["firms"]["nodes"]] == [None, None]
    assert [one.path for one in problems] == [["firms", "nodes", place, "secret"] for place in (0, 1)]
    operator = dataclasses.replace(toy.EDITOR, is_operator=True)
    data, problems, as_text = await run(filled, "{ firms(first: 2) { nodes { name secret } } }", operator)
    assert as_text
    assert not problems
    assert [node["secret"] for node in data["firms"]["nodes"]] == [node["name"] for node in data["firms"]["nodes"]]


async def test_a_null_against_the_promise_reaches_the_nearest_nullable(filled: databases.TestDatabase) -> None:
    data, problems, as_text = await run(filled, "{ some: firms(first: 100) { nodes { strictCountry country } } }")
    assert not as_text
    assert data is None
    assert "non-nullable field Firm.strictCountry" in problems[0].message
    strict = "parent { strictCountry }"
    below, problems, _ = await run(filled, f"{{ some: firms(first: 100) {{ nodes {{ {strict} }} }} }}")
    assert below["some"] is not None
    nulls = [node["parent"] for node in below["some"]["nodes"]].count(None)
    assert 0 < len(problems) <= nulls
    assert all((one.path or [])[-2:] == ["parent", "strictCountry"] for one in problems)


async def test_what_depends_on_the_viewer(filled: databases.TestDatabase) -> None:
    query = "{ firm(number: 20) { topPlants { staff viewerCanEdit } } }"
    data, _, _ = await run(filled, query)
    assert [plant["viewerCanEdit"] for plant in data["firm"]["topPlants"]] == [True] * 3
    viewer = dataclasses.replace(toy.EDITOR, member_role="viewer")
    data, _, _ = await run(filled, query, viewer)
    assert [plant["viewerCanEdit"] for plant in data["firm"]["topPlants"]] == [False] * 3


async def test_pages_follow_each_other_in_every_order(filled: databases.TestDatabase) -> None:
    for sort in ("NAME", "BEST", "WORST"):
        query = "query ($after: String, $sort: FirmSort!) { firms(first: 7, after: $after, sort: $sort) { edges { cursor node { id points } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"  # noqa: E501
        seen: list[Any] = []
        after = None
        for page in range(5):
            data, problems, as_text = await run(filled, query, after=after, sort=sort)
            assert not problems
            assert as_text
            facts, edges = data["firms"]["pageInfo"], data["firms"]["edges"]
            seen += [edge["node"] for edge in edges]
            assert facts["hasPreviousPage"] == (page > 0)
            assert (facts["startCursor"], facts["endCursor"]) == (edges[0]["cursor"], edges[-1]["cursor"])
            after = facts["endCursor"]
            if not facts["hasNextPage"]:
                break
        assert len({node["id"] for node in seen}) == len(seen) == 30
        points = [node["points"] for node in seen]
        if sort != "NAME":
            present = [one for one in points if one is not None]
            assert points == sorted(present, reverse=sort == "BEST") + [None] * (30 - len(present))


async def test_an_empty_page(filled: databases.TestDatabase) -> None:
    members = "edges { cursor } nodes { id } pageInfo { hasNextPage startCursor endCursor } totalCount"
    data, _, as_text = await run(filled, f'{{ firms(filter: {{words: "zzz"}}) {{ {members} }} }}')
    assert as_text
    facts = {"hasNextPage": False, "startCursor": None, "endCursor": None}
    assert data["firms"] == {"edges": [], "nodes": [], "pageInfo": facts, "totalCount": 0}


@pytest.mark.parametrize(
    ("field", "code", "path"),
    [
        ('firms(after: "nonsense") { totalCount }', "BAD_CURSOR", ("after",)),
        ("firms(first: 101) { totalCount }", "PAGE_SIZE", ("first",)),
        ("firms { nodes { p: plants(first: 0) { totalCount } } }", "PAGE_SIZE", ("p", "first")),
        ('firms(filter: {words: "a b c d"}) { totalCount }', "BAD_FILTER", ("filter", "words")),
    ],
)
async def test_bad_arguments_are_named(
    filled: databases.TestDatabase, field: str, code: str, path: tuple[str, ...]
) -> None:
    data, problems, _ = await run(filled, f"{{ {field} }}")
    assert data is None
    refused = problems[0].original_error
    assert isinstance(refused, errors.InvalidInput)
    assert (refused.code, refused.path) == (code, path)


async def test_the_result_of_a_mutation_reads_like_a_query(filled: databases.TestDatabase) -> None:
    data, problems, _ = await run(
        filled, "mutation { saveFirm(number: 5) { moved a: firm { name } b: firm { x: points } __typename } }"
    )
    assert not problems
    assert data["saveFirm"] | {"b": None} == {
        "moved": True, "a": {"name": 'Firm "05" \\ ü工'}, "b": None, "__typename": "FirmSaved"
    }  # fmt: skip
    assert list(data["saveFirm"]["b"]) == ["x"]


async def test_rows_of_others_do_not_exist(filled: databases.TestDatabase) -> None:
    nobody = dataclasses.replace(toy.EDITOR, organization_id=None)
    data, _, _ = await run(filled, "{ firm(number: 5) { name } firms { nodes { name } totalCount } }", nobody)
    assert data == {"firm": None, "firms": {"nodes": [], "totalCount": 0}}


async def test_no_text_of_a_caller_becomes_part_of_a_statement(filled: databases.TestDatabase) -> None:
    reads.PLANS.clear()
    narrowed = 'firms(first: 3, filter: {country: ["canary_b"], words: "canary_c"})'
    await run(filled, f"{{ canary_a: {narrowed} {{ canary_d: nodes {{ canary_e: name }} }} }}")
    statements = [plan.sql for plan in reads.PLANS.list_values()]
    assert statements
    assert not [sql for sql in statements if "canary" in sql]


async def test_the_same_statement_serves_other_values(filled: databases.TestDatabase) -> None:
    reads.PLANS.clear()
    query = "query ($n: Int!, $c: [String!]) { firms(first: $n, filter: {country: $c}) { nodes { name } } }"
    for countries in (["DE"], ["VN"], ["BR"]):
        for size in (3, 7):
            await run_once(filled, query, toy.EDITOR, {"n": size, "c": countries})
    assert (len(reads.PLANS), reads.PLANS.misses, reads.PLANS.hits) == (1, 1, 5)


def test_every_field_is_declared_or_computed() -> None:
    assert finishing.list_undeclared(SCHEMA._schema, toy.NOUNS) == []
    fields = {name: one for name, one in toy.FIRM.fields.items() if name != "founded"}
    lacking = type("Lacking", (), {"fields": fields, "links": toy.FIRM.links})
    assert finishing.list_undeclared(SCHEMA._schema, {"Firm": lacking}) == ["Firm.founded"]


def test_names_of_the_surface_become_names_of_the_portal() -> None:
    given = {"dueOn": 1, "filter": {"requestState": ["a"], "countryIn": [{"isEU": True}]}}
    assert selection.to_snake(given) == {
        "due_on": 1, "filter": {"request_state": ["a"], "country_in": [{"is_eu": True}]}
    }  # fmt: skip
