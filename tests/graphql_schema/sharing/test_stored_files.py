"""`portal evidence verify`: files that are missing, changed or needed by no row are named, in a folder and in S3."""

import asyncio
import hashlib
from typing import Any

import obstore
import pytest
from obstore.store import ObjectStore
from sqlalchemy import text

from portal import storage
from portal.assessments import evidence_checking
from portal.database import engine, ids
from portal.delivery import stored_files
from portal.delivery.stored_files import Count, Fault
from tests import people
from tests.graphql_schema.assessments.documents import decode
from tests.graphql_schema.sharing.stage import Stage
from tests.graphql_schema.sharing.test_resuming import add, list_keys
from tests.portal.assessments import files
from tests.portal.commands import processes

pytestmark = pytest.mark.slow

WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
Kept = tuple[Stage, ObjectStore]


async def verify(stage: Stage, store: ObjectStore, *, repair: bool = False) -> tuple[list[Fault], Count]:
    """What does not agree; with `repair` what is needed by nobody is removed after it was told."""
    database, count = engine.Database(engine.create_engine(stage.house.made.worker_url, pool_size=1)), Count()
    try:
        found = [one async for one in stored_files.verify_rows(database, store, count)]
        orphans = [one async for one in stored_files.list_orphans(database, store, count)]
        if repair:
            await stored_files.remove_orphans(database, store, orphans)
    finally:
        await database.close()
    return found + orphans, count


async def test_what_does_not_agree_is_named_and_only_what_nobody_needs_removed(kept: Kept) -> None:
    stage, store = kept
    contents = [files.make_pdf(bytes([n])) for n in range(4)]
    for content in [*contents, contents[0]]:
        await stage.wait_for(stage.weaver, await stage.send(stage.weaver, content))
    await stage.wait_for(stage.weaver, await stage.send(stage.weaver, b"MZ" + bytes(90)))  # refused, so without a file
    _, token = await stage.announce(stage.weaver)
    await add(stage, token, 0, b"half of a file")
    await stage.wait_for_jobs()
    found, count = await verify(stage, store)
    assert (found, count.rows, count.files) == ([], 6, 5)
    kept_files = [key for key in list_keys(store) if key.startswith("evidence/")]
    gone, changed, longer, good = kept_files
    await storage.delete(store, gone)
    content = bytearray(bytes((await obstore.get_async(store, changed)).bytes()))
    content[-1] ^= 1
    await storage.write(store, changed, bytes(content))
    await storage.write(store, longer, bytes(content) + b"!")
    stray = f"evidence/{ids.new_id().hex}/{'0' * 64}"
    await storage.write(store, stray, b"nobody's")
    told = {("MISSING", gone), ("CHANGED", changed), ("SIZE", longer)}
    found, _ = await verify(stage, store, repair=True)
    assert {(one.code, one.key) for one in found} == told  # what is young may be on its way
    await people.move_clock(stage.house.made, "25 hours")
    found, _ = await verify(stage, store, repair=True)
    assert {(one.code, one.key) for one in found} == told | {("ORPHAN", stray)}
    assert {*list_keys(store)} >= {changed, longer, good}
    assert stray not in list_keys(store)
    (part,) = [key for key in list_keys(store) if key.startswith("quarantine/")]
    await storage.delete(store, part)
    found, _ = await verify(stage, store)
    assert {(one.code, one.key) for one in found} == told | {("MISSING", part)}


async def test_what_a_check_is_about_to_need_is_not_removed(unwatched: Stage) -> None:
    """The content lies there as a leftover; a document that is checked just now is about to stand on it."""
    stage, supplier = unwatched, unwatched.weaver.organization
    store, content = storage.open_storage(stage.settings.storage_url), files.make_pdf()
    evidence = decode(await stage.send(stage.weaver, content))
    key = evidence_checking.make_key(supplier, hashlib.sha256(content).digest())
    await storage.write(store, key, content)
    worker = engine.Database(engine.create_engine(stage.house.made.worker_url, pool_size=3))
    try:
        async with asyncio.TaskGroup() as group, people.open_session(stage.house.made.superuser_url) as session:
            await session.execute(text("SELECT 1 FROM portal.evidence WHERE id = :id FOR UPDATE"), {"id": evidence})
            given = {"supplier_id": supplier, "evidence_id": evidence}
            group.create_task(evidence_checking.check_evidence(worker, store, **given))
            await stage.house.wait_for_lock()
            removing = group.create_task(stored_files.remove_orphans(worker, store, [Fault("ORPHAN", key)]))
            async with asyncio.timeout(20):
                while not removing.done() and not await stage.house.fetch(WAITING):
                    await asyncio.sleep(0.01)
        assert removing.result() == 0
        assert [one async for one in stored_files.verify_rows(worker, store, Count())] == []
    finally:
        await worker.close()


async def test_the_command_tells_and_repairs(stage: Stage) -> None:
    await stage.wait_for(stage.weaver, await stage.send(stage.weaver, files.make_pdf()))
    await stage.wait_for_jobs()
    settings = {
        "PORTAL_DATABASE_URL": stage.house.made.app_url,
        "PORTAL_WORKER_DATABASE_URL": stage.house.made.worker_url,
        "PORTAL_STORAGE_URL": stage.settings.storage_url,
    }

    async def run(*arguments: str) -> Any:
        data = stage.folder / "data"
        return await asyncio.to_thread(processes.run_portal, data, "evidence", "verify", *arguments, **settings)

    agreed = await run()
    assert (agreed.returncode, agreed.stdout) == (0, "1 rows, 1 files: all agree.\n"), agreed.stderr
    (stage.folder / "evidence" / "stray").write_bytes(b"x")
    await people.move_clock(stage.house.made, "25 hours")
    told = await run()
    assert (told.returncode, told.stdout) == (1, "1 rows, 2 files: 1 do not agree, 0 were removed.\n")
    assert told.stderr == "ORPHAN evidence/stray\n"
    assert (await run("--repair")).returncode == 0
    assert (await run()).returncode == 0
    away = await asyncio.to_thread(
        processes.run_portal, stage.folder / "data", "evidence", "verify", **{**settings, "PORTAL_STORAGE_URL": "s3://"}
    )
    assert away.returncode == 1
    assert "PORTAL_STORAGE_URL" in away.stderr
