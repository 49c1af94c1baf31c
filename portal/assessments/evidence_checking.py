"""From quarantine to its place: the worker looks at an uploaded document and either keeps or refuses it, once."""

import asyncio
import hashlib
import tempfile
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

import obstore
import structlog
from obstore.store import ObjectStore
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors, metering, storage, uploads
from portal.assessments import file_checks, joining, personal_hints, virus_scanning
from portal.assessments.refusals import Refused
from portal.assessments.virus_scanning import ScannerAway
from portal.database import outbox
from portal.database.engine import Database
from questionnaires.xlsx import BROKEN

log = structlog.get_logger(__name__)

FIND = text(
    """
    SELECT supplier_id, id, file_name, sha256, storage_key FROM portal.evidence
     WHERE supplier_id = :supplier AND id = :id AND state = 'quarantined'
    """
)
DECIDE = text(
    """
    UPDATE portal.evidence SET state = :state, media_type = :media_type, rejection = :rejection, storage_key = :kept,
           personal_hints = :hints, updated_at = portal.clock()
     WHERE supplier_id = :supplier AND id = :id AND state = 'quarantined' AND storage_key = :quarantine
    RETURNING id
    """
)


WAIT = text(
    """
    UPDATE portal.evidence SET scan_due_at = portal.clock() + interval '1 minute'
     WHERE supplier_id = :supplier AND id = :id AND state = 'quarantined'
    """
)
SETTLE = text("SELECT portal.settle_revision(:supplier, :id)")
CLOSE = text("SELECT portal.close_redactions(:supplier, :id)")
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
USED = text("SELECT 1 FROM portal.evidence WHERE supplier_id = :supplier AND sha256 = :sha256 AND storage_key = :key")


FOLDERS = ("evidence/", "previews/")  # what is kept for good


@dataclass(frozen=True)
class Good:
    """What a file is that may be kept, and what it seems to hold of persons."""

    media_type: str
    hints: list[str]


def make_key(supplier_id: UUID, sha256: bytes) -> str:
    """The place of a good document: the same content of one organization has one place, of two organizations two."""
    return f"evidence/{supplier_id.hex}/{sha256.hex()}"


def make_preview_key(supplier_id: UUID, sha256: bytes) -> str:
    """The place of the small picture of a document that is a picture."""
    return f"previews/{supplier_id.hex}/{sha256.hex()}"


async def check_evidence(
    database: Database, store: ObjectStore, *, supplier_id: UUID, evidence_id: UUID, scanner_url: str = ""
) -> None:
    """Decide on one document in quarantine; run again, it only clears what an earlier run left behind.

    A file that the scanner gives no word on stays where it is, and is asked about again in a minute. Raises Unavailable
    where the file cannot be read just now.
    """
    async with database.transaction() as (session, _):
        row = (await session.execute(FIND, {"supplier": supplier_id, "id": evidence_id})).one_or_none()
    if row is not None:
        try:
            verdict = await _judge(store, row, scanner_url)
        except ScannerAway as away:
            metering.SCANS.labels("scanner_away").inc()
            log.warning("scan.failed", reason=str(away))
            async with database.transaction() as (session, _):
                await session.execute(WAIT, {"supplier": supplier_id, "id": evidence_id})
            return
        async with database.transaction() as (session, _):
            if isinstance(verdict, Good):
                # Whoever removes the same content of a deleted document comes before, or finds this one.
                await session.execute(HOLD, {"key": make_key(row.supplier_id, row.sha256)})
                await _move(store, row)
                await _settle(session, row)
            await _decide(session, row, verdict)
        metering.SCANS.labels("good" if isinstance(verdict, Good) else verdict.code.lower()).inc()
    await _clear(store, evidence_id)


async def remove_file(database: Database, store: ObjectStore, *, supplier_id: UUID, sha256: bytes) -> None:
    """Remove the file of a deleted document, unless another one has the same content."""
    key = make_key(supplier_id, sha256)
    async with database.transaction() as (session, _):
        await session.execute(HOLD, {"key": key})
        parameters = {"supplier": supplier_id, "sha256": sha256, "key": key}
        if (await session.execute(USED, parameters)).first() is None:
            await storage.delete(store, key)
            await storage.delete(store, make_preview_key(supplier_id, sha256))


async def _judge(store: ObjectStore, row: Row[Any], scanner_url: str) -> Good | Refused:
    with tempfile.TemporaryFile() as file:
        try:
            digest = await _fetch(store, row.storage_key, file)
        except (OSError, obstore.exceptions.BaseError) as error:
            raise errors.Unavailable(f"The file cannot be read from quarantine: {type(error).__name__}.") from error
        if digest != row.sha256:
            return Refused("CHANGED")
        try:
            checked = await asyncio.to_thread(file_checks.check_file, file, row.file_name)
        except Refused as refused:
            return refused
        try:
            if scanner_url and await virus_scanning.is_infected(file, scanner_url):
                return Refused("VIRUS")
        except virus_scanning.TooLarge:
            log.warning("scan.too_large", size=file.seek(0, 2))
            return Refused("TOO_LARGE_TO_SCAN")
        return Good(checked.media_type, await asyncio.to_thread(find_hints, file, checked.kind, row.file_name))


def find_hints(file: BinaryIO, kind: str, file_name: str) -> list[str]:
    """Hints at data of persons; a file whose text cannot be read gives none, and is as good as it was."""
    try:
        return personal_hints.find_hints(file, kind, file_name)
    except BROKEN as error:
        log.warning("hints.not_found", reason=type(error).__name__)
        return []


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


async def _settle(session: AsyncSession, row: Row[Any]) -> None:
    """Let a good revision take the place of older ones at drafts, and tell those who follow them.

    Where an older one is just being attached, or a draft started with it, that comes first and is seen.
    """
    await session.execute(joining.TAKE_TURN, {"supplier": f"assessments:{row.supplier_id}"})
    drafts = await session.scalars(SETTLE, {"supplier": row.supplier_id, "id": row.id})
    await session.execute(CLOSE, {"supplier": row.supplier_id, "id": row.id})
    events = [{"supplier": row.supplier_id, "assessment": one} for one in drafts]
    await outbox.add_events(session, "assessment.changed", events)


async def _decide(session: AsyncSession, row: Row[Any], verdict: Good | Refused) -> None:
    good = isinstance(verdict, Good)
    values = {
        "supplier": row.supplier_id,
        "id": row.id,
        "quarantine": row.storage_key,
        "state": "available" if good else "rejected",
        "media_type": verdict.media_type if isinstance(verdict, Good) else None,
        "hints": verdict.hints if isinstance(verdict, Good) else [],
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
