"""Lines that fail, between the portal and PostgreSQL and between clients and the portal.

Nothing that was acknowledged is lost or doubled, a submission is made once, whoever is not answered is told that it
passes, and the portal goes on by itself.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from graphql_schema import context
from tests import faulty
from tests.databases import TestDatabase
from tests.faulty import Fault, Faulty
from tests.graphql_schema import portals
from tests.portal import asking
from tests.portal.assessments.house import House

pytestmark = pytest.mark.slow

ENDS: tuple[faulty.Kind, ...] = ("cut", "reset")
WRITES = 40
FAILING = """
CREATE SEQUENCE portal.failures;
GRANT USAGE ON SEQUENCE portal.failures TO portal_app;
CREATE FUNCTION portal.fail_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('portal.failures') <= {times} THEN RAISE EXCEPTION 'met' USING ERRCODE = '{state}'; END IF;
  RETURN NEW; END $$;
CREATE CONSTRAINT TRIGGER fail_now AFTER INSERT ON portal.answer_write {when}
   FOR EACH ROW EXECUTE FUNCTION portal.fail_now();
"""


@pytest.fixture
async def house(database: TestDatabase) -> AsyncIterator[House]:
    async with asking.open_house(database) as made:
        yield made


@asynccontextmanager
async def open_behind(house: House, **changed: Any) -> AsyncIterator[tuple[portals.Portal, Faulty]]:
    """A portal whose way to PostgreSQL is ours."""
    place = make_url(house.made.app_url)
    async with faulty.lay(str(place.host), int(place.port or 5432)) as line:
        url = place.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
        database = replace(house.made, app_url=url)
        async with portals.run_portal(database, pool_size=2, **changed) as portal:
            yield portal, line
            line.plan, line.is_down = (lambda number: None), False


def plan_ends(chance: random.Random) -> faulty.Plan:
    """Nearly every connection ends at some byte, in a handshake, a statement, a commit, a reply, either way."""

    def plan(number: int) -> Fault | None:
        kind, towards = chance.choice(ENDS), chance.choice(("server", "client"))
        return Fault(kind, towards, int(2 ** chance.uniform(7, 14))) if chance.random() < 0.9 else None

    return plan


async def test_a_line_to_the_database_that_ends_anywhere_loses_and_doubles_nothing(house: House) -> None:
    async with open_behind(house) as (portal, line):
        client = await asking.begin(house, portal.url)
        line.plan = plan_ends(random.Random(20_261_201))
        line.cut()
        for value in range(WRITES):
            await client.save(value)
        await client.submit()
        assert line.hit >= WRITES // 4, (line, client.outcomes)
        line.plan = lambda number: None
        line.cut()
        assert await client.insist(asking.READ, id=client.id)
        line.made = 0
        for _ in range(5):
            assert await client.post(asking.READ, id=client.id) is not None
        await client.check(submissions=1)


async def test_a_line_that_ends_after_the_last_read_takes_no_answer_with_it(house: House) -> None:
    async with open_behind(house) as (portal, line):
        client = await asking.begin(house, portal.url)
        line.plan = lambda number: Fault("reset", "server", words=b"COMMIT\0")
        line.cut()
        assert await client.post(asking.READ, id=client.id) is not None
        assert line.hit == 1, line


async def test_a_line_to_clients_that_ends_anywhere_loses_and_doubles_nothing(house: House) -> None:
    chance = random.Random(20_261_202)

    def plan(number: int) -> Fault | None:
        kind, towards = chance.choice((*ENDS, "throttle", "delay")), chance.choice(("server", "client"))
        fault = Fault(kind, towards, chance.randrange(700), seconds=0.02)
        return fault if chance.random() < 0.7 else None

    async with (
        portals.run_portal(house.made) as portal,
        faulty.lay("127.0.0.1", portal.port, plan) as line,
    ):
        client = await asking.begin(house, portal.url.replace(str(portal.port), str(line.port)))
        for value in range(WRITES):
            await client.save(value)
        await client.submit()
        assert client.outcomes["nothing"] >= WRITES // 4, client.outcomes
        await client.check(submissions=1)


async def test_a_database_that_restarts_is_told_as_passing_and_is_found_again(house: House) -> None:
    async with open_behind(house) as (portal, line):
        client = await asking.begin(house, portal.url)
        await client.save(1)
        line.is_down = True
        line.cut()
        assert await client.post(asking.READ, id=client.id) is None
        assert client.outcomes["unavailable"] == 1
        line.is_down = False
        assert await client.post(asking.READ, id=client.id) is not None
        line.cut()  # what the pool holds is gone, and whoever comes next does not notice
        assert await client.post(asking.READ, id=client.id) is not None
        line.cut()
        await client.save(2)
        assert client.outcomes["unavailable"] == 1
        await client.check(submissions=0)


async def test_a_database_that_does_not_answer_holds_nobody_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half open: what is sent is taken, and nothing comes back, as behind a switch that lost its power."""
    monkeypatch.setattr(context, "TRANSACTION_SECONDS", 0.5)
    async with open_behind(house) as (portal, line):
        client = await asking.begin(house, portal.url)
        line.plan = lambda number: Fault("swallow", "client", 4_000)
        async with asyncio.timeout(60):
            while not client.outcomes["unavailable"]:
                await client.post(asking.READ, id=client.id)
        line.plan = lambda number: None
        async with asyncio.timeout(60):
            await client.save(1)
        await client.check(submissions=0)


@pytest.mark.parametrize("state", ["40001", "40P01"])
@pytest.mark.parametrize("when", ["", "DEFERRABLE INITIALLY DEFERRED"], ids=["in the statement", "at the commit"])
async def test_changes_that_met_are_done_again_as_a_whole(house: House, state: str, when: str) -> None:
    async with portals.run_portal(house.made) as portal:
        client = await asking.begin(house, portal.url)
        connection = await asyncpg.connect(house.made.superuser_url.replace("+asyncpg", ""))
        await connection.execute(FAILING.format(times=2, state=state, when=when))
        await client.save(1)
        assert client.outcomes == {"answered": 1}
        await connection.execute("ALTER SEQUENCE portal.failures MINVALUE -9 RESTART WITH -9")
        answer = await client.post(asking.SAVE, input=client.make(7))
        assert (answer, client.outcomes["unavailable"]) == (None, 1)  # tried three times, and said that it passes
        await connection.close()
        await client.save(2)
        await client.check(submissions=0)


@pytest.mark.parametrize("hours", [-9, 9])
async def test_a_process_whose_clock_is_off_loses_nothing_and_ends_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Its ids begin with a wrong time; sessions, answers, submissions and their times are the database's."""
    async with portals.run_portal(house.made) as portal:
        client = await asking.begin(house, portal.url)
        await house.fetch("UPDATE portal.session SET expires_at = portal.clock() + interval '1 hour'")
        real, exact = time.time, time.time_ns
        monkeypatch.setattr(time, "time", lambda: real() + hours * 3_600)
        monkeypatch.setattr(time, "time_ns", lambda: exact() + hours * 3_600_000_000_000)
        await client.save(1)
        monkeypatch.undo()
        await client.save(2)
        monkeypatch.setattr(time, "time_ns", lambda: exact() - hours * 3_600_000_000_000)
        await client.submit()
        assert client.outcomes.keys() == {"answered"}
        await client.check(submissions=1)
        times = await house.fetch(
            "SELECT 1 FROM portal.answer_write WHERE abs(extract(epoch FROM portal.clock() - received_at)) > 600"
            " UNION ALL SELECT 1 FROM portal.audit_event WHERE abs(extract(epoch FROM portal.clock() - at)) > 600"
        )
        assert times == []


async def test_a_server_that_ends_answers_what_is_under_way(house: House) -> None:
    holder = await asyncpg.connect(house.made.superuser_url.replace("+asyncpg", ""))
    held = holder.transaction()

    async def let_go_once_nobody_gets_in() -> None:
        with pytest.raises(ConnectionRefusedError):
            while True:
                _, writer = await asyncio.open_connection("127.0.0.1", portal.port)
                writer.close()
                await asyncio.sleep(0.05)
        await held.rollback()

    async with portals.run_portal(house.made) as portal:
        client = await asking.begin(house, portal.url)
        await held.start()
        await holder.execute("SELECT 1 FROM portal.assessment WHERE id = $1 FOR UPDATE", client.assessment)
        saving = asyncio.create_task(client.save(1))
        await house.wait_for_lock()
        letting_go = asyncio.create_task(let_go_once_nobody_gets_in())
    await asyncio.gather(saving, letting_go)
    await holder.close()
    assert client.outcomes == {"answered": 1}
    await client.check(submissions=0)
