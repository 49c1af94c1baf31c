"""A restoration is told for ever by a signed note, hides no other cut, and may be stopped at any point."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from obstore.store import ObjectStore

from portal import signing, storage
from portal.database import ids
from portal.trail import heads, reading, restorations, sealing
from portal.trail.checking import Fault
from portal.trail.restorations import Restoration
from tests import databases
from tests.portal.trail.trails import Trail, list_codes, open_trail

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
EVENT = """
INSERT INTO portal.audit_event (id, action, object_kind, object_id)
VALUES (gen_random_uuid(), 'portal.restored', 'restoration', $1)
"""


@pytest.fixture
async def trail(
    database: databases.TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Trail]:
    """Six blocks in three files of heads, of which the database has lost the last four."""
    monkeypatch.setattr(heads, "LARGEST", 1)
    async with open_trail(database, tmp_path / "files") as made:
        for _ in range(3):
            await made.add_to(made.chains[1], 2)
            await made.add_to(made.chains[2], 1)
            await made.sealer.seal_due()
        assert len(made.list_files()) == 3
        await made.tamper(
            "DELETE FROM portal.audit_event WHERE block_n > 1", "DELETE FROM portal.audit_block WHERE n > 1"
        )
        assert list_codes(await made.verify()) == {"TRUNCATED"}
        yield made


UNSIGNED = "SELECT detail -> 'unsigned' FROM portal.audit_event WHERE action = 'portal.restored'"


async def give_up(trail: Trail, id: UUID, *, is_signed: bool = True) -> Restoration:
    given = {"id": id, "at": NOW, "backup": ids.new_id(), "taken_at": NOW, "position": 2, "is_signed": is_signed}
    return await restorations.give_up(trail.store, trail.keys, **given)  # type: ignore[arg-type]


async def read(trail: Trail, key: str) -> bytes:
    return b"".join([part async for part in storage.read_stream(trail.store, key)])


async def check(trail: Trail) -> tuple[list[Restoration], set[str]]:
    async with reading.open_picture(trail.database.worker_url) as picture:
        found = [one async for one in restorations.check(picture, trail.store, trail.keys.public)]
    told = [one for one in found if isinstance(one, Restoration)]
    return told, {one.code for one in found if isinstance(one, Fault)}


async def test_the_trail_goes_on_and_tells_what_was_given_up(trail: Trail) -> None:
    noted = await give_up(trail, ids.new_id())
    assert (noted.blocks, noted.events, noted.organizations) == (4, 6, 2)
    assert await trail.verify() == []
    assert await check(trail) == ([noted], set())
    assert "up to block 2 of all; 4 blocks with 6 events of 2 chains that were sealed after it were given up" in str(
        noted
    )
    await trail.add_to(trail.chains[1], 1)
    await trail.sealer.seal_due()
    assert await trail.verify() == []
    await trail.tamper("DELETE FROM portal.audit_block WHERE position = 3")
    assert "TRUNCATED" in list_codes(await trail.verify())  # a cut stays one, and the note tells what it told
    assert await check(trail) == ([noted], set())


async def test_a_head_that_cannot_be_read_is_neither_cut_nor_given_up(trail: Trail) -> None:
    lines = [line for path in trail.list_files() for line in path.read_bytes().splitlines(keepends=True)]
    content = b"".join([lines[0], b"no head\n", *lines[1:]])
    assert heads.split_at(content, 2) == ([lines[0], b"no head\n", lines[1]], lines[2:])
    assert heads.split_at(content, 99) == ([lines[0], b"no head\n", *lines[1:]], [])
    assert heads.split_at(b"", 2) == ([], [])


async def test_who_changes_a_note_is_found(trail: Trail) -> None:
    noted = await give_up(trail, ids.new_id())
    await trail.admin.execute(EVENT, str(noted.id))
    assert await check(trail) == ([noted], set())
    key = f"{restorations.FOLDER}{noted.id}.jws"
    content = await read(trail, key)
    stranger = signing.read_keys(signing.make_keys(), "the test")
    for false in (content[:-4] + b"AAAA", b"none", stranger.sign(b"{}", restorations.KIND).encode()):
        await storage.write(trail.store, key, false)
        assert await check(trail) == ([], {"RESTORATION_CHANGED", "RESTORATION_MISSING"})
    await storage.delete(trail.store, key)
    assert await check(trail) == ([], {"RESTORATION_MISSING"})
    await storage.write(trail.store, f"{restorations.FOLDER}{ids.new_id()}.jws", content)  # under another name
    assert await check(trail) == ([], {"RESTORATION_CHANGED", "RESTORATION_MISSING"})


async def test_heads_aside_that_are_changed_or_gone_are_found(trail: Trail) -> None:
    noted = await give_up(trail, ids.new_id())
    aside = await heads.list_files(trail.store, f"{restorations.GIVEN_UP}{noted.id}/")
    assert len(aside) == 3
    await storage.delete(trail.store, aside[0])
    assert await check(trail) == ([noted], {"RESTORATION_CHANGED"})


async def test_stopped_anywhere_it_is_brought_to_its_end(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more act of the storage is let through each time; a worker that seals in between loses no head."""
    id, left = ids.new_id(), 0
    write, delete = storage.write, storage.delete

    def count() -> None:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1

    async def write_or_stop(store: ObjectStore, key: str, content: bytes) -> None:
        count()
        await write(store, key, content)

    async def delete_or_stop(store: ObjectStore, key: str) -> None:
        count()
        await delete(store, key)

    stops = 0
    while True:
        left = stops
        monkeypatch.setattr(storage, "write", write_or_stop)
        monkeypatch.setattr(storage, "delete", delete_or_stop)
        try:
            noted = await give_up(trail, id)
        except KeyboardInterrupt:
            stops += 1
        else:
            break
        finally:
            monkeypatch.setattr(storage, "write", write)
            monkeypatch.setattr(storage, "delete", delete)
    assert stops >= 3
    await trail.add_to(trail.chains[1], 1)
    await sealing.Sealer(trail.worker, trail.store, trail.keys).seal_due()
    again = await give_up(trail, id)
    assert await trail.verify() == []
    assert (noted.blocks, again.blocks, again.run) == (4, 4, 2)
    assert await check(trail) == ([again, noted], set())


async def test_a_second_run_leaves_the_note_of_the_first_as_it_is(trail: Trail) -> None:
    first = await give_up(trail, ids.new_id())
    before = await read(trail, first.key)
    second = await give_up(trail, first.id)
    assert await read(trail, first.key) == before
    assert second.key == f"{restorations.FOLDER}{first.id}-2.jws"
    told, faults = await check(trail)
    assert ({one.run for one in told}, faults) == ({1, 2}, set())
    assert "Run number 2 of a restoration on 2026-12-01 12:00 UTC" in str(second)
    await storage.write(trail.store, first.key, b"somebody was here")
    third = await give_up(trail, first.id)  # which does not mend it
    assert (third.run, await read(trail, first.key)) == (3, b"somebody was here")
    assert (await check(trail))[1] == {"RESTORATION_CHANGED"}


async def test_a_restoration_from_an_unsigned_backup_says_so_for_ever(trail: Trail) -> None:
    noted = await give_up(trail, ids.new_id(), is_signed=False)
    ((told,), _) = await check(trail)
    assert told == noted
    assert "12:00 UTC, for which no signature vouched, up to block 2" in str(told)
    await trail.admin.execute(restorations.write_event(ids.new_id(), noted.id, noted.backup, 2, is_signed=False))
    assert await trail.admin.fetchval(UNSIGNED) == "true"


async def test_a_note_of_an_earlier_portal_is_read(trail: Trail) -> None:
    noted = await give_up(trail, ids.new_id())
    said = {name: value for name, value in vars(noted).items() if name not in ("run", "is_signed")}
    await storage.write(trail.store, noted.key, trail.keys.sign(orjson.dumps(said), restorations.KIND).encode())
    assert await check(trail) == ([noted], set())
