"""One server process: the socket it listens on, and answering there until a signal says to stop."""

import asyncio
import contextlib
import gc
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType

import typer
import uvicorn
import uvloop

from portal import metering, tracing
from portal.commands import installation
from portal.commands import worker as workers
from portal.commands.connections import Connection
from portal.errors import SetupError
from portal.settings import Settings

GRACE_SECONDS = 20
OTHER_FILES = 200  # beside connections of clients: those of the database, the log, what is read


def run_listener(settings: Settings, listener: socket.socket, *, announce: Callable[[], None] | None = None) -> None:
    """Answer on a bound socket until a signal says to stop; requests under way are ended first. Raises SetupError.

    `announce` is called once requests are answered. The settings have a secret key.
    """
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, listener, announce))
    finally:
        tracing.stop()


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


def allow_connections(count: int) -> None:
    """Let this process have that many connections open, as far as the system allows: mostly it starts with 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + OTHER_FILES if hard == resource.RLIM_INFINITY else min(count + OTHER_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def announce_ready(settings: Settings, listener: socket.socket) -> None:
    """Tell whoever started it where requests are answered now."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    typer.echo(f"The portal is ready on http://{host}:{listener.getsockname()[1]}. Ctrl-C stops it.")


class _Server(uvicorn.Server):
    """Uvicorn without its own signals: it ends the process by them, where we still have a database to stop."""

    announce: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.announce is not None:
            self.announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Never by force, however often Ctrl-C is pressed: GRACE_SECONDS bound how long it takes in any case."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def _serve(settings: Settings, listener: socket.socket, announce: Callable[[], None] | None) -> None:
    gc.disable()  # until all is loaded that stays
    # Imported here because it loads the whole schema, which the other commands do without.
    from portal import app as composition

    metering.tell_version()
    tracing.start(settings.trace_endpoint)
    allow_connections(settings.connections_at_once)
    await installation.check_database(settings)
    server: _Server | None = None
    application = composition.create_app(
        settings, count_connections=lambda: 0 if server is None else len(server.server_state.connections)
    )
    # Schema and tables live as long as the process: looking through them again and again took a third of each request.
    gc.collect()
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        application,
        lifespan="on",
        http=Connection,
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        forwarded_allow_ips=settings.trusted_proxies,
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
