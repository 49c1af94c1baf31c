"""What schemathesis asks of each answer: no fault, and what the schema says. Loaded in its own environment.

Its own check takes every error that names a path for a fault of the server; here such an error is an answer.
"""

from pathlib import Path
from typing import Any

import schemathesis
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLList,
    GraphQLNonNull,
    InlineFragmentNode,
    OperationDefinitionNode,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    parse,
)
from hypothesis import strategies
from schemathesis.graphql import nodes

SDL = Path(__file__).parents[2] / "graphql_schema/schema.graphql"
SCHEMA = build_schema(SDL.read_text(encoding="utf-8"))
LEAVES: dict[str, type | tuple[type, ...]] = {
    "Int": int, "Boolean": bool, "String": str, "ID": str, "Float": (int, float), "Date": str, "DateTime": str,
    "UUID": str, "Decimal": str, "Locale": str, "CountryCode": str,
}  # fmt: skip
schemathesis.graphql.scalar("Locale", strategies.sampled_from(["en", "vi", "zh-Hans", "x", ""]).map(nodes.String))
schemathesis.graphql.scalar("CountryCode", strategies.sampled_from(["VN", "DE", "XX", "vn"]).map(nodes.String))
schemathesis.graphql.scalar("Decimal", strategies.decimals(-10, 10, places=2).map(str).map(nodes.String))


@schemathesis.check
def answers_conform(ctx: Any, response: Any, case: Any) -> None:
    """No status of 500, no error without a code or with that of a fault, and data of the types that were asked for."""
    assert response.status_code < 500, f"status {response.status_code}"
    assert response.headers["content-type"][0].split(";")[0] in (
        "application/json",
        "application/graphql-response+json",
    )
    answer = response.json()
    errors = answer.get("errors") or []
    codes = [error["extensions"]["code"] for error in errors]
    assert "INTERNAL" not in codes, answer
    assert errors or answer["data"] is not None, answer
    if answer.get("data") is not None:
        query = case.body if isinstance(case.body, str) else case.body["query"]
        operation = next(one for one in parse(query).definitions if isinstance(one, OperationDefinitionNode))
        root = SCHEMA.get_root_type(operation.operation)
        compare(answer["data"], root, operation.selection_set.selections, operation.operation.value)


def compare(value: Any, declared: Any, selections: Any, place: str) -> None:
    """Raise AssertionError where a value is not of its declared type, or not what was selected."""
    if isinstance(declared, GraphQLNonNull):
        assert value is not None, f"{place} is null"
        declared = declared.of_type
    if value is None:
        return
    if isinstance(declared, GraphQLList):
        assert isinstance(value, list), f"{place} is no list"
        for at, one in enumerate(value):
            compare(one, declared.of_type, selections, f"{place}[{at}]")
    elif is_enum_type(declared):
        assert value in declared.values, f"{place} is no {declared}: {value!r}"
    elif selections:
        compare_object(value, declared, selections, place)
    elif declared.name in LEAVES:
        expected = LEAVES[declared.name]
        assert isinstance(value, expected), f"{place} is no {declared}: {value!r}"
        assert expected is not int or not isinstance(value, bool), f"{place} is no {declared}: {value!r}"


def compare_object(value: Any, declared: Any, selections: Any, place: str) -> None:
    assert isinstance(value, dict), f"{place} is no object"
    for one in selections:
        if isinstance(one, InlineFragmentNode | FragmentSpreadNode):
            assert isinstance(one, InlineFragmentNode), "none is generated"
            wanted = one.type_condition.name.value if one.type_condition else declared.name
            if not is_abstract_type(declared) or value.get("__typename") == wanted:
                compare_object(value, SCHEMA.type_map[wanted], one.selection_set.selections, place)
        elif isinstance(one, FieldNode):
            compare_field(value, declared, one, place)


def compare_field(value: dict[str, Any], declared: Any, field: FieldNode, place: str) -> None:
    key, name = (field.alias or field.name).value, field.name.value
    assert key in value, f"{place}.{key} is missing"
    if name == "__typename":
        possible = SCHEMA.get_possible_types(declared) if is_abstract_type(declared) else [declared]
        assert value[key] in {str(get_named_type(one)) for one in possible}, f"{place}.{key}: {value[key]}"
    elif not is_abstract_type(declared) or hasattr(declared, "fields"):
        below = field.selection_set.selections if field.selection_set else ()
        compare(value[key], declared.fields[name].type, below, f"{place}.{key}")
