"""Documents that were seen before: parsed, validated and measured once, and found again by their text."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from graphql_schema import conditional, input_value, limits, problems
from graphql_schema.context import Kind
from graphql_schema.limits import Plan

MOST_DOCUMENTS = 128  # each of at most limits.DOCUMENT_CHARACTERS


@dataclass
class Known:
    """What is known of one document under one schema; errors of None were not looked for yet."""

    document: DocumentNode
    errors: list[GraphQLError] | None = None
    plans: dict[str | None, Plan] = field(default_factory=dict)  # by operation, of those the document has
    kinds: dict[str | None, Kind] = field(default_factory=dict)
    needs_name: bool = False  # it holds several operations, of which a request must choose one


_known: OrderedDict[tuple[int, str], tuple[Any, Known]] = OrderedDict()


def find_known(schema: GraphQLSchema, text: str) -> Known:
    """The document of a text, parsed now where it is new; raises GraphQLError for what cannot be parsed.

    Found by the text, since finding it by the document would hash the whole tree on each request.
    """
    key = (id(schema), text)
    kept = _known.get(key)
    if kept is not None:
        _known.move_to_end(key)
        return kept[1]
    document = parse(text, **limits.PARSE_OPTIONS)
    operations = sum(isinstance(one, OperationDefinitionNode) for one in document.definitions)
    made = Known(document, needs_name=operations > 1)
    _known[key] = (schema, made)  # the schema is kept alive, so that its identity stays its own
    while len(_known) > MOST_DOCUMENTS:
        _known.popitem(last=False)
    return made


@dataclass(frozen=True)
class Judgement:
    """What is known of one operation before it runs: its name and type, why it must not run, and what it costs."""

    operation_name: str | None
    operation_type: OperationType
    errors: list[GraphQLError]
    cost: int = 0
    kind: Kind | None = None

    @property
    def extensions(self) -> dict[str, Any]:
        """What of it every answer tells."""
        return describe_cost(self.cost)


def describe_cost(cost: int) -> dict[str, Any]:
    """The part of every answer that tells what the operation cost."""
    return {"cost": {"value": cost, "limit": limits.COST}}


def judge(schema: GraphQLSchema, known: Known, given_name: str | None, variables: Mapping[str, Any]) -> Judgement:
    """Validate the document once and measure the operation; raises CannotGetOperationTypeError where it has none."""
    operation = limits.find_operation(known.document, given_name)
    name, operation_type = operation.name.value if operation.name else None, OperationType(operation.operation.value)
    if known.errors is None:
        known.errors = validate(schema, known.document, input_value.RULES)
    if known.errors:
        return Judgement(name, operation_type, known.errors)
    if known.needs_name and given_name is None:
        return Judgement(name, operation_type, [problems.refuse_operation()])
    plan = known.plans.get(name)
    if plan is None:
        plan = known.plans[name] = limits.read_plan(schema, known.document, name)
        known.kinds[name] = conditional.read_kind(schema, known.document, name)
    cost = plan.count_cost(variables)
    excess = limits.find_excess(plan, cost)
    return Judgement(name, operation_type, [] if excess is None else [excess], cost, known.kinds[name])


class Documents(SchemaExtension):
    """Parses, validates and measures subscriptions, which run by the library's own way."""

    known: Known
    judgement: Judgement | None = None

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if context.query:
            self.known = find_known(context.schema._schema, context.query)
            context.graphql_document = self.known.document
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        named = context._provided_operation_name
        self.judgement = judge(context.schema._schema, self.known, named, context.variables or {})
        context.pre_execution_errors = self.judgement.errors
        yield

    def get_results(self) -> dict[str, Any]:
        return {} if self.judgement is None else self.judgement.extensions
