"""The release that the worker makes: once, by itself, beside letters, and again the next day where it could not."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from portal import settings, storage
from portal.assessments import publishing
from portal.database import engine, outbox
from portal.delivery import apart, releasing, worker, workplace
from portal.delivery.failures import FailedJob
from portal.delivery.workplace import Workplace
from questionnaires.catalogue import Packaged
from tests import databases
from tests.portal.assessments import sample
from tests.portal.benchmarks import population
from tests.portal.benchmarks.conftest import MARKED
from tests.portal.benchmarks.population import Population, spread
from tests.portal.delivery.test_failures import list_jobs
from tests.portal.delivery.test_worker import Mailbox, add_user, run_worker

pytestmark = pytest.mark.slow  # waits for a real worker

DUE = datetime(2026, 7, 14, tzinfo=UTC)
WAIT = 20.0
QUEUED = "SELECT entrypoint, convert_from(payload, 'UTF8') AS payload, status::text FROM queue.pgqueuer"


@pytest.fixture
async def firms(database: databases.TestDatabase) -> AsyncIterator[Population]:
    packaged = Packaged(sample.make_definition(MARKED), (sample.make_profile(),))
    await publishing.publish_with_login(database.owner_url, [packaged])
    async with population.open_population(database) as opened:
        await opened.set_clock(DUE)
        yield opened


@contextlib.asynccontextmanager
async def open_workplace(database: databases.TestDatabase, folder: Path, **changed: Any) -> AsyncIterator[Workplace]:
    chosen = settings.read_settings(data_dir=folder, **changed)
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=2))
    yield workplace.Workplace(chosen, workers, storage.open_storage(chosen.storage_url))
    await workers.close()


async def list_releases(firms: Population) -> list[tuple[int, Any]]:
    rows = await firms.connection.fetch("SELECT number, period_end FROM portal.release ORDER BY number")
    return [(row["number"], row["period_end"]) for row in rows]


async def wait_until(is_there: Callable[[], Any]) -> None:
    async with asyncio.timeout(WAIT):
        while not await is_there():
            await asyncio.sleep(0.1)


async def test_a_worker_makes_the_release_that_is_due_once(
    database: databases.TestDatabase, firms: Population, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CLEAR_SECONDS", 0.2)
    await firms.submit(await firms.add_firms(12), spread(12))
    async with run_worker(database, tmp_path, Mailbox()):
        await wait_until(lambda: list_releases(firms))
        await asyncio.sleep(1.0)
    assert await list_releases(firms) == [(1, population.QUARTER.last_day)]
    assert await firms.connection.fetch(QUEUED) == []


async def test_what_is_not_due_is_not_made(database: databases.TestDatabase, firms: Population, tmp_path: Path) -> None:
    await firms.submit(await firms.add_firms(12), spread(12))
    parts = {"year": 2026, "quarter": 2}
    async with open_workplace(database, tmp_path, benchmark_release_days=0) as off:
        await releasing.plan_release(off)
        await releasing.make_release(off, parts)
    async with open_workplace(database, tmp_path, benchmark_release_days=14) as on:
        await releasing.make_release(on, {"year": 2026, "quarter": 1})
        assert await list_releases(firms) == []
        await releasing.plan_release(on)
        await releasing.plan_release(on)
        assert [tuple(row) for row in await firms.connection.fetch(QUEUED)] == [
            ("make_release", '{"year":2026,"quarter":2}', "queued")
        ]
        await releasing.make_release(on, parts)
        await releasing.make_release(on, parts)
        assert [number for number, _ in await list_releases(firms)] == [1]


async def test_one_that_cannot_be_made_is_told_and_tried_again_the_next_day(
    database: databases.TestDatabase, firms: Population, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CLEAR_SECONDS", 0.2)
    made_firms = await firms.add_firms(12)
    submissions = await firms.submit(made_firms, spread(12), points={"exits_locked": ["50"] * 12})
    await firms.rescore(made_firms[:3], submissions[:3], spread(3), points={"exits_locked": ["50"] * 3})

    async def find_failed() -> list[FailedJob]:
        return await list_jobs(database)

    async with run_worker(database, tmp_path, Mailbox()):
        await wait_until(find_failed)
        await asyncio.sleep(1.0)
    (failed,) = await find_failed()
    assert (failed.kind, failed.held, failed.tries, failed.last_error) == ("make_release", False, 1, "PROFILES_DIFFER")
    assert failed.next_try_at is not None
    assert 86_000 < (failed.next_try_at - datetime.now(UTC)).total_seconds() < 86_400
    assert len(await firms.connection.fetch(QUEUED)) == 1
    await firms.rescore(made_firms[3:], submissions[3:], spread(9), points={"exits_locked": ["50"] * 9})
    await firms.connection.execute("UPDATE queue.pgqueuer SET execute_after = now()")  # the next day
    async with run_worker(database, tmp_path, Mailbox()):
        await wait_until(lambda: list_releases(firms))
        await wait_until(lambda: _is_empty(firms))
    assert await find_failed() == []


async def _is_empty(firms: Population) -> bool:
    return await firms.connection.fetch(QUEUED) == []


async def test_letters_go_out_during_a_long_release_and_the_worker_ends_without_it(
    database: databases.TestDatabase, firms: Population, tmp_path: Path
) -> None:
    await firms.submit(await firms.add_firms(12), spread(12))
    user = await add_user(database, "ana@example.test")
    mailbox = Mailbox()
    application = engine.Database(engine.create_engine(database.app_url, pool_size=1))
    waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO portal.release_contrib%'"
    holding = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        async with holding.transaction():
            await holding.execute("LOCK portal.release_contributor IN ACCESS EXCLUSIVE MODE")
            async with run_worker(database, tmp_path, mailbox):
                await wait_until(lambda: firms.connection.fetch(waits))
                async with application.transaction() as (session, _):
                    await outbox.add_event(session, "account_exists.due", user=user)
                await asyncio.wait_for(mailbox.letters.get(), WAIT)
                assert await firms.connection.fetch(waits)
                ended = time.monotonic()
            assert time.monotonic() - ended < 5
            assert await firms.connection.fetch(waits) == []
        assert await list_releases(firms) == []
        async with run_worker(database, tmp_path, mailbox):
            await wait_until(lambda: list_releases(firms))
    finally:
        await holding.close()
        await application.close()


async def test_work_apart_that_never_pauses_stops_nothing_else() -> None:
    running: apart.Running = set()

    async def work() -> str:
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            pass
        return "done"

    waiting = asyncio.create_task(apart.run_apart(work, running))
    longest, last = 0.0, time.monotonic()
    while not waiting.done():
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert (await waiting, running) == ("done", set())
    assert longest < 0.5


async def test_work_apart_ends_with_whoever_waits_for_it_and_tells_what_went_wrong() -> None:
    running: apart.Running = set()
    begun, undone = threading.Event(), []

    async def work() -> None:
        try:
            begun.set()
            await asyncio.sleep(3_600)
        finally:
            await asyncio.sleep(0.1)
            undone.append("rolled back")

    waiting = asyncio.create_task(apart.run_apart(work, running))
    while not begun.is_set():
        await asyncio.sleep(0.01)
    (task,) = running
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    assert (waiting.cancelled(), undone, running) == (True, ["rolled back"], set())

    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await apart.run_apart(fail, running)
    assert running == set()
