"""Failures that pass by themselves become a clear, temporary problem; others stay faults."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from portal import errors
from portal.database import engine, faults
from portal.database.reader import Reader
from tests import databases


async def test_a_statement_that_takes_too_long_is_a_temporary_problem(database: databases.TestDatabase) -> None:
    made = engine.Database(engine.create_engine(database.app_url, pool_size=1, timeout_ms=200))
    with pytest.raises(errors.Unavailable) as caught:
        async with made.transaction() as (session, _):
            await session.execute(text("SELECT pg_sleep(5)"))
    assert caught.value.code == "TOO_SLOW"
    await made.close()


async def test_a_lost_connection_is_a_temporary_problem_and_the_next_call_works(
    database: databases.TestDatabase,
) -> None:
    made = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    admin = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    with pytest.raises(errors.Unavailable) as caught:
        async with made.transaction() as (session, _):
            backend = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await admin.execute("SELECT pg_terminate_backend($1)", backend)
            await asyncio.sleep(0.2)
            await session.execute(text("SELECT 1"))
    assert caught.value.code == "DATABASE_AWAY"
    async with made.transaction() as (session, _):
        assert (await session.execute(text("SELECT 1"))).scalar_one() == 1
    await admin.close()
    await made.close()


@pytest.mark.parametrize("place", ["127.0.0.1:1/portal", "no-such-host.invalid/portal", "/portal?host=/no/such/folder"])
async def test_a_server_that_is_away_is_a_temporary_problem(place: str) -> None:
    """Its port is closed, its name is not known (a container that is started again), its socket is not there."""
    made = engine.Database(engine.create_engine(f"postgresql+asyncpg://portal_app:x@{place}"))
    for way in (made.transaction, made.reading):
        with pytest.raises(errors.Unavailable) as caught:
            async with way() as (opened, _):
                await (opened.fetch("SELECT 1") if isinstance(opened, Reader) else opened.execute(text("SELECT 1")))
        assert caught.value.code == "DATABASE_AWAY"
    await made.close()


async def test_no_free_connection_is_a_temporary_problem(database: databases.TestDatabase) -> None:
    made = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    made.engine.pool._timeout = 0.2  # type: ignore[attr-defined]  # as short as a test can wait
    async with made.transaction() as (session, _):
        await session.execute(text("SELECT 1"))
        with pytest.raises(errors.Unavailable) as caught:
            async with made.transaction() as (other, _):
                await other.execute(text("SELECT 1"))
    assert caught.value.code == "BUSY"
    await made.close()


async def test_a_fault_of_ours_stays_a_fault(database: databases.TestDatabase) -> None:
    made = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    with pytest.raises(ProgrammingError):
        async with made.transaction() as (session, _):
            await session.execute(text("SELECT nonsense"))
    await made.close()


async def test_a_server_that_is_killed_in_the_middle_of_a_read_is_a_temporary_problem(
    database: databases.TestDatabase,
) -> None:
    """The driver itself says it in a way of its own, with no word of the server."""
    reading = await asyncpg.connect(database.app_url.replace("+asyncpg", ""))
    waiting = asyncio.create_task(reading.fetch("SELECT pg_sleep(20)"))
    await asyncio.sleep(0.1)
    reading._transport.abort()
    with pytest.raises(asyncpg.ConnectionDoesNotExistError) as lost:
        await waiting
    found = faults.find_passing(lost.value)
    assert found is not None
    assert found.code == "DATABASE_AWAY"


def test_a_fault_is_told_in_one_line_without_the_statement() -> None:
    original = Exception("<class 'asyncpg.exceptions.UndefinedTableError'>: relation \"x\" does not exist\nLINE 1")
    told = faults.describe(ProgrammingError("SELECT secret FROM x", {}, original))
    assert told == 'The database refused this: relation "x" does not exist. Nothing was kept.'
    assert faults.describe(ConnectionRefusedError(111, "refused")).endswith("Is PostgreSQL running?")


async def test_a_server_that_is_killed_in_the_middle_of_a_statement_is_a_temporary_problem() -> None:
    lost = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
    for error in (lost, DBAPIError("SELECT 1", {}, lost)):
        found = faults.find_passing(error)
        assert found is not None
        assert found.code == "DATABASE_AWAY"
