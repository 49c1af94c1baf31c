"""Upgrades from each earlier release: its rows, in its schema, are all there afterwards and say what they said."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from graphql_schema import nodes
from portal import access, storage
from portal.backups import pictures
from portal.commands import cards
from portal.database import engine, migrating
from portal.delivery import stored_files
from portal.delivery.stored_files import Count
from tests import databases, people
from tests.databases import Server, TestDatabase
from tests.graphql_schema import portals
from tests.graphql_schema.sharing.stage import EVIDENCE
from tests.portal.assessments import files
from tests.portal.database import earlier

pytestmark = pytest.mark.slow  # runs all migrations for each release

RECORD = """
SELECT r.buyer_id, r.id FROM portal.supplier_record r
  JOIN portal.share s ON s.buyer_id = r.buyer_id AND s.supplier_id = r.supplier_id
"""
SHARED = 'query ($id: ID!) { supplier(id: $id, questionnaire: "sample") { latestResult { total } } }'
FILES = sorted(earlier.FOLDER.glob("*.sql"))
RELEASES = ["2026_11_22_foundation", "2026_11_29_ready", "2026_11_30_repeats", "2026_11_30_indicators"]


def test_each_release_has_its_rows() -> None:
    assert [path.stem for path in FILES] == sorted(RELEASES)
    assert all(path.stat().st_size < 100_000 for path in FILES)


async def load(database: TestDatabase, statements: str) -> None:
    """Write rows past triggers and keys, in whatever order they stand in."""
    admin = await asyncpg.connect(database.superuser_url.replace("+asyncpg", ""))
    try:
        await admin.execute("SET session_replication_role = replica")
        await admin.execute(statements)
    finally:
        await admin.close()


async def count_rows(database: TestDatabase) -> dict[str, int]:
    async with pictures.open_picture(database.superuser_url) as picture:
        return await pictures.count_rows(picture)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
async def test_a_release_is_upgraded_with_all_its_rows(
    file: Path, database_server: Server, database_template: str, tmp_path: Path
) -> None:
    told = json.loads(file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("-- "))
    with databases.copy_template(database_server, None) as database:
        await migrating.upgrade(database.owner_url, to=file.stem)
        assert await earlier.hash_schema(database.superuser_url) == told["schema"], "an old migration was changed"
        await load(database, file.read_text(encoding="utf-8"))
        before = await count_rows(database)
        assert before["portal.answer"] >= 10
        await migrating.upgrade(database.owner_url)
        await migrating.check(database.owner_url)
        after = await count_rows(database)
        assert {name: count for name, count in before.items() if after.get(name, -1) < count} == {}
        fresh = earlier.hash_schema(database_server.superuser_url(database_template))
        assert await earlier.hash_schema(database.superuser_url) == await fresh
        await read_everything(database, told, tmp_path)


async def read_everything(database: TestDatabase, told: dict[str, Any], folder: Path) -> None:
    """The supplier and the buyer read what they read before, cards agree with rows, and rows with files."""
    store = storage.open_storage(folder.as_uri())
    (document,) = await people.run_sql(database, "SELECT storage_key FROM portal.evidence WHERE state = 'available'")
    await storage.write(store, document["storage_key"], files.make_pdf(earlier.DOCUMENT))
    async with portals.run_portal(database, storage_url=folder.as_uri()) as portal:
        found = await portal.ask(earlier.RESULT, told["tokens"]["weaver"], id=told["ids"]["submission"])
        assert found["data"]["node"] == told["result"], found
        (record,) = await people.run_sql(database, RECORD)
        supplier = nodes.encode_id(nodes.NodeKind("supp", "supp", access.PUBLIC), record["id"], record["buyer_id"])
        found = await portal.ask(SHARED, told["tokens"]["maker"], id=str(supplier))
        assert found["data"]["supplier"]["latestResult"] == told["result"]["result"], found
        for stranger in ("dyer", "trader"):
            found = await portal.ask(earlier.RESULT, told["tokens"][stranger], id=told["ids"]["submission"])
            assert found["data"]["node"] is None, (stranger, found)
        found = await portal.ask(EVIDENCE, told["tokens"]["weaver"], id=told["ids"]["evidence"])
        assert found["data"]["node"]["state"] == "AVAILABLE", found
    made = create_async_engine(database.worker_url)
    count, differences = await cards._look_at_all(made, False)
    await made.dispose()
    assert (count > 0, differences) == (True, [])
    worker = engine.Database(engine.create_engine(database.worker_url, pool_size=1))
    assert [fault async for fault in stored_files.verify_rows(worker, store, Count())] == []
    await worker.close()
