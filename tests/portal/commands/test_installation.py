"""An embedded server that several commands open at once: what each of them does to it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from portal.commands import installation
from portal.database import embedded
from tests.portal.database.launching import execute, make_reachable_folder

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
