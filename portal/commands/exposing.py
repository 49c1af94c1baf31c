"""GET /metrics, on a place of its own and in a thread of its own: it answers while everything else is busy."""

import hmac
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from portal import metering
from portal import settings as configuration
from portal.errors import SetupError
from portal.settings import Settings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/metrics"
PLAIN = ("Content-Type", "text/plain; charset=utf-8")


class _Handler(WSGIRequestHandler):
    """Without a line for each look, and not for ever with somebody who says nothing."""

    timeout = 10

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class _ServerOfSix(ThreadingWSGIServer):
    address_family = socket.AF_INET6


@contextmanager
def expose(settings: Settings, folder: Path | None = None) -> Iterator[None]:
    """Answer where the settings say so, for this process or for all that keep their figures in `folder`.

    Raises SetupError where address or port cannot be had.
    """
    place = configuration.read_place(settings.metrics_address)
    if place is None:
        yield
        return
    application = protect(metering.open_registry(folder), settings.metrics_token)
    server = _open_server(*place, application)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def protect(registry: CollectorRegistry, token: str) -> "WSGIApplication":
    """The figures for whoever asks for them at their path, with the token where there is one."""
    answer = make_wsgi_app(registry)
    wanted = f"Bearer {token}".encode()

    def application(environment: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        given = environment.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if token and not hmac.compare_digest(given, wanted):
            start("401 Unauthorized", [PLAIN, ("WWW-Authenticate", "Bearer")])
            return [b"Send PORTAL_METRICS_TOKEN as a bearer.\n"]
        if environment.get("PATH_INFO") != PATH:
            start("404 Not Found", [PLAIN])
            return [b"There is /metrics here and nothing else.\n"]
        shown: Iterable[bytes] = answer(environment, start)
        return shown

    return application


def _open_server(host: str, port: int, application: "WSGIApplication") -> WSGIServer:
    kind = _ServerOfSix if ":" in host else ThreadingWSGIServer
    try:
        return make_server(host, port, application, kind, handler_class=_Handler)
    except OSError as problem:
        raise SetupError(
            f"Cannot listen on {host}:{port} for metrics ({problem.strerror}): choose another PORTAL_METRICS_ADDRESS."
        ) from problem
