"""Files that nobody came back for: lists that were never confirmed, documents never sent, bytes without a row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import obstore
import obstore.exceptions
import structlog
from obstore.store import ObjectStore
from sqlalchemy import Row, text

from portal import storage, uploads
from portal.delivery import retention
from portal.delivery.workplace import Workplace

LIST_DAYS = 7
WAITING_DAYS = 1
logger = structlog.get_logger(__name__)

# Counted from the end of the upload link: a link that is asked for again moves it, so no file is younger than that.
EXPIRE_LISTS = text(
    """
    UPDATE portal.supplier_import SET state = 'expired'
     WHERE storage_key IS NOT NULL AND state IN ('uploaded', 'previewed')
       AND upload_expires_at < portal.clock() - make_interval(days => :days)
    """
)
LIST_EXPIRED = text(
    "SELECT buyer_id, id, storage_key FROM portal.supplier_import WHERE storage_key IS NOT NULL AND state = 'expired'"
)
FORGET_FILE = text(
    "UPDATE portal.supplier_import SET storage_key = NULL WHERE buyer_id = :buyer_id AND id = :id AND state = 'expired'"
)
REMOVE_AWAITED = text(
    """
    DELETE FROM portal.evidence e
     WHERE e.state = 'awaiting' AND e.upload_expires_at < portal.clock() - make_interval(days => :days)
       AND NOT EXISTS (SELECT FROM portal.evidence_link l
                        WHERE l.supplier_id = e.supplier_id AND l.evidence_id = e.id)
       AND NOT EXISTS (SELECT FROM portal.submission_evidence s
                        WHERE s.supplier_id = e.supplier_id AND s.evidence_id = e.id)
    """
)
# Pieces of files whose link waits for nothing any more, or has ended a day ago.
FORGET_PARTS = text(
    """
    DELETE FROM portal.upload_part p
     WHERE NOT EXISTS (SELECT FROM portal.evidence e WHERE e.upload_hash = p.upload_hash AND e.state = 'awaiting'
                          AND e.upload_expires_at >= portal.clock() - make_interval(days => :days))
       AND NOT EXISTS (SELECT FROM portal.supplier_import i WHERE i.upload_hash = p.upload_hash AND i.state = 'awaiting'
                          AND i.upload_expires_at >= portal.clock() - make_interval(days => :days))
    """
)
# An upload takes a quarter of an hour at most, so what is older than a day and belongs to no row never will.
LONG_AGO = text("SELECT portal.clock() - make_interval(days => :days)")
NEEDED = {
    "evidence": text(
        "SELECT storage_key FROM portal.evidence WHERE state = 'quarantined' AND storage_key = ANY(:keys)"
        " UNION ALL SELECT storage_key FROM portal.upload_part WHERE storage_key = ANY(:keys)"
    ),
    "supplier_list": text(
        "SELECT storage_key FROM portal.supplier_import WHERE storage_key = ANY(:keys)"
        " UNION ALL SELECT storage_key FROM portal.upload_part WHERE storage_key = ANY(:keys)"
    ),
}


async def clear_leftovers(workplace: Workplace) -> None:
    """Everything that is due; what cannot be removed now is found again the next time, and no transaction waits for
    storage meanwhile.
    """
    await expire_lists(workplace)
    await retention.remove_due(workplace)
    async with workplace.database.transaction() as (session, _):
        await session.execute(REMOVE_AWAITED, {"days": WAITING_DAYS})
        await session.execute(FORGET_PARTS, {"days": WAITING_DAYS})
    for purpose in uploads.PURPOSES:
        await clear_strays(workplace, purpose)


async def expire_lists(workplace: Workplace) -> None:
    """Close lists that nobody confirmed, then remove their files, which name people; the row keeps its file's place
    until that is gone.
    """
    async with workplace.database.transaction() as (session, _):
        await session.execute(EXPIRE_LISTS, {"days": LIST_DAYS})
        expired: Sequence[Row[Any]] = (await session.execute(LIST_EXPIRED)).all()
    for row in expired:
        if await delete_file(workplace.storage, row.storage_key):
            async with workplace.database.transaction() as (session, _):
                await session.execute(FORGET_FILE, {"buyer_id": row.buyer_id, "id": row.id})


async def clear_strays(workplace: Workplace, purpose: str) -> None:
    """Remove what lies where files of a purpose come in and no row needs: an interrupted run left it there."""
    async with workplace.database.transaction() as (session, _):
        long_ago: datetime = (await session.execute(LONG_AGO, {"days": WAITING_DAYS})).scalar_one()
    async for page in obstore.list(workplace.storage, f"{uploads.PURPOSES[purpose].folder}/"):
        old = [meta["path"] for meta in page if meta["last_modified"] < long_ago]
        for key in await _find_unneeded(workplace, purpose, old):
            await delete_file(workplace.storage, key)


async def _find_unneeded(workplace: Workplace, purpose: str, keys: list[str]) -> list[str]:
    if not keys:
        return []
    async with workplace.database.transaction() as (session, _):
        needed = set(await session.scalars(NEEDED[purpose], {"keys": keys}))
    return [key for key in keys if key not in needed]


async def delete_file(store: ObjectStore, key: str) -> bool:
    """Whether a file is gone; one that cannot be removed now does not keep others from being removed."""
    try:
        await storage.delete(store, key)
    except (OSError, obstore.exceptions.BaseError) as error:
        logger.warning("leftovers.file_stays", reason=type(error).__name__)
        return False
    return True
