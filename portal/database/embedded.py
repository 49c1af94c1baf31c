"""Runs PostgreSQL inside the portal's own data folder, for a machine that has no database server.

The server lives as long as any process of ours uses its folder (see `lifeline`): whoever leaves last stops it, whoever
started it. Should a kill take guard and portal at once, the next start finds the orphan in postmaster.pid and stops it.
Should the server be killed, whoever is left starts it with the settings it had, which lie in a file beside it.
"""

import functools
import json
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from portal.database import binaries as postgresql
from portal.database import cluster as clusters
from portal.database import folder_lock, guard, lifeline, postmaster, server_account
from portal.database.binaries import Binaries
from portal.database.guard import Guard
from portal.database.lifeline import Lifeline
from portal.database.server_account import SHELTER, ServerAccount
from portal.errors import EmbeddedServerError, FolderInUse

HOST = "127.0.0.1"
LOG_FILE = "server.log"
PORT_FILE = "port"
SETTINGS_FILE = "settings.json"
LOG_BYTES = 10_000_000
JOIN_SECONDS = 30.0
LEAVE_SECONDS = 0.3
"""How long somebody who takes a share and lets go of it at once may be taken for one who stays."""
_BUSY_PORT = ("could not create any TCP/IP sockets", "could not bind")
_NOT_YET = ('lock file "postmaster.pid"', "pre-existing shared memory block")


@dataclass
class RunningServer:
    """A server that answers on the loopback address; leaving its context stops it, if nobody else uses it."""

    folder: Path
    port: int
    pid: int
    passwords: Mapping[str, str]
    binaries: Binaries
    again: "Callable[[int], RunningServer]"
    share: Lifeline
    own_guard: Guard | None = None
    own_lock: int | None = None
    has_left: bool = False
    host: str = HOST

    def __enter__(self) -> "RunningServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def url(self, role: str, database: str) -> str:
        """The address for one of the logins whose passwords are kept here."""
        return f"postgresql+asyncpg://{role}:{self.passwords[role]}@{self.host}:{self.port}/{database}"

    def superuser_url(self, database: str = "postgres") -> str:
        """The address for the superuser, who makes roles and databases and serves no request."""
        return self.url(clusters.SUPERUSER, database)

    def is_running(self) -> bool:
        """Whether the server still lives."""
        if self.own_guard is not None:
            return self.own_guard.is_running()
        process = postmaster.inspect_process(self.pid)
        return process is not None and not process.zombie

    def stop(self) -> None:
        """Leave, and end the server, its sessions first, if nobody else uses it; the second time does nothing."""
        self.has_left = True
        self._leave()

    def restart(self) -> None:
        """Have a server again after this one was killed, if possible on the same port: another's or a new one.

        Does nothing after `stop`. Raises EmbeddedServerError.
        """
        if self.has_left:
            return
        self._leave()
        fresh = _join(self.folder, lambda: self.again(self.port))
        self.port, self.pid, self.share = fresh.port, fresh.pid, fresh.share
        self.own_guard, self.own_lock = fresh.own_guard, fresh.own_lock

    def _leave(self) -> None:
        if self.share.end is None:
            return
        is_last = self._is_last()
        self.share.cut()
        try:
            self._await_end() if is_last else self._leave_guard()
        finally:
            self.share.let_go()
            if self.own_lock is not None:
                os.close(self.own_lock)
                self.own_lock = None

    def _is_last(self) -> bool:
        """Whether nobody else uses a server that runs, asked until those who only looked have gone."""
        deadline = time.monotonic() + LEAVE_SECONDS
        while not self.share.is_last():
            if time.monotonic() > deadline or not self.is_running():
                return False
            time.sleep(0.02)
        return True

    def _await_end(self) -> None:
        if self.own_guard is not None:
            self.own_guard.await_end()
        elif cluster := clusters.find_cluster(self.folder):
            postmaster.await_end(self.pid, cluster)

    def _leave_guard(self) -> None:
        if self.own_guard is not None:
            self.own_guard.outlive()


@dataclass(frozen=True)
class _Installation:
    """A folder with data, and what runs them."""

    folder: Path
    cluster: Path
    binaries: Binaries
    account: ServerAccount


def start(
    folder: Path,
    *,
    port: int | None = None,
    max_connections: int = 100,
    durable: bool = True,
    settings: Mapping[str, str] | None = None,
    timeout: float = 120.0,
    shelter: Path = SHELTER,
    patience: float | None = None,
) -> RunningServer:
    """Start the server of a folder, making the data first when there are none.

    `port` is wanted, another is taken when it is busy; without it the last one used. `durable=False` is for tests.
    `settings` are PostgreSQL's own. `timeout` is in seconds and includes crash recovery. Raises EmbeddedServerError;
    FolderInUse where another process uses the folder and still does after `patience` seconds.
    """
    folder = folder.absolute()
    options = {**_choose_settings(max_connections, durable), **(settings or {})}
    with clusters.explain_folder(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free_by = time.monotonic() + (folder_lock.PATIENCE_SECONDS if patience is None else patience)
        lock = folder_lock.take_lock(folder, free_by)
        try:
            _refuse_shared(folder, free_by)
            passwords = clusters.load_logins(folder)
            made = _install(folder, passwords[clusters.SUPERUSER], durable, shelter)
            clusters.write_private(folder / SETTINGS_FILE, json.dumps(options, indent=1))
            deadline = time.monotonic() + timeout
            running, used, share = _start_patiently(made, options, port or _read_port(folder), deadline)
            _keep_port(folder, used, share)
        except BaseException:
            os.close(lock)
            raise
        again = functools.partial(_start_again, folder, timeout=timeout, shelter=shelter)
        return RunningServer(folder, used, running.pid, passwords, made.binaries, again, share, running, lock)


def _start_again(folder: Path, port: int, **options: Any) -> RunningServer:
    """With the settings of the last start, whoever it was that started."""
    return start(folder, port=port, settings=_read_settings(folder), patience=0.0, **options)


def join(folder: Path) -> RunningServer:
    """A share in the server that another process runs in this folder, or else one started here.

    Raises EmbeddedServerError.
    """
    return _join(folder, lambda: start(folder, patience=0.0))


def _join(folder: Path, begin: Callable[[], RunningServer]) -> RunningServer:
    """Who finds the folder free and then taken, as another was a moment faster, joins the other."""
    deadline = time.monotonic() + JOIN_SECONDS
    while True:
        found = attach(folder)
        if found is not None:
            return found
        try:
            return begin()
        except FolderInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def attach(folder: Path, *, timeout: float = 30.0) -> RunningServer | None:
    """A share in the server that another living process runs in this folder; None when none does.

    Waits up to `timeout` seconds for one that is just starting. Raises EmbeddedServerError.
    """
    folder = folder.absolute()
    deadline = time.monotonic() + timeout
    with clusters.explain_folder(folder):
        while lifeline.is_heard(folder) or folder_lock.is_locked(folder):
            # Only for a server that is ready a share is taken: one that is let go again would seem to be a user's.
            share = lifeline.find(folder) if _find_ready(folder) else None
            found = _use(folder, share) if share else None
            if found:
                return found
            if time.monotonic() > deadline:
                raise folder_lock.report_in_use(folder)
            time.sleep(0.1)
    return None


def _use(folder: Path, share: Lifeline) -> RunningServer | None:
    """The server that this share is in; where it is not ready after all, None, and the share is let go."""
    used = None
    try:
        ready = _find_ready(folder)
        if ready and ready.port:
            binaries = postgresql.find_binaries(clusters.read_major(folder / clusters.CLUSTER))
            again = functools.partial(_start_again, folder)
            used = RunningServer(folder, ready.port, ready.pid, clusters.load_logins(folder), binaries, again, share)
    finally:
        if used is None:
            share.let_go()
    return used


def _find_ready(folder: Path) -> postmaster.PidFile | None:
    """What the pid file of a folder says where its server takes connections."""
    cluster = clusters.find_cluster(folder)
    found = postmaster.read_pid_file(cluster) if cluster else None
    process = postmaster.inspect_process(found.pid) if found and found.ready else None
    return found if process and not process.zombie else None


def _refuse_shared(folder: Path, deadline: float) -> None:
    """Raises FolderInUse where others still use the server of one who has left.

    A guard whose last user has just gone listens a moment longer.
    """
    while lifeline.is_heard(folder):
        if time.monotonic() > deadline:
            raise folder_lock.report_in_use(folder)
        time.sleep(0.05)


def _install(folder: Path, password: str, durable: bool, shelter: Path) -> _Installation:
    """Find or make the data and the programs for them, both where the server's account can reach them."""
    cluster = clusters.find_cluster(folder)
    account = server_account.find_server_account(cluster)
    found = postgresql.find_binaries(clusters.read_major(cluster) if cluster else None)
    binaries = server_account.reach_binaries(found, account, shelter)
    if cluster is None:
        cluster = clusters.create_cluster(folder, binaries, account, password, durable=durable, shelter=shelter)
    clusters.check_space(cluster, clusters.SPACE_TO_START)
    if not account.can_enter(cluster):
        raise EmbeddedServerError(
            f"The account that owns the data in {cluster} cannot enter that folder: open its parent folders to it, or "
            "run the portal as the account that made it."
        )
    return _Installation(folder, cluster, binaries, account)


def _start_patiently(
    made: _Installation, options: Mapping[str, str], port: int, deadline: float
) -> tuple[Guard, int, Lifeline]:
    """Try until it runs: another port when one is busy, a little later while the last run's processes linger."""
    while True:
        postmaster.settle_previous(made.cluster)
        running, share, said = _try_start(made, {**options, "port": str(port)}, deadline)
        if running is not None:
            return running, port, share
        if any(phrase in said for phrase in _BUSY_PORT):
            port = _find_free_port()
        elif not any(phrase in said for phrase in _NOT_YET) or time.monotonic() > deadline:
            raise _report_failure(made.folder, said)
        time.sleep(0.2)


def _try_start(made: _Installation, options: Mapping[str, str], deadline: float) -> tuple[Guard | None, Lifeline, str]:
    """The running server with our share in it, or None and what it said before it ended."""
    log = _open_log(made)
    begin = log.stat().st_size
    listening, share = lifeline.lay(made.folder)
    try:
        with open(log, "ab") as output:
            running = guard.spawn(
                made.cluster, made.binaries, made.account, options, listening=listening, output=output.fileno()
            )
    except BaseException:
        share.let_go()
        raise
    finally:
        os.close(listening)
    ready = False
    try:
        ready = running.wait_until_ready(made.cluster, deadline)
    finally:
        if not ready:
            share.let_go()
            running.await_end()
    return (running, share, "") if ready else (None, share, log.read_bytes()[begin:].decode(errors="replace"))


def _choose_settings(max_connections: int, durable: bool) -> dict[str, str]:
    """Settings for a machine shared with the portal itself: an eighth of the memory, at most 512 MB, for the cache."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    chosen = {
        "listen_addresses": HOST,
        "unix_socket_directories": "",
        "max_connections": str(max_connections),
        "shared_buffers": f"{min(512, max(64, memory // 8))}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "maintenance_work_mem": "128MB",
        "work_mem": "8MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "password_encryption": "scram-sha-256",
        "log_line_prefix": "%m [%p] %u@%d ",
    }
    return chosen if durable else chosen | {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _report_failure(folder: Path, said: str) -> EmbeddedServerError:
    if clusters.is_full(said):
        return clusters.report_full(folder)
    return EmbeddedServerError(f"PostgreSQL does not start in {folder}: {said.strip()[-600:] or 'it says nothing'}")


def _open_log(made: _Installation) -> Path:
    """The server's log, moved aside once it is long; it belongs to the server's account."""
    log = made.folder / LOG_FILE
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.old"))
    if not log.exists():
        os.close(os.open(log, os.O_WRONLY | os.O_CREAT, 0o600))
        made.account.give(log)
    return log


def _read_settings(folder: Path) -> dict[str, str]:
    """What the last start chose; nothing where that was by code that did not keep it."""
    path = folder / SETTINGS_FILE
    try:
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    except ValueError as problem:
        raise EmbeddedServerError(f"{path} is damaged ({problem}); remove it.") from problem
    return kept


def _keep_port(folder: Path, port: int, share: Lifeline) -> None:
    try:
        (folder / PORT_FILE).write_text(f"{port}\n")
    except BaseException:
        share.let_go()
        raise


def _read_port(folder: Path) -> int:
    path = folder / PORT_FILE
    kept = path.read_text().strip() if path.exists() else ""
    return int(kept) if kept.isdigit() and 1024 <= int(kept) < 65536 else _find_free_port()


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
