"""The trace of a submission under any scoring profile that it was scored with."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import submissions
from portal.database.tables.assessments import Result, ResultSection


async def explain_submission(
    session: AsyncSession, actor: Actor, submission_id: UUID, number: int | None = None
) -> dict[str, Any]:
    """The trace of each section by its key, under the profile with this number, without it under the newest.

    Under the profile of the day it was submitted, that is what was sealed. Raises NotFound.
    """
    row = await submissions.get_submission(session, actor, submission_id)
    sections = await submissions.list_sections(session, actor, submission_id)
    sealed, table = row.header["profile"], ResultSection
    own = (table.supplier_id == actor.organization, table.submission_id == submission_id)
    if number is None:
        number = max(sealed, await session.scalar(select(func.max(table.profile_number)).where(*own)) or sealed)
    if number == sealed:
        return {section.section: section.trace for section in sections}
    found = await session.execute(select(table.section, table.trace).where(*own, table.profile_number == number))
    traces = {row.section: row.trace for row in found}
    if not traces:
        result = Result
        scored = await session.scalar(
            select(result.profile_number).where(
                result.supplier_id == actor.organization,
                result.submission_id == submission_id,
                result.profile_number == number,
            )
        )
        words = "It was not scored with this profile."
        if scored is not None:
            words = "It was scored with this profile before such lines were kept; scoring it once more adds them."
        raise errors.NotFound(words, path=("profileNumber",))
    return {section.section: traces[section.section] for section in sections}
