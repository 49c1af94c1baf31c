"""The composition root: the one module that sees every part and makes the application of them."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from graphql_schema import schema as surface
from graphql_schema import socket, view
from graphql_schema.budgets import Budgets
from graphql_schema.context import Services
from graphql_schema.operation import PortalSchema
from portal import documents, errors, signing, storage, uploads
from portal.assessments import downloads
from portal.database import credential_uses, engine, pool_use
from portal.delivery import notifications
from portal.delivery.events import EventBroker
from portal.http import (
    benchmarks,
    compression,
    envelope,
    exports,
    front,
    health,
    imports,
    letter_answers,
    letters,
    overload,
    personal_data,
    questionnaire_files,
    questionnaires,
    sso,
    summaries,
    supplier_table,
)
from portal.http import downloads as sending
from portal.http import resumable_uploads as resuming
from portal.http import uploads as receiving
from portal.settings import Settings
from portal.turnstile import Turnstile

EXPLORER = Path(__file__).parent / "http" / "explorer"
NOTICE = "<!-- notice -->"
READING = "Too many files are being read just now. Nothing was stored; send this again in a moment."
MAKING = "Too many files are being made just now; ask again in a moment."
ONLY_TRUSTED = (
    '<p id="only-trusted"><strong>This server runs trusted documents only</strong> (PORTAL_ONLY_TRUSTED_DOCUMENTS):'
    " other queries are refused, introspection too, so there is no list of fields below.</p>"
)
# For the server that runs the application: what a WebSocket client may send before we can look at it.
SERVER_OPTIONS: dict[str, Any] = {
    "ws_max_size": 4 * socket.MESSAGE_CHARACTERS,
    "ws_max_queue": 8,
    "ws_per_message_deflate": False,
}

log = structlog.get_logger(__name__)


def create_app(
    settings: Settings,
    *,
    schema: PortalSchema | None = None,
    count_connections: Callable[[], int] = overload.count_none,
) -> Starlette:
    """The application for these settings; raises SetupError without a database, or for a folder that is not there.

    `schema` is the portal's own unless another one is given, as tests of the machinery do. `count_connections` tells
    how many the server that runs the application has open.
    """
    services = open_services(settings)
    app = Starlette(
        routes=list_routes(services, schema or surface.get_schema()),
        middleware=list_middleware(settings, count_connections),
        exception_handlers={HTTPException: answer_http_error, Exception: answer_fault},
        lifespan=lambda _: run_services(services),
    )
    app.state.services = services
    return app


def list_middleware(settings: Settings, count_connections: Callable[[], int]) -> list[Middleware]:
    """What surrounds every answer, the outermost first."""
    outer = [
        Middleware(envelope.Envelope, over_tls=settings.public_url.startswith("https://")),
        Middleware(
            overload.Overload,
            most=settings.requests_at_once,
            most_connections=settings.connections_at_once,
            count_connections=count_connections,
        ),
    ]
    return [*outer, Middleware(compression.Compression)] if settings.compression else outer


def open_services(settings: Settings) -> Services:
    """What every request uses; connections are made when the first one needs them."""
    if settings.database_url is None:
        raise errors.SetupError("PORTAL_DATABASE_URL is not set; `portal serve` starts a database of its own.")
    connect = partial(
        engine.create_engine,
        pool_size=settings.pool_size,
        behind_pgbouncer=settings.behind_pgbouncer,
        timeout_ms=settings.statement_timeout_ms,
    )
    replica = connect(settings.replica_database_url) if settings.replica_database_url else None
    beside = connect(settings.database_url, is_pooled=False)
    database = engine.Database(
        connect(settings.database_url), replica, prompts=not settings.behind_pgbouncer, beside=beside
    )
    store = storage.open_storage(settings.storage_url) if settings.storage_url else None
    trusted = documents.TrustedDocuments(database, front.list_documents())
    return Services(
        settings=settings,
        database=database,
        events=EventBroker(),
        trusted_documents=trusted,
        budgets=Budgets(settings.cost_per_minute),
        reading=open_turnstile(settings, READING),
        storage=store,
    )


def open_turnstile(settings: Settings, words: str) -> Turnstile:
    """A bound for one kind of work with files; `words` are for those who are sent away."""
    return Turnstile(settings.files_at_once, settings.files_waiting, words)


@contextlib.asynccontextmanager
async def run_services(services: Services) -> AsyncIterator[None]:
    """Listen for events while the application runs; at the end tell the listeners and give connections back."""
    settings = services.settings
    url = settings.listen_url or settings.worker_database_url
    uses = services.database.credential_uses
    running = [asyncio.create_task(credential_uses.keep_writing(uses, services.database))]
    running.append(asyncio.create_task(pool_use.keep_telling(services.database, "app")))
    if url:
        running.append(asyncio.create_task(notifications.listen(url, services.events)))
    try:
        yield
    finally:
        services.events.close()
        for one in running:
            one.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await one
        await credential_uses.write_down(uses, services.database)
        await services.database.close()


def list_routes(services: Services, schema: PortalSchema) -> list[BaseRoute]:
    """Every path of the application."""
    fonts = list_font_folders(services.settings)
    subscriptions = socket.SubscriptionView(schema, services, origins=list_origins(services.settings))
    routes: list[BaseRoute] = [
        *front.list_routes(with_explorer=services.settings.is_development, client_url=services.settings.client_url),
        Route("/graphql", view.GraphQLView(schema, services).answer, methods=view.METHODS),
        WebSocketRoute("/graphql", subscriptions),
        *list_file_routes(services),
        *questionnaire_files.list_routes(services.database, open_turnstile(services.settings, MAKING), fonts),
        *questionnaires.list_routes(services.database),
        *exports.list_routes(services.database, open_turnstile(services.settings, MAKING), fonts),
        *summaries.list_routes(services.database, signing.open_keys(services.settings), services.settings.public_url),
        imports.make_route(services.database, services.reading),
        *benchmarks.list_routes(services.database, services.settings.benchmark_rows_per_day),
        supplier_table.make_route(services.database),
        personal_data.make_route(
            services.database, services.settings.secret_key, open_turnstile(services.settings, MAKING)
        ),
        *letters.list_routes(services.database, services.settings.secret_key, services.settings.letters_folder),
        *letter_answers.list_routes(services.database, services.settings.secret_key, services.settings.letters_folder),
        *sso.list_routes(services.database, services.settings),
        Route("/health/live", health.answer_live),
        Route("/health/ready", health.make_ready(services.database, services.storage)),
    ]
    if services.settings.is_development:
        routes.append(Route("/graphiql", make_explorer(only_trusted=services.settings.only_trusted_documents)))
        routes.append(Mount("/explorer", StaticFiles(directory=EXPLORER)))
    return routes


def list_font_folders(settings: Settings) -> list[str]:
    """Folders of fonts beside those that ship; raises SetupError for one that is not there."""
    if settings.font_folder is None:
        return []
    if not settings.font_folder.is_dir():
        raise errors.SetupError(f"PORTAL_FONT_FOLDER: there is no folder {settings.font_folder}.")
    return [str(settings.font_folder)]


def list_file_routes(services: Services) -> list[BaseRoute]:
    """Where files come in and go out."""
    settings, database, store = services.settings, services.database, services.storage
    place = None if store is None else receiving.Place(database, store, settings.max_upload_bytes)
    whole, in_pieces = [receiving.make_receiver(place, one) for one in (receiving.receive_file, resuming.answer)]
    sender = sending.make_sender(database, store, settings.secret_key)
    return [
        Route(uploads.PATH, whole, methods=["PUT"]),
        Route(uploads.PATH, in_pieces, methods=resuming.METHODS),
        Route(downloads.PATH, sender, methods=["GET"]),
    ]


def list_origins(settings: Settings) -> list[str]:
    """The origins whose pages may open a WebSocket: our public address and those the settings add."""
    public = urlsplit(settings.public_url)
    own = [f"{public.scheme}://{public.netloc}"] if public.scheme and public.netloc else []
    return [*own, *settings.allowed_origins]


def make_explorer(*, only_trusted: bool) -> Callable[[Request], Awaitable[Response]]:
    """A page for trying queries, in development only; it says where no other than trusted documents are run."""
    page = (EXPLORER / "index.html").read_text(encoding="utf-8")
    page = page.replace(NOTICE, ONLY_TRUSTED if only_trusted else "")
    return front.make_sender(page, "text/html")


async def answer_http_error(request: Request, error: Exception) -> Response:
    """A path or method that does not exist, in the same shape as every other error."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = error.detail if isinstance(error, HTTPException) else "Unexpected error."
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse({"errors": [{"message": words, "extensions": {"code": "HTTP"}}]}, status, headers)


async def answer_fault(request: Request, error: Exception) -> Response:
    """A fault of ours: the client gets a number that stands in the log beside what happened."""
    reference = uuid.uuid4().hex[:12]
    log.error("fault", reference=reference, kind=type(error).__name__, path=request.url.path)
    words = f"Something went wrong on our side. Please name this reference when you ask about it: {reference}."
    body = {"errors": [{"message": words, "extensions": {"code": "INTERNAL", "reference": reference}}]}
    return JSONResponse(body, 500)
