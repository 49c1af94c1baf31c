"""Where variables hold U+0000, which PostgreSQL cannot: refused, but inside an answer, which is refused on its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    get_operation_ast,
    is_input_object_type,
    is_list_type,
    parse,
    type_from_ast,
)

from graphql_schema import limits
from graphql_schema.request import GraphQLRequest, Refusal

NUL = "\x00"
# One bad answer of an offline queue must not hold up the others; whoever reads a write looks at each of its texts.
READ_ONE_BY_ONE = frozenset({"AnswerWriteInput"})


def refuse_nul(schema: GraphQLSchema, asked: GraphQLRequest) -> None:
    """Raise Refusal BAD_JSON that names the place, where a variable holds U+0000 and no answer is around it."""
    types = _read_types(schema, asked)
    for name, value in (asked.variables or {}).items():
        for path in _find_nul(value, types.get(name), ("variables", name)):
            words = f"Text must not hold the character U+0000; it stands at {'.'.join(map(str, path))}."
            raise Refusal(400, "BAD_JSON", words)


def _read_types(schema: GraphQLSchema, asked: GraphQLRequest) -> Mapping[str, Any]:
    """The declared type of each variable; of a document that cannot be read none, which refuses every U+0000."""
    options: Any = limits.PARSE_OPTIONS
    try:
        operation = get_operation_ast(parse(asked.query or "", **options), asked.operation_name)
    except GraphQLError:
        return {}
    declared = () if operation is None else operation.variable_definitions or ()
    return {one.variable.name.value: type_from_ast(schema, one.type) for one in declared}


def _find_nul(value: Any, kind: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Places of U+0000; `json_body` has bounded how deep this goes."""
    kind = None if kind is None else get_nullable_type(kind)
    if isinstance(value, str):
        if NUL in value:
            yield path
    elif isinstance(value, list):
        inner = kind.of_type if is_list_type(kind) else kind
        for place, part in enumerate(value):
            yield from _find_nul(part, inner, (*path, place))
    elif isinstance(value, dict):
        named = None if kind is None else get_named_type(kind)
        if is_input_object_type(named) and named.name in READ_ONE_BY_ONE:
            return
        fields = named.fields if is_input_object_type(named) else {}
        for name, part in value.items():
            yield from _find_nul(part, fields[name].type if name in fields else None, (*path, name))
