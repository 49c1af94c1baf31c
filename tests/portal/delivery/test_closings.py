"""What the clock makes due is done for each by itself, and keeps no event waiting."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from portal import metering, settings, storage
from portal.database import engine, outbox
from portal.delivery import closings, forgetting, jobs, worker
from portal.delivery.workplace import Workplace
from tests import databases, people

pytestmark = pytest.mark.slow  # waits for a worker

WAIT = 20.0
EMPTIED = "SELECT id FROM portal.organization WHERE emptied_at IS NOT NULL"
# As where a row points to it that nobody thought of.
HOLD = """
CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'still pointed to' USING ERRCODE = 'foreign_key_violation'; END $$;
CREATE TRIGGER hold BEFORE DELETE ON portal.member FOR EACH ROW WHEN (OLD.organization_id = '{}')
    EXECUTE FUNCTION public.hold();
"""


@pytest.fixture
async def place(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Workplace]:
    chosen = settings.read_settings(data_dir=tmp_path, public_url="http://portal.test")
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=2))
    yield Workplace(chosen, workers, storage.open_storage(chosen.storage_url))
    await workers.close()


async def close_some(database: databases.TestDatabase) -> list[UUID]:
    """Three organizations that were closed long ago, one after the other."""
    made = [await people.add_organization(database, (await people.add_person(database), "owner")) for _ in range(3)]
    for age, organization in zip((60, 50, 40), made, strict=True):
        await people.run_sql(
            database,
            "UPDATE portal.organization SET status = 'closed', closed_at = now() - make_interval(days => $1)"
            " WHERE id = $2",
            age,
            organization,
        )
    return made


def count_failures(work: str) -> float:
    return metering.CLOCK_FAILURES.labels(work)._value.get()  # type: ignore[no-any-return]


async def test_one_that_cannot_be_emptied_holds_up_no_other(
    database: databases.TestDatabase, place: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    stuck, *others = await close_some(database)
    admin = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    await admin.execute(HOLD.format(stuck))
    before = count_failures("closings")
    await closings.empty_closed(place)
    assert {row["id"] for row in await admin.fetch(EMPTIED)} == set(others)
    assert count_failures("closings") == before + 1
    told = [line for line in capsys.readouterr().out.splitlines() if "closing.not_emptied" in line]
    assert [str(stuck) in line for line in told] == [True]
    await admin.execute("DROP TRIGGER hold ON portal.member")
    await closings.empty_closed(place)
    assert len(await admin.fetch(EMPTIED)) == 3
    await admin.close()


async def test_events_go_on_while_the_sweep_waits(database: databases.TestDatabase, place: Workplace) -> None:
    admin = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    app = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    async with admin.transaction(), asyncio.timeout(WAIT):
        await admin.execute("LOCK TABLE portal.idempotency_key")
        task = asyncio.create_task(worker.run_worker(place, database.worker_url))
        while not await people.run_sql(
            database,
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE FROM portal.idem%'",
        ):
            await asyncio.sleep(0.05)
        async with app.transaction() as (session, _):
            await outbox.add_event(session, "assessment.changed", supplier=None, assessment=None)
        while not await people.run_sql(database, "SELECT 1 FROM portal.outbox WHERE relayed_at IS NOT NULL"):
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task], timeout=WAIT)
    await app.close()
    await admin.close()


async def test_a_sweep_that_fails_is_counted_and_tried_again(
    database: databases.TestDatabase, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept, sweep, before = asyncio.Event(), jobs.sweep, count_failures("sweep")
    fails = [True]

    async def fail_once(connection: asyncpg.Connection) -> None:
        if fails:
            fails.clear()
            raise ValueError
        await sweep(connection)
        swept.set()

    monkeypatch.setattr(jobs, "sweep", fail_once)
    monkeypatch.setattr(worker, "SWEEP_SECONDS", 0.01)
    task = asyncio.create_task(worker.run_worker(place, database.worker_url))
    await asyncio.wait_for(swept.wait(), WAIT)
    assert not task.done()
    task.cancel()
    await asyncio.wait([task], timeout=WAIT)
    assert count_failures("sweep") == before + 1


async def test_what_was_passed_on_is_found_by_its_day(database: databases.TestDatabase) -> None:
    (rule,) = [one for one in forgetting.RULES if one.table == "portal.outbox"]
    connection = await asyncpg.connect(database.worker_url.replace("+asyncpg", ""))
    async with connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {rule.statement}", rule.days))
    await connection.close()
    assert "ix_outbox_relayed" in plan, plan
