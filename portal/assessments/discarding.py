"""Throwing a draft away; where it was an upgrade, the draft before it is open again."""

from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import discards, drafts, joining, pushed_answers, replying, teamwork, upgrading, waiting
from portal.database import audit, outbox
from portal.database.tables import assessments as tables

# Requests that were declined, taken back or fulfilled may still name the draft.
FORGET_DRAFT = text(
    "UPDATE portal.request SET assessment_id = NULL WHERE supplier_id = :supplier AND assessment_id = :assessment"
)
# Answers, their history and the links to documents go along.
DISCARD_DRAFT = text(
    "DELETE FROM portal.assessment WHERE supplier_id = :supplier AND id = :assessment AND state = 'draft'"
)


async def discard_assessment(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, expected_change_number: int
) -> None:
    """Throw a draft away with all its answers; its documents stay. Only the supplier's own act ever does this.

    What an upgrade replaced becomes the draft again, and requests go back to it; those of a correction go back to what
    it corrects, and so do writes that it had taken up. Rounds that it was to answer and words have answered are closed.
    That it was there, and who discarded it when, is remembered.
    Raises NotFound, Conflict CHANGED where an answer is newer than `expected_change_number`, Conflict where it was
    submitted or a live request waits for it that no earlier draft is enough for.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    await joining.take_turn(session, actor)
    # The earlier ones first, as a write to them locks them.
    seen = (await drafts.find_subject(session, actor, assessment_id)).row
    if seen.corrects is not None:
        await drafts.find_subject(session, actor, seen.corrects, lock=True)
    before = await _find_replaced(session, actor, seen)
    row = (await drafts.find_subject(session, actor, assessment_id, lock=True)).row
    if row.state == "submitted":
        words = "This was submitted, and what was submitted stays; withdraw the submission to take it back."
        raise errors.Conflict(words, code="ALREADY_SUBMITTED")
    joining.check_open(row)
    _check_seen(row, expected_change_number)
    if before is None and row.corrects is not None:  # as where the correction was never begun
        parameters = {"supplier": actor.organization, "old": row.id, "new": row.corrects}
        await session.execute(upgrading.MOVE_REQUESTS, parameters)
    await _check_demand(session, actor, row, before)
    if before is not None:
        await _reopen(session, actor, before, row)
    for statement in (FORGET_DRAFT, DISCARD_DRAFT):
        await session.execute(statement, {"supplier": actor.organization, "assessment": assessment_id})
    await discards.note_discard(session, actor, row)
    session.expunge(row)
    if row.clarification_id is not None:
        await replying.close_replied(session, actor, {row.clarification_id, *row.also_answers})
    if row.corrects is not None and await waiting.is_any_left(session, actor, row.corrects):
        await teamwork.take_number(session, actor, row.corrects)
    if before is not None:
        await pushed_answers.deliver_waiting(session, actor, before)
    # Followers hear of it and find nothing any more.
    await outbox.add_event(session, "assessment.changed", supplier=actor.organization, assessment=assessment_id)
    detail = {"questionnaire": row.questionnaire, "revision": str(row.revision)}
    await audit.add_audit(session, actor, "assessment.discarded", "assessment", assessment_id, detail=detail)


def _check_seen(row: tables.Assessment, expected: int) -> None:
    """What a colleague has saved meanwhile is not thrown away unseen."""
    if row.change_number != expected:
        words = f"The answers have changed: they are at change {row.change_number}, you have seen {expected}."
        words += " Look at what is new before you throw all of it away."
        raise errors.Conflict(words, code="CHANGED", path=("expectedChangeNumber",))


async def _check_demand(
    session: AsyncSession, actor: Actor, row: tables.Assessment, before: tables.Assessment | None
) -> None:
    demanded = await joining.find_demanded_tier(session, actor, row.id)
    if demanded is not None and (before is None or not joining.is_enough(before.tier, demanded)):
        words = "A request waits for these answers; decline it first to discard them."
        raise errors.Conflict(words, code="REQUESTED")


async def _find_replaced(session: AsyncSession, actor: Actor, row: tables.Assessment) -> tables.Assessment | None:
    """The draft that this one was upgraded from; none where its answers came from another period.

    What they came from may have been upgraded or discarded itself since then.
    """
    table = tables.Assessment
    before: tables.Assessment | None = await session.scalar(
        select(table)
        .where(table.supplier_id == actor.organization, table.id == row.upgraded_from, table.state == "replaced")
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    is_upgrade = before is not None and joining.read_place(before) == joining.read_place(row)
    return before if is_upgrade else None


async def _reopen(session: AsyncSession, actor: Actor, before: tables.Assessment, row: tables.Assessment) -> None:
    parameters = {"supplier": actor.organization, "old": row.id, "new": before.id}
    await session.execute(upgrading.MOVE_REQUESTS, parameters)
    await upgrading.set_state(session, actor, before, "draft")
    await outbox.add_event(session, "assessment.changed", supplier=actor.organization, assessment=before.id)
