"""A backup that was made while heads lagged behind: the storage it came from is taken for what it is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal import errors
from portal.backups import comparing, contents, pictures, restoring, taking
from portal.backups.contents import Manifest
from portal.backups.restoring import Target
from portal.backups.taking import Source
from portal.trail import heads, restorations, sealing
from tests import databases
from tests.portal.backups.quiet import Quiet
from tests.portal.trail.trails import Trail, open_trail

pytestmark = pytest.mark.slow  # dumps a database


@dataclass
class Lagging:
    """A trail of four blocks, with the heads of the first two when it was backed up and of all now."""

    trail: Trail
    folder: Path
    manifest: Manifest

    @property
    def target(self) -> Target:
        made = self.trail.database
        return Target(made.owner_url, made.backup_url, self.trail.store, self.trail.keys, keeps_storage=True)

    async def fill(self) -> int:
        return await restoring.fill_storage(self.target, self.folder, self.manifest, Quiet())

    async def compare(self) -> list[str]:
        async with pictures.open_picture(self.trail.database.backup_url) as picture:
            found = comparing.compare(picture, self.trail.store, self.folder, self.manifest, Quiet())
            return [str(one) async for one in found]


@pytest.fixture
async def lagging(database: databases.TestDatabase, tmp_path: Path) -> AsyncIterator[Lagging]:
    async with open_trail(database, tmp_path / "files") as trail:
        for _ in range(2):
            await trail.add_to(trail.chains[1], 1)
            await trail.sealer.seal_due()
        for _ in range(2):
            await trail.add_to(trail.chains[1], 1)
            async with trail.worker.transaction() as (session, _):
                await sealing.seal_batch(session, trail.keys)
        folder = tmp_path / "backup"
        folder.mkdir()
        manifest = await taking.take(Source(database.backup_url, trail.store, trail.keys, {}), folder, Quiet())
        assert (manifest.heads, len(trail.list_files()[0].read_bytes().splitlines())) == (4, 2)
        await trail.sealer.seal_due()
        assert len(trail.list_files()[0].read_bytes().splitlines()) == 4
        yield Lagging(trail, folder, contents.read_manifest(folder))


async def test_heads_that_came_late_are_those_of_the_backup(lagging: Lagging) -> None:
    assert await lagging.compare() == []
    assert await lagging.fill() == 0
    given = vars(lagging.manifest)
    noted = await restorations.give_up(
        lagging.trail.store, lagging.trail.keys, id=given["id"], at=given["taken_at"], backup=given["id"],
        taken_at=given["taken_at"], position=given["heads"],
    )  # fmt: skip
    assert (noted.blocks, await lagging.trail.verify()) == (0, [])


async def test_heads_that_are_others_or_fewer_are_still_refused(lagging: Lagging) -> None:
    (file,) = lagging.trail.list_files()
    first, second, *_ = file.read_bytes().splitlines(keepends=True)
    for others in (second + first, first, b""):
        file.write_bytes(others)
        assert [one.partition(":")[0] for one in await lagging.compare()] == [f"file {heads.FOLDER}{file.name}"]
        with pytest.raises(errors.SetupError, match="are not those of the backup"):
            await lagging.fill()


async def test_a_block_that_is_another_than_the_backups_is_found_by_the_trail(lagging: Lagging) -> None:
    """What stands behind the heads of the backup has to be of its blocks, which `portal audit verify` looks at."""
    (file,) = lagging.trail.list_files()
    *before, _, last = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*before, last]))
    assert await lagging.fill() == 0
    assert {fault.code for fault in await lagging.trail.verify()} == {"HEADS_CUT"}
