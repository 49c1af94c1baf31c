"""Starts of the command line without its imports: one process has them all and forks for each command.

What runs is the real command in a process of its own, with its arguments, environment, folder, files and signals; only
the interpreter's start and the imports, a second or two of processor time each, are paid once for a test process.
"""

import array
import atexit
import contextlib
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
MOST = 65_536  # bytes of a request: the environment makes most of it
STEP = 0.01


class Started:
    """A command under way; as much of `subprocess.Popen` as tests use."""

    def __init__(
        self,
        arguments: list[str],
        *,
        files: tuple[int, int, int],
        environment: Mapping[str, str],
        cwd: Path,
        module: str = "portal.__main__",
        before: str = "",
    ) -> None:
        self.args = ["portal", *arguments]
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._connection.connect(_open_nursery())
        asked = {"arguments": arguments, "environment": dict(environment), "cwd": str(cwd)}
        told = json.dumps({**asked, "module": module, "before": before}).encode()
        assert len(told) < MOST, f"{len(told)} bytes of arguments and environment"
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))]
        self._connection.sendmsg([told], rights)
        self.pid = int(self._connection.recv(64))

    def poll(self) -> int | None:
        """Its exit code, or none while it runs."""
        with contextlib.suppress(TimeoutError):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative for a signal; raises TimeoutError."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self.returncode = int(self._connection.recv(64))
            except BlockingIOError:
                raise TimeoutError from None
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill -9."""
        self.send_signal(signal.SIGKILL)


def run(
    *arguments: str,
    environment: Mapping[str, str],
    cwd: Path = ROOT,
    typed: str = "",
    timeout: float = 180.0,
    module: str = "portal.__main__",
    before: Callable[[], None] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run `main` of a module to its end; `before`, a function of a module, is called in the new process first."""
    prepare = f"{before.__module__}:{before.__name__}" if before else ""
    with contextlib.ExitStack() as stack:
        given, out, err = (stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3))
        given.write(typed)
        given.seek(0)
        files = (given.fileno(), out.fileno(), err.fileno())
        started = Started(list(arguments), files=files, environment=environment, cwd=cwd, module=module, before=prepare)
        try:
            code = started.wait(timeout)
        except TimeoutError:
            started.kill()
            started.wait()
            raise subprocess.TimeoutExpired(started.args, timeout, _read(out), _read(err)) from None
        return subprocess.CompletedProcess(started.args, code, _read(out), _read(err))


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


@cache
def _open_nursery() -> str:
    """The address of the process that forks for this one; it ends with this one."""
    folder = tempfile.TemporaryDirectory(prefix="portal-nursery-")
    address = f"{folder.name}/socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forking", address],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", "TERM": "dumb"},
    )

    def close() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        folder.cleanup()

    atexit.register(close)
    while not Path(f"{address}.ready").exists():
        assert process.poll() is None, "the process that forks has ended"
        time.sleep(STEP)
    return address


def serve(address: str) -> NoReturn:
    """Import everything, then fork for each request until the one who started this is gone."""
    portal = importlib.import_module("portal.__main__")
    for module, _ in portal.COMMANDS.values():
        importlib.import_module(f"portal.commands.{module}")
    importlib.import_module("portal.app")
    importlib.import_module("graphql_schema.schema").get_schema()
    catalogue = importlib.import_module("questionnaires.catalogue")
    for packaged in catalogue.list_packaged():
        for locale in catalogue.name_translations(packaged.definition.key):
            catalogue.read_translation(packaged.definition.key, locale)
    assert threading.active_count() == 1, "a thread would be missing in every fork"
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests to act upon
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(address)
    listener.listen(64)
    Path(f"{address}.ready").touch()
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _attend(connection)
        connection.close()
    sys.exit()


def _attend(connection: socket.socket) -> NoReturn:
    """Start one command, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    told, files, _, _ = socket.recv_fds(connection, MOST, 3)
    command = os.fork()
    if command == 0:
        connection.close()
        _become(json.loads(told), files)
    os.setpgid(command, command)
    for file in files:
        os.close(file)
    with contextlib.suppress(BrokenPipeError):
        connection.send(str(command).encode())
        connection.send(str(os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])).encode())
    os._exit(0)


def _become(asked: dict[str, Any], files: list[int]) -> NoReturn:
    """Be the command: as the interpreter starts and ends one."""
    code = 1
    try:
        with contextlib.suppress(PermissionError):
            os.setpgid(0, 0)
        for place, file in enumerate(files):
            os.dup2(file, place)
            os.close(file)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(asked["environment"])
        time.tzset()
        os.chdir(asked["cwd"])
        random.seed()
        if asked["before"]:
            module, _, name = asked["before"].partition(":")
            getattr(importlib.import_module(module), name)()
        sys.argv = ["portal", *asked["arguments"]]
        code = _call(importlib.import_module(asked["module"]).main)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _call(main: Callable[[], object]) -> int:
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
