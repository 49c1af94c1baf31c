"""An embedded server that several commands open at once: what each of them does to it."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from portal import settings as configuration
from portal.commands import installation
from portal.database import embedded
from portal.errors import SetupError
from tests.portal.database.launching import execute, make_reachable_folder, wait_until

pytestmark = pytest.mark.slow  # starts PostgreSQL

VERSIONS = """
SELECT string_agg(xmin::text, ' ' ORDER BY oid)
  FROM (SELECT xmin, oid FROM pg_authid UNION ALL SELECT xmin, oid FROM pg_database) everything
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        yield made / "data"


async def prepare_at_once(*servers: embedded.RunningServer) -> None:
    await asyncio.gather(*(installation._prepare_database(server) for server in servers))


def test_commands_that_start_together_prepare_one_after_the_other(folder: Path) -> None:
    with embedded.start(folder) as started:
        attached = embedded.attach(folder)
        assert attached is not None
        asyncio.run(prepare_at_once(*[attached, started] * 4))
        assert execute(started.url("portal_app", "portal"), "SHOW statement_timeout") == "15s"
        before = execute(started.superuser_url(), VERSIONS)
        asyncio.run(prepare_at_once(*[attached] * 4))
        assert execute(started.superuser_url(), VERSIONS) == before
        attached.stop()


def test_who_started_the_server_mends_its_logins(folder: Path) -> None:
    with embedded.start(folder) as server:
        asyncio.run(prepare_at_once(server))
        execute(server.superuser_url(), "ALTER ROLE portal_app PASSWORD 'another'")
        asyncio.run(prepare_at_once(server))
        assert execute(server.url("portal_app", "portal"), "SELECT 1") == 1


def test_a_command_waits_while_another_prepares(folder: Path) -> None:
    async def prepare_while_locked(server: embedded.RunningServer) -> None:
        other = await asyncpg.connect(server.superuser_url().replace("+asyncpg", ""))
        await other.execute("SELECT pg_advisory_lock($1)", installation.PREPARING_LOCK)
        preparing = asyncio.create_task(installation._prepare_database(server))
        async with asyncio.timeout(20):
            while not await other.fetchval(WAITING):
                await asyncio.sleep(0.02)
        assert not await other.fetchval("SELECT count(*) FROM pg_database WHERE datname = 'portal'")
        await other.close()
        await preparing

    with embedded.start(folder) as server:
        asyncio.run(prepare_while_locked(server))
        assert execute(server.url("portal_owner", "portal"), "SELECT 1") == 1


def test_a_database_that_is_killed_while_a_command_starts_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between joining it and the first statement, it is started again, and the command goes on."""
    settings = configuration.read_settings(data_dir=folder)
    with installation.open_installation(settings, migrate=True):
        pass
    prepare, killed = installation._prepare_database, []

    async def kill_first(server: embedded.RunningServer) -> None:
        if not killed:
            killed.append(server.pid)
            os.kill(server.pid, signal.SIGKILL)
            wait_until(lambda: not server.is_running() or server.pid != killed[0])
        await prepare(server)

    monkeypatch.setattr(installation, "_prepare_database", kill_first)
    with installation.open_installation(settings) as complete:
        assert complete.database_url is not None
        assert execute(complete.database_url, "SELECT count(*) FROM portal.questionnaire") > 0
    assert len(killed) == 1


def test_what_stands_in_the_way_of_a_command_is_told_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, asked = configuration.read_settings(data_dir=folder), []
    with installation.open_installation(settings, migrate=True):
        pass

    async def refuse(settings: configuration.Settings) -> None:
        asked.append(settings)
        raise SetupError("The database is at revision old.")

    monkeypatch.setattr(installation, "check_database", refuse)
    with pytest.raises(SetupError, match="revision old"), installation.open_installation(settings):
        pass
    assert len(asked) == 1
