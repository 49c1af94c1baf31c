"""Documents that were seen before: parsed, validated and measured once, and found again by their text."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse, validate
from strawberry.extensions import SchemaExtension

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


def find_known(schema: Any, text: str, options: dict[str, Any]) -> Known:
    """The document of a text, parsed now where it is new; raises GraphQLError for what cannot be parsed.

    Found by the text, since finding it by the document would hash the whole tree on each request.
    """
    key = (id(schema), text)
    kept = _known.get(key)
    if kept is not None:
        _known.move_to_end(key)
        return kept[1]
    document = parse(text, **options)
    operations = sum(isinstance(one, OperationDefinitionNode) for one in document.definitions)
    made = Known(document, needs_name=operations > 1)
    _known[key] = (schema, made)  # the schema is kept alive, so that its identity stays its own
    while len(_known) > MOST_DOCUMENTS:
        _known.popitem(last=False)
    return made


class Documents(SchemaExtension):
    """Parses and validates each text once, refuses an operation that is too large, and reports what it costs."""

    known: Known
    cost = 0

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if context.query:
            schema = context.schema._schema
            self.known = find_known(schema, context.query, {**context.parse_options, **limits.PARSE_OPTIONS})
            context.graphql_document = self.known.document
        yield

    def on_validate(self) -> Iterator[None]:
        context, known = self.execution_context, self.known
        if known.errors is None:
            known.errors = validate(context.schema._schema, known.document, input_value.RULES)
        context.pre_execution_errors = known.errors
        if not known.errors and known.needs_name and context._provided_operation_name is None:
            context.pre_execution_errors = [problems.refuse_operation()]
        elif not known.errors:
            excess = self._measure(known)
            context.context.kind = known.kinds[context.operation_name]
            if excess is not None:
                context.pre_execution_errors = [excess]
        yield

    def _measure(self, known: Known) -> GraphQLError | None:
        context = self.execution_context
        plan = known.plans.get(context.operation_name)
        if plan is None:
            plan = limits.read_plan(context.schema._schema, known.document, context.operation_name)
            known.plans[context.operation_name] = plan
            known.kinds[context.operation_name] = conditional.read_kind(
                context.schema._schema, known.document, context.operation_name
            )
        self.cost = plan.count_cost(context.variables or {})
        return limits.find_excess(plan, self.cost)

    def get_results(self) -> dict[str, Any]:
        return {"cost": {"value": self.cost, "limit": limits.COST}}
