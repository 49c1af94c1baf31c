"""What a buyer reads of other revisions of a submission: a share of the newest alone shows it less than before."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database.tables.shares import Share

# Of sections that this submission has, too, and that no live share opens in it.
LIST = text(
    """
    SELECT c.section FROM portal.submission m
      JOIN portal.submission_section c ON c.supplier_id = m.supplier_id AND c.submission_id = m.id
     WHERE m.supplier_id = :supplier AND m.id = :submission
       AND EXISTS (
           SELECT FROM portal.share s
             JOIN portal.submission b ON b.supplier_id = s.supplier_id AND b.questionnaire = s.questionnaire
              AND b.subject_key = s.subject_key AND portal.share_covers(s, b)
            WHERE s.supplier_id = m.supplier_id AND s.buyer_id = :buyer AND s.questionnaire = m.questionnaire
              AND s.subject_key = m.subject_key AND NOT s.sections_only AND portal.share_is_live(s)
              AND b.period_start = m.period_start AND b.period_end = m.period_end AND b.id <> m.id
              AND b.state <> 'withdrawn' AND c.section = ANY (s.sections))
       AND NOT EXISTS (
           SELECT FROM portal.share s
            WHERE s.supplier_id = m.supplier_id AND s.buyer_id = :buyer AND s.questionnaire = m.questionnaire
              AND s.subject_key = m.subject_key AND portal.share_is_live(s) AND portal.share_covers(s, m)
              AND c.section = ANY (s.sections))
     ORDER BY c.position
    """
)


async def list_sections(session: AsyncSession, actor: Actor, *, buyer_id: UUID, submission_id: UUID) -> Sequence[str]:
    """Keys of sections that a buyer reads in other revisions of a submission of the caller's, and not in this one."""
    parameters = {"supplier": actor.organization, "buyer": buyer_id, "submission": submission_id}
    return list(await session.scalars(LIST, parameters))


async def list_beside(session: AsyncSession, actor: Actor, *, share_id: UUID) -> Sequence[str]:
    """The same of the submission that a share of the caller's is of, with that share."""
    made = Share
    found = await session.execute(
        select(made.buyer_id, made.submission_id).where(made.supplier_id == actor.organization, made.id == share_id)
    )
    row = found.one()
    return await list_sections(session, actor, buyer_id=row.buyer_id, submission_id=row.submission_id)
