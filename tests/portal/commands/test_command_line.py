"""The command line: help, exit codes, one-line reasons, and that it starts and stops what it should."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

import portal
from portal.database import embedded, postmaster
from tests import databases
from tests.portal.commands.processes import run_portal, serve
from tests.portal.database.launching import is_gone, make_reachable_folder, wait_until

pytestmark = pytest.mark.slow  # each command is a process of its own

COMMANDS = ["demo", "serve", "worker", "migrate"]


READING = (
    ["operator", "applications"],
    ["questionnaires", "show"],
    ["documents", "list"],
    ["cards", "verify"],
    ["benchmarks", "show", "1"],
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        yield made / "data"


@pytest.fixture
def external(database: databases.TestDatabase) -> dict[str, str]:
    return {
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
        "PORTAL_BACKUP_DATABASE_URL": database.backup_url,
    }


def read_postmaster(folder: Path) -> int:
    found = postmaster.read_pid_file(folder / "database" / "cluster")
    assert found is not None
    return found.pid


def assert_one_line(text: str) -> None:
    assert text.startswith("portal: ")
    assert text.count("\n") == 1
    assert "Traceback" not in text


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help(folder: Path, command: list[str]) -> None:
    done = run_portal(folder, *command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert not folder.exists()


def test_version(folder: Path) -> None:
    done = run_portal(folder, "--version")
    assert (done.returncode, done.stdout) == (0, f"portal {portal.VERSION}\n")


@pytest.mark.parametrize(
    "arguments", [["sevre"], ["serve", "--prot", "1"], ["serve", "--port", "x"], ["migrate", "extra"]]
)
def test_wrong_call(folder: Path, arguments: list[str]) -> None:
    done = run_portal(folder, *arguments)
    assert done.returncode == 2
    assert "Usage:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "eighty"}, "PORTAL_PORT: Input should be a valid integer"),
        ({"PORTAL_PORT": "70000"}, "PORTAL_PORT: Input should be less than or equal to 65535"),
        ({"PORTAL_ENVIRONMENT": "prod"}, "PORTAL_ENVIRONMENT: Input should be 'development' or 'production'"),
        ({"PORTAL_POOL_SIZE": "0"}, "PORTAL_POOL_SIZE: Input should be greater than or equal to 1"),
        ({"PORTAL_MAX_UPLOAD_BYTES": "1 GB"}, "PORTAL_MAX_UPLOAD_BYTES"),
    ],
)
def test_setting_that_cannot_be_used_is_named(folder: Path, settings: dict[str, str], words: str) -> None:
    done = run_portal(folder, "serve", **settings)
    assert done.returncode == 1
    assert words in done.stderr
    assert_one_line(done.stderr)


def test_all_wrong_settings_are_named_at_once(folder: Path) -> None:
    done = run_portal(folder, "serve", PORTAL_PORT="x", PORTAL_LOG_LEVEL="loud")
    assert "PORTAL_PORT" in done.stderr
    assert "PORTAL_LOG_LEVEL" in done.stderr


def test_migrate_twice(folder: Path) -> None:
    for _ in range(2):
        done = run_portal(folder, "migrate")
        assert (done.returncode, done.stderr) == (0, "")
        assert "at the schema of this code" in done.stdout
    assert not (folder / "database" / "cluster" / "postmaster.pid").exists()


def test_folder_that_cannot_be_made(folder: Path) -> None:
    folder.write_text("a file stands where the data folder should be")
    done = run_portal(folder, "serve")
    assert done.returncode == 1
    assert str(folder) in done.stderr
    assert "PORTAL_DATA_DIR" in done.stderr
    assert_one_line(done.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_until_a_signal(folder: Path, number: signal.Signals) -> None:
    with serve(folder) as serving:
        serving.wait_until_ready()
        pid = read_postmaster(folder)
        assert serving.interrupt(number) == 0, serving.read_log()
        assert "Traceback" not in serving.read_log()
        assert serving.read_log().count(f"The portal is ready on {serving.url}. Ctrl-C stops it.\n") == 1
    assert is_gone(pid)
    assert not (folder / "database" / "cluster" / "postmaster.pid").exists()
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600


def test_commands_use_the_database_that_serve_runs(folder: Path) -> None:
    with serve(folder) as serving:
        serving.wait_until_ready()
        pid = read_postmaster(folder)
        done = run_portal(folder, "migrate")
        assert (done.returncode, done.stderr) == (0, "")
        assert serving.is_ready()
        assert read_postmaster(folder) == pid


def test_whoever_leaves_last_takes_the_database_along(folder: Path) -> None:
    with serve(folder) as first:
        first.wait_until_ready()
        pid = read_postmaster(folder)
        with serve(folder) as second, serve(folder, "worker") as worker:
            second.wait_until_ready()
            wait_until(lambda: "worker.leads" in first.read_log() + second.read_log())
            assert first.interrupt() == 0, first.read_log()
            assert second.is_ready()
            assert run_portal(folder, "operator", "applications").returncode == 0
            assert second.interrupt() == 0, second.read_log()
            wait_until(lambda: "worker.leads" in worker.read_log())
            assert read_postmaster(folder) == pid
            assert worker.interrupt() == 0
            assert "Traceback" not in worker.read_log()
    assert is_gone(pid)


def test_a_worker_waits_for_a_database_that_is_away(folder: Path) -> None:
    run_portal(folder, "migrate")
    with embedded.start(folder / "database") as server:
        urls = {"PORTAL_DATABASE_URL": "portal_app", "PORTAL_WORKER_DATABASE_URL": "portal_worker"}
        with serve(folder, "worker", **{name: server.url(login, "portal") for name, login in urls.items()}) as worker:
            wait_until(lambda: worker.read_log().count("worker.leads") == 1)
            server.stop()
            wait_until(lambda: worker.read_log().count("worker.lost") >= 3)
            with embedded.start(folder / "database", port=server.port):
                wait_until(lambda: worker.read_log().count("worker.leads") == 2)
                assert worker.interrupt() == 0, worker.read_log()
            assert "Traceback" not in worker.read_log()


@pytest.mark.parametrize("command", [["worker"], *READING])
def test_a_wrong_folder_is_named_and_nothing_is_made_there(folder: Path, command: list[str]) -> None:
    done = run_portal(folder, *command)
    assert done.returncode == 1
    assert done.stderr.startswith(f"portal: There is no portal in {folder}. Name its folder in PORTAL_DATA_DIR")
    assert_one_line(done.stderr)
    assert not folder.exists()


def test_a_fault_of_the_database_is_one_line(folder: Path, external: dict[str, str]) -> None:
    """Whatever goes wrong there; here a right was taken from the owner's login by somebody else."""
    url = {**external, "PORTAL_OWNER_DATABASE_URL": external["PORTAL_BACKUP_DATABASE_URL"]}
    done = run_portal(folder, "operator", "suspend", "018f2f3c-7b1a-7c3d-8e4f-0123456789ab", "--reason", "x", **url)
    assert done.returncode == 1
    assert_one_line(done.stderr)


def test_killed_server_and_killed_database(folder: Path) -> None:
    with serve(folder) as serving:
        serving.wait_until_ready()
        os.kill(read_postmaster(folder), signal.SIGKILL)
        wait_until(lambda: not serving.is_ready())
        serving.wait_until_ready()
        pid = read_postmaster(folder)
        serving.process.kill()
        serving.process.wait()
    wait_until(lambda: is_gone(pid))
    with serve(folder) as serving:
        serving.wait_until_ready()


def test_busy_port(folder: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        done = run_portal(folder, "serve", PORT=port)
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert_one_line(done.stderr)


def test_own_database_starts_no_embedded_server(folder: Path, external: dict[str, str]) -> None:
    with serve(folder, **external) as serving:
        serving.wait_until_ready()
        assert not (folder / "database").exists()
        assert serving.interrupt() == 0, serving.read_log()


@pytest.mark.parametrize(
    ("login", "reason"),
    [
        ("superuser_url", "is a superuser"),
        ("owner_url", "owns the portal's schema"),
        ("worker_url", "has the rights of portal_worker or portal_backup"),
        ("backup_url", "has the rights of portal_worker or portal_backup"),
    ],
)
def test_serve_refuses_a_login_that_may_do_too_much(
    folder: Path, external: dict[str, str], database: databases.TestDatabase, login: str, reason: str
) -> None:
    done = run_portal(folder, "serve", **{**external, "PORTAL_DATABASE_URL": getattr(database, login)})
    assert done.returncode == 1
    assert reason in done.stderr
    assert_one_line(done.stderr)


def test_serve_refuses_a_login_that_bypasses_row_level_security(
    folder: Path, external: dict[str, str], database: databases.TestDatabase, database_server: databases.Server
) -> None:
    login = f"bypass_{database.name}"
    databases.administer(
        database.superuser_url,
        lambda admin: admin.execute(f"CREATE ROLE {login} LOGIN BYPASSRLS PASSWORD 'x'; GRANT portal_app TO {login}"),
    )
    url = make_url(database.app_url).set(username=login, password="x").render_as_string(hide_password=False)
    grant = f"GRANT CONNECT ON DATABASE {database.name} TO {login}"
    databases.administer(database.superuser_url, lambda admin: admin.execute(grant))
    try:
        done = run_portal(folder, "serve", **{**external, "PORTAL_DATABASE_URL": url})
        assert done.returncode == 1
        assert "bypasses row-level security" in done.stderr
        assert_one_line(done.stderr)
    finally:
        drop = f"REVOKE ALL ON DATABASE {database.name} FROM {login}; DROP ROLE {login}"
        databases.administer(database.superuser_url, lambda admin: admin.execute(drop))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "guess"}, "with the login 'portal_app': password authentication failed"),
        ({"database": "nowhere"}, "The database 'nowhere' on 127.0.0.1:.*does not exist"),
        ({"port": 1}, "The database .* on 127.0.0.1:1 .*[Cc]onnect"),
        ({"host": "no-such-host.invalid"}, "on no-such-host.invalid:"),
    ],
)
def test_database_that_does_not_answer_is_named_without_its_password(
    folder: Path, external: dict[str, str], change: dict[str, object], words: str
) -> None:
    place = make_url(external["PORTAL_DATABASE_URL"]).set(**change)  # type: ignore[arg-type]
    url = place.render_as_string(hide_password=False)
    done = run_portal(folder, "serve", **{**external, "PORTAL_DATABASE_URL": url})
    assert done.returncode == 1
    assert re.search(words, done.stderr)
    assert str(place.password) not in done.stderr
    assert_one_line(done.stderr)


def test_address_that_is_none(folder: Path) -> None:
    done = run_portal(folder, "serve", PORTAL_DATABASE_URL="mysql://x@y/z", PORTAL_WORKER_DATABASE_URL="mysql://x@y/z")
    assert done.returncode == 1
    assert "PORTAL_DATABASE_URL: Value error, not an address like postgresql://" in done.stderr
    assert "mysql" not in done.stderr
    assert_one_line(done.stderr)


def test_missing_addresses_are_named(folder: Path, external: dict[str, str]) -> None:
    url = external["PORTAL_DATABASE_URL"]
    for command, variable in (
        (["serve"], "PORTAL_WORKER_DATABASE_URL"),
        (["worker"], "PORTAL_WORKER_DATABASE_URL"),
        (["migrate"], "PORTAL_OWNER_DATABASE_URL"),
        (["migrate", "--create-roles"], "PORTAL_ADMIN_DATABASE_URL"),
    ):
        done = run_portal(folder, *command, PORTAL_DATABASE_URL=url)
        assert done.returncode == 1
        assert f"{variable} is not set" in done.stderr
        assert_one_line(done.stderr)


def test_empty_database_is_made_ready_with_migrate(folder: Path, database_server: databases.Server) -> None:
    name = f"{databases.COPY}empty"
    databases.administer(database_server.superuser_url(), lambda admin: admin.execute(f"CREATE DATABASE {name}"))
    settings = {
        f"PORTAL_{part}DATABASE_URL": database_server.url(f"portal_{login}", name).replace("+asyncpg", "")
        for part, login in (("", "app"), ("OWNER_", "owner"), ("WORKER_", "worker"), ("BACKUP_", "backup"))
    }
    try:
        for command in (["serve"], ["worker"], ["questionnaires", "publish"], *READING):
            refused = run_portal(folder, *command, **settings)
            assert refused.returncode == 1
            assert "at revision none" in refused.stderr
            assert "`portal migrate`" in refused.stderr
            assert_one_line(refused.stderr)
        admin = {"PORTAL_ADMIN_DATABASE_URL": database_server.superuser_url(name)}
        done = run_portal(folder, "migrate", "--create-roles", **settings, **admin)
        assert (done.returncode, done.stderr) == (0, "")
        with serve(folder, **settings) as serving:
            serving.wait_until_ready()
    finally:
        drop = f"DROP DATABASE {name} WITH (FORCE)"
        databases.administer(database_server.superuser_url(), lambda admin: admin.execute(drop))
