"""The processes of a run: the database, the portal, the hand-written server, and which core each of them gets."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from portal.database import embedded
from portal.database.embedded import RunningServer
from tests.bench.load import HOST

ROOT = Path(__file__).parents[2]
START_SECONDS = 180.0  # of a machine that is busy otherwise, too


@dataclass(frozen=True)
class Cores:
    """Where servers run and where the load comes from; the database may use both."""

    servers: int | None
    load: int | None

    @property
    def words(self) -> str:
        if self.servers is None:
            return "not pinned: this machine does not let us, so servers and load generator share its cores"
        return f"servers on core {self.servers}, load generator on core {self.load}, PostgreSQL on all"


@dataclass(frozen=True)
class Server:
    """A running server process."""

    name: str
    port: int
    process: psutil.Process
    log: Path

    def read_log(self) -> str:
        """What it said last beside its lines about requests, for a run that failed."""
        time.sleep(0.3)  # a server answers before it says what went wrong
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if '"event": "request"' not in line]
        return "".join(f"{self.name}: {line}\n" for line in lines[-40:])

    def count_cpu(self) -> float:
        """Seconds of processor time it has used so far."""
        spent = self.process.cpu_times()
        return float(spent.user + spent.system)


@contextlib.contextmanager
def run_database(folder: Path, **options: Any) -> Iterator[RunningServer]:
    """The server as the portal starts it, durable, whose data are gone afterwards wherever they had to be."""
    try:
        with embedded.start(folder, **options) as database:
            yield database
    finally:
        # Where the account of the server cannot enter the folder, its data are elsewhere and a link leads to them.
        shutil.rmtree((folder / "cluster").resolve(), ignore_errors=True)


def choose_cores() -> Cores:
    """One core for each side where there are two that this process may choose."""
    if not hasattr(os, "sched_setaffinity"):
        return Cores(None, None)
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[1]) if len(allowed) > 1 else Cores(None, None)


def pin_database(postmaster: int, core: int | None) -> None:
    """The server's processes that live now, and by them all that it starts later."""
    for one in (psutil.Process(postmaster), *psutil.Process(postmaster).children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            pin(one.pid, core)


def pin(process: int, core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(process, {core})


@contextlib.contextmanager
def serve_portal(
    folder: Path, database_url: str, core: int | None, command: Sequence[str] = ("-m", "portal", "serve"), **more: str
) -> Iterator[Server]:
    """The real server as operators start it, with production settings and the worker elsewhere."""
    port = find_free_port()
    settings = {
        **more,
        "PORTAL_ENVIRONMENT": "production",
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_PORT": str(port),
        "PORTAL_WORKER_IN_SERVER": "false",
        "PORTAL_COST_PER_MINUTE": "0",  # a single client asks for all of it
        "PORTAL_DATA_DIR": str(folder / "portal"),
        "PORTAL_SECRET_KEY": secrets.token_urlsafe(32),
    }
    with run_server("portal", folder, [sys.executable, *command], settings, port, core) as server:
        yield server


@contextlib.contextmanager
def serve_handwritten(folder: Path, database_url: str, core: int | None) -> Iterator[Server]:
    """The endpoints to compare with."""
    port = find_free_port()
    command = [sys.executable, "-m", "tests.bench.handwritten", str(port)]
    with run_server("hand-written", folder, command, {"BENCH_DATABASE_URL": database_url}, port, core) as server:
        yield server


@contextlib.contextmanager
def serve_nothing(folder: Path, core: int | None) -> Iterator[Server]:
    """A server that answers every request with the same few bytes: what the load generator can do at most."""
    port = find_free_port()
    with run_server(
        "nothing", folder, [sys.executable, "-m", "tests.bench.nothing", str(port)], {}, port, core
    ) as server:
        yield server


@contextlib.contextmanager
def run_server(
    name: str, folder: Path, command: list[str], settings: Mapping[str, str], port: int, core: int | None
) -> Iterator[Server]:
    """A server of ours on a core, started here and ended at the end."""
    log = folder / f"{name}.log"
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_") and key != "PORT"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env={**kept, **settings}, stdout=output, stderr=output)
    try:
        pin(process.pid, core)
        _wait_for(process, port, log)
        yield Server(name, port, psutil.Process(process.pid), log)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"A server did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def count_database_cpu(postmaster: int) -> dict[int, float]:
    """Seconds of processor time of each of the database's processes that live now."""
    spent = {}
    for process in psutil.Process(postmaster).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            spent[process.pid] = float(times.user + times.system)
    return spent


def subtract_cpu(after: Mapping[int, float], before: Mapping[int, float]) -> float:
    """Seconds spent in between; what a process that ended in between had spent is not known and left out."""
    return sum(spent - before.get(process, 0.0) for process, spent in after.items())


def count_whole_database_cpu(postmaster: int) -> float:
    """Seconds of processor time of the database so far, those of processes that ended included (not on macOS)."""
    times = psutil.Process(postmaster).cpu_times()
    own = sum(float(getattr(times, name, 0.0)) for name in ("user", "system", "children_user", "children_system"))
    return own + sum(count_database_cpu(postmaster).values())
