"""Who looked: a receipt for each read of a supplier's submissions by another organization, which the supplier sees."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import writes
from portal.database import ids, reader
from portal.database.reader import Session
from portal.database.tables.assessments import spell_recency

Kind = Literal["summary", "answers", "evidence"]
# The strongest of what one call returned of a submission is what it leaves behind.
STRENGTH: tuple[Kind, ...] = ("summary", "evidence", "answers")


@dataclass(frozen=True)
class Reading:
    """A submission that one call returned, and the strongest of what it returned of it."""

    supplier_id: UUID
    submission_id: UUID
    kind: Kind


# The purpose is that of the buyer's last request, else of the share. A summary is noted once a day, by its index.
NOTE = """
INSERT INTO portal.read_receipt (supplier_id, id, reader_id, reader_role, member_id, kind, submission_id, purpose)
SELECT x.supplier, x.id, $1, $2, CAST($3 AS uuid), x.kind, b.id, coalesce(
           (SELECT q.purpose FROM portal.request q
             WHERE q.buyer_id = $1 AND q.supplier_id = b.supplier_id AND q.questionnaire = b.questionnaire
             ORDER BY q.created_at DESC, q.id DESC LIMIT 1),
           (SELECT s.purpose FROM portal.share s
             WHERE s.buyer_id = $1 AND s.supplier_id = b.supplier_id AND s.questionnaire = b.questionnaire
             ORDER BY s.created_at DESC, s.id DESC LIMIT 1))
  FROM jsonb_to_recordset(CAST($4 AS jsonb)) AS x (supplier uuid, id uuid, submission uuid, kind text)
  JOIN portal.submission b ON b.supplier_id = x.supplier AND b.id = x.submission
 WHERE x.supplier <> $1
    ON CONFLICT DO NOTHING
"""
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


async def note_readings(session: Session, actor: Actor, readings: Iterable[Reading]) -> None:
    """Write one receipt per submission that a call returned to another organization than its own.

    Answers and trace (or evidence) leave one each call, a summary one a day; lists of cards leave none.
    """
    strongest: dict[tuple[UUID, UUID], Kind] = {}
    for one in readings:
        place = (one.supplier_id, one.submission_id)
        known = strongest.get(place)
        strongest[place] = one.kind if known is None else max(one.kind, known, key=STRENGTH.index)
    items = [
        {"supplier": str(supplier), "submission": str(submission), "kind": kind, "id": str(ids.new_id())}
        for (supplier, submission), kind in strongest.items()
        if supplier != actor.organization
    ]
    if items:
        named = _name_reader(actor)
        values = (named["reader"], named["role"], named["member"], writes.dump_json(items))
        await (await reader.take_reader(session)).fetch(NOTE, *values)


async def note_download(session: AsyncSession, actor: Actor, *, supplier_id: UUID, evidence_id: UUID) -> None:
    """Write the receipt of one document fetched by another organization."""
    own = {"supplier": supplier_id, "evidence": evidence_id, "id": ids.new_id()}
    await session.execute(NOTE_DOWNLOAD, _name_reader(actor) | own)


def _name_reader(actor: Actor) -> dict[str, Any]:
    role = "api_key" if actor.api_key_id is not None and actor.user_id is None else actor.member_role
    return {"reader": actor.organization, "role": role or "viewer", "member": actor.user_id}
