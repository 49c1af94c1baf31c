"""The access rule of every field: how a field names it, how the schema shows it, and how it is enforced."""

import asyncio
import builtins
import functools
import inspect
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar, Union, dataclass_transform, get_args

import strawberry
import structlog
from graphql import GraphQLSchema
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from graphql_schema import conditional as conditionals
from graphql_schema import problems
from graphql_schema.context import Context, Gate, Info, enter_gate
from portal import access, errors
from portal.database.prompt import CallerChanged

MOST_ATTEMPTS = 3
PAUSE = 0.05  # seconds before another attempt, at most, and as much longer before each further one
logger = structlog.get_logger(__name__)
Resolver = Callable[..., Any]
Class = TypeVar("Class", bound=builtins.type)

# The rule of types that are only ever reached through a field that has its own: pages, results of mutations, problems.
AS_PARENT = access.Rule("AS_PARENT", "what led here", lambda actor: True)
_OPEN = (access.PUBLIC, AS_PARENT)


class _NarrowField(FieldExtension):
    """Refuses a field inside an object to callers whom its own rule does not let in."""

    def __init__(self, rule: access.Rule, *, null_if_denied: bool) -> None:
        self.rule = rule
        self.null_if_denied = null_if_denied

    def _denies(self, actor: access.Actor) -> bool:
        if self.rule.allows(actor):
            return False
        if not self.null_if_denied:
            access.require(actor, self.rule)
        return True

    def resolve(self, next_: Resolver, source: Any, info: Info, **arguments: Any) -> Any:
        if info.context.actor is None:
            return self._resolve_unknown(next_, source, info, **arguments)
        return None if self._denies(info.context.actor) else next_(source, info, **arguments)

    async def _resolve_unknown(self, next_: Resolver, source: Any, info: Info, **arguments: Any) -> Any:
        return None if self._denies(await info.context.authenticate()) else next_(source, info, **arguments)

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        actor = info.context.actor or await info.context.authenticate()
        return None if self._denies(actor) else await next_(source, info, **arguments)


def field(
    rule: access.Rule | None = None,
    *,
    description: str,
    name: str | None = None,
    default: Any = ...,
    null_if_denied: bool = False,
    list_size: int | None = None,
    deprecation_reason: str | None = None,
) -> Any:
    """An attribute of an object type; without a rule it has the rule of its type.

    `list_size` is how many items the cost limit counts for a list that is not a connection.
    """
    return strawberry.field(
        **_describe_field(rule, description, name, null_if_denied, list_size, deprecation_reason),
        **({} if default is ... else {"default": default}),
    )


def method(
    rule: access.Rule | None = None,
    *,
    description: str,
    name: str | None = None,
    null_if_denied: bool = False,
    list_size: int | None = None,
    deprecation_reason: str | None = None,
) -> Callable[[Resolver], Any]:
    """A field of an object type that a function computes; the decorator form of `field`."""
    options = _describe_field(rule, description, name, null_if_denied, list_size, deprecation_reason)
    return lambda resolver: strawberry.field(resolver=resolver, **options)


def _describe_field(
    rule: access.Rule | None,
    description: str,
    name: str | None,
    null_if_denied: bool,
    list_size: int | None,
    deprecation_reason: str | None,
) -> dict[str, Any]:
    narrow = rule is not None and rule not in _OPEN
    return {
        "name": name,
        "description": description if rule is None else add_requirement(description, rule),
        "deprecation_reason": deprecation_reason,
        "metadata": ({} if rule is None else {"rule": rule}) | ({} if list_size is None else {"list_size": list_size}),
        "extensions": [_NarrowField(rule, null_if_denied=null_if_denied)] if rule is not None and narrow else [],
    }


def add_requirement(description: str, rule: access.Rule) -> str:
    """The description with the rule's words behind it, as clients read it in the schema."""
    return description if rule is AS_PARENT else f"{description} Requires: {rule.words}."


@dataclass_transform(kw_only_default=True, field_specifiers=(field, strawberry.field))
def type(rule: access.Rule, *, description: str, name: str | None = None) -> Callable[[Class], Class]:
    """Declare an object type; its rule is that of every field of it which names none."""
    return functools.partial(_declare, strawberry.type, rule, description, name)


@dataclass_transform(kw_only_default=True, field_specifiers=(field, strawberry.field))
def interface(rule: access.Rule, *, description: str, name: str | None = None) -> Callable[[Class], Class]:
    """Declare an interface; as with `type`, its rule is that of its fields."""
    return functools.partial(_declare, strawberry.interface, rule, description, name)


def _declare(kind: Any, rule: access.Rule, description: str, name: str | None, cls: Class) -> Class:
    declared: Any = kind(cls, name=name, description=add_requirement(description, rule))
    declared.__access_rule__ = rule
    for own in declared.__strawberry_definition__.fields:
        if "rule" not in own.metadata:
            own.metadata = {**own.metadata, "rule": rule}
            own.description = add_requirement(own.description or "", rule)
    result: Class = declared
    return result


def query(
    rule: access.Rule,
    *,
    description: str,
    name: str | None = None,
    deprecation_reason: str | None = None,
    conditional: bool = False,
) -> Callable[[Resolver], Any]:
    """A field of the query root; the resolver is an async function that takes `info: Info`.

    What is `conditional` never or rarely changes: a client may keep the answer to GET and ask whether it still holds.
    """

    metadata = {conditionals.METADATA: True} if conditional else {}
    return lambda resolver: _root_field(
        rule, _enforce(rule, resolver, may_guess=True), description, name, deprecation_reason, metadata
    )


def mutation(
    rule: access.Rule,
    *,
    description: str,
    name: str | None = None,
    deprecation_reason: str | None = None,
) -> Callable[[Resolver], Any]:
    """A field of the mutation root; its result becomes a union of what the resolver returns and every problem.

    The resolver raises the exceptions of `portal.errors` after leaving its transaction. Its annotation must be a
    class, or a union of classes, not a name in quotes.
    """

    def declare(resolver: Resolver) -> Any:
        enforced = _enforce(rule, resolver)
        spoken = name or to_camel_case(resolver.__name__)
        members: Any = (*_union_members(resolver.__annotations__["return"]), *problems.MEMBERS)
        result: Any = Annotated[
            Union[members],  # noqa: UP007
            strawberry.union(
                f"{spoken[0].upper()}{spoken[1:]}Result",
                description=f"What `{spoken}` gives: the success type, or the problem that stopped it.",
            ),
        ]
        _annotate_result(enforced, result)
        return _root_field(rule, enforced, description, name, deprecation_reason)

    return declare


def subscription(rule: access.Rule, *, description: str, name: str | None = None) -> Callable[[Resolver], Any]:
    """A field of the subscription root; the resolver is an async generator that takes `info: Info`.

    The caller is authenticated and the rule checked at the start and again before each event goes out.
    """

    def declare(resolver: Resolver) -> Any:
        enforced = _enforce_each(rule, resolver)
        return strawberry.subscription(
            resolver=enforced, description=add_requirement(description, rule), name=name, metadata={"rule": rule}
        )

    return declare


def _root_field(
    rule: access.Rule,
    resolver: Resolver,
    description: str,
    name: str | None,
    deprecation_reason: str | None,
    metadata: Mapping[str, Any] | None = None,
) -> Any:
    return strawberry.field(
        resolver=resolver,
        description=add_requirement(description, rule),
        name=name,
        metadata={"rule": rule, **(metadata or {})},
        deprecation_reason=deprecation_reason,
    )


def _union_members(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) or (annotation,)


def _annotate_result(resolver: Any, result: Any) -> None:
    resolver.__annotations__ = {**resolver.__annotations__, "return": result}
    resolver.__signature__ = inspect.signature(resolver).replace(return_annotation=result)


def _enforce(rule: access.Rule, resolver: Resolver, *, may_guess: bool = False) -> Resolver:
    """Wrap a resolver so that nothing of it, answer or refusal, leaves before its rule was checked."""
    if not inspect.iscoroutinefunction(resolver) or "info" not in inspect.signature(resolver).parameters:
        raise errors.SetupError(f"{resolver.__qualname__} must be an async function that takes `info: Info`.")

    @functools.wraps(resolver)
    async def enforced(*args: Any, **kwargs: Any) -> Any:
        context: Context = kwargs["info"].context
        with enter_gate(rule, may_guess=may_guess) as gate:
            if rule is not access.PUBLIC and context.credential.kind == "none":
                access.require(access.ANONYMOUS, rule)
            try:
                result = await _resolve_patiently(gate, resolver, *args, **kwargs)
            except errors.Unauthenticated:
                raise
            except errors.PortalError:
                await _pass(gate, context)
                raise
            await _pass(gate, context)
            return result

    return enforced


async def _resolve_patiently(gate: Gate, resolver: Resolver, *args: Any, **kwargs: Any) -> Any:
    """All of it again where its first transaction met another one, or its connection was lost before the commit.

    What may stand already is never done again: then the caller is told, and knows by its own ids.
    """
    for attempt in range(1, MOST_ATTEMPTS):
        try:
            return await _resolve(gate, resolver, *args, **kwargs)
        except errors.Unavailable as error:
            if not gate.may_repeat:
                raise
            logger.info("transaction.again", code=error.code, attempt=attempt)
            gate.checked = gate.may_repeat = False
            await asyncio.sleep(random.uniform(0, PAUSE * attempt))  # noqa: S311 (no secret)
    return await _resolve(gate, resolver, *args, **kwargs)


async def _resolve(gate: Gate, resolver: Resolver, *args: Any, **kwargs: Any) -> Any:
    """A query again, now without a guess, where its caller is not the one of the last time; nothing has left yet."""
    try:
        return await resolver(*args, **kwargs)
    except CallerChanged:
        gate.may_guess = gate.checked = False
        kwargs["info"].context.actor = None
        return await resolver(*args, **kwargs)


def _enforce_each(rule: access.Rule, resolver: Resolver) -> Resolver:
    if not inspect.isasyncgenfunction(resolver) or "info" not in inspect.signature(resolver).parameters:
        raise errors.SetupError(f"{resolver.__qualname__} must be an async generator that takes `info: Info`.")

    @functools.wraps(resolver)
    async def enforced(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        context: Context = kwargs["info"].context
        await context.check(rule)
        source = resolver(*args, **kwargs)
        try:
            async for item in source:
                await context.check(rule)
                yield item
        finally:
            await source.aclose()

    return enforced


async def _pass(gate: Gate, context: Context) -> None:
    """Check the rule now where the resolver came to its end, good or bad, without opening a transaction."""
    if not gate.checked and gate.rule is not access.PUBLIC:
        await context.check(gate.rule)


def rule_of(schema: GraphQLSchema, type_name: str, field_name: str) -> access.Rule:
    """The rule of a field, by its names in the schema; raises LookupError for a field that has none."""
    parent = schema.get_type(type_name)
    definition = parent.extensions.get("strawberry-definition") if parent else None
    declared: Any = getattr(parent, "fields", {}).get(field_name)
    own: StrawberryField | None = declared.extensions.get("strawberry-definition") if declared else None
    if definition is None or own is None or "rule" not in own.metadata:
        raise LookupError(f"{type_name}.{field_name} has no access rule.")
    rule: access.Rule = own.metadata["rule"]
    if rule is AS_PARENT:
        return getattr(definition.origin, "__access_rule__", AS_PARENT)
    return rule
