"""Reads postmaster.pid and deals with the process that an earlier run left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from portal.errors import EmbeddedServerError

PID_FILE = "postmaster.pid"
STOP_SECONDS = 30.0
ZOMBIE_SECONDS = 10.0
_PID, _PORT, _STATUS = 0, 3, 7


@dataclass(frozen=True)
class PidFile:
    """What postmaster.pid tells; port and status appear a moment after the process id."""

    pid: int
    port: int | None
    ready: bool


@dataclass(frozen=True)
class Process:
    """A process as the system shows it."""

    arguments: tuple[str, ...]
    folder: Path | None
    zombie: bool


def read_pid_file(cluster: Path) -> PidFile | None:
    """What postmaster.pid says, or None where there is none or it is empty or torn (a full disk leaves such files)."""
    try:
        lines = (cluster / PID_FILE).read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[_PID].strip().lstrip("-").isdigit():
        return None
    port = lines[_PORT].strip() if len(lines) > _PORT else ""
    ready = len(lines) > _STATUS and lines[_STATUS].strip() == "ready"
    return PidFile(abs(int(lines[_PID])), int(port) if port.isdigit() else None, ready)


def inspect_process(pid: int) -> Process | None:
    """The process with this id, or None. Linux tells through /proc; elsewhere `ps` does."""
    return _inspect_proc(Path("/proc") / str(pid)) if Path("/proc/self/stat").exists() else _inspect_ps(pid)


def is_postmaster_of(process: Process, cluster: Path) -> bool:
    """Whether a process is PostgreSQL at work on this very data folder, and not a stranger with a reused id."""
    program = Path(process.arguments[0]).name.removesuffix(":") if process.arguments else ""
    if program not in ("postgres", "postmaster"):
        return False
    if process.folder is not None:
        return process.folder == cluster.resolve()
    return any(str(place) in " ".join(process.arguments) for place in (cluster, cluster.resolve()))


def settle_previous(cluster: Path) -> None:
    """Leave a data folder that a new postmaster can take over.

    An orphan is stopped, not adopted, so that guard and settings are always those of the living process; a zombie is
    waited for; a pid file whose number now belongs to a stranger, or that is torn, is removed (PostgreSQL would refuse
    to start, although its own check of the shared memory would tell it that nobody is there).
    The caller holds the folder's lock. Raises EmbeddedServerError where the orphan does not stop.
    """
    found = read_pid_file(cluster)
    if found is None:
        (cluster / PID_FILE).unlink(missing_ok=True)
        return
    process = inspect_process(found.pid)
    if process is None:
        return
    if process.zombie:
        _wait_until(lambda: inspect_process(found.pid) is None, ZOMBIE_SECONDS)
    elif is_postmaster_of(process, cluster):
        _stop_orphan(found.pid, cluster)
        return
    (cluster / PID_FILE).unlink(missing_ok=True)


def await_end(pid: int, cluster: Path) -> None:
    """Wait for the end of a postmaster that its guard was told to stop; insist when that takes too long."""
    if not _wait_until(lambda: _is_gone(pid, cluster), STOP_SECONDS):
        _stop_orphan(pid, cluster)


def _is_gone(pid: int, cluster: Path) -> bool:
    process = inspect_process(pid)
    return process is None or process.zombie or not is_postmaster_of(process, cluster)


def _stop_orphan(pid: int, cluster: Path) -> None:
    """Ask for a fast shutdown, then an immediate one, which crash recovery makes good."""
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError as problem:
            raise EmbeddedServerError(
                f"PostgreSQL already runs in {cluster} as process {pid} of another account. Stop it there."
            ) from problem
        if _wait_until(lambda: _is_gone(pid, cluster), seconds):
            return
    raise EmbeddedServerError(f"PostgreSQL of an earlier run (process {pid}) in {cluster} does not stop; end it.")


def _wait_until(is_true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _inspect_proc(place: Path) -> Process | None:
    try:
        state = (place / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        arguments = (place / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return None
    try:
        folder = Path(os.readlink(place / "cwd"))
    except OSError:
        folder = None
    return Process(tuple(arguments), folder, zombie=state in ("Z", "X"))


def _inspect_ps(pid: int) -> Process | None:
    told = subprocess.run(
        ["/bin/ps", "-ww", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    return Process(tuple(told[1:]), None, zombie=told[0].startswith("Z")) if told else None
