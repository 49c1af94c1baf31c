"""What /health/ready looks at, and what of it takes a process out of service."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from obstore.store import LocalStore, from_url

from portal.database import ids
from portal.http import health
from tests import databases
from tests.clients import open_client
from tests.graphql_schema import portals
from tests.graphql_schema.portals import Portal

IN_TIME = {"status": "ok", "outboxLagSeconds": 0, "queueLagSeconds": 0}


@pytest.fixture
async def house(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Portal]:
    """A portal with a place for files; what it found is kept for its usual time."""
    async with portals.run_portal(database, storage_url=f"file://{tmp_path / 'files'}") as running:
        yield running


@pytest.fixture
def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", 0.0)


async def ask(house: Portal) -> tuple[int, dict[str, Any]]:
    async with house.client() as client:
        response = await client.get("/health/ready")
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()


async def add_event(house: Portal, seconds: int, *, relayed: bool = False) -> None:
    """An event of some time ago."""
    await house.run_sql(
        "INSERT INTO portal.outbox (id, topic, ids, created_at, relayed_at) VALUES ($1, 'session.ended', '{}',"
        " now() - make_interval(secs => $2), CASE WHEN $3 THEN now() END)",
        ids.new_id(),
        seconds,
        relayed,
    )


async def add_job(house: Portal, seconds: int, status: str = "queued") -> None:
    """A job that has been due for some time."""
    await house.run_sql(
        "INSERT INTO queue.pgqueuer (priority, status, entrypoint, execute_after)"
        " VALUES (0, $1::queue.pgqueuer_status, 'send_mail', now() - make_interval(secs => $2))",
        status,
        seconds,
    )


async def test_all_is_well(house: Portal, tmp_path: Path) -> None:
    async with house.client() as client:
        assert (await client.get("/health/live")).json() == {"status": "ok"}
    assert await ask(house) == (200, {"status": "ok", "database": "ok", "storage": "ok", "jobs": IN_TIME})
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


async def test_a_database_of_another_revision_cannot_be_served(house: Portal) -> None:
    await house.run_sql("UPDATE migration.schema_version SET version_num = version_num || 'x'")
    status, found = await ask(house)
    assert (status, found) == (
        503,
        {"status": "unavailable", "database": "not migrated", "storage": "ok", "jobs": None},
    )
    await house.run_sql("UPDATE migration.schema_version SET version_num = rtrim(version_num, 'x')")
    assert (await ask(house))[0] == 200


async def test_a_database_that_is_away_cannot_be_served(database: databases.TestDatabase, tmp_path: Path) -> None:
    away = databases.TestDatabase("x", *["postgresql+asyncpg://portal_app:x@127.0.0.1:1/portal"] * 5)
    async with portals.run_portal(away, storage_url=f"file://{tmp_path}") as house:
        status, found = await ask(house)
    assert (status, found["status"], found["database"], found["jobs"]) == (503, "unavailable", "no connection", None)


@pytest.mark.usefixtures("_forgetful")
async def test_a_store_that_keeps_nothing_cannot_be_served(house: Portal, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.rmdir()
    folder.write_text("in the way")
    assert await ask(house) == (
        503,
        {"status": "unavailable", "database": "ok", "storage": "no connection", "jobs": IN_TIME},
    )
    folder.unlink()
    assert (await ask(house))[0] == 200


@pytest.mark.usefixtures("_forgetful")
async def test_a_bucket_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.5)
    settings = {"ENDPOINT": "http://127.0.0.1:1", "REGION": "us-east-1", "ALLOW_HTTP": "true"}
    for name, value in (settings | {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test"}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    started = time.monotonic()
    assert await health._check_storage(from_url("s3://files/prefix")) == "no connection"
    assert time.monotonic() - started < 3


@pytest.mark.usefixtures("_forgetful")
async def test_late_jobs_are_told_and_the_web_serves_on(house: Portal) -> None:
    await add_event(house, 500, relayed=True)
    await add_job(house, 500, "failed")  # held: it does not wait for its turn
    await add_job(house, -500)  # not due before its next try
    assert (await ask(house))[1]["jobs"] == IN_TIME
    await add_event(house, 40)
    await add_job(house, 30)
    status, found = await ask(house)
    assert (status, found["jobs"]["status"]) == (200, "ok")
    assert 40 <= found["jobs"]["outboxLagSeconds"] <= 50
    assert 30 <= found["jobs"]["queueLagSeconds"] <= 40
    await add_job(house, 90)
    status, found = await ask(house)
    assert (status, found["status"], found["jobs"]["status"]) == (200, "ok", "late")
    assert 90 <= found["jobs"]["queueLagSeconds"] <= 100


async def test_many_probes_are_one_look(house: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    check = health._check_storage

    async def count(store: LocalStore | None) -> str:
        nonlocal looks
        looks += 1
        return await check(store)

    monkeypatch.setattr(health, "_check_storage", count)
    async with open_client(base_url=house.url.removesuffix("/graphql")) as client:
        answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(8)))
    assert {one.status_code for one in answers} == {200}
    assert looks == 1


async def test_a_portal_without_a_place_for_files_says_so(database: databases.TestDatabase) -> None:
    async with portals.run_portal(database) as house:
        status, found = await ask(house)
    assert (status, found["storage"]) == (200, "none")


@pytest.mark.usefixtures("_forgetful")
async def test_a_pool_that_is_all_at_work_takes_nothing_out_of_service(house: Portal) -> None:
    pool = house.app.state.services.database.engine
    async with AsyncExitStack() as stack:
        for _ in range(pool.pool.size()):
            await stack.enter_async_context(pool.connect())
        status, body = await ask(house)
        assert (status, body["database"], body["jobs"]) == (200, "ok", IN_TIME)
    assert (await ask(house))[0] == 200
