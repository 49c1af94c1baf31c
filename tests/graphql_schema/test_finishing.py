"""Generated operations: the database's own JSON and ordinary execution give the same response."""

import asyncio
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from graphql import IntValueNode, NameNode, StringValueNode, Visitor, parse, print_ast, visit
from hypothesis import HealthCheck, given, settings, strategies
from hypothesis_graphql import from_schema
from hypothesis_graphql import nodes as nodes_of

from graphql_schema import finishing
from tests import databases
from tests.graphql_schema.toy_schema import SCHEMA, ToyContext
from tests.portal.reading import toy, toy_data

OPERATIONS = 250  # of each kind; twenty times as many in the long run
ORDINARY = {"shout", "secret", "strictCountry"}  # computed by a resolver, refused, or null against the schema's promise


class Tame(Visitor):
    """Turns arguments that would mostly be refused into ones that mostly are not, and adds names and switches."""

    def __init__(self, cursors: list[str], *, drops: bool) -> None:
        super().__init__()
        self.cursors = cursors
        self.drops = drops
        self.fields = 0

    def enter_argument(self, node: Any, *_: Any) -> Any:
        name, value = node.name.value, node.value
        if name == "first" and value.kind == "int_value":
            size = abs(int(value.value)) % 6 + (int(value.value) % 17 != 0)
            return dataclasses.replace(node, value=IntValueNode(value=str(size)))
        if name == "after" and value.kind == "string_value" and len(value.value) % 3:
            cursor = self.cursors[len(value.value) % len(self.cursors)]
            return dataclasses.replace(node, value=StringValueNode(value=cursor))
        return None

    def leave_field(self, node: Any, *_: Any) -> Any:
        self.fields += 1
        if self.drops and node.name.value in ORDINARY:
            return NAMELESS
        if self.fields % 3 == 0:
            alias = NameNode(value=f"n{self.fields}_" + "long" * (self.fields % 30))
            return dataclasses.replace(node, alias=alias)
        if self.fields % 11 == 0:
            return dataclasses.replace(node, directives=parse_switch(self.fields % 2 == 0))
        return None


def parse_switch(on: bool) -> Any:
    return (
        parse(f"{{ a @include(if: {'true' if on else 'false'}) }}")
        .definitions[0]
        .selection_set.selections[0]
        .directives
    )  # type: ignore[attr-defined]


NAMELESS = parse("{ __typename }").definitions[0].selection_set.selections[0]  # type: ignore[attr-defined]


SCALARS = {
    "Date": strategies.dates().map(lambda day: nodes_of.String(day.isoformat())),
    "DateTime": strategies.just(nodes_of.String("2026-03-01T12:00:00Z")),
    "Decimal": strategies.just(nodes_of.String("1.50")),
}


def holds_text(data: Any) -> bool:
    """Whether some of the answer is the database's own JSON."""
    if isinstance(data, dict):
        return any(holds_text(value) for value in data.values())
    return type(data) is orjson.Fragment


async def run(engine: Any, query: str) -> tuple[Any, list[Any], bool]:
    result = await SCHEMA.execute(query, context_value=ToyContext(engine, toy.EDITOR))
    problems = sorted((error.message, str(error.path)) for error in result.errors or ())
    return orjson.loads(orjson.dumps(result.data)), problems, holds_text(result.data)


@pytest.fixture(scope="module")
def filled(database_server: databases.Server, database_template: str) -> Any:
    with databases.copy_template(database_server, database_template) as made:
        asyncio.run(toy_data.fill(made))
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("drops", [False, True])
def test_generated_operations_give_the_same_both_ways(filled: Any, drops: bool) -> None:
    compare_both_ways(filled, OPERATIONS, drops=drops)


@pytest.mark.soak(part="operations")
def test_generated_operations_give_the_same_for_long(
    filled: Any, record_property: Callable[[str, object], None]
) -> None:
    found = [compare_both_ways(filled, 20 * OPERATIONS, drops=drops) for drops in (False, True)]
    share = 100 * found[1]["fast"] // found[1]["with data"]
    record_property(
        "figures",
        f"{sum(one['all'] for one in found):,} generated operations; 0 differ; where all of it is declared "
        f"{share} % on the fast finish",
    )


def compare_both_ways(filled: Any, operations: int, *, drops: bool) -> dict[str, int]:
    counts = {"all": 0, "fast": 0, "with data": 0}
    with asyncio.Runner() as runner:
        opened = toy_data.open_engine(filled)
        engine = runner.run(opened.__aenter__())
        cursors = runner.run(_list_cursors(engine))

        @settings(
            max_examples=operations,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        @given(from_schema(SCHEMA.as_str(), custom_scalars=SCALARS))
        def compare(query: str) -> None:
            query = print_ast(visit(parse(query), Tame(cursors, drops=drops)))
            fast, fast_problems, was_fast = runner.run(run(engine, query))
            with finishing.finish_ordinarily():
                ordinary, ordinary_problems, _ = runner.run(run(engine, query))
            assert json.dumps(fast) == json.dumps(ordinary), query
            if fast is None:  # which of several root fields failed first, ending the operation, is not promised
                assert fast_problems, query
                assert ordinary_problems, query
            else:
                assert fast_problems == ordinary_problems, query
            counts["all"] += 1
            counts["fast"] += was_fast
            counts["with data"] += any((fast or {}).values())

        compare()
        runner.run(opened.__aexit__(None, None, None))
    print(counts)
    assert counts["with data"] >= 0.5 * counts["all"]
    assert not drops or counts["fast"] >= 0.8 * counts["with data"]
    return counts


async def _list_cursors(engine: Any) -> list[str]:
    found = ["nonsense"]
    for sort in ("NAME", "BEST", "WORST"):
        data, _, _ = await run(engine, f"{{ firms(first: 100, sort: {sort}) {{ edges {{ cursor }} }} }}")
        found += [edge["cursor"] for edge in data["firms"]["edges"]]
    for sort in ("NAME", "STAFF", "OPENED"):
        data, _, _ = await run(
            engine, f"{{ firms(first: 9) {{ nodes {{ plants(sort: {sort}) {{ edges {{ cursor }} }} }} }} }}"
        )
        found += [edge["cursor"] for firm in data["firms"]["nodes"] for edge in firm["plants"]["edges"]]
    return found
