"""A reader's connection goes back to the pool with nothing of its caller left, whatever happens to the reading."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from portal import errors
from portal.access import Credential
from portal.database import engine
from portal.database.engine import Database
from tests import databases
from tests.portal.assessments.house import Caller, House

ORGANIZATION = "SELECT coalesce(current_setting('portal.organization', true), '')"


@pytest.fixture
async def house(database: databases.TestDatabase) -> AsyncIterator[House]:
    opened = Database(engine.create_engine(database.app_url, pool_size=1))
    yield House(database, opened)
    await opened.close()


@pytest.fixture
async def caller(house: House) -> Caller:
    return await house.sign_up("supplier")


async def read_setting(house: House) -> str | None:
    """What the pool's one connection knows of an organization outside any caller's transaction."""
    async with house.database.reading() as (reader, _):
        return await reader.fetch_text(ORGANIZATION, [])


async def test_a_reader_sees_its_own_organization_and_leaves_nothing(house: House, caller: Caller) -> None:
    async with house.database.reading(caller.credential) as (reader, actor):
        assert actor.organization_id == caller.organization
        assert await reader.fetch_text(ORGANIZATION, []) == str(caller.organization)
        assert await reader.fetch_text("SELECT count(*)::text FROM portal.organization", []) == "1"
    assert await read_setting(house) == ""


async def test_an_unknown_credential_is_refused(house: House) -> None:
    with pytest.raises(errors.Unauthenticated):
        async with house.database.reading(Credential("session", "nobody")):
            pass
    assert await read_setting(house) == ""


async def test_a_failure_rolls_back(house: House, caller: Caller) -> None:
    for failing, kind in (("SELECT 1/0", DBAPIError), ("SELECT pg_sleep(5)", TimeoutError)):
        with pytest.raises(kind):
            async with asyncio.timeout(0.3), house.database.reading(caller.credential) as (reader, _):
                await reader.fetch_text(failing, [])
        assert await read_setting(house) == ""


async def test_a_cancelled_reading_leaves_a_good_connection(house: House, caller: Caller) -> None:
    started = asyncio.Event()

    async def read() -> None:
        async with house.database.reading(caller.credential) as (reader, _):
            started.set()
            await reader.fetch_text("SELECT pg_sleep(30)", [])

    task = asyncio.create_task(read())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await read_setting(house) == ""


async def test_a_server_that_refuses_is_told_as_passing(house: House, caller: Caller) -> None:
    name = house.made.name
    await house.fetch(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    try:
        with pytest.raises(errors.Unavailable) as refused:
            async with house.database.reading(caller.credential):
                pass
    finally:
        await house.fetch(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    assert refused.value.code == "BUSY"
    assert await read_setting(house) == ""


async def test_a_connection_that_was_lost_is_replaced(house: House, caller: Caller) -> None:
    with pytest.raises((errors.Unavailable, DBAPIError)) as lost:
        async with house.database.reading(caller.credential) as (reader, _):
            (pid,) = (await reader.fetch("SELECT pg_backend_pid()"))[0]
            admin = await asyncpg.connect(house.made.superuser_url.replace("+asyncpg", ""))
            await admin.execute("SELECT pg_terminate_backend($1)", pid)
            await admin.close()
            await asyncio.sleep(0.2)
            await reader.fetch_text("SELECT 'x'", [])
    assert isinstance(lost.value, errors.Unavailable)
    assert await read_setting(house) == ""


async def test_what_readers_keep_at_hand_goes_to_whoever_waits(database: databases.TestDatabase) -> None:
    opened = Database(engine.create_engine(database.app_url, pool_size=3))
    house = House(database, opened)
    caller = await house.sign_up("supplier")
    lent = [await opened.lender.take() for _ in range(3)]
    waiting = [asyncio.create_task(read_role(opened, caller)) for _ in range(3)]
    await asyncio.sleep(0.1)
    for one in lent:
        await one.finish()
    assert await asyncio.wait_for(asyncio.gather(*waiting), 5) == ["owner"] * 3
    assert await asyncio.gather(*(read_role(opened, caller) for _ in range(5))) == ["owner"] * 5
    async with opened.transaction(caller.credential), opened.transaction(), opened.transaction():
        pass  # the whole pool is there for sessions that ask for it
    await opened.close()


async def read_role(opened: Database, caller: Caller) -> str | None:
    async with opened.transaction(caller.credential) as (_, actor):
        return actor.member_role
