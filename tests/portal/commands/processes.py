"""Runs the command line as a person does: as a process of its own, with settings in its environment."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from portal.database import embedded
from tests import databases, forking
from tests.clients import NOBODY


def list_environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment with these settings and none of the caller's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_") and name != "PORT"}
    return {**kept, "PYTHONPATH": str(databases.ROOT), "PORTAL_DATA_DIR": str(folder), "COLUMNS": "120", **settings}


def run_portal(folder: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return forking.run(*arguments, environment=list_environment(folder, **settings), cwd=folder.parent)


class Serving:
    """A `portal serve`, or another command that serves, under way."""

    def __init__(self, folder: Path, settings: dict[str, str], *arguments: str) -> None:
        self.url = f"http://127.0.0.1:{embedded._find_free_port()}"
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed by `serve`)
        environment = list_environment(folder, PORT=self.url.rpartition(":")[2], **settings)
        with open(os.devnull) as nothing:
            files = (nothing.fileno(), self.log.fileno(), self.log.fileno())
            command = list(arguments or ("serve",))
            self.process = forking.Started(command, files=files, environment=environment, cwd=folder.parent)

    def is_ready(self) -> bool:
        """Whether /health/ready says so."""
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5, verify=NOBODY).status_code == 200
        except httpx.TransportError:
            return False

    def wait_until_ready(self, seconds: float = 120.0) -> None:
        """Fail with its log unless it is ready in time."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            assert self.process.poll() is None, self.read_log()
            assert time.monotonic() < deadline, self.read_log()
            time.sleep(0.1)

    def interrupt(self, number: int = signal.SIGINT) -> int:
        """Signal its whole process group, as the terminal does, and give its exit code."""
        os.killpg(self.process.pid, number)
        return self.process.wait(60)

    def read_log(self) -> str:
        """All it has said."""
        self.log.seek(0)
        return self.log.read()


@contextmanager
def serve(folder: Path, *arguments: str, **settings: str) -> Iterator[Serving]:
    """A server that is gone at the end; `arguments` are another command or its options."""
    serving = Serving(folder, settings, *arguments)
    try:
        yield serving
    finally:
        if serving.process.poll() is None:
            serving.interrupt(signal.SIGTERM)
        serving.log.close()
