"""What surrounds every response: a request id, security headers and one line in the log."""

import re
import time
import uuid
from collections.abc import Iterable
from typing import Any

import structlog
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal import metering, tracing
from portal.database import audit

log = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NO_ROUTE = "none"
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


class Envelope:
    """Wraps the application; the log line has no query string, no body and no header, so no answer and no token."""

    def __init__(self, app: ASGIApp, *, over_tls: bool) -> None:
        self.app = app
        headers = HEADERS | ({"Strict-Transport-Security": STRICT_TRANSPORT} if over_tls else {})
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.paths: dict[Any, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request_id = read_request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._complete(message.get("headers", ()), request_id)
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        address = scope["client"][0] if scope.get("client") else ""
        under_way = metering.SOCKETS if scope["type"] == "websocket" else metering.IN_FLIGHT
        with (
            under_way.track_inprogress(),
            tracing.trace("request", "SERVER", parent=read_traceparent(scope)) as span,
            structlog.contextvars.bound_contextvars(request_id=request_id, **tracing.read_id(span)),
            audit.arriving(address, request_id),
        ):
            try:
                app = refuse_two_credentials if has_two_credentials(scope) else self.app
                await app(scope, receive, send_with_headers)
            finally:
                self._note(scope, status, time.perf_counter() - started, span)

    def _note(self, scope: Scope, status: int, seconds: float, span: Any) -> None:
        """Write the line, count the request and name its span; a WebSocket that was open is no slow answer."""
        _write_line(scope, status, seconds)
        if not self.paths and "app" in scope:  # Starlette's, of which this is the outermost layer
            self.paths = list_paths(scope["app"].routes)
        route = self.paths.get(scope.get("endpoint"), NO_ROUTE)
        method = metering.name_method(scope.get("method", "WEBSOCKET"))
        metering.count_request(method, route, status, 0.0 if status == 101 else seconds)
        if span is not None:
            span.update_name(f"{method} {route}")
            told = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
            span.set_attributes(told)

    def _complete(self, headers: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
        """The headers of an answer with those it does not have itself."""
        own = [pair for pair in headers if pair[0] != b"x-request-id"]
        names = {name.lower() for name, _ in own}
        missing = [pair for pair in self.headers if pair[0] not in names]
        return [*own, (b"x-request-id", request_id.encode("ascii")), *missing]


def list_paths(routes: Iterable[BaseRoute]) -> dict[Any, str]:
    """The path of each route by what answers there, with the names of its parameters and not their values."""
    paths: dict[Any, str] = {}
    for one in routes:
        if isinstance(one, Route | WebSocketRoute):
            paths[one.endpoint] = one.path
        elif isinstance(one, Mount):
            paths[one.app] = f"{one.path}/..."
    return paths


def has_two_credentials(scope: Scope) -> bool:
    """Whether a request says twice who it is: one of the two a proxy may have looked at, the other we would."""
    return [name for name, _ in scope["headers"]].count(b"authorization") > 1


async def refuse_two_credentials(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 400, which also refuses the handshake of a WebSocket."""
    words = "Send one Authorization header."
    body = {"errors": [{"message": words, "extensions": {"code": "BAD_REQUEST"}}]}
    await JSONResponse(body, 400)(scope, receive, send)


def read_request_id(scope: Scope) -> str:
    """The id that a proxy gave the request, if it looks like one, else a new one."""
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def read_traceparent(scope: Scope) -> str:
    """What a caller or proxy says the request is a part of; empty without."""
    return next((value for name, value in scope["headers"] if name == b"traceparent"), b"").decode("latin-1")


def _write_line(scope: Scope, status: int, seconds: float) -> None:
    client = scope.get("client")
    log.info(
        "request",
        method=scope.get("method", "WEBSOCKET"),
        path=scope["path"][:200],
        status=status,
        milliseconds=round(seconds * 1000, 1),
        client=client[0] if client else "",
    )
