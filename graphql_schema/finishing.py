"""How what was read becomes the answer: rows by ordinary execution, or the database's JSON as it stands."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    default_field_resolver,
    default_type_resolver,
    is_abstract_type,
    is_input_object_type,
    is_object_type,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from graphql_schema import input_value, rules
from portal import access, errors
from portal.reading.rows import Row
from portal.reading.selections import May

_PERMISSION = "portal-permission"
_ordinary: ContextVar[bool] = ContextVar("ordinary", default=False)


class Execution(StrawberryGraphQLCoreExecutionContext):
    """Ordinary execution that leaves finished JSON alone, and never repeats the value of a variable."""

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: Any,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        *rest: Any,
        **options: Any,
    ) -> Any:
        built = super().build(schema, document, root_value, context_value, raw_variable_values, *rest, **options)
        if isinstance(built, list):
            return input_value.describe_variables(schema, raw_variable_values or {}, built)
        return built

    def complete_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        if type(result) is orjson.Fragment:
            return result
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


async def execute(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, variables: dict[str, Any], context: Any
) -> ExecutionResult:
    """Run one operation of a valid document; whatever happens becomes an error of the result."""
    try:
        built = Execution.build(
            schema, document, None, context, variables, operation_name, is_awaitable=optimized_is_awaitable
        )
        if isinstance(built, list):
            return ExecutionResult(None, built)
        result = built.execute_operation()
        finished = await result if optimized_is_awaitable(result) else result
    except Exception as error:
        return PreExecutionError(None, [as_graphql_error(error)])
    return ExecutionResult(finished.data, finished.errors)


def as_graphql_error(error: Exception) -> GraphQLError:
    """An error that stopped an operation as a whole."""
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)


@contextlib.contextmanager
def finish_ordinarily() -> Iterator[None]:
    """Have ordinary execution complete everything that is read inside, to compare or to find a fault."""
    token = _ordinary.set(True)
    try:
        yield
    finally:
        _ordinary.reset(token)


def may_pass_text(schema: GraphQLSchema) -> bool:
    """Whether the database's JSON may go into the answer untouched."""
    return _PERMISSION in schema.extensions and not _ordinary.get()


def find_permission(schema: GraphQLSchema) -> May:
    """Who may read which field of this schema; raises SetupError for a schema that was never prepared."""
    try:
        permission: May = schema.extensions[_PERMISSION]
    except KeyError:
        raise errors.SetupError("Call finishing.prepare(schema) once after building the schema.") from None
    return permission


def prepare(schema: GraphQLSchema) -> None:
    """Teach a schema, once, to take fields and types from rows of the read model."""
    if _PERMISSION in schema.extensions:
        return
    schema.extensions[_PERMISSION] = _make_permission(schema)
    for declared in schema.type_map.values():
        if declared.name.startswith("__"):
            continue
        if is_object_type(declared):
            for name, one in declared.fields.items():
                one.resolve = _resolve_rows_first(schema, declared.name, name, one)
            if declared.is_type_of is not None:
                declared.is_type_of = _know_rows(declared)
        elif is_abstract_type(declared):
            declared.resolve_type = _name_rows(declared)
        elif is_input_object_type(declared):
            # The library's own check names place and fields, where Strawberry's names the type alone.
            declared.is_one_of = declared.extensions["strawberry-definition"].is_one_of


def _make_permission(schema: GraphQLSchema) -> May:
    known: dict[tuple[str, str], access.Rule] = {}

    def may(type_name: str, label: str, actor: access.Actor) -> bool:
        rule = known.get((type_name, label))
        if rule is None:
            rule = known[type_name, label] = rules.rule_of(schema, type_name, label)
        return rule.allows(actor)

    return may


def _resolve_rows_first(schema: GraphQLSchema, type_name: str, name: str, declared: GraphQLField) -> Callable[..., Any]:
    original: Callable[..., Any] = declared.resolve or default_field_resolver
    own = has_resolver(declared)

    def resolve(source: Any, info: Any, **arguments: Any) -> Any:
        if type(source) is Row:
            key = info.path.key
            if key in source:
                return source[key]
            if not own:
                access.require(info.context.actor or access.ANONYMOUS, rules.rule_of(schema, type_name, name))
                raise errors.SetupError(f"{type_name}.{name} is declared neither in the read model nor by a resolver.")
        return original(source, info, **arguments)

    resolve._is_default = getattr(original, "_is_default", False)  # type: ignore[attr-defined]
    return resolve


def _know_rows(declared: GraphQLObjectType) -> Callable[[Any, Any], Any]:
    name, original = declared.name, declared.is_type_of

    def is_type_of(value: Any, info: Any) -> Any:
        if type(value) is Row:
            return value.type_name == name
        return original is None or original(value, info)

    return is_type_of


def _name_rows(declared: GraphQLAbstractType) -> Callable[[Any, Any, Any], Any]:
    original = declared.resolve_type or default_type_resolver

    def resolve_type(value: Any, info: Any, abstract_type: Any) -> Any:
        return value.type_name if type(value) is Row else original(value, info, abstract_type)

    return resolve_type


def has_resolver(declared: GraphQLField) -> bool:
    """Whether a field computes its value itself or guards it by a rule of its own."""
    definition = declared.extensions.get("strawberry-definition")
    return definition is None or not definition.is_basic_field


def list_undeclared(schema: GraphQLSchema, nouns: Mapping[str, Any]) -> list[str]:
    """Fields of read types that neither the noun of that name declares nor a resolver computes."""
    missing = []
    for type_name, noun in nouns.items():
        declared = schema.get_type(type_name)
        for label, one in getattr(declared, "fields", {}).items():
            definition = one.extensions.get("strawberry-definition")
            name = definition.python_name if definition is not None else label
            computed = definition is not None and definition.base_resolver is not None
            if name not in noun.fields and name not in noun.links and not computed:
                missing.append(f"{type_name}.{label}")
    return missing
