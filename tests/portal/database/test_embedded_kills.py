"""The embedded server after kill -9: of the portal, of the database, of everything; and after what they leave."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import asyncpg
import pytest

from portal.database import binaries, embedded, guard, postmaster, server_account
from tests.portal.database.launching import execute, is_gone, kill_all, list_guards, open_portal, wait_until

pytestmark = pytest.mark.slow  # each starts PostgreSQL several times


@pytest.fixture
def folder(open_folder: Path) -> Path:
    return open_folder / "data"


def start_and_read(folder: Path) -> int:
    """Start again, read what was written before the kill, and stop."""
    with embedded.start(folder) as server:
        return int(execute(server.superuser_url(), "SELECT value FROM kept"))


def write(url: str) -> None:
    execute(url, "CREATE TABLE kept AS SELECT 7 AS value")


def start_bare(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """A postmaster of this folder whose parent is this test, without a guard."""
    cluster = folder / "cluster"
    account = server_account.find_server_account(cluster)
    found = binaries.find_binaries(binaries.SUPPORTED_MAJORS[0])
    reached = server_account.reach_binaries(found, account, folder.parent / "programs")
    command = [reached.folder / "postgres", "-D", cluster, "-p", str(port), "-c", "unix_socket_directories="]
    process = subprocess.Popen(
        command,
        cwd="/",
        env=reached.get_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **account.get_spawn_options(),
    )
    wait_until(lambda: (found := postmaster.read_pid_file(cluster)) is not None and found.ready)
    return process


def test_killed_portal_takes_the_server_along(folder: Path) -> None:
    with open_portal(folder) as portal:
        told = portal.read()
        write(told["url"])
        portal.kill()
        wait_until(lambda: is_gone(told["pid"]) and is_gone(told["guard"]))
    assert not (folder / "cluster" / "postmaster.pid").exists()
    assert start_and_read(folder) == 7


def test_killed_portal_leaves_the_server_to_those_who_use_it(folder: Path) -> None:
    with open_portal(folder) as portal:
        told = portal.read()
        write(told["url"])
        attached = embedded.attach(folder)
        assert attached is not None
        portal.kill()
        time.sleep(1.0)
        assert execute(attached.superuser_url(), "SELECT value FROM kept") == 7
        attached.stop()
        assert is_gone(told["pid"])
    assert start_and_read(folder) == 7


def test_a_killed_server_is_started_again_by_who_is_left(folder: Path) -> None:
    settings = {"work_mem": "3MB", "synchronous_commit": "on"}  # what is acknowledged outlives this kill without fsync
    first = embedded.start(folder, max_connections=23, durable=False, settings=settings)
    write(first.superuser_url())
    attached = embedded.attach(folder)
    assert attached is not None
    first.stop()
    port = attached.port
    os.kill(attached.pid, signal.SIGKILL)
    wait_until(lambda: not attached.is_running())
    attached.restart()
    assert attached.port == port
    assert execute(attached.superuser_url(), "SELECT value FROM kept") == 7
    for setting, value in {"max_connections": "23", "fsync": "off", "work_mem": "3MB"}.items():
        assert execute(attached.superuser_url(), f"SELECT current_setting('{setting}')") == value
    attached.stop()
    assert start_and_read(folder) == 7


def test_new_portal_may_start_the_moment_the_old_one_is_killed(folder: Path) -> None:
    for _ in range(3):
        with open_portal(folder) as portal:
            told = portal.read()
            execute(told["url"], "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS value")
            portal.kill()
            assert start_and_read(folder) == 7


def test_killed_database_is_noticed_and_starts_again(folder: Path) -> None:
    server = embedded.start(folder)
    write(server.superuser_url())
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.is_running())
    server.stop()
    assert start_and_read(folder) == 7


def test_killed_backend_does_not_end_the_server(folder: Path) -> None:
    with embedded.start(folder) as server:
        write(server.superuser_url())
        victim = execute(server.superuser_url(), "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: "ready to accept connections" in (folder / "server.log").read_text().partition("reinit")[2])
        assert execute(server.superuser_url(), "SELECT value FROM kept") == 7


def test_stop_in_the_midst_of_crash_recovery(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL 18 hangs on a fast shutdown asked for while it recovers, so stop must insist."""
    monkeypatch.setattr(guard, "STOP_SECONDS", 2.0)
    server = embedded.start(folder)
    write(server.superuser_url())
    victim = execute(server.superuser_url(), "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: is_gone(victim))
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 4
    assert start_and_read(folder) == 7


def test_portal_and_database_killed_at_one_moment(folder: Path) -> None:
    with open_portal(folder) as portal:
        told = portal.read()
        write(told["url"])
        kill_all(portal.process.pid, *list_guards(told["guard"], told["pid"]), told["pid"])
        assert start_and_read(folder) == 7


def test_orphan_is_found_and_stopped(folder: Path) -> None:
    """The guards are killed with the portal, so that nobody is left to stop the server."""
    with open_portal(folder) as portal:
        told = portal.read()
        write(told["url"])
        kill_all(portal.process.pid, *list_guards(told["guard"], told["pid"]))
        portal.kill()
        time.sleep(0.5)
        assert execute(told["url"], "SELECT 1") == 1
        with embedded.start(folder) as server:
            assert server.pid != told["pid"]
            assert is_gone(told["pid"])
            assert execute(server.superuser_url(), "SELECT value FROM kept") == 7


def test_orphan_that_ignores_a_fast_shutdown_is_stopped_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "STOP_SECONDS", 2.0)
    embedded.start(folder).stop()
    orphan = start_bare(folder, embedded._find_free_port())
    os.kill(orphan.pid, signal.SIGSTOP)
    waker = threading.Timer(3.0, os.kill, (orphan.pid, signal.SIGCONT))
    waker.start()
    try:
        with embedded.start(folder) as server:
            assert server.is_running()
    finally:
        waker.join()
        orphan.wait(20)


def test_zombie_is_waited_for(folder: Path) -> None:
    embedded.start(folder).stop()
    zombie = start_bare(folder, embedded._find_free_port())
    zombie.kill()
    reaper = threading.Timer(1.0, zombie.wait)
    reaper.start()
    began = time.monotonic()
    with embedded.start(folder) as server:
        assert server.is_running()
        assert time.monotonic() - began > 0.5
    reaper.join()


def test_zombie_that_stays_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container whose first process reaps nobody, a zombie stays until the container ends."""
    monkeypatch.setattr(postmaster, "ZOMBIE_SECONDS", 0.5)
    embedded.start(folder).stop()
    zombie = start_bare(folder, embedded._find_free_port())
    zombie.kill()
    wait_until(lambda: is_gone(zombie.pid))
    with embedded.start(folder) as server:
        assert server.is_running()
    zombie.wait(10)


def test_stranger_with_a_reused_number_is_left_alone(folder: Path) -> None:
    """After a restart of the machine the number in postmaster.pid may be anybody's."""
    embedded.start(folder).stop()
    account = server_account.find_server_account(folder / "cluster")
    stranger = subprocess.Popen(["/bin/sleep", "60"], cwd="/", **account.get_spawn_options())
    try:
        lines = [str(stranger.pid), str(folder / "cluster"), "0", "1", "", "127.0.0.1", "0 0", "ready"]
        (folder / "cluster" / "postmaster.pid").write_text("\n".join(lines))
        with embedded.start(folder) as server:
            assert server.is_running()
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_postmaster_of_another_folder_is_left_alone(open_folder: Path) -> None:
    with embedded.start(open_folder / "other") as other:
        embedded.start(open_folder / "data").stop()
        found = (open_folder / "other" / "cluster" / "postmaster.pid").read_text()
        (open_folder / "data" / "cluster" / "postmaster.pid").write_text(found)
        with embedded.start(open_folder / "data") as server:
            assert server.pid != other.pid
            assert other.is_running()
            assert execute(other.superuser_url(), "SELECT 1") == 1


@pytest.mark.parametrize("text", ["", "\n", "not a number\n", "123"])
def test_torn_pid_file(folder: Path, text: str) -> None:
    embedded.start(folder).stop()
    (folder / "cluster" / "postmaster.pid").write_text(text if text != "123" else str(2**22 - 1))
    with embedded.start(folder) as server:
        assert server.is_running()


def test_ctrl_c_in_the_terminal_reaches_the_portal_alone(folder: Path) -> None:
    """The whole foreground group is interrupted; the portal still gets an answer from the database, then stops it."""
    with open_portal(folder) as portal:
        told = portal.read()
        os.killpg(portal.process.pid, signal.SIGINT)
        assert portal.read() == {"after_interrupt": 42}
        assert portal.process.wait(30) == 0
        wait_until(lambda: is_gone(told["pid"]))


def sleep_in_database(url: str, outcome: list[str]) -> None:
    """A session that would last a minute, and how it ended."""
    try:
        execute(url, "SELECT pg_sleep(60)")
    except (asyncpg.AdminShutdownError, asyncpg.ConnectionDoesNotExistError):
        outcome.append("ended by the server")


def test_stop_ends_open_sessions(folder: Path) -> None:
    with open_portal(folder) as portal:
        told = portal.read()
        outcome: list[str] = []
        sleeper = threading.Thread(target=sleep_in_database, args=(told["url"], outcome))
        sleeper.start()
        count = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
        wait_until(lambda: execute(told["url"], count) == 1)
        began = time.monotonic()
        assert portal.stop() == 0
        assert time.monotonic() - began < 10
        sleeper.join(10)
        assert outcome == ["ended by the server"]
