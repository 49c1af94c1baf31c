"""Who looked: a receipt for each read of a supplier's submissions by another organization, which the supplier sees."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database import ids
from portal.database.tables.assessments import spell_recency

Kind = Literal["summary", "answers", "evidence"]
# The strongest of what one call returned of a submission is what it leaves behind.
STRENGTH: tuple[Kind, ...] = ("summary", "evidence", "answers")


NOTE_DOWNLOAD = text(
    f"""
    INSERT INTO portal.read_receipt (supplier_id, id, reader_id, reader_role, member_id, kind, submission_id,
                                     evidence_id, purpose)
    SELECT CAST(:supplier AS uuid), CAST(:id AS uuid), :reader, :role, CAST(:member AS uuid), 'evidence',
           s.submission_id, CAST(:evidence AS uuid), s.purpose
      FROM (SELECT 1) AS always
      LEFT JOIN LATERAL (
           SELECT e.submission_id, coalesce(
                      (SELECT q.purpose FROM portal.request q
                        WHERE q.buyer_id = :reader AND q.supplier_id = :supplier AND q.questionnaire = b.questionnaire
                        ORDER BY q.created_at DESC, q.id DESC LIMIT 1),
                      (SELECT h.purpose FROM portal.share h
                        WHERE h.buyer_id = :reader AND h.supplier_id = :supplier AND h.questionnaire = b.questionnaire
                        ORDER BY h.created_at DESC, h.id DESC LIMIT 1)) AS purpose
             FROM portal.submission_evidence e
             JOIN portal.submission b ON b.supplier_id = e.supplier_id AND b.id = e.submission_id
            WHERE e.supplier_id = :supplier AND e.evidence_id = :evidence
            ORDER BY {spell_recency("b")} LIMIT 1) s ON true
    """  # noqa: S608 (a constant)
)


async def note_download(session: AsyncSession, actor: Actor, *, supplier_id: UUID, evidence_id: UUID) -> None:
    """Write the receipt of one document fetched by another organization."""
    own = {"supplier": supplier_id, "evidence": evidence_id, "id": ids.new_id()}
    await session.execute(NOTE_DOWNLOAD, name_reader(actor) | own)


def name_reader(actor: Actor) -> dict[str, Any]:
    """Who reads, as a receipt tells it."""
    role = "api_key" if actor.api_key_id is not None and actor.user_id is None else actor.member_role
    return {"reader": actor.organization, "role": role or "viewer", "member": actor.user_id}
