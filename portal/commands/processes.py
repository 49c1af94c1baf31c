"""Several server processes behind one address: each renewed when it ends, all gone with their parent."""

import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Lock
from pathlib import Path
from types import FrameType

import structlog

from portal import metering, signing
from portal import settings as configuration
from portal.commands import exposing, listening, logs
from portal.delivery import letter_texts
from portal.errors import SetupError
from portal.settings import Settings

CHECK_SECONDS = 0.2
REFUSES = 78  # exit code of a process whose settings cannot be used: starting it again would change nothing
SHORT_LIFE = 5.0  # seconds; a process that ends sooner was no accident
MOST_SHORT_LIVES = 5
# Forking would copy locks and threads in whatever state they are; a new interpreter begins clean.
_context = multiprocessing.get_context("spawn")

log = structlog.get_logger(__name__)


@dataclass
class Place:
    """One of the processes, whichever runs there now."""

    number: int
    settings: Settings
    listener: socket.socket
    first: Lock  # the process that answers first takes it, tells where, and never gives it back
    figures: Path | None  # where it keeps what it counts
    process: BaseProcess | None = None
    started: float = 0.0
    short_lives: int = 0

    def start(self) -> None:
        self.process = _context.Process(
            target=_serve,
            args=(self.settings, self.listener, os.getpid(), self.first),
            name=f"portal-{self.number}",
        )
        self.process.start()
        self.started = time.monotonic()

    def renew(self) -> None:
        """Start a process anew that has ended; raises SetupError where it refuses, or ends again and again."""
        if self.process is None or self.process.is_alive():
            return
        if self.process.exitcode == REFUSES:
            raise SetupError("A server process cannot serve with these settings; its reason stands in the log.")
        if self.figures is not None and self.process.pid is not None:
            metering.forget_process(self.figures, self.process.pid)
        lived = time.monotonic() - self.started
        self.short_lives = self.short_lives + 1 if lived < SHORT_LIFE else 0
        log.warning("process.ended", number=self.number, code=self.process.exitcode, seconds=round(lived))
        if self.short_lives >= MOST_SHORT_LIVES:
            raise SetupError(f"A server process ends as soon as it starts, {self.short_lives} times now; see the log.")
        self.start()


@dataclass
class Stop:
    """Set by a signal; the handlers before come back at the end."""

    asked: threading.Event = field(default_factory=threading.Event)

    def ask(self, number: int, frame: FrameType | None) -> None:
        self.asked.set()


def run_processes(settings: Settings, count: int) -> None:
    """Serve with `count` processes until a signal says to stop; requests under way are ended first. Raises SetupError.

    The first one runs the worker too where the settings want one; of many workers one leads in any case.
    """
    ready = signing.ensure_signing_key(configuration.ensure_secret_key(settings))
    letter_texts.read_texts(ready.letters_folder)
    with (
        listening.open_listener(ready) as listener,
        _keep_figures(ready) as figures,
        exposing.expose(ready, figures),
        _catch_signals() as stop,
    ):
        listener.set_inheritable(True)
        first = _context.Lock()
        without_worker = ready.model_copy(update={"worker_in_server": False})
        places = [
            Place(number, without_worker if number else ready, listener, first, figures) for number in range(count)
        ]
        try:
            for place in places:
                place.start()
            while not stop.asked.wait(CHECK_SECONDS):
                for place in places:
                    place.renew()
        finally:
            _end([place.process for place in places if place.process is not None])


@contextmanager
def _keep_figures(settings: Settings) -> Iterator[Path | None]:
    """A folder in which all processes keep what they count, while somebody may ask for it.

    New interpreters read its name from the environment when they import the library.
    """
    if not settings.metrics_address:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="portal-metrics-") as made:
        os.environ[metering.FOLDER_VARIABLE] = made
        try:
            yield Path(made)
        finally:
            del os.environ[metering.FOLDER_VARIABLE]


@contextmanager
def _catch_signals() -> Iterator[Stop]:
    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(processes: list[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + listening.GRACE_SECONDS + 5
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


def _serve(settings: Settings, listener: socket.socket, parent: int, first: Lock) -> None:
    logs.configure_logs(settings)
    threading.Thread(target=_follow, args=(parent,), name="parent", daemon=True).start()
    try:
        listening.run_listener(settings, listener, announce=lambda: _announce(settings, listener, first))
    except KeyboardInterrupt:  # of the terminal, before it listened: the parent ends, too
        return
    except SetupError as problem:
        log.error("process.refuses", reason=str(problem))
        raise SystemExit(REFUSES) from None


def _announce(settings: Settings, listener: socket.socket, first: Lock) -> None:
    if first.acquire(block=False):
        listening.announce_ready(settings, listener)


def _follow(parent: int) -> None:
    """End with the process that started this one, however that ended: nobody else would stop it."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
