"""What the tests of the embedded server share: folders the server's account can reach, and a portal to kill."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from portal.database import binaries, postmaster, server_account
from tests import databases

PROGRAM = Path(__file__).with_name("launcher_process.py")
ORDINARY_ACCOUNT = pwd.getpwnam("daemon").pw_uid


class Portal:
    """A process that runs the embedded server, in a process group of its own like one started in a terminal."""

    def __init__(self, folder: Path, *, account: int | None = None) -> None:
        environment = {**os.environ, "PYTHONPATH": str(databases.ROOT)}
        if account is not None:
            reached = server_account.reach_binaries(
                binaries.find_binaries(), server_account.ServerAccount(account, account), folder.parent / "programs"
            )
            environment["PORTAL_PG_BIN"] = str(reached.folder)
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM, folder, *([str(account)] if account is not None else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            process_group=0,
        )

    def read(self) -> dict[str, Any]:
        """The next thing it says."""
        assert self.process.stdout is not None
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def stop(self) -> int:
        """Ask it to stop and give its exit code."""
        self.process.communicate("stop\n", timeout=60)
        return self.process.returncode

    def kill(self) -> None:
        """Kill -9, and let go of its pipes."""
        self.process.kill()
        self.process.communicate(timeout=60)


@contextmanager
def open_portal(folder: Path, *, account: int | None = None) -> Iterator[Portal]:
    """A portal process that is gone at the end, whatever the test did to it."""
    portal = Portal(folder, account=account)
    try:
        yield portal
    finally:
        portal.kill()


@contextmanager
def make_reachable_folder() -> Iterator[Path]:
    """A folder for one test that every account can pass through (pytest's own is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="portal launcher "))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        # A server whose portal was killed last is still ending and takes its own files away meanwhile.
        wait_until(lambda: shutil.rmtree(folder, ignore_errors=True) or not folder.exists())


def execute(url: str, statement: str) -> Any:
    """One statement, its first value."""

    async def work(connection: asyncpg.Connection) -> Any:
        return await connection.fetchval(statement)

    return databases.administer(url, work)


def wait_until(is_true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Fail unless it becomes true in time."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one whose parent has not yet noticed counts."""
    process = postmaster.inspect_process(pid)
    return process is None or process.zombie


def kill_all(*pids: int) -> None:
    """Kill -9 at one moment: all are stopped first, so that none can react to another's death."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            os.kill(pid, number)


def list_guards(guard: int, server: int) -> list[int]:
    """The guard and what it started to watch the pipe, without the server."""
    watchers = [child for child in psutil.Process(guard).children() if child.pid != server]
    return [guard, *(found.pid for watcher in watchers for found in (watcher, *watcher.children()))]
