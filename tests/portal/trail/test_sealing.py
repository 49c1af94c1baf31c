"""The sealer with real PostgreSQL: late commits, two at once, killed in the middle, and rights without a way round."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import asyncpg
import orjson
import pytest

from portal import errors
from portal.access import OWNER_LOGIN
from portal.database import engine, ids
from portal.database.engine import Database
from portal.trail import blocks, erasing, heads, reading, sealing
from tests import databases, people
from tests.portal.trail.trails import AT_ONCE, Trail, list_codes, make_event, open_trail

UNSEALED = "SELECT count(*) FROM portal.audit_event WHERE block_n IS NULL"
ROWS = "SELECT e::text FROM portal.audit_event e WHERE id = ANY($1) ORDER BY id"
TOLD = "SELECT detail FROM portal.audit_event WHERE action = 'person.erased'"
REFUSED = asyncpg.InsufficientPrivilegeError
# A worker that seals blocks of two events each, as fast as it can, until it is killed.
KEEPS_SEALING = """
import asyncio, sys
from obstore.store import LocalStore
from portal import signing
from portal.database import engine
from portal.trail import sealing

sealing.MOST_OF_BLOCK = 2
url, folder, keys = sys.argv[1:]

async def main():
    database = engine.Database(engine.create_engine(url, pool_size=1))
    sealer = sealing.Sealer(database, LocalStore(prefix=folder), signing.read_keys(open(keys).read(), keys))
    print("ready", flush=True)
    while True:
        await sealer.seal_due()

asyncio.run(main())
"""


@pytest.fixture
async def trail(database: databases.TestDatabase, tmp_path: Path):  # type: ignore[no-untyped-def]
    async with open_trail(database, tmp_path / "files") as made:
        yield made


async def count_blocks(trail: Trail) -> list[tuple[int, int]]:
    rows = await trail.admin.fetch("SELECT position, count FROM portal.audit_block ORDER BY position")
    return [(row["position"], row["count"]) for row in rows]


async def test_events_are_sealed_by_organization_in_their_order(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_OF_BLOCK", 2)
    monkeypatch.setattr(sealing, "MOST_EVENTS", 3)
    one, other = trail.chains[1:3]
    await trail.add_to(one, 5)
    await trail.add_to(other, 1)
    await trail.add_to(None, 1)
    assert await trail.sealer.seal_due() == 7
    rows = await trail.admin.fetch(
        "SELECT organization_id, n, count FROM portal.audit_block WHERE organization_id = $1 ORDER BY n", one
    )
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row["count"] for row in rows) == 5
    order = await trail.admin.fetch(
        "SELECT id, at FROM portal.audit_event WHERE organization_id = $1 ORDER BY block_n, place", one
    )
    assert [row["id"] for row in order] == sorted(row["id"] for row in order)
    assert await trail.admin.fetchval("SELECT n FROM portal.audit_block WHERE organization_id = $1", blocks.PORTAL) == 1
    assert await trail.verify() == []
    assert await trail.sealer.seal_due() == 0


async def test_an_event_that_is_committed_late_is_sealed_all_the_same(trail: Trail) -> None:
    """Its transaction began first, so time and id are older than all that is sealed already."""
    late = await asyncpg.connect(trail.database.superuser_url.replace("+asyncpg", ""))
    held = late.transaction()
    await held.start()
    first = ids.new_id()
    statement = "INSERT INTO portal.audit_event (id, organization_id, action, object_kind) VALUES ($1, $2, 'x', 'y')"
    await late.execute(statement, first, trail.chains[1])
    (second,) = await trail.add_to(trail.chains[1], 1)
    assert await trail.sealer.seal_due() == 1
    await held.commit()
    await late.close()
    assert await trail.sealer.seal_due() == 1
    rows = await trail.admin.fetch("SELECT id, block_n, at FROM portal.audit_event ORDER BY at, id")
    assert [(row["id"], row["block_n"]) for row in rows] == [(first, 2), (second, 1)]
    assert rows[0]["at"] <= rows[1]["at"]
    assert await trail.verify() == []


async def test_two_workers_at_once_seal_each_event_once(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_OF_BLOCK", 3)
    monkeypatch.setattr(sealing, "MOST_EVENTS", 7)
    sealers = [trail.sealer for _ in range(4)]

    async def write() -> None:
        for number in range(40):
            await trail.add_to(trail.chains[number % 4], 1 + number % 3)

    async def seal(sealer: sealing.Sealer) -> int:
        done = 0
        for _ in range(60):
            done += await sealer.seal_due()
            await asyncio.sleep(0)
        return done

    _, *sealed = await asyncio.gather(write(), *(seal(one) for one in sealers))
    sealed.append(await trail.sealer.seal_due())
    assert sum(sealed) == await trail.admin.fetchval("SELECT count(*) FROM portal.audit_event") == 79
    made = await count_blocks(trail)
    assert [position for position, _ in made] == list(range(1, len(made) + 1))
    assert await trail.verify() == []


async def test_a_sealer_that_is_cut_off_leaves_nothing_half_done(trail: Trail) -> None:
    """Its connection ends while it waits for its turn, and while it has written and not committed."""
    await trail.add_to(trail.chains[1], 3)
    held = trail.admin.transaction()
    await held.start()
    await trail.admin.execute("SELECT pg_advisory_xact_lock($1)", sealing.SEALING_LOCK)
    waiting = asyncio.create_task(trail.sealer.seal_due())
    find = "SELECT pid FROM pg_stat_activity WHERE usename = 'portal_worker' AND wait_event_type = 'Lock'"
    while (pid := await trail.admin.fetchval(find)) is None:
        await asyncio.sleep(0.01)
        await trail.admin.execute("SELECT pg_stat_clear_snapshot()")
    await trail.admin.execute("SELECT pg_terminate_backend($1)", pid)
    with pytest.raises(errors.Unavailable):
        await waiting
    await held.rollback()
    with pytest.raises(asyncio.CancelledError):
        async with trail.worker.transaction() as (session, _):
            assert await sealing.seal_batch(session, trail.keys) == 3
            raise asyncio.CancelledError
    assert (await count_blocks(trail), await trail.admin.fetchval(UNSEALED)) == ([], 3)
    await trail.sealer.seal_due()
    assert await trail.verify() == []


async def test_heads_that_were_not_written_are_written_by_the_next_worker(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    await trail.add_to(trail.chains[1], 1)
    await trail.sealer.seal_due()

    async def fail(*_: object) -> None:
        raise OSError("no room")

    sealer = trail.sealer
    with monkeypatch.context() as patched:
        patched.setattr(heads, "append", fail)
        await trail.add_to(trail.chains[2], 2)
        with pytest.raises(OSError, match="no room"):
            await sealer.seal_due()
    assert list_codes(await trail.verify()) == {"HEADS_CUT"}
    assert await sealer.seal_due() == 0, "it sealed before, and still owes the heads"
    assert await trail.verify() == []


async def test_heads_fill_files_one_after_the_other(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "LARGEST", 1_000)
    monkeypatch.setattr(sealing, "MOST_HEADS", 2)
    monkeypatch.setattr(sealing, "MOST_OF_BLOCK", 1)
    for _ in range(3):
        await trail.add_to(trail.chains[1], 3)
        await trail.sealer.seal_due()
    names = [path.name for path in trail.list_files()]
    assert len(names) > 2
    assert names[0] == f"{1:020}.jws"
    assert sum(len(path.read_text().splitlines()) for path in trail.list_files()) == 9
    assert await trail.verify() == []


@pytest.mark.slow
async def test_a_worker_killed_in_the_middle_again_and_again_loses_and_doubles_nothing(
    trail: Trail, tmp_path: Path
) -> None:
    keys, chance = tmp_path / "keys.json", random.Random(20_261_201)
    keys.write_bytes(trail.key_text)
    environment = os.environ | {"PYTHONPATH": str(databases.ROOT)}
    command = [sys.executable, "-c", KEEPS_SEALING, trail.database.worker_url, str(trail.folder), str(keys)]
    for _ in range(6):
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        await process.stdout.readline()
        for _ in range(chance.randrange(3, 12)):
            await trail.add_to(chance.choice(trail.chains), chance.randrange(1, 30))
        await asyncio.sleep(chance.random() / 5)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert list_codes(await trail.verify()) <= {"HEADS_CUT"}
    await trail.sealer.seal_due()
    total = await trail.admin.fetchval("SELECT count(*) FROM portal.audit_event")
    assert sum(count for _, count in await count_blocks(trail)) == total > 100
    assert await trail.verify(grace=AT_ONCE) == []


ATTEMPTS = {
    "app changes": ("app", "UPDATE portal.audit_event SET action = 'x'"),
    "app deletes": ("app", "DELETE FROM portal.audit_event"),
    "app seals": ("app", "UPDATE portal.audit_event SET block_n = 1, place = 1"),
    "app says when": (
        "app",
        "INSERT INTO portal.audit_event (id, action, object_kind, at) VALUES (gen_random_uuid(), 'x', 'y', now())",
    ),
    "app says which block": (
        "app",
        "INSERT INTO portal.audit_event (id, action, object_kind, block_n, place)"
        " VALUES (gen_random_uuid(), 'x', 'y', 1, 1)",
    ),
    "app says which salt": (
        "app",
        "INSERT INTO portal.audit_event (id, action, object_kind, who_salt)"
        " VALUES (gen_random_uuid(), 'x', 'y', gen_random_uuid())",
    ),
    "app writes for another": (
        "app",
        "INSERT INTO portal.audit_event (id, organization_id, action, object_kind)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), 'x', 'y')",
    ),
    "app reads blocks": ("app", "SELECT 1 FROM portal.audit_block"),
    "app adds a block": ("app", "INSERT INTO portal.audit_block DEFAULT VALUES"),
    "worker changes": ("worker", "UPDATE portal.audit_event SET action = 'x'"),
    "worker deletes": ("worker", "DELETE FROM portal.audit_event"),
    "worker changes a seal": ("worker", "UPDATE portal.audit_event SET block_n = 7 WHERE block_n IS NOT NULL"),
    "worker takes a seal away": ("worker", "UPDATE portal.audit_event SET block_n = NULL, place = NULL"),
    "worker changes a block": ("worker", "UPDATE portal.audit_block SET count = 1"),
    "worker deletes a block": ("worker", "DELETE FROM portal.audit_block"),
    "worker unlinks who": (
        "worker",
        "UPDATE portal.audit_event SET actor_id = NULL, address = NULL, who_salt = NULL, who_hash = sha256('')",
    ),
    "worker unlinks what": (
        "worker",
        "UPDATE portal.audit_event SET object_id = NULL, detail = '{}', what_salt = NULL, what_hash = sha256('')",
    ),
    "worker unlinks as the owner": (
        "worker",
        "SELECT portal.unlink_events(gen_random_uuid(), 'operator', '{}', '{}', '{}', '{}')",
    ),
    "worker says who was erased": (
        "worker",
        "INSERT INTO portal.erasure (id, act, subject_id)"
        " SELECT gen_random_uuid(), 'person.erased', actor_id FROM portal.audit_event",
    ),
    "worker says that somebody else was erased": ("worker", "UPDATE portal.erasure SET subject_id = gen_random_uuid()"),
    "app reads who was erased": ("app", "SELECT 1 FROM portal.erasure"),
    "app unlinks": ("app", "SELECT portal.unlink_erased_person(gen_random_uuid(), '{}', '{}', '{}', '{}')"),
    "owner changes": ("owner", "UPDATE portal.audit_event SET action = 'x'"),
    "owner changes values": ("owner", "UPDATE portal.audit_event SET actor_id = gen_random_uuid()"),
    "owner deletes": ("owner", "DELETE FROM portal.audit_event"),
    "owner deletes a block": ("owner", "DELETE FROM portal.audit_block"),
    "owner changes a block": ("owner", "UPDATE portal.audit_block SET signature = 'x'"),
    "owner empties": ("owner", "TRUNCATE portal.audit_event"),
    "owner empties blocks": ("owner", "TRUNCATE portal.audit_block"),
    "backup writes": ("backup", "UPDATE portal.audit_event SET action = 'x'"),
}


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_no_login_of_the_portal_changes_what_is_written(trail: Trail, name: str) -> None:
    await trail.add_to(None, 2)
    await trail.sealer.seal_due()
    role, statement = ATTEMPTS[name]
    connection = await asyncpg.connect(getattr(trail.database, f"{role}_url").replace("+asyncpg", ""))
    with pytest.raises(REFUSED):
        await connection.execute(statement)
    await connection.close()
    assert await trail.verify() == []


async def test_a_person_is_erased_and_every_seal_holds(trail: Trail) -> None:
    person, chain = ids.new_id(), trail.chains[1]
    own = {"organization_id": chain, "actor_id": person}
    about = {"organization_id": chain, "object_kind": "user", "object_id": str(person)}
    named = {"organization_id": chain, "detail": {"member": str(person)}}
    await trail.add(own, about, named, {"organization_id": chain})
    await trail.sealer.seal_due()
    waits = await trail.add(own)
    owner = Database(engine.create_engine(trail.database.owner_url, pool_size=1))
    async with owner.transaction() as (session, _):
        assert await erasing.unlink_person(session, OWNER_LOGIN, person) == 4
    async with owner.transaction() as (session, _):
        assert await erasing.unlink_person(session, OWNER_LOGIN, person) == 0
    await owner.close()
    dump = await trail.admin.fetch("SELECT e::text AS row FROM portal.audit_event e")
    assert [row for (row,) in dump if str(person) in row] == []
    erased = await trail.admin.fetch("SELECT who_salt, address FROM portal.audit_event WHERE who_hash IS NOT NULL")
    assert [tuple(row) for row in erased] == [(None, None)] * 2
    assert await trail.verify() == []
    await trail.sealer.seal_due()
    assert await trail.admin.fetchval("SELECT block_n FROM portal.audit_event WHERE id = $1", waits[0]) is not None
    assert await trail.verify() == []


UNLINK = "SELECT portal.unlink_erased_person($1, $2, h.fake, $2, h.fake) FROM (SELECT array_fill(sha256(''), "
UNLINK += "ARRAY[cardinality($2::uuid[])]) AS fake) h"


async def test_the_workers_login_unlinks_nobody_but_who_was_erased(trail: Trail) -> None:
    """Not a person who is there, not a key, an organization or a share, and no event but those of whom it names."""
    there, gone = [await people.add_person(trail.database) for _ in range(2)]
    share = str(ids.new_id())
    others = await trail.add({"actor_id": there.id}, {"object_id": share}, {"detail": {"person": str(there.id)}})
    own = await trail.add({"actor_id": gone.id}, {"object_id": str(gone.id)}, {"detail": {"person": str(gone.id)}})
    await trail.admin.execute("DELETE FROM portal.user_account WHERE id = $1", gone.id)
    before = await trail.admin.fetch(ROWS, others)
    worker = await asyncpg.connect(trail.database.worker_url.replace("+asyncpg", ""))
    actors = await trail.admin.fetchval("SELECT array_agg(actor_id) FROM portal.audit_event WHERE id = ANY($1)", others)
    for person in (there.id, UUID(share), *actors):
        with pytest.raises(REFUSED, match="the trail is unlinked from people who were erased alone"):
            await worker.fetchval(UNLINK, person, others)
    assert await worker.fetchval(UNLINK, gone.id, others) == 0
    assert await trail.admin.fetchval(TOLD) is None
    assert await worker.fetchval(UNLINK, gone.id, [*others, *own]) == 3
    await worker.close()
    assert await trail.admin.fetch(ROWS, others) == before
    assert orjson.loads(await trail.admin.fetchval(TOLD)) == {"events": 3}


async def test_the_worker_unlinks_who_was_erased_and_every_seal_holds(trail: Trail) -> None:
    gone = await people.add_person(trail.database)
    await trail.add({"actor_id": gone.id}, {"actor_id": gone.id, "object_id": str(gone.id)}, {"object_id": "another"})
    await trail.add({"detail": {"member": str(gone.id)}})
    await trail.sealer.seal_due()
    await trail.admin.execute("DELETE FROM portal.user_account WHERE id = $1", gone.id)
    async with trail.worker.transaction() as (session, actor):
        assert await erasing.unlink_person(session, actor, gone.id) == 4  # with the one of the account that was opened
    async with trail.worker.transaction() as (session, actor):
        assert await erasing.unlink_person(session, actor, gone.id) == 0
    assert [orjson.loads(row[0])["events"] for row in await trail.admin.fetch(TOLD)] == [3, 1]  # acts, then the rest
    left = "SELECT 1 FROM portal.audit_event e WHERE strpos(e::text, $1) > 0"
    assert await trail.admin.fetch(left, str(gone.id)) == []
    assert await trail.verify() == []


async def test_the_hash_of_an_erased_person_is_nobodys_who_guesses(trail: Trail) -> None:
    """Two events of one person from one place have nothing in common once they are erased."""
    person = ids.new_id()
    same = make_event() | {"actor_id": person}
    await trail.add({**same, "id": ids.new_id()}, {**same, "id": ids.new_id()})
    async with reading.open_picture(trail.database.worker_url) as picture:
        row = "SELECT * FROM portal.audit_event"
        events = [
            blocks.Event(**{name: one[name] for name in blocks.Event.__dataclass_fields__})
            for one in await picture.fetch(row)
        ]
    assert len({blocks.hash_who(event) for event in events}) == len({blocks.hash_what(event) for event in events}) == 2


async def test_a_database_that_was_rolled_back_is_said_so_and_no_head_is_written_over(
    trail: Trail, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        await trail.add_to(trail.chains[1], 1)
        await trail.sealer.seal_due()
    kept = trail.list_files()[0].read_bytes()
    await trail.tamper(
        "DELETE FROM portal.audit_event WHERE block_n >= 2", "DELETE FROM portal.audit_block WHERE n >= 2"
    )
    await trail.add_to(trail.chains[1], 1)
    await trail.sealer.seal_due()
    assert "audit.rolled_back" in capsys.readouterr().out
    assert trail.list_files()[0].read_bytes() == kept
    assert list_codes(await trail.verify()) == {"HEAD_DIFFERS", "TRUNCATED"}
