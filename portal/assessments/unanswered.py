"""What waits again after a submission was withdrawn: requests that nothing answers any more."""

import contextlib

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.assessments import received
from portal.database.tables import assessments as tables

# Of what was fulfilled for the same place: what its buyer read by the withdrawn submission, and reads by no other.
# Whoever could not read that any more has had its answer, and lost it otherwise. Of several that ask the same the
# newest waits, and none where another one waits already: one may at a time.
FIND = text(
    """
    WITH withdrawn AS (
        SELECT * FROM portal.submission WHERE supplier_id = :supplier AND id = :submission
    )
    SELECT DISTINCT ON (r.buyer_id, r.supplier_record_id, r.subject, r.subject_name) r.id
      FROM withdrawn w
      JOIN portal.assessment a ON a.supplier_id = w.supplier_id AND a.questionnaire = w.questionnaire
       AND a.subject_key = w.subject_key AND a.period_start = w.period_start AND a.period_end = w.period_end
      JOIN portal.request r ON r.supplier_id = a.supplier_id AND r.assessment_id = a.id AND r.state = 'fulfilled'
     WHERE EXISTS (
           SELECT FROM portal.share h
            WHERE h.supplier_id = w.supplier_id AND h.buyer_id = r.buyer_id AND portal.share_is_live(h)
              AND (h.submission_id = w.id
                   OR (h.mode = 'following' AND h.questionnaire = w.questionnaire AND h.subject_key = w.subject_key
                       AND h.follows_from <= w.submitted_at)))
       AND NOT EXISTS (
           SELECT FROM portal.submission b
             JOIN portal.share h ON h.supplier_id = b.supplier_id AND h.buyer_id = r.buyer_id
              AND portal.share_is_live(h) AND portal.share_covers(h, b)
            WHERE b.supplier_id = w.supplier_id AND b.questionnaire = w.questionnaire
              AND b.subject_key = w.subject_key AND b.period_start = w.period_start AND b.period_end = w.period_end
              AND portal.tier_holds(b.tier, r.minimum_tier))
       AND NOT EXISTS (
           SELECT FROM portal.request x
            WHERE x.supplier_id = r.supplier_id AND x.buyer_id = r.buyer_id AND x.state IN ('open', 'accepted')
              AND x.supplier_record_id = r.supplier_record_id AND x.questionnaire = r.questionnaire
              AND x.subject = r.subject AND x.subject_name IS NOT DISTINCT FROM r.subject_name
              AND x.period_start = r.period_start AND x.period_end = r.period_end)
     ORDER BY r.buyer_id, r.supplier_record_id, r.subject, r.subject_name, r.id DESC
    """
)
# A draft that is open, else what counts; where there is neither, the withdrawn one, whose correction is the way on.
FIND_NEXT = text(
    """
    SELECT a.id
      FROM portal.submission w
      JOIN portal.assessment a ON a.supplier_id = w.supplier_id AND a.questionnaire = w.questionnaire
       AND a.subject_key = w.subject_key AND a.period_start = w.period_start AND a.period_end = w.period_end
      LEFT JOIN portal.submission b ON b.supplier_id = a.supplier_id AND b.assessment_id = a.id
     WHERE w.supplier_id = :supplier AND w.id = :submission
       AND (a.state = 'draft' OR b.state = 'current' OR a.id = w.assessment_id)
     ORDER BY a.state = 'draft' DESC, b.state = 'current' DESC LIMIT 1
    """
)


async def reopen_requests(session: AsyncSession, actor: Actor, withdrawn: tables.Submission) -> None:
    """Let requests wait again that only this submission answered, for whoever could read it; their buyers are told.

    The caller holds the supplier's turn, and what counts after the withdrawal counts already.
    """
    place = {"supplier": actor.organization, "submission": withdrawn.id}
    found = list(await session.scalars(FIND, place))
    if not found:
        return
    waits_for = await session.scalar(FIND_NEXT, place)
    for row in await received.lock_fulfilled(session, actor, found):
        with contextlib.suppress(IntegrityError):  # its buyer asks the same anew in this very moment
            async with session.begin_nested():
                await received.change_request(
                    session,
                    actor,
                    row,
                    "request.reopened",
                    told_as="reopened",
                    state="accepted",
                    assessment_id=waits_for,
                )
