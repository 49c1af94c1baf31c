"""Several processes and one embedded server: who starts at the same moment, and who leaves while another looks in."""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.database import embedded, folder_lock, lifeline
from tests.portal.database.launching import execute, is_gone, open_portal, wait_until

pytestmark = pytest.mark.slow  # each starts PostgreSQL


@pytest.fixture
def folder(open_folder: Path) -> Path:
    return open_folder / "data"


def find_nobody_once() -> Callable[[Path], embedded.RunningServer | None]:
    """An `attach` that says the first time what was true a moment before another started."""
    attach, asked = embedded.attach, threading.Event()

    def work(folder: Path) -> embedded.RunningServer | None:
        first = not asked.is_set()
        asked.set()
        return None if first else attach(folder)

    return work


def test_the_last_user_waits_though_somebody_looks_in(folder: Path) -> None:
    server = embedded.start(folder)
    looking = os.open(folder / lifeline.USERS_FILE, os.O_RDWR)
    fcntl.flock(looking, fcntl.LOCK_SH)
    gone = threading.Timer(0.1, os.close, (looking,))
    gone.start()
    server.stop()
    ended = is_gone(server.pid)
    gone.join()
    assert ended
    assert not (folder / "cluster" / "postmaster.pid").exists()


def test_nobody_waits_long_for_those_who_stay(folder: Path) -> None:
    with embedded.start(folder) as server:
        other = embedded.attach(folder)
        assert other is not None
        began = time.monotonic()
        other.stop()
        assert time.monotonic() - began < embedded.LEAVE_SECONDS + 0.5
        assert server.is_running()


def test_start_waits_for_a_guard_that_nobody_needs_any_more(folder: Path) -> None:
    embedded.start(folder).stop()
    listening, share = lifeline.lay(folder)
    share.let_go()
    deaf = threading.Timer(0.3, os.close, (listening,))
    deaf.start()
    with embedded.start(folder) as server:
        assert server.is_running()
    deaf.join()


def test_who_is_a_moment_too_late_to_start_joins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_portal(folder) as portal:
        wait_until(lambda: folder_lock.is_locked(folder))  # it starts, and is far from ready
        monkeypatch.setattr(embedded, "attach", find_nobody_once())
        with embedded.join(folder) as joined:
            assert joined.own_guard is None
            assert joined.pid == portal.read()["pid"]
            assert execute(joined.superuser_url(), "SELECT 1") == 1


def test_of_two_who_start_again_one_joins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = embedded.start(folder)
    second = embedded.attach(folder)
    assert second is not None
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: not first.is_running() and not second.is_running())
    first.restart()
    monkeypatch.setattr(embedded, "attach", find_nobody_once())
    began = time.monotonic()
    second.restart()
    assert time.monotonic() - began < folder_lock.PATIENCE_SECONDS
    assert (second.pid, second.own_guard) == (first.pid, None)
    first.stop()
    assert execute(second.superuser_url(), "SELECT 1") == 1
    second.stop()
    assert is_gone(second.pid)


def test_many_join_at_once(folder: Path) -> None:
    """One starts, however the others come between, and all have the same server."""
    joined: list[embedded.RunningServer] = []
    threads = [threading.Thread(target=lambda: joined.append(embedded.join(folder))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(joined), len({server.pid for server in joined})] == [4, 1]
    assert sum(server.own_guard is not None for server in joined) == 1
    for server in joined:
        server.stop()
    assert is_gone(joined[0].pid)
