"""An event that cannot be passed on: the others go on, and it is tried again, held, and seen by the operator."""

from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from portal import errors, settings, storage
from portal.database import engine, ids
from portal.delivery import failures, forgetting, jobs, queue, relay, workplace
from portal.delivery.notifications import plain_url
from portal.identity import operators
from tests import databases, people

ADD = "INSERT INTO portal.outbox (id, topic, ids, created_at) VALUES ($1, $2, $3::jsonb, now() + $4 * interval '1 ms')"
WAITING = "SELECT id FROM portal.outbox WHERE relayed_at IS NULL"
ASKED = "SELECT payload FROM queue.pgqueuer WHERE entrypoint = $1"
LETTERS = "SELECT id FROM portal.mail WHERE kind = 'account_changed' ORDER BY id"


async def add(database: databases.TestDatabase, place: int, topic: str, **parts: str) -> UUID:
    made = ids.new_id()
    await people.run_sql(database, ADD, made, topic, orjson.dumps(parts).decode(), place)
    return made


async def pass_on_all(database: databases.TestDatabase) -> list[int]:
    """What the relay moved, one round after the other until nothing waits."""
    connection, moved = await asyncpg.connect(plain_url(database.worker_url)), []
    try:
        while await connection.fetch(WAITING):
            moved.append(await relay.relay_batch(connection))
            assert len(moved) < 5, "it is held up"
    finally:
        await connection.close()
    return moved


@pytest.mark.parametrize("why", ["it names no row", "a letter fails in the database", "webhooks fail"])
async def test_an_event_that_fails_holds_up_no_other(
    database: databases.TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    person = await people.add_person(database)
    good = {"user": str(person.id), "what": "password_changed"}
    before = await add(database, 1, "account.changed", **good)
    bad = await add_bad(database, monkeypatch, why)
    after = await add(database, 3, "account.changed", **good)
    await pass_on_all(database)
    assert {row["id"] for row in await people.run_sql(database, LETTERS)} == {before, after}
    (asked,) = await people.run_sql(database, ASKED, relay.JOB)
    assert orjson.loads(asked["payload"]) == {"event": str(bad)}
    assert len(await people.run_sql(database, ASKED, "send_mail")) == 2  # nothing of the bad one, and each once

    # Its job fails as well, as long as nothing is mended; then it is held where the operator finds it.
    place = make_place(database, tmp_path)
    try:
        with pytest.raises(Exception, match=r".+"):
            await jobs.pass_on_event(place, {"event": str(bad)})
        await people.run_sql(database, "UPDATE queue.pgqueuer SET status = 'failed' WHERE entrypoint = $1", relay.JOB)
        async with people.open_session(database.owner_url) as session:
            (held,) = await failures.list_jobs(session, operators.OWNER_LOGIN, limit=10)
        assert (held.kind, held.held) == (relay.JOB, True)
        # However long that takes: what it is about stays.
        await people.move_clock(database, "30 days")
        connection = await asyncpg.connect(plain_url(database.worker_url))
        await forgetting.forget(connection)
        await connection.close()
        await mend(database, monkeypatch, bad, str(person.id))
        await jobs.pass_on_event(place, {"event": str(bad)})
        with pytest.raises(errors.NotFound, match="The event is gone"):
            await jobs.pass_on_event(place, {"event": str(ids.new_id())})
    finally:
        await place.database.close()
    assert {row["id"] for row in await people.run_sql(database, LETTERS)} == {before, after, bad}


async def test_a_lock_is_no_fault_of_an_event_which_waits_its_turn(
    database: databases.TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = await add(database, 1, "band.changed", supplier=str(ids.new_id()))

    async def meet(connection: Any, happenings: Any) -> None:
        await connection.execute("DO $$ BEGIN RAISE EXCEPTION 'met' USING ERRCODE = '40P01'; END $$")

    monkeypatch.setattr(relay.fanout, "write_deliveries", meet)
    connection = await asyncpg.connect(plain_url(database.worker_url))
    with pytest.raises(asyncpg.DeadlockDetectedError):
        await relay.relay_batch(connection)
    assert [row["id"] for row in await connection.fetch(WAITING)] == [waiting]
    assert await people.run_sql(database, ASKED, relay.JOB) == []
    monkeypatch.undo()
    assert await relay.relay_batch(connection) == 1
    assert await connection.fetch(WAITING) == []
    await connection.close()


async def add_bad(database: databases.TestDatabase, monkeypatch: pytest.MonkeyPatch, why: str) -> UUID:
    if why == "it names no row":
        return await add(database, 2, "share.changed", supplier="no id at all", share="neither", act="created")
    if why == "a letter fails in the database":
        return await add(database, 2, "glass.opened", to="no id at all", glass="neither")
    made = await add(database, 2, "band.changed", supplier=str(ids.new_id()))
    real = relay.fanout.write_deliveries

    async def fail(connection: Any, happenings: Any) -> None:
        if any(one.id == made for one in happenings):
            raise KeyError("a message that nobody can write")
        await real(connection, happenings)

    monkeypatch.setattr(relay.fanout, "write_deliveries", fail)
    return made


async def mend(database: databases.TestDatabase, monkeypatch: pytest.MonkeyPatch, bad: UUID, person: str) -> None:
    monkeypatch.undo()
    statement = "UPDATE portal.outbox SET topic = 'account.changed', ids = $2::jsonb WHERE id = $1"
    parts = {"user": person, "what": "password_changed"}
    await people.run_sql(database, statement, bad, orjson.dumps(parts).decode())


def make_place(database: databases.TestDatabase, folder: Path) -> workplace.Workplace:
    chosen = settings.read_settings(data_dir=folder, public_url="http://portal.test", secret_key="k" * 40)
    workers = engine.Database(engine.create_engine(database.worker_url, pool_size=2))
    return workplace.Workplace(chosen, workers, storage.open_storage(chosen.storage_url))


def test_the_job_has_a_handler_and_the_queue_a_payload_of_ids() -> None:
    assert relay.JOB in jobs.HANDLERS
    assert queue.write_payload({"event": "x"}) == b'{"event":"x"}'
