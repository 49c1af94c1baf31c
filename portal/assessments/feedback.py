"""What a buyer says to a submission that was shared with it: a state and words, which its supplier hears by letter."""

from uuid import UUID

from sqlalchemy import func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, outbox
from portal.database.tables.feedback import ResultFeedback

MOST_WORDS = 2_000
NEED_WORDS = frozenset({"questions", "not_accepted"})
NOTE = text("SELECT portal.note_received_results(:supplier, CAST(:buyer AS uuid), :days)")


async def give_feedback(
    session: AsyncSession,
    actor: Actor,
    *,
    supplier_id: UUID,
    submission_id: UUID,
    state: str,
    words: str | None = None,
) -> None:
    """Say something to a submission that the caller may read; said again it takes the place of what was said before.

    The same once more changes nothing, and no second letter goes out. Raises NotFound, InvalidInput.
    """
    access.require(actor, access.BUYER_EDITOR)
    said = _check_words(state, words)
    may_read = select(func.portal.may_read_submission(literal(supplier_id), literal(submission_id)))
    if supplier_id == actor.organization or not await session.scalar(may_read):
        raise errors.NotFound("There is no such result.", path=("resultId",))
    table = ResultFeedback
    given = {"state": state, "words": said, "given_at": func.portal.clock(), "given_by": actor.user_id}
    key = {"supplier_id": supplier_id, "buyer_id": actor.organization, "submission_id": submission_id}
    made = (
        insert(table)
        .values(**key, due_at=func.portal.clock(), **given)
        .on_conflict_do_update(
            index_elements=[table.supplier_id, table.buyer_id, table.submission_id],
            set_=given,
            where=table.state.is_distinct_from(state) | table.words.is_distinct_from(said),
        )
        .returning(table.submission_id)
    )
    if await session.scalar(made) is None:
        return
    await outbox.add_event(
        session, "feedback.given", supplier=supplier_id, buyer=actor.organization, submission=submission_id
    )
    await audit.add_audit(
        session,
        actor,
        "feedback.given",
        "submission",
        submission_id,
        concerns=supplier_id,
        owner=supplier_id,
        detail={"state": state},
    )


def _check_words(state: str, words: str | None) -> str | None:
    said = None if words is None or not words.strip() else words.strip()
    if said is None and state in NEED_WORDS:
        message = "Say in words what is asked, or what is missing."
        raise errors.InvalidInput(message, code="EMPTY", path=("text",))
    if said is not None and (len(said) > MOST_WORDS or "\x00" in said):
        raise errors.InvalidInput(f"At most {MOST_WORDS} characters.", code="TOO_LONG", path=("text",))
    return said


async def note_received(session: AsyncSession, *, supplier: UUID, buyer: UUID | None, days: int) -> None:
    """Note what a supplier lets a buyer read, or each of its buyers; feedback is owed for it after so many days."""
    await session.execute(NOTE, {"supplier": supplier, "buyer": buyer, "days": days})
