"""What is erased and closed is noted outside the database, signed, with ids alone, and a note cannot be made up."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from joserfc import jws

from portal import signing, storage
from portal.trail import erasures, heads, reading
from portal.trail.erasures import Notes
from tests import databases, people
from tests.portal.trail.trails import Trail, open_trail

TURN = "UPDATE portal.organization SET status = $1 WHERE id = $2"


@pytest.fixture
async def trail(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Trail]:
    async with open_trail(database, tmp_path / "files") as made:
        yield made


async def note(trail: Trail) -> int:
    return await erasures.note_due(trail.worker, trail.store, trail.keys)


async def read(trail: Trail) -> Notes:
    return await erasures.read_notes(trail.store, trail.keys.public)


async def check(trail: Trail) -> list[str]:
    async with reading.open_picture(trail.database.worker_url) as picture:
        return [one.code async for one in erasures.check(picture, trail.store, trail.keys.public)]


async def erase_somebody(trail: Trail) -> UUID:
    person = await people.add_person(trail.database)
    await trail.admin.execute("DELETE FROM portal.user_account WHERE id = $1", person.id)
    return person.id


async def test_each_erasure_and_turn_is_noted_once(trail: Trail) -> None:
    gone = await erase_somebody(trail)
    shut, opened, other = [await people.add_organization(trail.database) for _ in range(3)]
    for organization, states in ((shut, ("closed",)), (opened, ("closed", "active")), (other, ("suspended", "active"))):
        for state in states:
            await trail.admin.execute(TURN, state, organization)
    assert [await note(trail), await note(trail)] == [4, 0]
    found = await read(trail)
    assert ([one.subject_id for one in found.people], found.faults) == ([gone], ())
    assert {one.subject_id: one.act for one in found.organizations} == {
        shut: "organization.closed",
        opened: "organization.reopened",
    }
    assert await check(trail) == []
    (person,) = found.people
    said = orjson.loads(jws.extract_compact((trail.folder / person.key).read_bytes()).payload)
    assert set(said) == {"id", "act", "subject_id", "at"}


async def test_a_worker_that_is_stopped_between_note_and_mark_writes_the_same_again(trail: Trail) -> None:
    await erase_somebody(trail)
    await note(trail)
    before = (await read(trail)).erasures
    await trail.admin.execute("UPDATE portal.erasure SET noted_at = NULL")
    assert await note(trail) == 1
    assert (await read(trail)).erasures == before


async def test_nobody_makes_a_note_up_and_none_goes_unseen(trail: Trail) -> None:
    await erase_somebody(trail)
    await note(trail)
    (whole,) = (await read(trail)).erasures
    content = (trail.folder / whole.key).read_bytes()
    stranger = signing.read_keys(signing.make_keys(), "the test")
    said = orjson.dumps(whole)
    for false in (content[:-4] + b"AAAA", content[:-30], b"", stranger.sign(said, erasures.KIND).encode(),
                  trail.keys.sign(said).encode()):  # fmt: skip
        await storage.write(trail.store, whole.key, false)
        assert await read(trail) == Notes((), (whole.key,))
        assert await check(trail) == ["ERASURE_CHANGED", "ERASURE_MISSING"]
    await storage.delete(trail.store, whole.key)
    assert await check(trail) == ["ERASURE_MISSING"]
    await storage.write(trail.store, f"{erasures.FOLDER}another.jws", content)
    assert (await read(trail)).faults == (f"{erasures.FOLDER}another.jws",)
    assert len(await heads.list_files(trail.store, erasures.FOLDER)) == 1
