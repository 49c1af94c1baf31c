"""Where the embedded server keeps its data: folders that are closed, read-only, full, moved, or somebody else's."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.database import binaries, cluster, embedded, server_account
from portal.errors import EmbeddedServerError
from tests.absences import needs_root
from tests.portal.database.launching import ORDINARY_ACCOUNT, execute, is_gone, make_reachable_folder, open_portal

pytestmark = pytest.mark.slow  # each starts PostgreSQL several times


@pytest.fixture
def small_disk(open_folder: Path) -> Iterator[Path]:
    """A file system of 200 MB, where about 60 MB are data after the first start."""
    place = open_folder / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m,mode=0755", "portal-test", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(place: Path, leave: int) -> None:
    """Write a file until only so many bytes are free."""
    with open(place / "filler", "wb") as filler:
        filler.write(b"\0" * (shutil.disk_usage(place).free - leave))


@needs_root
def test_full_folder_at_the_first_start(small_disk: Path) -> None:
    fill(small_disk, leave=8 << 20)
    with pytest.raises(EmbeddedServerError, match=rf"no room left for the database in {small_disk}/data.*PORTAL_DATA"):
        embedded.start(small_disk / "data")
    (small_disk / "filler").unlink()
    with embedded.start(small_disk / "data") as server:
        assert execute(server.superuser_url(), "SELECT 1") == 1


@needs_root
def test_folder_without_a_byte_left(small_disk: Path) -> None:
    fill(small_disk, leave=0)
    with pytest.raises(EmbeddedServerError, match="no room left for the database"):
        embedded.start(small_disk / "data")


@needs_root
@pytest.mark.parametrize("free", [0, 64 << 10, 20 << 20])
def test_full_folder_at_a_later_start(small_disk: Path, free: int) -> None:
    with embedded.start(small_disk / "data") as server:
        execute(server.superuser_url(), "CREATE TABLE kept AS SELECT 7 AS value")
    fill(small_disk, leave=free)
    with pytest.raises(EmbeddedServerError, match="no room left for the database"):
        embedded.start(small_disk / "data")
    (small_disk / "filler").unlink()
    with embedded.start(small_disk / "data") as server:
        assert execute(server.superuser_url(), "SELECT value FROM kept") == 7


@needs_root
def test_initdb_that_runs_out_of_room_says_so(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quota is not seen beforehand, so PostgreSQL's own words must be understood too."""
    monkeypatch.setattr(cluster, "SPACE_TO_CREATE", 0)
    fill(small_disk, leave=20 << 20)
    with pytest.raises(EmbeddedServerError, match=rf"no room left for the database in {small_disk}/data"):
        embedded.start(small_disk / "data")
    assert not list((small_disk / "data").glob("draft-*"))


@needs_root
@pytest.mark.parametrize("made_before", [False, True])
def test_read_only_file_system(small_disk: Path, made_before: bool) -> None:
    if made_before:
        embedded.start(small_disk / "data").stop()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(EmbeddedServerError, match=rf"folder {small_disk}/data cannot be used .Read-only.*PORTAL_DATA"):
        embedded.start(small_disk / "data")


@needs_root
def test_folder_an_ordinary_user_may_not_write_to(open_folder: Path) -> None:
    (open_folder / "closed").mkdir(mode=0o555)
    with open_portal(open_folder / "closed" / "data", account=ORDINARY_ACCOUNT) as portal:
        message = portal.read()["error"]
    assert f"The database folder {open_folder}/closed/data cannot be used (Permission denied" in message
    assert "Make it writable" in message


@needs_root
def test_ordinary_user_keeps_all_below_one_folder(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, ORDINARY_ACCOUNT, ORDINARY_ACCOUNT)
    with open_portal(home / "data", account=ORDINARY_ACCOUNT) as portal:
        told = portal.read()
        execute(told["url"], "CREATE TABLE kept AS SELECT 7 AS value")
        assert (home / "data" / "cluster").stat().st_uid == ORDINARY_ACCOUNT
        assert not (home / "data" / "cluster").is_symlink()
        assert portal.stop() == 0
        assert is_gone(told["pid"])
    with open_portal(home / "data", account=ORDINARY_ACCOUNT) as portal:
        told = portal.read()
        assert execute(told["url"], "SELECT value FROM kept") == 7
        portal.kill()
    with open_portal(home / "data", account=ORDINARY_ACCOUNT) as portal:
        assert execute(portal.read()["url"], "SELECT value FROM kept") == 7


@needs_root
def test_data_of_an_ordinary_user_started_by_root_stay_that_users(open_folder: Path) -> None:
    folder = open_folder / "data"
    (open_folder / "data").mkdir()
    os.chown(folder, ORDINARY_ACCOUNT, ORDINARY_ACCOUNT)
    with open_portal(folder, account=ORDINARY_ACCOUNT) as portal:
        execute(portal.read()["url"], "CREATE TABLE kept AS SELECT 7 AS value")
        assert portal.stop() == 0
    with embedded.start(folder, shelter=open_folder / "shelter") as server:
        assert execute(server.superuser_url(), "SELECT value FROM kept") == 7
        assert Path(f"/proc/{server.pid}").stat().st_uid == ORDINARY_ACCOUNT
    with open_portal(folder, account=ORDINARY_ACCOUNT) as portal:
        assert execute(portal.read()["url"], "SELECT value FROM kept") == 7


@needs_root
def test_data_of_root_refuse_an_ordinary_user(open_folder: Path) -> None:
    embedded.start(open_folder / "data").stop()
    with open_portal(open_folder / "data", account=ORDINARY_ACCOUNT) as portal:
        assert "cannot be used (Permission denied" in portal.read()["error"]


@needs_root
def test_root_runs_the_server_as_nobody(open_folder: Path) -> None:
    nobody = server_account.find_server_account(None)
    with embedded.start(open_folder / "data") as server:
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in (server.pid, server.own_guard.process.pid)}  # type: ignore[union-attr]
        assert owners == {nobody.uid}
        assert stat.S_IMODE((open_folder / "data" / "cluster").stat().st_mode) == 0o700


@needs_root
def test_checkout_below_a_closed_home(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`nobody` can enter neither the programs nor the data there: both go to the shelter, and no door is opened."""
    home = open_folder / "home"
    (home / "checkout").mkdir(parents=True)
    home.chmod(0o700)
    found = binaries.find_binaries()
    for tree in found.list_trees():
        shutil.copytree(tree, home / "programs" / tree.name, symlinks=True)
    programs = home / "programs" / found.folder.relative_to(found.list_trees()[0].parent)
    monkeypatch.setenv("PORTAL_PG_BIN", str(programs))
    shelter = open_folder / "shelter"
    for value in (7, 8):
        with embedded.start(home / "checkout" / "data", shelter=shelter) as server:
            assert server.binaries.folder.is_relative_to(shelter)
            execute(server.superuser_url(), "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS value")
            assert execute(server.superuser_url(), "UPDATE kept SET value = value + 1 RETURNING value") == value + 1
    assert (home / "checkout" / "data" / "cluster").readlink().parent == shelter
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(shelter.stat().st_mode) == 0o711
    program = server.binaries.folder / "postgres"
    assert (program.stat().st_uid, program.stat().st_mode & 0o022) == (0, 0)
    assert sorted(entry.name.partition("-")[0] for entry in shelter.iterdir()) == ["cluster", "postgresql"]


@needs_root
def test_moved_checkout_finds_its_sheltered_data(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    with embedded.start(home / "old", shelter=open_folder / "shelter") as server:
        execute(server.superuser_url(), "CREATE TABLE kept AS SELECT 7 AS value")
    (home / "old").rename(home / "new")
    with embedded.start(home / "new", shelter=open_folder / "shelter") as server:
        assert execute(server.superuser_url(), "SELECT value FROM kept") == 7
    with embedded.start(home / "old", shelter=open_folder / "shelter") as server:
        assert execute(server.superuser_url(), "SELECT to_regclass('kept')::text") is None


def test_data_that_are_gone_are_not_made_anew(open_folder: Path) -> None:
    embedded.start(open_folder / "data").stop()
    (open_folder / "data" / "cluster").rename(open_folder / "elsewhere")
    (open_folder / "data" / "cluster").symlink_to(open_folder / "gone")
    with pytest.raises(EmbeddedServerError, match=r"were kept in .*gone, which is gone"):
        embedded.start(open_folder / "data")


def test_moved_folder_starts_at_its_new_place(open_folder: Path) -> None:
    with embedded.start(open_folder / "old") as server:
        execute(server.superuser_url(), "CREATE TABLE kept AS SELECT 7 AS value")
    (open_folder / "old").rename(open_folder / "new name")
    with embedded.start(open_folder / "new name") as server:
        assert execute(server.superuser_url(), "SELECT value FROM kept") == 7


def test_letters_of_every_script_in_the_path(open_folder: Path) -> None:
    with embedded.start(open_folder / "Größe 数据 'x'") as server:
        assert execute(server.superuser_url(), "SELECT 1") == 1


def test_file_in_the_place_of_the_folder(open_folder: Path) -> None:
    (open_folder / "data").write_text("")
    with pytest.raises(EmbeddedServerError, match="cannot be used"):
        embedded.start(open_folder / "data")


def test_two_folders_run_side_by_side() -> None:
    with (
        make_reachable_folder() as one,
        make_reachable_folder() as two,
        embedded.start(one / "data") as first,
        embedded.start(two / "data") as second,
    ):
        assert first.port != second.port
        assert first.passwords["postgres"] != second.passwords["postgres"]
