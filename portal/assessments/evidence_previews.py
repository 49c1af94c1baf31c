"""Small pictures of documents that are pictures: made by the worker in a process of its own, kept beside the file."""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import obstore.exceptions
import structlog
from obstore.store import ObjectStore
from sqlalchemy import text

from portal import errors, storage
from portal.assessments import evidence_checking, preview_process
from portal.database.engine import Database

MEDIA_TYPE = "image/jpeg"
PICTURES = ("image/jpeg", "image/png")
PROGRAM = Path(preview_process.__file__)
SECONDS = preview_process.SECONDS + 10

log = structlog.get_logger(__name__)

FIND = text(
    """
    SELECT supplier_id, id, sha256, storage_key FROM portal.evidence
     WHERE supplier_id = :supplier AND id = :id AND state = 'available' AND media_type = ANY (:types)
       AND preview_size IS NULL
    """
)
NOTE = text(
    """
    UPDATE portal.evidence SET preview_size = :size
     WHERE supplier_id = :supplier AND id = :id AND state = 'available'
    """
)


async def make_preview(database: Database, store: ObjectStore, *, supplier_id: UUID, evidence_id: UUID) -> None:
    """Make the preview of a document that is a picture; one that cannot be made is left out.

    Raises Unavailable where the file cannot be read just now.
    """
    wanted = {"supplier": supplier_id, "id": evidence_id}
    async with database.transaction() as (session, _):
        row = (await session.execute(FIND, {**wanted, "types": list(PICTURES)})).one_or_none()
    if row is None:
        return
    with tempfile.TemporaryFile() as file:
        try:
            async for chunk in storage.read_stream(store, row.storage_key):
                file.write(chunk)
        except (OSError, obstore.exceptions.BaseError) as error:
            raise errors.Unavailable(f"The picture cannot be read: {type(error).__name__}.") from error
        content = await asyncio.to_thread(draw, file)
    if content is None:
        return
    async with database.transaction() as (session, _):
        # As where the file itself is moved: whoever removes it comes before, or finds this row.
        key = evidence_checking.make_key(supplier_id, row.sha256)
        await session.execute(evidence_checking.HOLD, {"key": key})
        if (await session.execute(FIND, {**wanted, "types": list(PICTURES)})).one_or_none() is None:
            return
        # Before anything is changed: the feed of every organization waits for a transaction that has changed something,
        # and a storage may take its time.
        await storage.write(store, evidence_checking.make_preview_key(supplier_id, row.sha256), content)
        await session.execute(NOTE, {**wanted, "size": len(content)})


def draw(file: BinaryIO) -> bytes | None:
    """The preview of a picture, or none for one that cannot be read within the limits."""
    file.seek(0)
    command = [sys.executable, "-I", str(PROGRAM)]
    try:
        done = subprocess.run(command, stdin=file, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        log.warning("preview.not_made", reason="time")
        return None
    if done.returncode or not done.stdout:
        log.warning("preview.not_made", reason=f"exit {done.returncode}")
        return None
    return done.stdout
