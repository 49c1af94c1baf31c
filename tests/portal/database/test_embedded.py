"""The embedded server: what it is when it runs, and what stays from one start to the next."""

import hashlib
import json
import os
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from portal.database import embedded, folder_lock, postmaster
from portal.errors import EmbeddedServerError
from tests.portal.database import launching
from tests.portal.database.launching import execute

pytestmark = pytest.mark.slow  # each starts PostgreSQL several times


@pytest.fixture
def folder(open_folder: Path) -> Path:
    return open_folder / "data"


@pytest.fixture(scope="module")
def running() -> Iterator[embedded.RunningServer]:
    with launching.make_reachable_folder() as folder, embedded.start(folder / "data") as server:
        yield server


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("password_encryption", "scram-sha-256"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("TimeZone", "UTC"),
    ],
)
def test_setting(running: embedded.RunningServer, setting: str, value: str) -> None:
    assert execute(running.superuser_url(), f"SELECT current_setting('{setting}')") == value


def test_every_way_in_asks_for_scram(running: embedded.RunningServer) -> None:
    methods = "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"
    assert execute(running.superuser_url(), methods) == "scram-sha-256"
    addresses = "SELECT string_agg(DISTINCT address, ',' ORDER BY address) FROM pg_hba_file_rules"
    assert execute(running.superuser_url(), addresses) == "127.0.0.1,::1"


def test_wrong_password_is_refused(running: embedded.RunningServer) -> None:
    password = running.passwords["postgres"]
    with pytest.raises(asyncpg.InvalidPasswordError):
        execute(running.superuser_url().replace(password, "guess"), "SELECT 1")


def test_letters_of_every_script_change_case(running: embedded.RunningServer) -> None:
    assert execute(running.superuser_url(), "SELECT lower('ÄÖÜ ŁÓDŹ')") == "äöü łódź"


def test_passwords_are_kept_where_only_the_owner_reads(running: embedded.RunningServer) -> None:
    path = running.folder / "logins.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = json.loads(path.read_text())
    assert set(kept) == {"postgres", "portal_owner", "portal_app", "portal_worker", "portal_backup"}
    assert len(set(kept.values())) == 5
    assert min(len(password) for password in kept.values()) >= 32
    assert sorted(entry.name for entry in running.folder.iterdir()) == [
        "cluster",
        "lifeline",
        "lock",
        "logins.json",
        "port",
        "server.log",
        "settings.json",
        "users",
    ]


def test_url_names_login_and_database(running: embedded.RunningServer) -> None:
    password = running.passwords["portal_app"]
    expected = f"postgresql+asyncpg://portal_app:{password}@127.0.0.1:{running.port}/portal"
    assert running.url("portal_app", "portal") == expected


def test_second_start_keeps_data_passwords_and_port(folder: Path) -> None:
    with embedded.start(folder) as first:
        execute(first.superuser_url(), "CREATE TABLE kept AS SELECT 7 AS value")
    with embedded.start(folder) as second:
        assert execute(second.superuser_url(), "SELECT value FROM kept") == 7
    assert (second.port, second.passwords) == (first.port, first.passwords)
    assert not second.is_running()


def test_stop_twice_and_start_again_at_once(folder: Path) -> None:
    server = embedded.start(folder)
    server.stop()
    server.stop()
    with embedded.start(folder) as again:
        assert again.is_running()


@pytest.mark.parametrize("asked", [True, False], ids=["port asked for", "port of the last run"])
def test_busy_port_gives_way_to_another(folder: Path, asked: bool) -> None:
    embedded.start(folder).stop()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0 if asked else int((folder / "port").read_text())))
        holder.listen()
        taken = holder.getsockname()[1]
        with embedded.start(folder, port=taken if asked else None) as server:
            assert server.port != taken
            assert execute(server.superuser_url(), "SELECT 1") == 1


def test_port_asked_for_is_taken_when_free(folder: Path) -> None:
    port = embedded._find_free_port()
    with embedded.start(folder, port=port) as server:
        assert server.port == port


def test_second_portal_is_refused_and_may_attach(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_lock, "PATIENCE_SECONDS", 0.2)
    assert embedded.attach(folder) is None
    with embedded.start(folder) as server:
        with pytest.raises(EmbeddedServerError, match=f"{folder} is in use by another portal.*{os.getpid()}"):
            embedded.start(folder)
        attached = embedded.attach(folder)
        assert attached is not None
        assert attached.superuser_url() == server.superuser_url()
        attached.stop()
        assert attached.is_running()
        assert execute(attached.superuser_url(), "SELECT 1") == 1
    assert not attached.is_running()
    assert embedded.attach(folder) is None


def test_whoever_leaves_last_stops_the_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_lock, "PATIENCE_SECONDS", 0.2)
    first = embedded.start(folder)
    second, third = embedded.attach(folder), embedded.attach(folder)
    assert second is not None and third is not None
    first.stop()
    assert execute(second.superuser_url(), "SELECT 1") == 1
    with pytest.raises(EmbeddedServerError, match="is in use by another portal"):
        embedded.start(folder)
    late = embedded.attach(folder)
    assert late is not None
    late.stop()
    second.stop()
    second.stop()
    assert third.is_running()
    third.stop()
    assert not third.is_running()
    assert not (folder / "cluster" / "postmaster.pid").exists()
    with embedded.start(folder) as again:
        assert execute(again.superuser_url(), "SELECT 1") == 1


def test_missing_passwords_are_told_apart_from_a_first_start(folder: Path) -> None:
    embedded.start(folder).stop()
    (folder / "logins.json").unlink()
    with pytest.raises(EmbeddedServerError, match=r"passwords of the database are missing: put .*logins.json back"):
        embedded.start(folder)


def test_damaged_passwords(folder: Path) -> None:
    embedded.start(folder).stop()
    (folder / "logins.json").write_text("{")
    with pytest.raises(EmbeddedServerError, match=r"logins.json is damaged"):
        embedded.start(folder)


def test_data_of_another_version_are_left_alone(folder: Path) -> None:
    embedded.start(folder).stop()
    (folder / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedServerError, match=r"No programs of PostgreSQL 14 were found.*PORTAL_PG_BIN"):
        embedded.start(folder)


def test_half_made_data_are_made_anew(folder: Path) -> None:
    """An initdb that was killed leaves a draft; the next start removes it and makes its own."""
    embedded.start(folder).stop()
    mark = "draft-" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    (folder / f"{mark}-left" / "data").mkdir(parents=True)
    (folder / f"{mark}-left" / "data" / "PG_VERSION").write_text("18")
    shutil.rmtree(folder / "cluster")
    with embedded.start(folder) as server:
        assert server.is_running()
        assert not list(folder.glob("draft-*"))


def test_bad_setting_is_told_in_the_servers_words(folder: Path) -> None:
    with pytest.raises(EmbeddedServerError, match=r"does not start in .*data.*shared_buffers"):
        embedded.start(folder, settings={"shared_buffers": "a lot"})
    with embedded.start(folder) as server:
        assert server.is_running()


def test_long_log_is_moved_aside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "LOG_BYTES", 10)
    for _ in range(2):
        embedded.start(folder).stop()
    assert (folder / "server.log.old").stat().st_size > 10


def test_server_ready_is_read_from_its_own_pid_file(running: embedded.RunningServer) -> None:
    found = postmaster.read_pid_file(running.folder / "cluster")
    assert found == postmaster.PidFile(running.pid, running.port, ready=True)


def test_restart_comes_back_on_the_same_port(folder: Path) -> None:
    with embedded.start(folder, settings={"work_mem": "3MB"}) as server:
        port, pid = server.port, server.pid
        execute(server.superuser_url(), "CREATE TABLE kept AS SELECT 7 AS value")
        os.kill(pid, signal.SIGKILL)
        launching.wait_until(lambda: not server.is_running())
        server.restart()
        assert (server.port, server.is_running()) == (port, True)
        assert server.pid != pid
        assert execute(server.superuser_url(), "SELECT value FROM kept") == 7
        assert execute(server.superuser_url(), "SELECT current_setting('work_mem')") == "3MB"
    assert not server.is_running()
    server.restart()
    assert not server.is_running()
