"""Organizations that were closed: what nobody else has a right to is erased once no owner can take that back."""

from uuid import UUID

import structlog
from sqlalchemy import text

from portal import metering
from portal.database import faults, outbox
from portal.delivery.workplace import Workplace
from portal.identity import closing

BATCH = 200
DUE = text("SELECT portal.list_due_closings(:grace)")
EMPTY = text("SELECT portal.empty_closed_organization(:organization, :grace)")
REMOVE = text("SELECT supplier_id, evidence_id, content FROM portal.remove_closed_evidence(:most)")
logger = structlog.get_logger(__name__)


async def empty_closed(workplace: Workplace) -> None:
    """Empty what is due, each organization by itself, then remove documents that no snapshot shows any more.

    One that cannot be emptied is told, tried again the next time, and holds up no other.
    """
    async with workplace.database.transaction() as (session, _):
        due = (await session.execute(DUE, {"grace": closing.GRACE_DAYS})).scalars().all()
    for organization in due:
        try:
            await _empty(workplace, organization)
        except Exception as error:
            passing = faults.find_passing(error)
            if passing is not None and passing.code == faults.AWAY:
                raise  # the others would fare no better
            metering.CLOCK_FAILURES.labels("closings").inc()
            logger.error("closing.not_emptied", organization=str(organization), reason=type(error).__name__)
    await _remove_documents(workplace)


async def _empty(workplace: Workplace, organization: UUID) -> None:
    """One organization, its drafts a part in each transaction."""
    is_more, parts = True, -1
    while is_more:
        async with workplace.database.transaction() as (session, _):
            values = {"organization": organization, "grace": closing.GRACE_DAYS}
            is_more = (await session.execute(EMPTY, values)).scalar_one()
        parts += 1
    if parts:
        logger.info("closing.emptied", organization=str(organization))


async def _remove_documents(workplace: Workplace) -> None:
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
