"""Disks without a byte left, under files, under the database and under a backup: each is said, and passes."""

import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from portal.database import server_account
from tests.absences import needs_root
from tests.databases import TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.sharing import stage as stages
from tests.portal import asking
from tests.portal.assessments import files
from tests.portal.assessments.house import House
from tests.portal.commands import processes
from tests.portal.database.launching import make_reachable_folder

pytestmark = [pytest.mark.slow, needs_root]


@contextmanager
def mount(size: str) -> Iterator[Path]:
    """A file system of so many bytes, which PostgreSQL can reach."""
    with make_reachable_folder() as top:
        place = top / "disk"
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "portal-test", place], check=True)
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)


def fill(place: Path) -> None:
    """Leave no byte free."""
    with open(place / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(b"\0" * 4_096)


async def test_a_file_that_finds_no_room_may_be_sent_again(database: TestDatabase) -> None:
    with mount("2m") as disk:
        async with stages.set_stage(database, disk, works=False) as stage:
            evidence, token = await stage.announce(stage.weaver)
            fill(disk)
            content = files.make_pdf(b"% " + b"x" * 500_000)
            refused = await stage.put(token, content)
            assert (refused.status_code, "UNAVAILABLE" in refused.text) == (503, True), refused.text
            assert (await stage.ask(stage.weaver, stages.EVIDENCE, id=evidence))["node"]["state"] == "AWAITING"
            (disk / "filler").unlink()
            taken = await stage.put(token, content)
            assert (taken.status_code, taken.json()["size"]) == (201, len(content)), taken.text
            found = [path for path in disk.rglob("*") if path.is_file()]
            assert [path.stat().st_size for path in found] == [len(content)], found


@pytest.fixture
async def house(database: TestDatabase) -> AsyncIterator[House]:
    async with asking.open_house(database) as made:
        yield made


async def test_a_database_that_has_no_room_says_so_and_goes_on(house: House) -> None:
    """The answers lie on a disk of their own, which fills while somebody answers."""
    admin = await asyncpg.connect(house.made.superuser_url.replace("+asyncpg", ""))
    with mount("4m") as disk:
        account = server_account.find_server_account(None)
        (disk / "space").mkdir(mode=0o700)
        account.give(disk / "space")
        space = f"small_{house.made.name}"
        await admin.execute(f"CREATE TABLESPACE {space} LOCATION '{disk / 'space'}'")
        try:
            await admin.execute(f"ALTER TABLE portal.answer_write SET TABLESPACE {space}")
            async with portals.run_portal(house.made) as portal:
                client = await asking.begin(house, portal.url)
                await client.save(1)
                fill(disk)
                saved = await save_until_refused(client)
                assert client.outcomes["unavailable"] == 1
                assert await client.post(asking.READ, id=client.id) is not None
                (disk / "filler").unlink()
                await client.save(saved)
                await client.submit()
                await client.check(submissions=1)
        finally:
            await admin.execute("ALTER TABLE portal.answer_write SET TABLESPACE pg_default")
            await admin.execute(f"DROP TABLESPACE {space}")
            await admin.close()


async def save_until_refused(client: asking.Client) -> int:
    """The number of the first write that found no room; those before it stand."""
    for value in range(2, 2_000):
        sent = client.make(value)
        saved: Any = await client.post(asking.SAVE, input=sent)
        if saved is None:
            return value
        client.hear(sent, saved)
    raise AssertionError("the disk was never full")


async def test_a_backup_that_finds_no_room_leaves_nothing(database: TestDatabase, tmp_path: Path) -> None:
    with mount("64k") as disk:
        settings = {"PORTAL_BACKUP_DATABASE_URL": database.backup_url, "PORTAL_STORAGE_URL": tmp_path.as_uri()}
        made = processes.run_portal(tmp_path / "data", "backup", str(disk / "backup"), **settings)
        assert made.returncode == 1
        assert "No space left on device" in made.stderr, made.stderr
        assert "Traceback" not in made.stderr
        assert list(disk.iterdir()) == []
