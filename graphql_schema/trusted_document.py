"""Trusted documents at the surface: the text of a request that names it by hash, and what may become one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, specified_rules
from strawberry.schema.schema import validate_document

from graphql_schema import limits
from graphql_schema.context import Services
from graphql_schema.request import GraphQLRequest, Refusal, RequestError, check_query
from portal import documents, errors


@dataclass(frozen=True)
class Fault:
    """Why a document cannot be trusted: which operation or fragment of it, and the reason."""

    definition: str
    reason: str


async def find_text(asked: GraphQLRequest, services: Services) -> str:
    """The text to run; raises Refusal for a hash that stands for none, and where only trusted ones are run."""
    if asked.query is not None and not services.settings.only_trusted_documents:
        return asked.query
    content_hash = asked.document_hash or documents.hash_text(asked.query or "")
    try:
        found = await services.trusted_documents.find(content_hash)
    except errors.RateLimited as error:
        raise Refusal(429, error.code, error.message, {"Retry-After": str(error.retry_after)}) from None
    except errors.Unavailable as error:
        raise Refusal(503, error.code, error.message) from None
    if found is not None:
        return found
    if asked.query is None:
        words = "No document with this hash is trusted here; one is added with `portal documents add`."
        raise RequestError(asked.unknown_code, words)
    raise RequestError("NOT_TRUSTED", "This server runs trusted documents only, and this is none of them.")


def find_faults(schema: GraphQLSchema, text: str) -> list[Fault]:
    """Everything that keeps the operations of a document from running; sizes that variables say count as left out."""
    try:
        check_query(text)
        document = parse(text, **limits.PARSE_OPTIONS)
    except (Refusal, GraphQLError) as error:
        return [Fault("document", error.message)]
    wrong = validate_document(schema, document, tuple(specified_rules))
    if wrong:
        return [Fault(_name_place(document, error), error.message) for error in wrong]
    return list(_measure(schema, document))


def _measure(schema: GraphQLSchema, document: DocumentNode) -> Iterator[Fault]:
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if not operations:
        yield Fault("document", "It has no operation.")
    for one in operations:
        plan = limits.read_plan(schema, document, one.name.value if one.name else None)
        excess = limits.find_excess(plan, plan.count_cost({}))
        if excess is not None:
            yield Fault(name_definition(one), excess.message)


def _name_place(document: DocumentNode, error: GraphQLError) -> str:
    """The definition that an error of validation is in."""
    at = next(iter(error.positions or ()), 0)
    found = (one for one in document.definitions if one.loc is not None and one.loc.start <= at < one.loc.end)
    return next((name_definition(one) for one in found), "document")


def name_definition(definition: Any) -> str:
    """An operation or fragment as people call it."""
    kind = definition.operation.value if isinstance(definition, OperationDefinitionNode) else "fragment"
    return f"{kind} {definition.name.value if definition.name else '(without a name)'}"
