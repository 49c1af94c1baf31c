"""Expected failures as clients see them: members of a mutation's union, or top-level errors of a query."""

import traceback
import uuid
from collections.abc import Sequence
from typing import Any

import strawberry
import structlog
from graphql import FieldNode, GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from portal import access, errors, metering

MAX_ERRORS = 50
FAULT = "INTERNAL"
UNKNOWN_OPERATION = "Name in `operationName` one operation of the document."
MAX_MESSAGE = 1_000  # characters; messages may quote what the client sent
_PATH = (
    "Where in the arguments: names of input fields and positions in lists, outermost first, and keys of a "
    "questionnaire as its author wrote them; empty for the whole."
)
_MESSAGE = "What is wrong and what is allowed, in plain words; never meant for parsing."
_CODE = "A stable code in UPPER_CASE for programs."

log = structlog.get_logger(__name__)


@strawberry.interface(description="Something expected that stopped a mutation; nothing of the mutation was kept.")
class Problem:
    message: str = strawberry.field(description=_MESSAGE)
    code: str = strawberry.field(description=_CODE)
    path: list[str] = strawberry.field(description=_PATH)


@strawberry.type(description="One thing that is wrong with an input.")
class FieldProblem:
    path: list[str] = strawberry.field(description=_PATH)
    code: str = strawberry.field(description=_CODE)
    message: str = strawberry.field(description=_MESSAGE)


@strawberry.type(description="The input breaks a rule.")
class InvalidInput(Problem):
    problems: list[FieldProblem] = strawberry.field(description="Every problem found, not only the first.")


@strawberry.type(description="The act meets a state that has moved on, or an idempotency key used for something else.")
class Conflict(Problem):
    pass


@strawberry.type(description="The caller may see the object but lacks the role for this act.")
class NotAllowed(Problem):
    pass


@strawberry.type(description="No such object for this caller; what belongs to others answers exactly the same.")
class NotFound(Problem):
    pass


@strawberry.type(description="Too many tries, or BUSY: the server has more to do than it takes at once.")
class RateLimited(Problem):
    retry_after: int = strawberry.field(description="Seconds until the next try may come, at least 1.")


@strawberry.type(description="No credential, or one that is wrong, ended or revoked.")
class Unauthenticated(Problem):
    pass


def spell_path(path: Sequence[str | int], *, below: tuple[str, ...] = ()) -> list[str]:
    """A path of the portal in the names of the schema, placed below the argument it belongs to."""
    spelled = [_spell_part(part) for part in path]
    return spelled if not spelled or spelled[: len(below)] == list(below) else [*below, *spelled]


def _spell_part(part: str | int) -> str:
    return to_camel_case(part) if isinstance(part, str) and not isinstance(part, errors.WrittenKey) else str(part)


class Conversion:
    """Turns one kind of the portal's exceptions into one member of a mutation's union."""

    def __init__(self, exception_type: type[errors.PortalError], error_type: type[Problem]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(self, exception: errors.PortalError, *, field: StrawberryField, info: Any) -> Problem:
        metering.count_refusal(exception.code)
        below = ("input",) if any(argument.python_name == "input" for argument in field.arguments) else ()
        details: dict[str, Any] = {}
        if isinstance(exception, errors.InvalidInput):
            details["problems"] = [
                FieldProblem(path=spell_path(one.path, below=below), code=one.code, message=one.message)
                for one in exception.problems
            ]
        if isinstance(exception, errors.RateLimited | errors.Busy):
            details["retry_after"] = info.context.retry_after = exception.retry_after
        note_refusal(info.field_name, exception.code, info.context)
        path = spell_path(exception.path, below=below)
        return self.error_type(message=exception.message, code=exception.code, path=path, **details)


CONVERSIONS = (
    Conversion(errors.InvalidInput, InvalidInput),
    Conversion(errors.Conflict, Conflict),
    Conversion(errors.NotAllowed, NotAllowed),
    Conversion(errors.NotFound, NotFound),
    Conversion(errors.RateLimited, RateLimited),
    Conversion(errors.Busy, RateLimited),
    Conversion(errors.Unauthenticated, Unauthenticated),
)
MEMBERS = tuple(dict.fromkeys(conversion.error_type for conversion in CONVERSIONS))


def present_errors(found: Sequence[GraphQLError], context: Any) -> list[GraphQLError]:
    """The errors as the client may see them: bounded, with a code each, faults masked and logged."""
    shown = [_present(error, context) for error in found[:MAX_ERRORS]]
    for error in shown:
        if (error.extensions or {}).get("code") != FAULT:
            note_refusal(_name_field(error), str((error.extensions or {}).get("code")), context)
    if len(found) > MAX_ERRORS:
        more = f"{len(found) - MAX_ERRORS} more errors are not shown."
        shown.append(GraphQLError(more, extensions={"code": "MORE_ERRORS"}))
    return shown


def note_refusal(field: str | None, code: str, context: Any) -> None:
    """One line of the log for what was refused, by whom and why, so that whoever tries a control is seen.

    Ids and codes alone: the message may quote what was sent, and so may an alias.
    """
    actor = context.actor or access.ANONYMOUS
    who = {"person": actor.user_id, "api_key": actor.api_key_id, "organization": actor.organization_id}
    told = {name: str(value) for name, value in who.items() if value is not None}
    log.info("refused", field=field, code=code, client=context.client_address, **told)


def _name_field(error: GraphQLError) -> str | None:
    """The field that an error is about, as the schema calls it; none where nothing was executed."""
    node = next(iter(error.nodes or ()), None)
    return node.name.value if error.path is not None and isinstance(node, FieldNode) else None


def refuse_operation() -> GraphQLError:
    """The error for a request that does not say which operation of its document is to run."""
    return GraphQLError(UNKNOWN_OPERATION, extensions={"code": "UNKNOWN_OPERATION"})


def find_cause(error: GraphQLError) -> Exception | None:
    """The exception that a resolver or a scalar raised, below the errors that GraphQL wraps around it."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError) and not isinstance(cause, StrawberryInputCoercionError):
        if cause.original_error is None:
            return None
        cause = cause.original_error
    return cause


def _present(error: GraphQLError, context: Any) -> GraphQLError:
    cause = find_cause(error)
    if cause is None or isinstance(cause, StrawberryInputCoercionError):
        return _copy(error, error.message, error.extensions or {"code": _code_of(error)})
    if isinstance(cause, CannotGetOperationTypeError):
        return _copy(error, UNKNOWN_OPERATION, {"code": "UNKNOWN_OPERATION"})
    if isinstance(cause, InvalidOperationTypeError):
        words = "Only subscriptions go over a WebSocket, other operations are not allowed here; send them by HTTP."
        return _copy(error, words, {"code": "NEEDS_HTTP"})
    if isinstance(cause, errors.PortalError):
        return _copy(error, cause.message, _describe(cause, context))
    if isinstance(cause, TimeoutError):
        return _copy(error, "This took longer than is allowed; ask for less.", {"code": "TIMED_OUT"})
    reference = uuid.uuid4().hex[:12]
    log.error("fault", reference=reference, path=error.path, **describe_fault(cause))
    masked = f"Something went wrong on our side. Please name this reference when you ask about it: {reference}."
    return _copy(error, masked, {"code": FAULT, "reference": reference})


def describe_fault(cause: BaseException) -> dict[str, str]:
    """What the log says about an unexpected exception: kinds and places, not messages, which may quote answers."""
    kinds: list[str] = []
    current: BaseException | None = cause
    while current is not None and len(kinds) < 5:
        kinds.append(f"{type(current).__module__}.{type(current).__qualname__}")
        current = current.__cause__
    places = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(cause.__traceback__)[-12:]]
    return {"kind": " <- ".join(kinds), "trace": " | ".join(places)}


def _describe(cause: errors.PortalError, context: Any) -> dict[str, Any]:
    details: dict[str, Any] = {"code": cause.code}
    if isinstance(cause, errors.InvalidInput):
        details["problems"] = [
            {"path": spell_path(one.path), "code": one.code, "message": one.message} for one in cause.problems
        ]
    if isinstance(cause, errors.RateLimited | errors.Busy):
        details["retryAfter"] = context.retry_after = cause.retry_after
    return details


def _code_of(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "SYNTAX"
    return "INVALID_REQUEST" if error.path is None else "INVALID_INPUT"


def _copy(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    metering.count_refusal(str(extensions.get("code")))
    short = message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}..."
    return GraphQLError(
        short,
        error.nodes,
        error.source,
        error.positions,
        error.path,
        extensions={"code": "INVALID_REQUEST"} | extensions,
    )
