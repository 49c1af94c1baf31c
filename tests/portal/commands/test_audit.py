"""`portal audit`: what was sealed is checked and handed out, in the database and in a file without one."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.database import ids
from portal.trail import blocks, sealing
from tests import databases
from tests.portal.commands.processes import run_portal
from tests.portal.database.launching import make_reachable_folder
from tests.portal.trail.trails import Trail, open_trail

pytestmark = pytest.mark.slow  # a process for each call


@pytest.fixture
def folder() -> Iterator[Path]:
    with make_reachable_folder() as made:
        yield made / "data"


@pytest.fixture
async def trail(database: databases.TestDatabase, folder: Path) -> AsyncIterator[Trail]:
    folder.mkdir()
    async with open_trail(database, folder / "files") as made:
        yield made


def run(trail: Trail, *arguments: str) -> Any:
    settings = {
        "PORTAL_DATABASE_URL": trail.database.app_url,
        "PORTAL_WORKER_DATABASE_URL": trail.database.worker_url,
        "PORTAL_OWNER_DATABASE_URL": trail.database.owner_url,
        "PORTAL_SIGNING_KEY": trail.key_text.decode(),
    }
    return run_portal(trail.folder.parent, "audit", *arguments, **settings)


async def test_differences_are_named_and_the_exit_code_says_so(trail: Trail) -> None:
    one, other = trail.chains[1:3]
    for chain in (one, other, None):
        await trail.add_to(chain, 3)
    await trail.sealer.seal_due()
    await trail.add_to(one, 1)
    whole = run(trail, "verify")
    words = "3 chains, 3 blocks, 9 sealed events: all as sealed; 1 events wait to be sealed.\n"
    assert (whole.returncode, whole.stdout) == (0, words), whole.stderr
    changed = await trail.admin.fetchval(
        "SELECT id FROM portal.audit_event WHERE organization_id = $1 AND place = 2", one
    )
    await trail.tamper(f"UPDATE portal.audit_event SET action = 'x' WHERE id = '{changed}'")
    found = run(trail, "verify")
    assert found.returncode == 1
    assert (
        f"EVENT_CHANGED: an event is not as it was sealed (organization {one}, block 1, place 2, event {changed})"
        in (found.stderr)
    )
    assert "1 differences" in found.stdout
    assert run(trail, "verify", "--organization", str(other)).returncode == 0
    assert run(trail, "verify", "--organization", str(one)).returncode == 1


async def test_a_trail_is_exported_and_checked_without_a_database(trail: Trail, tmp_path: Path) -> None:
    chain = trail.chains[1]
    for _ in range(2):
        await trail.add_to(chain, 2)
        await trail.sealer.seal_due()
    await trail.add_to(chain, 1)
    await trail.add_to(trail.chains[2], 1)
    exported = run(trail, "export", str(chain))
    assert exported.returncode == 0, exported.stderr
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [next(iter(line)) for line in lines] == [
        "format", "block", "event", "event", "block", "event", "event", "event", "blocks",
    ]  # fmt: skip
    assert str(trail.chains[2]) not in exported.stdout
    file, keys = tmp_path / "trail.jsonl", tmp_path / "keys.json"
    file.write_text(exported.stdout)
    keys.write_bytes(trail.keys.publish())
    checked = run_portal(tmp_path / "nowhere", "audit", "verify", "--file", str(file), "--keys", str(keys))
    assert (checked.returncode, checked.stdout) == (0, "1 chains, 2 blocks, 4 sealed events: all as sealed.\n")
    for number, code in {2: "EVENT_DELETED", 4: "BLOCK_MISSING", 1: "BLOCK_MISSING", 8: "FILE"}.items():
        cut = [line for place, line in enumerate(exported.stdout.splitlines()) if place != number]
        file.write_text("\n".join(cut))
        refused = run_portal(tmp_path / "nowhere", "audit", "verify", "--file", str(file), "--keys", str(keys))
        assert refused.returncode == 1
        assert code in refused.stderr or "FILE" in refused.stderr, (number, refused.stderr)
    changed = exported.stdout.replace("192.0.2.0/24", "198.51.100.0/24", 1)
    file.write_text(changed)
    refused = run_portal(tmp_path / "nowhere", "audit", "verify", "--file", str(file), "--keys", str(keys))
    assert (refused.returncode, "EVENT_CHANGED" in refused.stderr) == (1, True)


async def test_the_portals_own_chain_is_exported_by_its_name(trail: Trail, tmp_path: Path) -> None:
    await trail.add_to(None, 2)
    await trail.sealer.seal_due()
    await trail.add_to(None, 1)
    await trail.add_to(trail.chains[1], 1)
    exported = run(trail, "export", "portal")
    assert (exported.returncode, exported.stderr) == (0, "")
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [next(iter(line)) for line in lines] == ["format", "block", "event", "event", "event", "blocks"]
    assert {line["event"]["organization_id"] for line in lines if "event" in line} == {None}
    assert run(trail, "export", str(blocks.PORTAL)).stdout == exported.stdout
    file, keys = tmp_path / "trail.jsonl", tmp_path / "keys.json"
    file.write_text(exported.stdout)
    keys.write_bytes(trail.keys.publish())
    checked = run_portal(tmp_path / "nowhere", "audit", "verify", "--file", str(file), "--keys", str(keys))
    assert (checked.returncode, checked.stdout) == (0, "1 chains, 1 blocks, 2 sealed events: all as sealed.\n")


async def test_what_is_asked_wrongly_is_said(trail: Trail, tmp_path: Path) -> None:
    assert "There is no trail of such an organization." in run(trail, "export", str(ids.new_id())).stderr
    missing = run(trail, "verify", "--file", str(tmp_path / "none"))
    assert "--keys" in missing.stderr
    keys = tmp_path / "keys.json"
    keys.write_bytes(trail.keys.publish())
    assert "cannot be read" in run(trail, "verify", "--file", str(tmp_path / "none"), "--keys", str(keys)).stderr
    (tmp_path / "some").write_text("no trail")
    assert "FILE" in run(trail, "verify", "--file", str(tmp_path / "some"), "--keys", str(keys)).stderr


async def test_a_person_is_erased_and_all_is_as_sealed(trail: Trail) -> None:
    person = ids.new_id()
    await trail.add({"organization_id": trail.chains[1], "actor_id": person}, {"organization_id": trail.chains[1]})
    await trail.sealer.seal_due()
    done = run(trail, "erase", str(person))
    assert (done.returncode, done.stdout) == (0, f"1 events tell no more of {person}.\n"), done.stderr
    assert await trail.admin.fetchval("SELECT count(*) FROM portal.audit_event WHERE actor_id = $1", person) == 0
    assert run(trail, "verify").returncode == 0


async def test_many_blocks_are_compared_one_by_one(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_OF_BLOCK", 1)
    await trail.add_to(trail.chains[1], 300)
    await trail.sealer.seal_due()
    whole = run(trail, "verify")
    assert (whole.returncode, whole.stdout.startswith("1 chains, 300 blocks, 300 ")) == (0, True), whole.stdout
