"""Who looked: a receipt for each read of a supplier's submissions by another organization, which the supplier sees."""

from collections.abc import Sequence
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


# What was fetched was submitted itself, or has taken the place of what was.
NOTE_DOWNLOAD = text(
    f"""
    INSERT INTO portal.read_receipt (supplier_id, id, reader_id, reader_role, member_id, kind, submission_id,
                                     evidence_id, purpose)
    SELECT CAST(:supplier AS uuid), CAST(:id AS uuid), :reader, :role, CAST(:member AS uuid), 'evidence',
           s.submission_id, CAST(:evidence AS uuid), s.purpose
      FROM (SELECT 1) AS always
      LEFT JOIN LATERAL (
           SELECT e.submission_id, portal.find_purpose(:reader, :supplier, b.questionnaire) AS purpose
             FROM portal.submission_evidence e
             JOIN portal.submission b ON b.supplier_id = e.supplier_id AND b.id = e.submission_id
            WHERE e.supplier_id = :supplier
              AND e.evidence_id IN (
                  SELECT o.id FROM portal.evidence n
                    JOIN portal.evidence o ON o.supplier_id = n.supplier_id AND o.lineage = n.lineage
                     AND (o.id = n.id OR (n.redacts AND o.revision < n.revision))
                   WHERE n.supplier_id = :supplier AND n.id = :evidence)
            ORDER BY {spell_recency("b")} LIMIT 1) s ON true
    """  # noqa: S608 (a constant)
)

NOTE_CARDS = text(
    """
    SELECT portal.note_readings(CAST(:reader AS uuid), CAST(:role AS text), CAST(:member AS uuid), (
        SELECT coalesce(jsonb_agg(jsonb_build_object('supplier', k.supplier_id, 'submission', k.submission_id,
                                                     'kind', 'summary')), '[]')
          FROM portal.relationship_card k
         WHERE k.buyer_id = :reader AND k.questionnaire = :questionnaire
           AND k.supplier_record_id = ANY (CAST(:records AS uuid[])) AND k.submission_id IS NOT NULL))
    """
)


async def note_cards(session: AsyncSession, actor: Actor, *, questionnaire: str, records: Sequence[UUID]) -> None:
    """Write the receipts of summaries that leave the portal in a table, one for each submission and day."""
    await session.execute(NOTE_CARDS, name_reader(actor) | {"questionnaire": questionnaire, "records": list(records)})


async def note_download(session: AsyncSession, actor: Actor, *, supplier_id: UUID, evidence_id: UUID) -> None:
    """Write the receipt of one document fetched by another organization."""
    own = {"supplier": supplier_id, "evidence": evidence_id, "id": ids.new_id()}
    await session.execute(NOTE_DOWNLOAD, name_reader(actor) | own)


def name_reader(actor: Actor) -> dict[str, Any]:
    """Who reads, as a receipt tells it."""
    role = "api_key" if actor.api_key_id is not None and actor.user_id is None else actor.member_role
    return {"reader": actor.organization, "role": role or "viewer", "member": actor.user_id}
