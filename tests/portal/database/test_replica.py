"""A replica answers reads, but nothing older than what was acknowledged, and only as long as it can."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.engine import make_url

from portal import errors
from portal.database import embedded, engine
from portal.database.engine import Database
from portal.database.reader import Reader
from tests import databases
from tests.portal.assessments.house import Caller, House
from tests.portal.database import standby

pytestmark = pytest.mark.slow  # makes a second server
NAME = "SELECT name FROM portal.organization WHERE id = $1"


@pytest.fixture(scope="module")
def replica(database_server: databases.Server) -> AsyncIterator[embedded.RunningServer]:
    with standby.run_replica(database_server.superuser_url()) as running:
        yield running  # type: ignore[misc]


@pytest.fixture
async def house(database: databases.TestDatabase, replica: embedded.RunningServer) -> AsyncIterator[House]:
    copy = make_url(database.app_url).set(port=replica.port).render_as_string(hide_password=False)
    opened = Database(engine.create_engine(database.app_url, pool_size=4), engine.create_engine(copy, pool_size=4))
    made = House(database, opened)
    # As on every real server; without it what is committed waits a while before anything is sent.
    await made.fetch(f"ALTER DATABASE {database.name} SET synchronous_commit = on")
    yield made
    await opened.close()


@pytest.fixture
async def caller(house: House) -> Caller:
    return await house.sign_up("supplier")


async def wait_for_replica(house: House, caller: Caller) -> None:
    """Until the replica has the test's database and its latest rows."""
    async with asyncio.timeout(30):
        while True:
            async with house.database.reading(caller.credential) as (reader, _):
                if await is_replica(reader):
                    return
            await asyncio.sleep(0.1)


async def is_replica(reader: Reader) -> bool:
    return await reader.fetch_text("SELECT pg_is_in_recovery()::text", []) == "true"


async def test_a_read_goes_to_the_replica_under_the_callers_rights(house: House, caller: Caller) -> None:
    await house.sign_up("supplier")
    await wait_for_replica(house, caller)
    async with house.database.reading(caller.credential) as (reader, actor):
        assert await is_replica(reader)
        assert actor.organization_id == caller.organization
        assert await reader.fetch_text("SELECT count(*)::text FROM portal.organization", []) == "1"
    async with house.database.reading() as (reader, _):
        assert await is_replica(reader)
        assert await reader.fetch_text("SELECT count(*)::text FROM portal.organization", []) == "0"


async def test_what_writes_stays_on_the_primary(house: House, caller: Caller) -> None:
    async with house.database.reading(caller.credential, writes=True) as (reader, _):
        assert not await is_replica(reader)


async def test_a_write_is_seen_in_the_next_read_however_far_the_replica_is(house: House, caller: Caller) -> None:
    await wait_for_replica(house, caller)
    replica = house.database.replica
    assert replica is not None
    before = replica.answered
    for turn in range(40):
        name = f"Firm {turn}"
        await house.fetch("UPDATE portal.organization SET name = $1 WHERE id = $2", name, caller.organization)
        async with house.database.reading(caller.credential) as (reader, _):
            assert await reader.fetch_text(NAME, [caller.organization]) == name
    assert replica.answered > before


async def test_a_replica_that_does_not_follow_is_passed_over(
    house: House, caller: Caller, replica: embedded.RunningServer
) -> None:
    stop, go_on = "SELECT pg_wal_replay_pause()", "SELECT pg_wal_replay_resume()"
    admin = make_url(house.made.superuser_url).set(port=replica.port).render_as_string(hide_password=False)

    async def tell(words: str) -> None:
        databases.administer(admin, lambda connection: connection.execute(words))

    await wait_for_replica(house, caller)
    await tell(stop)
    try:
        await house.fetch("DELETE FROM portal.session WHERE user_id = $1", caller.user)
        with pytest.raises(errors.Unauthenticated):
            async with house.database.reading(caller.credential):
                pass
        other = await house.sign_up("supplier")
        async with house.database.reading(other.credential) as (reader, _):
            assert not await is_replica(reader)
            assert await reader.fetch_text(NAME, [other.organization]) is not None
    finally:
        await tell(go_on)
    await wait_for_replica(house, other)


async def test_without_its_replica_the_primary_answers(database: databases.TestDatabase) -> None:
    nowhere = make_url(database.app_url).set(port=embedded._find_free_port()).render_as_string(hide_password=False)
    opened = Database(engine.create_engine(database.app_url), engine.create_engine(nowhere))
    house = House(database, opened)
    caller = await house.sign_up("supplier")
    for _ in range(3):
        async with opened.reading(caller.credential) as (reader, _actor):
            assert not await is_replica(reader)
    assert opened.replica is not None
    assert opened.replica.is_resting
    await opened.close()
