"""What is left of drafts that were discarded: who did it and when, for whoever comes late with something for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import colleagues
from portal.database.tables.assessments import Assessment
from portal.database.tables.discards import DiscardedAssessment

KEPT = ("questionnaire", "version", "subject_key", "period_start", "period_end", "revision")
# What takes answers now may be a revision that was there before, or one that was begun since.
FIND = text(
    """
    SELECT d.*, v.content_hash,
           (SELECT a.id FROM portal.assessment a
             WHERE a.supplier_id = d.supplier_id AND a.questionnaire = d.questionnaire
               AND a.subject_key = d.subject_key AND a.period_start = d.period_start AND a.period_end = d.period_end
             ORDER BY a.revision DESC LIMIT 1) AS newest_id
      FROM portal.discarded_assessment d
      LEFT JOIN portal.questionnaire_version v ON v.questionnaire = d.questionnaire AND v.version = d.version
     WHERE d.supplier_id = :supplier AND d.id = ANY (CAST(:wanted AS uuid[]))
    """
)


@dataclass(frozen=True, kw_only=True)
class Discard:
    """A draft that was discarded; `newest_id` is the assessment to go on with, none where nothing was begun anew.

    `name` is of whoever did it; none for a machine, or where the person is known no more. `content_hash` is that of its
    version, none where the organization may not read that any more.
    """

    assessment_id: UUID
    questionnaire: str
    content_hash: str | None
    site_id: UUID | None
    period_start: date
    period_end: date
    discarded_at: datetime
    discarded_by: UUID | None
    name: str | None
    newest_id: UUID | None


class Discarded(errors.NotFound):
    """What was named is a draft of the caller's own that was discarded."""

    code = "DISCARDED"

    def __init__(self, discard: Discard) -> None:
        by = "" if discard.name is None else f" by {discard.name}"
        words = f"This draft was discarded on {discard.discarded_at.date()}{by}; nothing that comes for it is kept."
        super().__init__(words, path=("assessmentId",))
        self.discard = discard


async def note_discard(session: AsyncSession, actor: Actor, row: Assessment) -> None:
    """Remember a draft that is just being discarded, without its answers."""
    values: dict[str, Any] = {name: getattr(row, name) for name in KEPT}
    table = DiscardedAssessment
    await session.execute(
        insert(table).values(supplier_id=actor.organization, id=row.id, discarded_by=actor.user_id, **values)
    )


async def find_discards(session: AsyncSession, actor: Actor, wanted: Sequence[UUID]) -> dict[UUID, Discard]:
    """Those of the caller's drafts with these ids that were discarded; nothing is asked where there are none."""
    if not wanted:
        return {}
    found = await session.execute(FIND, {"supplier": actor.organization, "wanted": [str(one) for one in wanted]})
    rows = found.all()
    names = await colleagues.find_names(session, actor, [row.discarded_by for row in rows])
    return {
        row.id: Discard(
            assessment_id=row.id,
            questionnaire=row.questionnaire,
            content_hash=row.content_hash,
            site_id=None if row.subject_key == actor.organization else row.subject_key,
            period_start=row.period_start,
            period_end=row.period_end,
            discarded_at=row.discarded_at,
            discarded_by=row.discarded_by,
            name=names.get(row.discarded_by),
            newest_id=row.newest_id,
        )
        for row in rows
    }


async def find_missing(session: AsyncSession, actor: Actor, assessment_id: UUID) -> errors.NotFound:
    """Why there is no such assessment: it was discarded, or it never was one of the caller's."""
    found = await find_discards(session, actor, [assessment_id])
    if assessment_id in found:
        return Discarded(found[assessment_id])
    return errors.NotFound("There is no such assessment.", path=("assessmentId",))
