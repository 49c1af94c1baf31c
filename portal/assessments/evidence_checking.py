"""From quarantine to its place: the worker looks at an uploaded document and either keeps or refuses it, once."""

import asyncio
import hashlib
import tempfile
from typing import Any, BinaryIO
from uuid import UUID

import obstore
from obstore.store import ObjectStore
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors, storage, uploads
from portal.assessments import file_checks
from portal.assessments.refusals import Refused
from portal.database import outbox
from portal.database.engine import Database

FIND = text(
    """
    SELECT supplier_id, id, file_name, sha256, storage_key FROM portal.evidence
     WHERE supplier_id = :supplier AND id = :id AND state = 'quarantined'
    """
)
DECIDE = text(
    """
    UPDATE portal.evidence SET state = :state, media_type = :media_type, rejection = :rejection, storage_key = :kept,
           updated_at = portal.clock()
     WHERE supplier_id = :supplier AND id = :id AND state = 'quarantined' AND storage_key = :quarantine
    RETURNING id
    """
)


HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
USED = text("SELECT 1 FROM portal.evidence WHERE supplier_id = :supplier AND sha256 = :sha256 AND storage_key = :key")


def make_key(supplier_id: UUID, sha256: bytes) -> str:
    """The place of a good document: the same content of one organization has one place, of two organizations two."""
    return f"evidence/{supplier_id.hex}/{sha256.hex()}"


async def check_evidence(database: Database, store: ObjectStore, *, supplier_id: UUID, evidence_id: UUID) -> None:
    """Decide on one document in quarantine; run again, it only clears what an earlier run left behind.

    Raises Unavailable where the file cannot be read just now.
    """
    async with database.transaction() as (session, _):
        row = (await session.execute(FIND, {"supplier": supplier_id, "id": evidence_id})).one_or_none()
    if row is not None:
        verdict = await _judge(store, row)
        async with database.transaction() as (session, _):
            if isinstance(verdict, file_checks.Checked):
                # Whoever removes the same content of a deleted document comes before, or finds this one.
                await session.execute(HOLD, {"key": make_key(row.supplier_id, row.sha256)})
                await _move(store, row)
            await _decide(session, row, verdict)
    await _clear(store, evidence_id)


async def remove_file(database: Database, store: ObjectStore, *, supplier_id: UUID, sha256: bytes) -> None:
    """Remove the file of a deleted document, unless another one has the same content."""
    key = make_key(supplier_id, sha256)
    async with database.transaction() as (session, _):
        await session.execute(HOLD, {"key": key})
        parameters = {"supplier": supplier_id, "sha256": sha256, "key": key}
        if (await session.execute(USED, parameters)).first() is None:
            await storage.delete(store, key)


async def _judge(store: ObjectStore, row: Row[Any]) -> file_checks.Checked | Refused:
    with tempfile.TemporaryFile() as file:
        try:
            digest = await _fetch(store, row.storage_key, file)
        except (OSError, obstore.exceptions.BaseError) as error:
            raise errors.Unavailable(f"The file cannot be read from quarantine: {type(error).__name__}.") from error
        if digest != row.sha256:
            return Refused("CHANGED")
        try:
            return await asyncio.to_thread(file_checks.check_file, file, row.file_name)
        except Refused as refused:
            return refused


async def _fetch(store: ObjectStore, key: str, file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    async for chunk in storage.read_stream(store, key):
        digest.update(chunk)
        file.write(chunk)
    file.seek(0)
    return digest.digest()


async def _move(store: ObjectStore, row: Row[Any]) -> None:
    """Copy a good file to its place, unless the same content is there already."""
    key = make_key(row.supplier_id, row.sha256)
    try:
        await obstore.head_async(store, key)
    except FileNotFoundError:
        await storage.copy(store, row.storage_key, key)


async def _decide(session: AsyncSession, row: Row[Any], verdict: file_checks.Checked | Refused) -> None:
    good = isinstance(verdict, file_checks.Checked)
    values = {
        "supplier": row.supplier_id,
        "id": row.id,
        "quarantine": row.storage_key,
        "state": "available" if good else "rejected",
        "media_type": verdict.media_type if isinstance(verdict, file_checks.Checked) else None,
        "rejection": verdict.code if isinstance(verdict, Refused) else None,
        "kept": make_key(row.supplier_id, row.sha256) if good else None,
    }
    if (await session.execute(DECIDE, values)).one_or_none() is not None:
        await outbox.add_event(session, "evidence.checked", supplier=row.supplier_id, evidence=row.id)


async def _clear(store: ObjectStore, evidence_id: UUID) -> None:
    """Remove from quarantine what came in for the document, also what an interrupted run left."""
    prefix = uploads.list_prefix("evidence", evidence_id)
    found = [
        meta["path"] for page in await asyncio.to_thread(lambda: list(obstore.list(store, prefix))) for meta in page
    ]
    for path in found:
        await storage.delete(store, path)
