"""Organizations that were closed: what nobody else has a right to is erased once no owner can take that back."""

import structlog
from sqlalchemy import text

from portal.database import outbox
from portal.delivery.workplace import Workplace
from portal.identity import closing

BATCH = 200
EMPTY = text("SELECT portal.empty_closed_organization(:grace)")
REMOVE = text("SELECT supplier_id, evidence_id, content FROM portal.remove_closed_evidence(:most)")
logger = structlog.get_logger(__name__)


async def empty_closed(workplace: Workplace) -> None:
    """Empty what is due, an organization in each transaction, then remove documents that no snapshot shows any more."""
    is_more = True
    while is_more:
        async with workplace.database.transaction() as (session, _):
            emptied = (await session.execute(EMPTY, {"grace": closing.GRACE_DAYS})).scalar_one()
        is_more = emptied is not None
        if is_more:
            logger.info("closing.emptied", organization=str(emptied))
    is_more = True
    while is_more:
        async with workplace.database.transaction() as (session, _):
            rows = (await session.execute(REMOVE, {"most": BATCH})).all()
            events = [
                {"supplier": row.supplier_id, "evidence": row.evidence_id, "content": row.content}
                for row in rows
                if row.content is not None
            ]
            await outbox.add_events(session, "evidence.deleted", events)
        is_more = len(rows) == BATCH
