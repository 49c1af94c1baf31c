"""The operator's word on which questionnaires may be compared at all."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit
from portal.database.tables import publishing


async def approve_questionnaire(
    session: AsyncSession, actor: Actor, *, questionnaire: str, approved: bool = True
) -> datetime | None:
    """Let a questionnaire into releases from the next one on, or out of them; returns since when it is in.

    Runs with the owner's login. Raises NotFound for a key that is not published.
    """
    access.require(actor, access.OPERATOR)
    table = publishing.Questionnaire
    kept = await session.execute(
        select(table.benchmark_approved_at).where(table.key == questionnaire).with_for_update()
    )
    row = kept.one_or_none()
    if row is None:
        raise errors.NotFound(f"No questionnaire {questionnaire} is published.", path=("questionnaire",))
    if (row.benchmark_approved_at is not None) == approved:
        found: datetime | None = row.benchmark_approved_at
        return found
    changed = await session.execute(
        update(table)
        .where(table.key == questionnaire)
        .values(benchmark_approved_at=func.portal.clock() if approved else None)
        .returning(table.benchmark_approved_at)
    )
    act = "benchmark.approved" if approved else "benchmark.disapproved"
    await audit.add_audit(session, actor, act, "questionnaire", questionnaire)
    since: datetime | None = changed.scalar_one()
    return since
