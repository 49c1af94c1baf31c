"""`portal serve`: the web server, by default with the worker in the same process."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Annotated

import typer
import uvicorn
import uvloop

from portal import settings as configuration
from portal.commands import installation, logs
from portal.commands import worker as workers
from portal.errors import SetupError
from portal.settings import Settings

GRACE_SECONDS = 20


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on instead of PORTAL_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on instead of PORTAL_PORT.")] = None,
    worker: Annotated[
        bool | None, typer.Option(help="Whether to run the worker here too, instead of PORTAL_WORKER_IN_SERVER.")
    ] = None,
) -> None:
    """Serve the portal until Ctrl-C; starts and migrates the embedded database unless PORTAL_DATABASE_URL is set."""
    given = {"host": host, "port": port, "worker_in_server": worker}
    settings = configuration.read_settings(**{name: value for name, value in given.items() if value is not None})
    logs.configure_logs(settings)
    with installation.open_installation(settings, migrate=not settings.database_url) as complete:
        run_server(complete)


def run_server(settings: Settings, *, announce: Callable[[], None] | None = None) -> None:
    """Listen and answer until a signal says to stop; requests under way are ended first. Raises SetupError.

    `announce` is called once requests are answered.
    """
    ready = configuration.ensure_secret_key(settings)
    with open_listener(ready) as listener, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(ready, listener, announce))


def open_listener(settings: Settings) -> socket.socket:
    """The socket to listen on. Raises SetupError where address or port cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as problem:
        listener.close()
        raise SetupError(
            f"Cannot listen on {settings.host}:{settings.port} ({problem.strerror}): choose another with PORT=."
        ) from problem
    return listener


class _Server(uvicorn.Server):
    """Uvicorn without its own signals: it ends the process by them, where we still have a database to stop."""

    announce: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.announce is not None:
            self.announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def _serve(settings: Settings, listener: socket.socket, announce: Callable[[], None] | None) -> None:
    # Imported here because it loads the whole schema, which the other commands do without.
    from portal import app as composition

    await installation.check_database(settings)
    application = composition.create_app(settings)
    # Schema and tables live as long as the process: looking through them again and again took a third of each request.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        application,
        lifespan="on",
        http="httptools",
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **composition.SERVER_OPTIONS,
    )
    server = _Server(config)
    server.announce = announce
    if not settings.worker_in_server:
        await server.serve(sockets=[listener])
        return
    work = asyncio.create_task(workers.work(settings))
    # Without its worker the server would take orders that nobody carries out, so it ends with it.
    work.add_done_callback(lambda _: setattr(server, "should_exit", True))
    try:
        await server.serve(sockets=[listener])
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
