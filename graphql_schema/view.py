"""GraphQL over HTTP, after the specification of that name: POST, and GET for queries only."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graphql_schema import (
    conditional,
    json_body,
    limits,
    nul_characters,
    operation,
    problems,
    trusted_document,
)
from graphql_schema.context import Context, Kind, Services
from graphql_schema.request import GraphQLRequest, Refusal, RequestError, read_request
from portal import access, errors, metering
from portal.http import compression

RESPONSE_JSON = "application/graphql-response+json"
PLAIN_JSON = "application/json"
BODY_SECONDS = 30.0
# What is too large is read to its end and thrown away, up to here: a client that is cut off never sees the reason.
DRAINED_BYTES = 50_000_000
METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
_ALLOWED = {"GET": frozenset({OperationType.QUERY}), "POST": frozenset({OperationType.QUERY, OperationType.MUTATION})}

_WORDS = ("query", "documentId", "operationName")  # parameters of GET that are no JSON


class GraphQLView:
    """Answers one request after the other with one schema."""

    def __init__(self, schema: operation.PortalSchema, services: Services) -> None:
        self.schema = schema
        self.services = services

    async def answer(self, request: Request) -> Response:
        """Run the operation in a request, or say why not."""
        media_type = PLAIN_JSON
        try:
            media_type = choose_media_type(request.headers.get("accept"))
            asked = await read_http_request(request)
            context = self._make_context(request)
            asked = replace(asked, query=await trusted_document.find_text(asked, self.services))
            result = await self._run(asked, context, request.method)
        except Refusal as refusal:
            return _refuse(refusal, media_type)
        response = _respond(result, context, media_type)
        is_kept = request.method == "GET" and not result.errors
        return _shorten(response, request, context.kind, is_kept) if context.kind is not None else response

    def _make_context(self, request: Request) -> Context:
        try:
            credential = access.read_bearer(request.headers.get("authorization"))
        except errors.Unauthenticated as error:
            raise Refusal(401, error.code, error.message, {"WWW-Authenticate": "Bearer"}) from None
        address = request.client.host if request.client else ""
        return Context(
            self.services,
            credential,
            address,
            request.scope.get("state", {}).get("request_id", ""),
            accept_language=request.headers.get("accept-language", ""),
        )

    async def _run(self, asked: GraphQLRequest, context: Context, method: str) -> ExecutionResult:
        if asked.may_hold_nul:
            nul_characters.refuse_nul(self.schema._schema, asked)
        try:
            return await self.schema.execute(
                asked.query,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
                context_value=context,
                allowed_operation_types=_ALLOWED[method],
            )
        except errors.RateLimited as error:
            told = {"retryAfter": error.retry_after}
            raise Refusal(429, error.code, error.message, {"Retry-After": str(error.retry_after)}, told) from None
        except CannotGetOperationTypeError:
            return ExecutionResult(None, [problems.refuse_operation()])
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                words = "Subscriptions go over a WebSocket with the protocol graphql-transport-ws."
                raise Refusal(400, "NEEDS_WEBSOCKET", words) from None
            raise Refusal(405, "NEEDS_POST", "Mutations go by POST.", {"Allow": "POST"}) from None


async def read_http_request(request: Request) -> GraphQLRequest:
    """The GraphQL request in an HTTP request; raises Refusal with the fitting 4xx."""
    if request.method == "GET":
        return read_request(_read_parameters(request))
    if request.method != "POST":
        raise Refusal(405, "METHOD", "Use POST, or GET for queries.", {"Allow": "GET, POST"})
    _check_content_type(request.headers)
    content = await read_body(request)
    try:
        asked = read_request(json_body.read_json(content, spared="variables"))
    except json_body.UnreadableJSON as error:
        raise Refusal(400, "BAD_JSON", str(error)) from None
    return replace(asked, may_hold_nul=b"\\u0000" in content)


def _read_parameters(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in (*_WORDS, "variables", "extensions"):
        given = request.query_params.getlist(name)
        if len(given) > 1:
            raise Refusal(400, "BAD_REQUEST", f"`{name}` stands more than once in the address.")
        if not given:
            continue
        try:
            found[name] = given[0] if name in _WORDS else json_body.read_json(given[0] or "null")
        except json_body.UnreadableJSON as error:
            raise Refusal(400, "BAD_JSON", f"`{name}`: {error}") from None
    return found


def _check_content_type(headers: Mapping[str, str]) -> None:
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != PLAIN_JSON:
        raise Refusal(415, "CONTENT_TYPE", f"The Content-Type must be {PLAIN_JSON}.")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in ("", "utf-8", "utf8") or headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "CONTENT_TYPE", "The body must be UTF-8, not compressed.")


async def read_body(request: Request) -> bytes:
    """The body, never more than limits.BODY_BYTES of it; raises Refusal 413, or 408 for one that does not end."""
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                length += len(part)
                if length > DRAINED_BYTES:
                    break
                if length <= limits.BODY_BYTES:
                    parts.append(part)
    except TimeoutError:
        raise Refusal(408, "TOO_SLOW", f"The body did not arrive in {BODY_SECONDS:.0f} seconds.") from None
    except ClientDisconnect:
        raise Refusal(400, "BAD_REQUEST", "The body was cut off.") from None
    if length > limits.BODY_BYTES:
        words = f"The body may have {limits.BODY_BYTES} bytes at most."
        raise Refusal(413, "TOO_LARGE", words, {"Connection": "close"})
    return b"".join(parts)


def choose_media_type(accept: str | None) -> str:
    """What to answer with: what the client likes best of the two media types; raises Refusal 406 for neither."""
    best, chosen = 0.0, ""
    for part in (accept or "*/*").split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        offered = {RESPONSE_JSON: RESPONSE_JSON}.get(name, PLAIN_JSON)
        quality = _read_quality(parameters)
        if name in (RESPONSE_JSON, PLAIN_JSON, "application/*", "*/*") and quality > best:
            best, chosen = quality, offered
    if not chosen:
        raise Refusal(406, "NOT_ACCEPTABLE", f"This answers with {RESPONSE_JSON} or {PLAIN_JSON}.")
    return chosen


def _read_quality(parameters: list[str]) -> float:
    given = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return float(given)
    except ValueError:
        return 0.0


def _respond(result: ExecutionResult, context: Context, media_type: str) -> Response:
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    unexecuted = operation.is_request_error(result)
    if not unexecuted:
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    status = 400 if unexecuted and media_type == RESPONSE_JSON else 200
    headers = {} if context.retry_after is None else {"Retry-After": str(context.retry_after)}
    return _send(body, status, media_type, headers)


def _shorten(response: Response, request: Request, kind: Kind, is_kept: bool) -> Response:
    """The answer in few bytes; one to a mutation stays plain, since it may hold a token beside words of others."""
    if kind.is_query:
        compression.mark_compressible(request)
    if kind.is_conditional and is_kept:
        return conditional.make_conditional(response, request.headers.get("if-none-match", ""))
    return response


def _refuse(refusal: Refusal, media_type: str) -> Response:
    metering.count_refusal(refusal.code)
    extensions = {"code": refusal.code, **refusal.details}
    body = {"errors": [{"message": refusal.message, "extensions": extensions}]}
    status = 200 if isinstance(refusal, RequestError) and media_type == PLAIN_JSON else refusal.status
    return _send(body, status, media_type, refusal.headers)


def _send(body: dict[str, Any], status: int, media_type: str, headers: Mapping[str, str]) -> Response:
    content_type = f"{media_type}; charset=utf-8"
    return Response(orjson.dumps(body), status, {**headers, "Cache-Control": "no-store", "Content-Type": content_type})
