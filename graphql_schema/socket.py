"""Subscriptions over a WebSocket, with the protocol graphql-transport-ws only."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
import structlog
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from graphql_schema import json_body, operation, trusted_document
from graphql_schema.context import Context, Services
from graphql_schema.request import Refusal, read_request
from portal import access, errors

SUBSCRIPTIONS_PER_CONNECTION = 20
CONNECTIONS_PER_CALLER = 10
CONNECTIONS = 2_000
INIT_SECONDS = 10
WATCH_SECONDS = 60.0  # how often an idle connection is authenticated again
MESSAGE_CHARACTERS = 200_000
SESSION_ENDED = 4401
TOO_MANY = 4429

log = structlog.get_logger(__name__)


class MessageReader(ASGIWebSocketAdapter):
    """Messages of one connection: refused unless well formed, silent once the connection is closed."""

    def __init__(self, view: Any, request: WebSocket, response: WebSocket) -> None:
        super().__init__(view, request, response)
        self.socket = response

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        try:
            while self.socket.application_state is WebSocketState.CONNECTED:
                yield check_message(await self.socket.receive_text())
        except KeyError as error:
            raise NonTextMessageReceived from error
        except WebSocketDisconnect:
            return

    async def send_json(self, message: Mapping[str, object]) -> None:
        if self.socket.application_state is WebSocketState.CONNECTED:
            try:
                await self.socket.send_text(orjson.dumps(message).decode())
            except WebSocketDisconnect:
                return

    async def close(self, code: int, reason: str) -> None:
        await close_socket(self.socket, code, reason)


async def close_socket(socket: WebSocket, code: int, reason: str) -> None:
    """Close once, unless the client has gone; a reason may have 123 bytes."""
    if socket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(WebSocketDisconnect):
            await socket.close(code=code, reason=reason.encode()[:123].decode(errors="ignore"))


def check_message(text: str) -> dict[str, Any]:
    """A message with members of the types that the protocol says; raises NonJsonMessageReceived for any other."""
    try:
        if len(text) > MESSAGE_CHARACTERS:
            raise Refusal(400, "TOO_LARGE", "The message is too large.")
        message = json_body.read_json(text)
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Refusal(400, "BAD_REQUEST", "A message is an object with a type.")
        if message["type"] in ("subscribe", "complete") and not 0 < len(_read_id(message)) <= 100:
            raise Refusal(400, "BAD_REQUEST", "An id has 1 to 100 characters.")
        if message["type"] == "subscribe":
            read_request(message.get("payload"))
    except (json_body.UnreadableJSON, Refusal) as error:
        raise NonJsonMessageReceived from error
    return message


def _read_id(message: dict[str, Any]) -> str:
    given = message.get("id")
    return given if isinstance(given, str) else ""


class MessageHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Subscribes to documents that are named by their hash, too; what may not be run is an error of that operation."""

    async def handle_subscribe(self, message: Any) -> None:
        if self.connection_acknowledged and message["id"] not in self.operations:
            try:
                asked = read_request(message["payload"])
                message["payload"]["query"] = await trusted_document.find_text(asked, self.context.services)
            except Refusal as refusal:
                error = GraphQLError(refusal.message, extensions={"code": refusal.code})
                await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})
                return
        await super().handle_subscribe(message)


class SubscriptionView(GraphQL[Context, None]):
    """The WebSocket side of the API; counts connections per caller and closes them when the session ends."""

    websocket_adapter_class = MessageReader
    graphql_transport_ws_handler_class = MessageHandler

    def __init__(self, schema: operation.PortalSchema, services: Services, *, origins: Sequence[str] = ()) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
            max_subscriptions_per_connection=SUBSCRIPTIONS_PER_CONNECTION,
            allowed_origins=origins,
        )
        self.services = services
        self._open = 0
        self._callers: Counter[object] = Counter()
        self._watchers: dict[int, tuple[object, asyncio.Task[None]]] = {}

    async def run(self, request: Any, context: Any = None, root_value: Any = None) -> Any:
        """Serve one connection; one above the number that the process holds is refused at the handshake."""
        if self._open >= CONNECTIONS:
            return await self.reject_websocket(request)
        self._open += 1
        own = await self.get_context(request, request)
        try:
            return await super().run(request, own, root_value)
        finally:
            self._open -= 1
            self._release(own)

    async def get_context(self, request: Any, response: Any) -> Context:
        address = request.client.host if request.client else ""
        request_id = request.scope.get("state", {}).get("request_id", "")
        context = Context(self.services, access.NO_CREDENTIAL, address, request_id)
        context.end_connection = lambda: close_socket(request, SESSION_ENDED, "Session ended")
        return context

    async def on_ws_connect(self, context: Context) -> dict[str, object] | None:
        """Authenticate with {"authorization": "Bearer ..."} of connection_init, or refuse (4403)."""
        given = (context.connection_params or {}).get("authorization")
        try:
            context.credential = access.read_bearer(given if isinstance(given, str) else None)
            access.require(await context.authenticate(), access.CALLER)
        except errors.PortalError:
            raise ConnectionRejectionError from None
        caller = _name_caller(context)
        if self._callers[caller] >= CONNECTIONS_PER_CALLER:
            raise ConnectionRejectionError
        self._callers[caller] += 1
        self._watchers[id(context)] = (caller, asyncio.create_task(_watch_session(context)))
        return None

    def _release(self, context: Context) -> None:
        if id(context) not in self._watchers:
            return
        caller, watcher = self._watchers.pop(id(context))
        watcher.cancel()
        self._callers[caller] -= 1
        if self._callers[caller] <= 0:
            del self._callers[caller]


def _name_caller(context: Context) -> object:
    actor = context.actor or access.ANONYMOUS
    return actor.user_id or actor.api_key_id


async def _watch_session(context: Context) -> None:
    """Close an idle connection, too, soon after its session has ended, or when that can no longer be asked."""
    try:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            access.require(await context.authenticate(), access.CALLER)
    except errors.PortalError as error:
        log.info("session_ended", code=error.code)
    finally:
        if context.end_connection is not None:
            await context.end_connection()
