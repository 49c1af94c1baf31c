"""`portal doctor`: each thing is broken for real, and the line about it says so and what to do."""

import asyncio
import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiosmtpd.controller import Controller

from portal import sealing, signing
from portal.commands.doctoring import databases as checks
from portal.database import embedded, ids
from portal.settings import read_settings
from tests import databases
from tests.absences import needs_pooler, needs_root
from tests.portal.commands.processes import run_portal, serve
from tests.portal.database import pooler
from tests.portal.database.launching import make_reachable_folder, wait_until

pytestmark = pytest.mark.slow  # a process for each look

KEY = "only-for-tests-0123456789-0123456789"
HARMLESS = {"failures", "operators", "trail.verified", "open_files"}  # what may be a warning where nothing is broken


@pytest.fixture
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        data = made / "data"
        data.mkdir(mode=0o700)
        yield data


@pytest.fixture
def mail_server() -> Iterator[str]:
    port = embedded._find_free_port()
    server = Controller(object(), hostname="127.0.0.1", port=port)
    server.start()
    yield f"smtp://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def settings(database: databases.TestDatabase, mail_server: str) -> dict[str, str]:
    """An installation in production in which nothing is wrong, but that no worker runs."""
    return {
        "PORTAL_ENVIRONMENT": "production",
        "PORTAL_PUBLIC_URL": "https://suppliers.example",
        "PORTAL_DATABASE_URL": database.app_url,
        "PORTAL_OWNER_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url,
        "PORTAL_BACKUP_DATABASE_URL": database.backup_url,
        "PORTAL_SECRET_KEY": KEY,
        "PORTAL_SIGNING_KEY": signing.make_keys().decode(),
        "PORTAL_SMTP_URL": mail_server,
    }


def look(folder: Path, settings: dict[str, str]) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code and the findings by check, the worst of each."""
    done = run_portal(folder, "doctor", "--json", **settings)
    assert done.stdout, done.stderr
    for secret in (KEY, "only-for-tests-portal"):
        assert secret not in done.stdout + done.stderr
    told = json.loads(done.stdout)
    order = {"ok": 0, "warning": 1, "error": 2}
    found: dict[str, dict[str, str]] = {}
    for one in told["checks"]:
        assert bool(one["advice"]) == (one["status"] != "ok"), one
        if one["check"] not in found or order[one["status"]] > order[found[one["check"]]["status"]]:
            found[one["check"]] = one
    assert told["status"] == max((one["status"] for one in found.values()), key=order.__getitem__)
    return done.returncode, found


def expect(found: dict[str, dict[str, str]], check: str, status: str, *words: str) -> None:
    one = found[check]
    assert one["status"] == status, one
    for word in words:
        assert word in f"{one['message']} {one['advice']}", one


def execute(url: str, *statements: str) -> None:
    async def work(connection: asyncpg.Connection) -> None:
        for statement in statements:
            await connection.execute(statement)

    databases.administer(url, work)


def test_nothing_is_wrong_with_a_sound_installation(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    add_operator(database)
    with serve(folder, "worker", **settings):
        wait_until(lambda: look(folder, settings)[1]["worker"]["status"] == "ok", 60)
        code, found = look(folder, settings)
        assert code == 0, found
        assert {one["check"] for one in found.values() if one["status"] != "ok"} <= HARMLESS, found
        expect(found, "operators", "ok", "1 operators")
        lines = run_portal(folder, "doctor", **settings)
        assert lines.returncode == 0
        assert f"ok       database.app: portal_app on 127.0.0.1:{database.app_url.rpartition(':')[2]}" in lines.stdout
    code, found = look(folder, settings)
    assert code == 1
    expect(found, "worker", "error", "No worker runs", "portal worker")


def add_operator(database: databases.TestDatabase) -> None:
    execute(
        database.superuser_url,
        "INSERT INTO portal.user_account (id, email, password_hash, name, is_operator)"
        " VALUES (gen_random_uuid(), 'operator@portal.test', 'x', 'Operator', true)",
    )


def test_settings_that_cannot_be_read(folder: Path, settings: dict[str, str]) -> None:
    code, found = look(folder, settings | {"PORTAL_POOL_SIZE": "many"})
    assert code == 1
    expect(found, "settings", "error", "PORTAL_POOL_SIZE")


def test_a_folder_without_a_portal(folder: Path) -> None:
    code, found = look(folder, {})
    assert code == 1
    expect(found, "database.folder", "error", str(folder), "portal serve")
    expect(found, "key.secret", "warning", "PORTAL_SECRET_KEY")


def test_an_embedded_database_is_looked_into(folder: Path) -> None:
    assert run_portal(folder, "migrate").returncode == 0
    code, found = look(folder, {})
    assert code == 1  # for nothing serves it
    assert {one["check"] for one in found.values() if one["status"] == "error"} == {"worker"}, found
    expect(found, "database.schema", "ok")


def test_logins_that_do_not_get_in_or_are_not_theirs(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    wrong = {
        "PORTAL_DATABASE_URL": database.owner_url,
        "PORTAL_WORKER_DATABASE_URL": database.worker_url.replace("portal_worker:", "portal_worker:not-"),
        "PORTAL_OWNER_DATABASE_URL": database.app_url,
        "PORTAL_BACKUP_DATABASE_URL": "",
    }
    code, found = look(folder, settings | wrong)
    assert code == 1
    expect(found, "database.worker", "error", "portal_worker", "InvalidPasswordError")
    expect(found, "database.owner", "error", "has not the rights of portal_owner")
    expect(found, "database.backup", "warning", "PORTAL_BACKUP_DATABASE_URL is not set")
    code, found = look(folder, settings | {"PORTAL_DATABASE_URL": database.superuser_url})
    expect(found, "database.app", "error", "is a superuser")


def test_an_application_that_may_do_the_workers_part(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    execute(
        database.superuser_url,
        f"CREATE ROLE {database.name}_wide LOGIN PASSWORD 'only-for-tests-wide' IN ROLE portal_app, portal_worker",
        f"GRANT CONNECT ON DATABASE {database.name} TO {database.name}_wide",
    )
    try:
        place = database.app_url.partition("@")[2]
        wide = f"postgresql://{database.name}_wide:only-for-tests-wide@{place}"
        _, found = look(folder, settings | {"PORTAL_DATABASE_URL": wide})
        expect(found, "database.app", "ok")
        expect(found, "database.rights", "error", "rights of portal_worker")
    finally:
        execute(database.superuser_url, f"DROP OWNED BY {database.name}_wide", f"DROP ROLE {database.name}_wide")


def test_a_database_that_is_away(folder: Path, settings: dict[str, str]) -> None:
    nobody = f"postgresql://portal_app:{KEY}@127.0.0.1:{embedded._find_free_port()}/portal"
    code, found = look(folder, settings | {"PORTAL_DATABASE_URL": nobody})
    assert code == 1
    expect(found, "database.app", "error", "cannot be reached", "Is PostgreSQL running")
    assert "database.schema" not in found


def test_a_schema_of_another_version(folder: Path, settings: dict[str, str], database: databases.TestDatabase) -> None:
    execute(database.superuser_url, "UPDATE migration.schema_version SET version_num = 'of another year'")
    _, found = look(folder, settings)
    expect(found, "database.schema", "error", "of another year", "portal migrate")


def test_versions_that_are_too_old_or_unknown() -> None:
    assert [checks.judge_version(one).status for one in (14, 15, 18, 19)] == ["error", "ok", "ok", "warning"]


async def test_clocks_that_differ(settings: dict[str, str]) -> None:
    chosen = read_settings(database_url=settings["PORTAL_DATABASE_URL"])
    for seconds, status in ((0, "ok"), (-10, "warning"), (600, "error")):
        (found,) = await checks.check_clock(chosen, now=lambda shift=seconds: checks.time.time() + shift)
        assert found.status == status, found


@needs_pooler
def test_a_pooler_that_no_setting_tells_of(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    with pooler.run_pooler(database) as url:
        _, found = look(folder, settings | {"PORTAL_DATABASE_URL": url})
        expect(found, "database.pooler", "error", "PORTAL_BEHIND_PGBOUNCER=true")
        right = settings | {"PORTAL_DATABASE_URL": url, "PORTAL_BEHIND_PGBOUNCER": "true"}
        _, found = look(folder, right)
        expect(found, "database.pooler", "ok")
        _, found = look(folder, right | {"PORTAL_LISTEN_URL": url})
        expect(found, "database.listen", "error", "PORTAL_LISTEN_URL")
    _, found = look(folder, settings | {"PORTAL_BEHIND_PGBOUNCER": "true"})
    expect(found, "database.pooler", "warning", "leads to PostgreSQL itself")


def test_what_waits_and_what_has_failed(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    execute(
        database.superuser_url,
        "INSERT INTO portal.mail (id, kind, ids, state) VALUES (gen_random_uuid(), 'registration', '{}', 'failed')",
        "INSERT INTO queue.pgqueuer (priority, status, entrypoint, payload) VALUES (0, 'failed', 'send_mail', '{}')",
        "INSERT INTO portal.audit_event (id, action, object_kind, at)"
        " VALUES (gen_random_uuid(), 'x', 'x', now() - interval '1 hour')",
        "INSERT INTO portal.erasure (id, act, subject_id, at)"
        " VALUES (gen_random_uuid(), 'person.erased', gen_random_uuid(), now() - interval '1 hour')",
        "SET session_replication_role = replica",
        "INSERT INTO portal.webhook_endpoint (organization_id, id, url, types, state, failing_since)"
        " SELECT gen_random_uuid(), gen_random_uuid(), 'https://x', '{}', state, '2026-03-04 05:06Z'"
        "   FROM unnest(ARRAY['active', 'paused', 'disabled']) state",
    )
    _, found = look(folder, settings)
    expect(
        found, "webhooks.failing", "warning", "1 webhook endpoints", "since 2026-03-04 05:06 UTC", "webhookEndpoints"
    )
    expect(found, "webhooks", "warning", "1 webhook endpoints were disabled")
    expect(found, "trail.erasures", "error", "waits for 36")
    expect(found, "failures", "warning", "1 letters and 1 jobs", "portal operator retry")
    expect(found, "trail.sealed", "error", "waits for 36")
    expect(found, "operators", "warning", "create-operator")


def test_a_trail_that_was_never_compared_or_differs(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    execute(
        database.superuser_url,
        "INSERT INTO portal.audit_event (id, action, object_kind) VALUES (gen_random_uuid(), 'x', 'x')",
    )
    with serve(folder, "worker", **settings):
        wait_until(lambda: look(folder, settings)[1]["trail.verified"]["status"] == "warning", 60)
    assert run_portal(folder, "audit", "verify", **settings).returncode == 0
    expect(look(folder, settings)[1], "trail.verified", "ok")
    execute(
        database.superuser_url,
        "SET session_replication_role = replica",
        "UPDATE portal.audit_event SET action = 'y'",
    )
    assert run_portal(folder, "audit", "verify", **settings).returncode == 1
    expect(look(folder, settings)[1], "trail.verified", "error", "1 differences")


def test_keys_that_are_gone_or_are_others(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    person = ids.new_id()
    sealed = sealing.Sealer((KEY,)).seal(sealing.SECOND_FACTOR, person, b"secret")
    execute(
        database.superuser_url,
        "INSERT INTO portal.user_account (id, email, password_hash, name)"
        f" VALUES ('{person}', 'p@portal.test', 'x', 'P')",
        f"INSERT INTO portal.second_factor (user_id, sealed) VALUES ('{person}', '{sealed}')",
    )
    expect(look(folder, settings)[1], "key.sealed", "ok", "All 1 sealed")
    changed = settings | {"PORTAL_SECRET_KEY": "another key altogether, and as long as it must be"}
    without_owner = changed | {"PORTAL_OWNER_DATABASE_URL": ""}
    expect(look(folder, without_owner)[1], "key.sealed", "error", "1 of 1", "PORTAL_FORMER_SECRET_KEYS")
    rotated = changed | {"PORTAL_FORMER_SECRET_KEYS": KEY}
    expect(look(folder, rotated)[1], "key.sealed", "warning", "portal credentials reseal")
    expect(look(folder, settings | {"PORTAL_SECRET_KEY": ""})[1], "key.secret", "warning", "secret.key")
    assert not (folder / "secret.key").exists()  # it looks and makes nothing
    expect(look(folder, settings | {"PORTAL_SIGNING_KEY": "no key"})[1], "key.signing", "error", "JWK")


def test_files_that_others_may_read_or_write(folder: Path, settings: dict[str, str]) -> None:
    (folder / "secret.key").write_text(KEY)
    (folder / "secret.key").chmod(0o640)
    expect(look(folder, settings)[1], "files", "error", "secret.key", "chmod 600")
    (folder / "secret.key").chmod(0o600)
    expect(look(folder, settings)[1], "files", "ok")
    folder.chmod(0o777)
    expect(look(folder, settings)[1], "files", "error", "chmod o-w")


def test_a_storage_that_keeps_nothing(folder: Path, settings: dict[str, str]) -> None:
    expect(look(folder, settings)[1], "storage", "warning", "There is no folder", "portal serve", "PORTAL_DATA_DIR")
    place = folder / "not" / "mounted"
    found = look(folder, settings | {"PORTAL_STORAGE_URL": place.as_uri()})[1]
    expect(found, "storage", "error", f"There is no folder {place}", "volume mounted", "PORTAL_STORAGE_URL", "mkdir")
    assert list(folder.iterdir()) == []  # it looks and makes nothing
    (folder / "files").write_text("a file where a folder should be")
    expect(look(folder, settings)[1], "storage", "error", "keeps no file", "PORTAL_STORAGE_URL")


def test_a_storage_that_is_another_than_the_trails(
    folder: Path, settings: dict[str, str], database: databases.TestDatabase
) -> None:
    execute(
        database.superuser_url,
        "INSERT INTO portal.audit_block"
        " (organization_id, n, position, count, prev, digests, sealed_at, hash, signature)"
        " VALUES (gen_random_uuid(), 1, 1, 1, '', sha256(''), now(), '', 'x')",
    )
    (folder / "files").mkdir()
    expect(look(folder, settings)[1], "storage.heads", "error", "none of its heads", "volume mounted")
    assert list((folder / "files").iterdir()) == []


@needs_root
def test_a_disk_that_is_full(folder: Path, settings: dict[str, str]) -> None:
    place = folder.parent / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=0700", "portal-test", place], check=True)
    try:
        small = settings | {"PORTAL_STORAGE_URL": place.as_uri()}
        expect(look(folder, small)[1], "disk", "error", "MB are free", "Make room")
        (place / "filler").write_bytes(b"\0" * shutil.disk_usage(place).free)
        expect(look(folder, small)[1], "storage", "error", "keeps no file")
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def test_a_mail_server_that_is_away_or_missing(folder: Path, settings: dict[str, str]) -> None:
    away = f"smtp://127.0.0.1:{embedded._find_free_port()}"
    expect(look(folder, settings | {"PORTAL_SMTP_URL": away})[1], "mail", "error", "cannot be used")
    expect(look(folder, settings | {"PORTAL_SMTP_URL": ""})[1], "mail", "error", "PORTAL_SMTP_URL")
    signing_in = settings["PORTAL_SMTP_URL"].replace("//", f"//user:{KEY}@")
    expect(look(folder, settings | {"PORTAL_SMTP_URL": signing_in})[1], "mail", "error", "cannot be used")


def test_a_scanner_that_answers_or_does_not(folder: Path, settings: dict[str, str]) -> None:
    with answer_all(lambda said: b"PONG\0" if said == b"zPING\0" else b"UNKNOWN COMMAND\0") as port:
        expect(look(folder, settings | {"PORTAL_CLAMAV_URL": f"tcp://127.0.0.1:{port}"})[1], "scanner", "ok")
    with answer_all(lambda _: b"what?\0") as port:
        wrong = settings | {"PORTAL_CLAMAV_URL": f"tcp://127.0.0.1:{port}"}
        expect(look(folder, wrong)[1], "scanner", "error", "no PONG")
    gone = settings | {"PORTAL_CLAMAV_URL": f"unix://{folder}/clamd.ctl"}
    expect(look(folder, gone)[1], "scanner", "error", "Start clamd")


@contextmanager
def answer_all(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """A server that answers what each connection sends first."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve_all() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(answer(connection.recv(100)))

        threading.Thread(target=serve_all, daemon=True).start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)


def test_settings_that_do_not_fit_the_place(folder: Path, settings: dict[str, str]) -> None:
    changes: list[tuple[dict[str, str], str, str, str]] = [
        ({"PORTAL_PUBLIC_URL": "http://localhost:8000"}, "address", "error", "PORTAL_PUBLIC_URL"),
        ({"PORTAL_PUBLIC_URL": "http://suppliers.example"}, "address", "error", "https://"),
        ({"PORTAL_ENVIRONMENT": "development"}, "address", "warning", "PORTAL_ENVIRONMENT=production"),
        ({"PORTAL_METRICS_ADDRESS": "0.0.0.0:9464"}, "metrics", "warning", "PORTAL_METRICS_TOKEN"),
        ({"PORTAL_WEBHOOK_HTTP": "true"}, "webhooks.http", "warning", "unencrypted"),
        ({"PORTAL_FONT_FOLDER": str(folder / "none")}, "fonts", "error", "PORTAL_FONT_FOLDER"),
        ({"PORTAL_SMPT_URL": "smtp://x"}, "settings.names", "warning", "Did you mean PORTAL_SMTP_URL?"),
        ({"PORTAL_QQQ": "x", "PORTAL_PG_BIN": "/usr"}, "settings.names", "warning", "PORTAL_QQQ is no setting"),
        ({"PORTAL_CONNECTIONS_AT_ONCE": "1000000"}, "open_files", "warning", "PORTAL_CONNECTIONS_AT_ONCE"),
    ]
    (folder / "letters").mkdir()
    (folder / "letters" / "en.yaml").write_text("no_such_letter:\n  subject: x\n  body: y\n")
    changes.append(({"PORTAL_LETTERS_FOLDER": str(folder / "letters")}, "letters", "error", "portal letters check"))
    for change, check, status, words in changes:
        expect(look(folder, settings | change)[1], check, status, words)


def test_a_check_that_fails_itself_keeps_none_of_the_others(tmp_path: Path) -> None:
    from portal.commands.doctoring import findings

    async def broken(_: Any) -> list[findings.Finding]:
        raise RuntimeError("words that nobody sees")

    async def sound(_: Any) -> list[findings.Finding]:
        return [findings.ok("sound", "Well.")]

    found = asyncio.run(findings.run([("broken", broken), ("sound", sound)], read_settings(data_dir=tmp_path)))
    assert [(one.check, one.status) for one in found] == [("broken", "error"), ("sound", "ok")]
    assert "words" not in found[0].message
