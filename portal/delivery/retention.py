"""Documents that nobody needs any more, by their kind and the operator's word: their files are removed."""

import structlog
from sqlalchemy import text

from portal import settings
from portal.database import outbox
from portal.delivery.workplace import Workplace

BATCH = 200
REMOVE = text(
    """
    SELECT supplier_id, evidence_id, content
      FROM portal.remove_due_evidence(CAST(:kinds AS text[]), CAST(:days AS integer[]), :most)
    """
)
logger = structlog.get_logger(__name__)


async def remove_due(workplace: Workplace) -> int:
    """Remove what is due, a batch in each transaction; its files go by the job that removes those of deleted ones.

    Gives how many documents that were.
    """
    kept, count = settings.read_retention(workplace.settings.evidence_retention), 0
    while kept:
        async with workplace.database.transaction() as (session, _):
            wanted = {"kinds": list(kept), "days": list(kept.values()), "most": BATCH}
            rows = (await session.execute(REMOVE, wanted)).all()
            events = [
                {"supplier": row.supplier_id, "evidence": row.evidence_id, "content": row.content} for row in rows
            ]
            await outbox.add_events(session, "evidence.deleted", events)
        count += len(rows)
        if len(rows) < BATCH:
            break
    if count:
        logger.info("retention.removed", documents=count)
    return count
