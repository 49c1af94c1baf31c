"""Writes that came after submission and wait for a correction: telling them, and dismissing those nobody wants.

They wait at the revision that was submitted, whichever newer ones are there: a draft that answers a clarification takes
up those that it may change, and leaves the others to the next correction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import answers, definitions, drafts, joining, teamwork, writes
from portal.assessments.answers import MAX_WRITES
from portal.database import audit
from portal.database.tables.assessments import Assessment
from questionnaires import reopening
from questionnaires.definition import Definition

# Whether a later revision has judged a write; where that was discarded, it waits again.
IS_TAKEN = """
    EXISTS (SELECT FROM portal.assessment waited
              JOIN portal.assessment took ON took.supplier_id = waited.supplier_id AND took.revision > waited.revision
             WHERE waited.supplier_id = w.supplier_id AND waited.id = w.assessment_id
               AND took.id = ANY (CAST(:revisions AS uuid[]))
               AND portal.is_reopened(took.reopened, w.question, w.row_id))
"""
WAITING = f"""
      FROM portal.answer_write w
     WHERE w.supplier_id = :supplier AND w.assessment_id = ANY (CAST(:revisions AS uuid[])) AND w.outcome = 'pending'
       AND NOT EXISTS (SELECT FROM portal.answer_write d
                        WHERE d.supplier_id = w.supplier_id AND d.decides = w.write_id AND d.outcome = 'dismissed')
       AND NOT {IS_TAKEN}
"""
LIST = text(
    f"""
    SELECT w.* {WAITING}
       AND (CAST(:after AS timestamptz) IS NULL OR (w.received_at, w.write_id) > (:after, CAST(:after_id AS uuid)))
     ORDER BY w.received_at, w.write_id LIMIT :most
    """
)
TAKE = text(f"SELECT w.* {WAITING} ORDER BY w.received_at, w.base_revision, w.write_id")
FIND = text(
    f"""
    SELECT w.write_id,
           EXISTS (SELECT FROM portal.answer_write d WHERE d.supplier_id = w.supplier_id AND d.decides = w.write_id
                                                       AND d.outcome = 'dismissed') AS is_dismissed,
           {IS_TAKEN} AS is_taken
      FROM portal.answer_write w
     WHERE w.supplier_id = :supplier AND w.assessment_id = ANY (CAST(:revisions AS uuid[])) AND w.outcome = 'pending'
       AND w.write_id = ANY (CAST(:ids AS uuid[]))
    """  # noqa: S608  # no part of it comes from outside
)
# What is dismissed stays in the history, and whoever sends it again hears that it was.
DISMISS = text(
    """
    INSERT INTO portal.answer_write (supplier_id, write_id, assessment_id, question, row_id, base_revision, outcome,
                                     state, value, reason, comment, deleted, plan, body_hash, member_id, received_at,
                                     source, device, decides, site_id)
    SELECT w.supplier_id, item.derived, w.assessment_id, w.question, w.row_id, w.base_revision, 'dismissed', w.state,
           w.value, w.reason, w.comment, w.deleted, w.plan, w.body_hash, CAST(:member AS uuid), portal.clock(),
           'decided', w.device, w.write_id, w.site_id
      FROM unnest(CAST(:ids AS uuid[]), CAST(:derived AS uuid[])) AS item (id, derived)
      JOIN portal.answer_write w ON w.supplier_id = :supplier AND w.write_id = item.id
    """
)


async def list_waiting(
    session: AsyncSession,
    actor: Actor,
    *,
    assessment_id: UUID,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> tuple[Definition, Sequence[Any]]:
    """What waits for the next correction, in the order received, under whichever revision is named; raises NotFound."""
    await drafts.find_subject(session, actor, assessment_id)
    found = await joining.list_revisions(session, actor, assessment_id)
    # What still waits was sent to the version of the newest revision.
    definition = await definitions.load_definition(session, found[-1].content_hash)
    moment, id_ = after or (None, None)
    parameters = {"supplier": actor.organization, "revisions": [str(row.id) for row in found], "most": limit}
    return definition, (await session.execute(LIST, parameters | {"after": moment, "after_id": id_})).all()


async def list_for(session: AsyncSession, actor: Actor, draft: Assessment) -> Sequence[Any]:
    """What waits for the next correction and was not dismissed, as far as a draft may take it up."""
    found = await joining.list_revisions(session, actor, draft.id)
    earlier = [str(row.id) for row in found if row.id != draft.id]
    rows = (await session.execute(TAKE, {"supplier": actor.organization, "revisions": earlier})).all()
    return [
        row
        for row in rows
        if draft.reopened is None or reopening.is_reopened(draft.reopened, row.question, row.row_id or None)
    ]


async def is_any_left(session: AsyncSession, actor: Actor, assessment_id: UUID) -> bool:
    """Whether something waits for the next correction."""
    _, rows = await list_waiting(session, actor, assessment_id=assessment_id, limit=1)
    return bool(rows)


async def dismiss(session: AsyncSession, actor: Actor, *, assessment_id: UUID, write_ids: Sequence[UUID]) -> None:
    """Let writes that wait be no part of any correction; again changes nothing.

    Raises NotFound for one that does not wait here, Conflict ALREADY_TAKEN where a correction has judged them,
    InvalidInput for none or more than 200.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    if not 1 <= len(write_ids) <= MAX_WRITES:
        words = f"Dismiss 1 to {MAX_WRITES} writes at once; these are {len(write_ids)}."
        raise errors.InvalidInput(words, code="TOO_MANY" if write_ids else "EMPTY", path=("writeIds",))
    # A correction that is being started holds the same row.
    _, newest = await answers.find_open(session, actor, assessment_id)
    revisions = [str(row.id) for row in await joining.list_revisions(session, actor, assessment_id)]
    parameters = {"supplier": actor.organization, "revisions": revisions, "ids": [str(one) for one in write_ids]}
    found = {row.write_id: row for row in await session.execute(FIND, parameters)}
    for place, one in enumerate(write_ids):
        if one not in found:
            raise errors.NotFound("No such write waits here.", path=("writeIds", place))
        if found[one].is_taken and not found[one].is_dismissed:
            words = "A correction has taken up what waited; decide there what stands."
            raise errors.Conflict(words, code="ALREADY_TAKEN", path=("writeIds", place))
    left = [key for key, row in found.items() if not row.is_dismissed]
    if not left:
        return
    derived = [str(writes.derive_id(UUID(str(one)))) for one in left]
    await session.execute(
        DISMISS,
        {
            "supplier": actor.organization,
            "member": actor.user_id,
            "ids": [str(one) for one in left],
            "derived": derived,
        },
    )
    await teamwork.take_number(session, actor, newest.row.id)
    detail = {"writes": [str(one) for one in left]}
    await audit.add_audit(session, actor, "corrections.dismissed", "assessment", assessment_id, detail=detail)
