"""When a release is due by itself: some days after the end of its quarter, once, where anybody contributes at all."""

from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import cohorts, contributors, releases
from portal.benchmarks.cohorts import Quarter
from portal.database.tables.benchmarks import Release

TODAY = text("SELECT (portal.clock() AT TIME ZONE 'UTC')::date")


async def find_due(session: AsyncSession, days: int) -> Quarter | None:
    """The last quarter that is over, from so many days after its end until it has a release; with 0 days none is due.

    Nor is one without an approved questionnaire, and the first one only where somebody's submission would count.
    """
    if not days:
        return None
    today = (await session.execute(TODAY)).scalar_one()
    quarter = cohorts.find_quarter(today).shift(-1)
    newest = await session.scalar(select(func.max(Release.period_end)))
    if today < quarter.last_day + timedelta(days=days) or (newest is not None and newest >= quarter.last_day):
        return None
    approved = await releases.list_approved(session)
    if newest is None and not await _has_contributor(session, quarter, approved):
        return None
    return quarter if approved else None


async def _has_contributor(session: AsyncSession, quarter: Quarter, questionnaires: list[str]) -> bool:
    policy = await releases.load_policy(session)
    settled = contributors.find_settled(quarter.last_day, policy.age_days)
    for questionnaire in questionnaires:
        if await contributors.has_contributor(
            session, questionnaire=questionnaire, last_day=quarter.last_day, settled=settled
        ):
            return True
    return False
