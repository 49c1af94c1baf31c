"""One operation from text to result: caches, limits, time, and errors as a client may see them."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from graphql_schema import documents, finishing, limits, problems, scalars
from graphql_schema.context import Context
from portal import errors, metering, tracing

BUT_SUBSCRIPTIONS = frozenset({OperationType.QUERY, OperationType.MUTATION})
ONLY_SUBSCRIPTIONS = frozenset({OperationType.SUBSCRIPTION})


def read_attribute(source: Any, name: str) -> Any:
    """A field without a resolver: from a row that the database gave as JSON, or from an object."""
    return source[name] if isinstance(source, Mapping) else getattr(source, name)


def make_config() -> StrawberryConfig:
    return StrawberryConfig(scalar_map=scalars.SCALARS, default_resolver=read_attribute)


class PortalSchema(strawberry.Schema):
    """The schema with everything that holds for each operation, whatever it came by."""

    def __init__(self, query: type, mutation: type | None, subscription: type | None, types: tuple[type, ...]) -> None:
        super().__init__(
            query=query,
            mutation=mutation,
            subscription=subscription,
            types=types,
            config=make_config(),
            extensions=[documents.Documents],
            exception_handlers=problems.CONVERSIONS,
            execution_context_class=finishing.Execution,
        )
        finishing.prepare(self._schema)

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Nothing: `problems.present_errors` logs faults, with the reference that the client gets."""

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Run a query or a mutation; never longer than limits.OPERATION_SECONDS.

        The library's own way around the executor, with its extensions, costs as much as the executor itself; of what
        it does we need the document and its judgement. `root_value` and `operation_extensions` are its own and not
        looked at. Raises CannotGetOperationTypeError, InvalidOperationTypeError, and RateLimited where the caller has
        spent its budget.
        """
        context: Context = context_value
        variables = variable_values or {}
        try:
            known = documents.find_known(self._schema, query or "")
            judged = documents.judge(self._schema, known, operation_name, variables)
        except CannotGetOperationTypeError:
            raise
        except Exception as error:
            metering.OPERATIONS.labels("unknown", "refused").inc()
            return present(
                PreExecutionError(None, [finishing.as_graphql_error(error)], documents.describe_cost(0)), context
            )
        if judged.operation_type not in (allowed_operation_types or BUT_SUBSCRIPTIONS):
            raise InvalidOperationTypeError(judged.operation_type)
        context.kind = judged.kind
        kind = judged.operation_type.value
        if judged.errors:
            metering.OPERATIONS.labels(kind, "refused").inc()
            return present(PreExecutionError(None, judged.errors, judged.extensions), context)
        told: dict[str, str | int] = {"graphql.operation.type": kind, "graphql.operation.cost": judged.cost}
        context.charge(judged.cost)
        with metering.time_operation(kind) as tell, tracing.trace(kind, "INTERNAL", told) as span:
            result = await self._run(known.document, judged, variables, context)
            tell(_name_outcome(result))
            if span is not None:
                span.set_attribute("graphql.operation.outcome", _name_outcome(result))
        result.extensions = judged.extensions
        return present(result, context)

    async def _run(
        self, document: DocumentNode, judged: documents.Judgement, variables: dict[str, Any], context: Context
    ) -> ExecutionResult:
        try:
            async with context.operate(), asyncio.timeout(limits.OPERATION_SECONDS):
                return await finishing.execute(self._schema, document, judged.operation_name, variables, context)
        except TimeoutError:
            words = f"The operation took longer than {limits.OPERATION_SECONDS:.0f} seconds; ask for less."
            return ExecutionResult(data=None, errors=[GraphQLError(words, extensions={"code": "TIMED_OUT"})])

    async def stream(self, query: str | None, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        """Run a subscription; queries and mutations go by HTTP. The end of the session closes the connection."""
        kwargs["allowed_operation_types"] = ONLY_SUBSCRIPTIONS
        metering.OPERATIONS.labels("subscription", "begun").inc()
        return self._present_each(await super().stream(query, *args, **kwargs), kwargs["context_value"])

    async def _present_each(self, source: AsyncGenerator[Any, None], context: Context) -> AsyncGenerator[Any, None]:
        async with aclosing(source):
            try:
                async for result in source:
                    ended = _has_ended(result)
                    yield present(result, context)
                    if ended and context.end_connection is not None:
                        await context.end_connection()
                        return
            except GraphQLError as error:  # of the parser, which nobody catches on this way
                yield present(PreExecutionError(data=None, errors=[error]), context)


def _name_outcome(result: ExecutionResult) -> str:
    """A problem that a mutation answers with is an answer like any other."""
    if is_request_error(result):
        return "refused"
    return "failed" if result.errors else "ok"


def _has_ended(result: ExecutionResult) -> bool:
    return any(isinstance(problems.find_cause(error), errors.Unauthenticated) for error in result.errors or ())


def present(result: ExecutionResult, context: Context) -> ExecutionResult:
    """The result with its errors as the client may see them."""
    if result.errors:
        result.errors = problems.present_errors(result.errors, context)
    return result


def is_request_error(result: ExecutionResult) -> bool:
    """Whether nothing was executed, because of the request itself; such an answer has no `data`."""
    if isinstance(result, PreExecutionError):
        return True
    return result.data is None and all(error.path is None for error in result.errors or ())
