"""Whether storage and database agree: each row has its file, byte for byte, and each file a row."""

import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import obstore
import obstore.exceptions
from obstore.store import ObjectStore
from sqlalchemy import Row, text

from portal import storage, uploads
from portal.assessments import evidence_checking
from portal.database.engine import Database

BATCH = 500  # rows at a time
GRACE_DAYS = 1  # a younger file may be on its way to its row
NOBODY = UUID(int=0)
FOLDERS = (*(f"{purpose.folder}/" for purpose in uploads.PURPOSES.values()), *evidence_checking.FOLDERS)

# What has a file, by owner; a preview and a piece of a file that has not come whole have no hash.
WITH_FILE = """
SELECT supplier_id AS owner, id, 'file' AS part, storage_key, size, sha256 FROM portal.evidence
 WHERE state IN ('available', 'quarantined', 'expired')
UNION ALL
SELECT supplier_id, id, 'preview', concat('previews/', replace(supplier_id::text, '-', ''), '/', encode(sha256, 'hex')),
       preview_size, NULL
  FROM portal.evidence WHERE preview_size IS NOT NULL
UNION ALL
SELECT buyer_id, id, 'list', storage_key, size, sha256 FROM portal.supplier_import WHERE storage_key IS NOT NULL
"""
NEXT = text(
    f"""
    SELECT * FROM ({WITH_FILE}) row WHERE (owner, id, part) > (:owner, :id, :part)
     ORDER BY owner, id, part LIMIT :most
    """  # noqa: S608 (a constant)
)
AGAIN = text(f"SELECT * FROM ({WITH_FILE}) row WHERE owner = :owner AND id = :id AND part = :part")  # noqa: S608
PARTS = text("SELECT storage_key, size FROM portal.upload_part WHERE storage_key > :after ORDER BY 1 LIMIT :most")
PART_AGAIN = text("SELECT 1 FROM portal.upload_part WHERE storage_key = :key")
NEEDED = text(
    f"""
    SELECT storage_key FROM ({WITH_FILE}) row WHERE storage_key = ANY(:keys)
    UNION ALL SELECT storage_key FROM portal.upload_part WHERE storage_key = ANY(:keys)
    """  # noqa: S608 (a constant)
)
LONG_AGO = text("SELECT portal.clock() - make_interval(days => :days)")


@dataclass(frozen=True)
class Fault:
    """What does not agree: MISSING, SIZE, CHANGED (another hash) or ORPHAN (a file that no row needs), and where."""

    code: str
    key: str
    id: UUID | None = None  # of the document or the list


@dataclass
class Count:
    """How much was looked at."""

    rows: int = 0
    files: int = 0


async def verify_rows(database: Database, store: ObjectStore, count: Count) -> AsyncIterator[Fault]:
    """Every row whose file is not there or is another one; a file that several rows of one owner have is read once."""
    place, seen = {"owner": NOBODY, "id": NOBODY, "part": ""}, set[str]()
    while rows := await _fetch(database, NEXT, **place, most=BATCH):
        for row in rows:
            if row.owner != place["owner"]:
                seen.clear()
            place = {"owner": row.owner, "id": row.id, "part": row.part}
            count.rows += 1
            if row.storage_key not in seen and (code := await _look(database, store, row)):
                yield Fault(code, row.storage_key, row.id)
            seen.add(row.storage_key)
    after = ""
    while rows := await _fetch(database, PARTS, after=after, most=BATCH):
        for row in rows:
            after = row.storage_key
            count.rows += 1
            code = await _compare(store, row.storage_key, row.size, None)
            if code is not None and await _fetch(database, PART_AGAIN, key=row.storage_key):
                yield Fault(code, row.storage_key)


async def list_orphans(database: Database, store: ObjectStore, count: Count) -> AsyncIterator[Fault]:
    """Every file older than a day that no row needs."""
    (row,) = await _fetch(database, LONG_AGO, days=GRACE_DAYS)
    long_ago: datetime = row[0]
    for folder in FOLDERS:
        async for page in obstore.list(store, folder):
            count.files += len(page)
            old = [meta["path"] for meta in page if meta["last_modified"] < long_ago]
            needed = {one.storage_key for one in await _fetch(database, NEEDED, keys=old)} if old else set()
            for key in old:
                if key not in needed:
                    yield Fault("ORPHAN", key)


async def remove_orphans(database: Database, store: ObjectStore, orphans: Iterable[Fault]) -> int:
    """Remove files that no row needs, each looked for once more; gives how many."""
    removed = 0
    for orphan in orphans:
        async with database.transaction() as (session, _):
            # Whoever checks another document with this content comes before and needs it, or finds it gone.
            await session.execute(evidence_checking.HOLD, {"key": _name_lock(orphan.key)})
            if (await session.execute(NEEDED, {"keys": [orphan.key]})).first() is None:
                await storage.delete(store, orphan.key)
                removed += 1
    return removed


def _name_lock(key: str) -> str:
    """What is held for a file: a preview goes with its document."""
    kept, previews = evidence_checking.FOLDERS
    return kept + key.removeprefix(previews) if key.startswith(previews) else key


async def _look(database: Database, store: ObjectStore, row: Row[Any]) -> str | None:
    """What is wrong with the file of a row; looked at again where the row has changed meanwhile."""
    code = await _compare(store, row.storage_key, row.size, row.sha256)
    if code is None:
        return None
    now = await _fetch(database, AGAIN, owner=row.owner, id=row.id, part=row.part)
    if not now:
        return None
    if now[0].storage_key == row.storage_key:
        return code
    return await _compare(store, now[0].storage_key, now[0].size, now[0].sha256)


async def _compare(store: ObjectStore, key: str, size: int, sha256: bytes | None) -> str | None:
    digest, read = hashlib.sha256(), 0
    try:
        if (await obstore.head_async(store, key))["size"] != size:
            return "SIZE"
        if sha256 is None:
            return None
        async for chunk in storage.read_stream(store, key):
            digest.update(chunk)
            read += len(chunk)
    except FileNotFoundError:
        return "MISSING"
    return None if (digest.digest(), read) == (sha256, size) else "CHANGED"


async def _fetch(database: Database, statement: Any, **parameters: Any) -> list[Row[Any]]:
    """Rows of a transaction of their own: none waits for storage."""
    async with database.transaction() as (session, _):
        return list((await session.execute(statement, parameters)).all())
