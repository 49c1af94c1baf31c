"""What is said of an input that does not fit its type: where, why and what is allowed, and no value.

The library's own words repeat the whole value. Where a field is missing, that value is all the others, a password too.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    get_named_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    specified_rules,
    type_from_ast,
)
from graphql.language import ArgumentNode, ValueNode
from graphql.utilities import validate_input_literal, validate_input_value
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

MOST_VALUES = 40  # of an enum, listed in one message
_REPEATED = re.compile(r"(,| ) ?[Ff]ound: .*|(?<=value): .*", re.DOTALL)
_NULL = "non-null type"


def describe_reason(reason: str, expected: GraphQLInputType | None) -> str:
    """One sentence on what is wrong; `reason` is the library's, of which only what holds no value is kept."""
    named = None if expected is None else get_named_type(expected)
    if isinstance(named, GraphQLEnumType) and _NULL not in reason:
        values = ", ".join([*named.values][:MOST_VALUES])
        return f"Expected one of {named.name}: {values}{'' if len(named.values) <= MOST_VALUES else ', ...'}."
    if isinstance(named, GraphQLInputObjectType) and named.is_one_of and "OneOf" in reason:
        return f"Expected exactly one field of {named.name}, and not null: {', '.join(named.fields)}."
    words = _REPEATED.sub("", reason).rstrip(" .")
    return words if words.endswith("?") else f"{words}."


def describe_variables(
    schema: GraphQLSchema, variables: Mapping[str, Any], found: Sequence[GraphQLError]
) -> list[GraphQLError]:
    """The errors about variables, in words that hold no value; others as they are."""
    described: list[GraphQLError] = []
    seen: list[VariableDefinitionNode] = []
    for error in found:
        node = next((one for one in error.nodes or () if isinstance(one, VariableDefinitionNode)), None)
        if node is None:
            described.append(error)
        elif node not in seen:
            seen.append(node)
            described += _check_variable(schema, node, variables)
    return described


def _check_variable(
    schema: GraphQLSchema, node: VariableDefinitionNode, variables: Mapping[str, Any]
) -> Iterator[GraphQLError]:
    name, expected = node.variable.name.value, cast("GraphQLInputType", type_from_ast(schema, node.type))
    faults: list[tuple[GraphQLError, list[str | int]]] = []
    if name in variables:
        validate_input_value(variables[name], expected, lambda error, path: faults.append((error, path)))
    for error, path in faults:
        words = describe_reason(error.message, find_type(expected, path))
        yield GraphQLError(f"Variable '${name}' has invalid value{spell_place(path)}: {words}", node)
    if not faults:
        yield GraphQLError(f"Variable '${name}' has invalid value: a value of type '{expected}' is needed.", node)


def spell_place(path: Collection[str | int]) -> str:
    """Where in a value, as ` at '.contacts[2].email'`; nothing for the value itself."""
    spelled = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f" at '{spelled}'" if spelled else ""


def find_type(expected: Any, path: Sequence[str | int]) -> Any:
    """The type at a place within a value of the type `expected`; None where the place has none."""
    for part in path:
        while is_non_null_type(expected) or (is_list_type(expected) and isinstance(part, str)):
            expected = expected.of_type
        if is_list_type(expected):
            expected = expected.of_type
        elif is_input_object_type(expected) and part in expected.fields:
            expected = expected.fields[part].type
        else:
            return None
    return expected


class NamedPlaces(ValuesOfCorrectTypeRule):
    """The library's rule for values in a document, which tells neither argument nor field."""

    place = ""

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        self.place = f"Argument '{node.name.value}'"

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        self.place = f"The default of variable '${node.variable.name.value}'"

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> Any:
        def report(error: GraphQLError, path: list[str | int]) -> None:
            words = describe_reason(error.message, find_type(input_type, path))
            place = f"{self.place} has invalid value{spell_place(path)}"
            self.report_error(GraphQLError(f"{place}: {words}", error.nodes or node, extensions=error.extensions))

        if input_type:
            validate_input_literal(node, input_type, report, None, None, self.context.hide_suggestions)
        return self.SKIP


RULES = (
    *(NamedPlaces if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules),
    MaybeNullValidationRule,
)
