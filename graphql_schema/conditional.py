"""Answers that a client may keep and ask about: reads of what never changes, with an entity tag."""

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from starlette.responses import Response

from graphql_schema import limits
from graphql_schema.context import Kind
from portal.http import tags

METADATA = "conditional"
# A private cache may keep it and must ask whether the key still holds; each media type is an answer of its own,
# and so is each language.
HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Accept, Accept-Language, Authorization"}


def read_kind(schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> Kind:
    """The kind of an operation of a document that has passed validation."""
    operation = limits.find_operation(document, operation_name)
    is_query = operation.operation is OperationType.QUERY
    return Kind(is_query, is_query and _is_conditional(schema, document, operation))


def _is_conditional(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """Whether all root fields, at least one, were declared so."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    names = set(_list_root_fields(operation.selection_set, fragments)) - {"__typename"}
    root = schema.query_type
    declared = [root.fields.get(name) if root is not None else None for name in names]
    return bool(declared) and all(one is not None and _is_declared(one) for one in declared)


def _list_root_fields(selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> Iterator[str]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, FragmentSpreadNode):
            yield from _list_root_fields(fragments[node.name.value].selection_set, fragments)
        else:
            yield from _list_root_fields(node.selection_set, fragments)  # type: ignore[attr-defined]


def _is_declared(field: GraphQLField) -> bool:
    own = field.extensions.get("strawberry-definition")
    return own is not None and bool(own.metadata.get(METADATA))


def make_conditional(response: Response, if_none_match: str) -> Response:
    """The answer with its tag, or 304 where the client has it already."""
    tag = tags.hash_content(bytes(response.body))
    response.headers.update({**HEADERS, "ETag": tags.write_tag(tag)})
    if not tags.is_known(if_none_match, tag):
        return response
    kept = {name: response.headers[name] for name in (*HEADERS, "ETag")}
    return Response(status_code=304, headers=kept)
