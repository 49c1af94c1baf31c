"""What counts again after a correction was withdrawn: the newest revision before it that was not taken back."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database.tables import assessments as tables

# Nothing else counts for the place by then: what was withdrawn did. What waits for that, or was answered by it, goes by
# this again.
RESTORE = text(
    """
    WITH restored AS (
        UPDATE portal.submission s
           SET state = 'current', restored_at = portal.clock(), restored_revision = :revision,
               restored_reason = CAST(:reason AS text)
         WHERE s.supplier_id = :supplier AND s.id = (
               SELECT o.id FROM portal.submission o
                WHERE o.supplier_id = :supplier AND o.questionnaire = :questionnaire AND o.subject_key = :subject_key
                  AND o.period_start = :period_start AND o.period_end = :period_end AND o.state <> 'withdrawn'
                ORDER BY o.revision DESC LIMIT 1)
           AND s.state = 'superseded'
        RETURNING s.assessment_id
    )
    UPDATE portal.request r SET assessment_id = restored.assessment_id, updated_at = portal.clock() FROM restored
     WHERE r.supplier_id = :supplier AND r.assessment_id = :assessment_id
       AND r.state IN ('open', 'accepted', 'fulfilled')
    """
)


async def restore_before(session: AsyncSession, withdrawn: tables.Submission, reason: str | None) -> None:
    """Let the revision before one that was just withdrawn count again; `reason` is told to those who read that."""
    places = ("questionnaire", "subject_key", "period_start", "period_end", "revision", "assessment_id")
    values = {name: getattr(withdrawn, name) for name in places}
    await session.execute(RESTORE, values | {"supplier": withdrawn.supplier_id, "reason": reason})
