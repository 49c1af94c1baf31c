"""Clarification rounds: named answers are asked about, and the supplier replies in words or by a new revision."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import assessments, definitions, drafts, joining, review_places, waiting
from portal.assessments.review_places import Readable
from portal.assessments.revisions import Reopening, Revision
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables.assessments import Assessment, Submission, SubmissionSection
from portal.database.tables.reviews import Clarification, ClarificationItem
from questionnaires import nesting, reopening

MOST_ITEMS = 100
LONGEST = timedelta(days=366)
CLOSED = {"replied": "was answered in words", "revised": "was answered by a new revision", "withdrawn": "was withdrawn"}


@dataclass(frozen=True, kw_only=True)
class Item:
    """The question on one answer, or on a document that stands behind it."""

    question: str
    row_id: str | None = None
    evidence_id: UUID | None = None
    text: str


async def ask_clarification(
    session: AsyncSession,
    actor: Actor,
    *,
    supplier_id: UUID,
    submission_id: UUID,
    items: Sequence[Item],
    due_on: date,
    message: str | None = None,
    idempotency_key: str | None = None,
) -> UUID:
    """Ask a supplier about answers that the caller reads; one round at a time. With the same key again, the same one.

    Raises NotFound, Conflict WITHDRAWN, SUPERSEDED where a newer revision is there, and OPEN while the supplier has not
    replied to the last round, InvalidInput with every problem.
    """
    access.require(actor, access.REVIEWER)
    body = {
        "submission": submission_id,
        "items": [asdict(one) for one in items],
        "due_on": due_on,
        "message": message,
    }
    made = await idempotency.find_made(session, actor, idempotency_key, "askClarification", body)
    if made is not None:
        return UUID(made[0])
    readable = await review_places.load_readable(session, actor, supplier_id, submission_id)
    if readable.submission.state != "current":
        words = "The supplier has submitted a newer revision; look at that one."
        raise errors.Conflict(words, code="SUPERSEDED", path=("submissionId",))
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{actor.organization}:{submission_id}", 0)))
    )
    number = await _find_round(session, actor, supplier_id, submission_id)
    today: date = (await session.execute(select(func.portal.clock()))).scalar_one().date()
    problems = list(_find_problems(readable, items))
    problems += review_places.find_text_problem(message, ("message",), needed=False)
    if not today <= due_on <= today + LONGEST:
        problems.append(errors.FieldProblem(("due_on",), "DATE", f"A day from {today} to {today + LONGEST}."))
    if problems:
        raise errors.InvalidInput("This cannot be asked so.", problems=problems)
    clarification_id = ids.new_id()
    own: dict[str, Any] = {"supplier_id": supplier_id, "submission_id": submission_id}
    said = {"message": review_places.trim(message), "due_on": due_on, "asked_by": actor.user_id}
    asked = insert(Clarification).inline()
    await session.execute(asked.values(**own, id=clarification_id, asker_id=actor.organization, round=number, **said))
    rows = [own | {"clarification_id": clarification_id} | _describe(readable, one) for one in items]
    await session.execute(insert(ClarificationItem).inline(), rows)
    parts = {"supplier": supplier_id, "clarification": clarification_id, "to": supplier_id}
    await outbox.add_event(session, "clarification.asked", **parts)
    await audit.add_audit(session, actor, "clarification.asked", "submission", submission_id)
    await idempotency.keep_made(session, actor, idempotency_key, "askClarification", body, [clarification_id])
    return clarification_id


def _describe(readable: Readable, one: Item) -> dict[str, Any]:
    return {
        "section": readable.find_section(one.question, one.row_id),
        "question": one.question,
        "row_id": one.row_id or "",
        "evidence_id": one.evidence_id,
        "text": one.text.strip(),
    }


async def _find_round(session: AsyncSession, actor: Actor, supplier_id: UUID, submission_id: UUID) -> int:
    table = Clarification
    found = await session.execute(
        select(table.state, table.round).where(
            table.supplier_id == supplier_id,
            table.submission_id == submission_id,
            table.asker_id == actor.organization,
        )
    )
    rows = found.all()
    if any(row.state == "open" for row in rows):
        words = "The supplier has not replied to your last question yet; wait for that, or withdraw it."
        raise errors.Conflict(words, code="OPEN", path=("submissionId",))
    return 1 + max((row.round for row in rows), default=0)


def _find_problems(readable: Readable, items: Sequence[Item]) -> Iterator[errors.FieldProblem]:
    if not 1 <= len(items) <= MOST_ITEMS:
        yield errors.FieldProblem(("items",), "COUNT", f"1 to {MOST_ITEMS} answers; these are {len(items)}.")
    seen = set()
    for number, one in enumerate(items):
        place = ("items", number)
        if (one.question, one.row_id) in seen:
            yield errors.FieldProblem((*place, "question"), "TWICE", "This answer stands here twice.")
        seen.add((one.question, one.row_id))
        if readable.find_section(one.question, one.row_id) is None:
            words = "There is no such answer among those that you may read."
            yield errors.FieldProblem((*place, "question"), "UNKNOWN_ANSWER", words)
            continue
        if one.evidence_id is not None and one.evidence_id not in readable.list_documents(one.question, one.row_id):
            words = "No such document that you may read stands behind this answer."
            yield errors.FieldProblem((*place, "evidence_id"), "UNKNOWN_DOCUMENT", words)
        yield from review_places.find_text_problem(one.text, (*place, "text"), needed=True)


async def withdraw_clarification(
    session: AsyncSession, actor: Actor, *, supplier_id: UUID, clarification_id: UUID
) -> None:
    """Whoever asked takes it back; again changes nothing. Raises NotFound, Conflict CLOSED once it was answered."""
    access.require(actor, access.REVIEWER)
    row = await _lock(session, supplier_id, clarification_id)
    if row.asker_id != actor.organization:
        raise errors.NotFound("There is no such clarification.", path=("clarificationId",))
    if row.state == "withdrawn":
        return
    _check_open(row)
    await _close(session, row, state="withdrawn")
    await audit.add_audit(session, actor, "clarification.withdrawn", "clarification", clarification_id)


async def reply_to_clarification(session: AsyncSession, actor: Actor, *, clarification_id: UUID, reply: str) -> None:
    """Close a round by words alone; the same words again change nothing. Raises NotFound, InvalidInput, Conflict."""
    access.require(actor, access.SUPPLIER_EDITOR)
    said = review_places.check_text(reply, "reply")
    row = await _lock(session, actor.organization, clarification_id)
    if row.state == "replied" and row.reply == said:
        return
    _check_open(row)
    await _close(session, row, state="replied", reply=said)
    await _tell_reply(session, actor, row)


async def revise_for_clarification(session: AsyncSession, actor: Actor, *, clarification_id: UUID) -> Revision:
    """A new draft with everything carried over, in which only what was asked about may change, and what hangs on it.

    Submitting it closes the round. Raises NotFound, Conflict CLOSED, WAITING where writes wait for a correction, and
    what `correct_assessment` raises.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    await joining.take_turn(session, actor)  # before the round, as submitting does
    row = await _lock(session, actor.organization, clarification_id)
    _check_open(row)
    submission: Submission | None = await session.get(Submission, (actor.organization, row.submission_id))
    if submission is None or submission.state != "current":
        words = "A newer revision was submitted or this one withdrawn; reply in words."
        raise errors.Conflict(words, code="SUPERSEDED", path=("clarificationId",))
    # Nothing more comes to wait until the revision is there.
    await drafts.find_subject(session, actor, submission.assessment_id, lock=True)
    _, waits = await waiting.list_waiting(session, actor, assessment_id=submission.assessment_id, limit=1)
    if waits:
        words = (
            "Answers that came after submission wait for a correction: correct the assessment with them and reply in "
            "words, or dismiss them first."
        )
        raise errors.Conflict(words, code="WAITING", path=("clarificationId",))
    places = await _find_reopened(session, actor, row, submission)
    return await assessments.correct_assessment(
        session,
        actor,
        assessment_id=submission.assessment_id,
        tier=submission.tier,
        reopening=Reopening(clarification_id=clarification_id, places=places),
    )


async def _find_reopened(session: AsyncSession, actor: Actor, row: Clarification, submission: Submission) -> list[str]:
    definition = await definitions.load_definition(session, submission.content_hash)
    own = (SubmissionSection.supplier_id == actor.organization, SubmissionSection.submission_id == submission.id)
    nested: dict[str, Any] = {}
    for answers in await session.scalars(select(SubmissionSection.answers).where(*own)):
        nested |= answers
    kept, _ = nesting.read_nested(definition, nested)
    item = ClarificationItem
    asked = await session.execute(
        select(item.question, item.row_id).where(
            item.supplier_id == actor.organization, item.clarification_id == row.id
        )
    )
    tier: Any = submission.tier  # the table's CHECK holds the same names as the type
    return reopening.find_reopened(definition, tier, [(one.question, one.row_id or None) for one in asked], kept.keys())


async def close_by_revision(
    session: AsyncSession, actor: Actor, *, assessment: Assessment, submission_id: UUID
) -> None:
    """What a submitted draft was made for is answered by it; a round that was withdrawn meanwhile stays so."""
    if assessment.clarification_id is None:
        return
    row = await _lock(session, actor.organization, assessment.clarification_id)
    if row.state == "open":
        await _close(session, row, state="revised", reply_submission_id=submission_id)
        await _tell_reply(session, actor, row)


async def _lock(session: AsyncSession, supplier_id: UUID, clarification_id: UUID) -> Clarification:
    """Under the caller's own rights: both sides see it, while the one who asked reads what it is about."""
    table = Clarification
    found: Clarification | None = await session.scalar(
        select(table)
        .where(table.supplier_id == supplier_id, table.id == clarification_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise errors.NotFound("There is no such clarification.", path=("clarificationId",))
    # What is closed is seen and not to be locked.
    await session.scalar(
        select(table.id)
        .where(table.supplier_id == supplier_id, table.id == clarification_id)
        .with_for_update(key_share=True)
    )
    await session.refresh(found)
    return found


def _check_open(row: Clarification) -> None:
    if row.state != "open":
        raise errors.Conflict(f"This {CLOSED[row.state]} already.", code="CLOSED", path=("clarificationId",))


async def _close(session: AsyncSession, row: Clarification, **values: Any) -> None:
    table = Clarification
    await session.execute(
        update(table)
        .where(table.supplier_id == row.supplier_id, table.id == row.id)
        .values(**values, closed_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
    await session.refresh(row)


async def _tell_reply(session: AsyncSession, actor: Actor, row: Clarification) -> None:
    parts = {"supplier": row.supplier_id, "clarification": row.id, "to": row.asker_id}
    await outbox.add_event(session, "clarification.replied", **parts)
    await audit.add_audit(session, actor, "clarification.replied", "clarification", row.id)
