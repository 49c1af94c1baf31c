"""Corrections: the newest release, found faulty, gets a further one for the same quarter, which says why.

Both stay published. What comes later is held against the faulty one as against any other, so a cell that differs in
fewer contributors than the change gate asks for keeps its figures, faulty ones too.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.benchmarks import cohorts
from portal.benchmarks.cohorts import Quarter
from portal.database.tables.benchmarks import Release
from portal.identity.wording import Reading


@dataclass(frozen=True)
class Correction:
    """Which release is corrected, and why, for everybody who reads releases."""

    corrects: int
    reason: str


def read_reason(given: str | None) -> str:
    """Why a release is corrected, on one line; raises InvalidInput."""
    reading = Reading()
    reason = reading.read_remark("reason", given, needed=True)
    reading.finish()
    return reason or ""


async def find_corrected(session: AsyncSession, quarter: Quarter | None, reason: str) -> tuple[Quarter, Correction]:
    """What a correction corrects: the newest release, which must be of `quarter` where one is named.

    Raises InvalidInput for a reason that is none, NotFound NO_RELEASE, Conflict NOT_NEWEST.
    """
    reason = read_reason(reason)
    newest = (await session.execute(select(Release.number, Release.period_end).order_by(Release.number.desc()))).first()
    if newest is None:
        raise errors.NotFound("There is no release yet that could be corrected.", code="NO_RELEASE")
    corrected = cohorts.find_quarter(newest.period_end)
    if quarter is not None and quarter != corrected:
        words = f"Only the newest release can be corrected: {newest.number} for {corrected}."
        raise errors.Conflict(words, code="NOT_NEWEST")
    return corrected, Correction(newest.number, reason)


async def find_corrections(session: AsyncSession, number: int) -> tuple[Correction | None, int | None]:
    """What a release corrects, and the number of the one that corrects it."""
    own = (
        await session.execute(select(Release.corrects, Release.correction_reason).where(Release.number == number))
    ).one_or_none()
    later: int | None = await session.scalar(select(Release.number).where(Release.corrects == number))
    return None if own is None or own.corrects is None else Correction(own.corrects, own.correction_reason), later
