"""Clarification rounds: named answers are asked about, and a new revision answers; `replying` has replies in words."""

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
from portal.assessments import assessments, definitions, joining, own_days, pushed_answers, review_places, revisions
from portal.assessments.joining import Place
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
        raise errors.Conflict(await _name_newer(session, readable), code="SUPERSEDED", path=("resultId",))
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{actor.organization}:{submission_id}", 0)))
    )
    number = await _find_round(session, actor, supplier_id, submission_id)
    await _check(session, actor, readable, items, due_on, message)
    clarification_id = ids.new_id()
    own: dict[str, Any] = {"supplier_id": supplier_id, "submission_id": submission_id}
    said = {"message": review_places.trim(message), "due_on": due_on, "asked_by": actor.user_id}
    asked = insert(Clarification).inline()
    await session.execute(asked.values(**own, id=clarification_id, asker_id=actor.organization, round=number, **said))
    rows = [own | {"clarification_id": clarification_id} | _describe(readable, one) for one in items]
    await session.execute(insert(ClarificationItem).inline(), rows)
    parts = {"supplier": supplier_id, "clarification": clarification_id, "to": supplier_id}
    await outbox.add_event(session, "clarification.asked", **parts)
    await audit.add_audit(
        session, actor, "clarification.asked", "submission", submission_id, concerns=supplier_id, owner=supplier_id
    )
    await idempotency.keep_made(session, actor, idempotency_key, "askClarification", body, [clarification_id])
    return clarification_id


async def _name_newer(session: AsyncSession, readable: Readable) -> str:
    """What to do about a revision that was superseded: the newer one is read where that is shared, or asked for."""
    table, same = Submission, ("supplier_id", "questionnaire", "subject_key", "period_start", "period_end")
    is_shared = await session.scalar(
        select(table.id).where(
            *(getattr(table, name) == getattr(readable.submission, name) for name in same), table.state == "current"
        )
    )
    if is_shared is not None:
        return (
            "The supplier has submitted a newer revision, which is shared with you; look at that one and ask about it."
        )
    return (
        "The supplier has submitted a newer revision, which is not shared with you; ask for it with requestAccess, and "
        "then about its answers."
    )


async def _check(
    session: AsyncSession, actor: Actor, readable: Readable, items: Sequence[Item], due_on: date, message: str | None
) -> None:
    today = (await own_days.read_own_time(session, actor)).today
    problems = list(_find_problems(readable, items))
    problems += review_places.find_text_problem(message, ("message",), needed=False)
    if not today <= due_on <= today + LONGEST:
        problems.append(errors.FieldProblem(("due_on",), "DATE", f"A day from {today} to {today + LONGEST}."))
    if problems:
        raise errors.InvalidInput("This cannot be asked so.", problems=problems)


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
        raise errors.Conflict(words, code="OPEN", path=("resultId",))
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
    row = await lock_round(session, supplier_id, clarification_id)
    if row.asker_id != actor.organization:
        raise errors.NotFound("There is no such clarification.", path=("clarificationId",))
    if row.state == "withdrawn":
        return
    check_open(row)
    await close_round(session, row, state="withdrawn")
    parts = {"supplier": supplier_id, "clarification": clarification_id, "to": supplier_id}
    await outbox.add_event(session, "clarification.withdrawn", **parts)
    await audit.add_audit(
        session,
        actor,
        "clarification.withdrawn",
        "clarification",
        clarification_id,
        concerns=supplier_id,
        owner=supplier_id,
    )


async def revise_for_clarification(session: AsyncSession, actor: Actor, *, clarification_id: UUID) -> Revision:
    """A draft with everything carried over, in which only what was asked about may change, and what hangs on it.

    What waits for a correction is judged in it where it may change, and waits on where not.
    Where one is open for another round, that opens this one's answers, too; the same round again gives the same draft.
    Submitting it closes every round that it was opened for. Raises NotFound, Conflict CLOSED, SUPERSEDED where that
    submission was withdrawn or the newest is on another version, NEWER_REVISION where a draft is open that may change
    anything, and what `correct_assessment` raises.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    asked = await _find(session, actor.organization, clarification_id)
    check_open(asked)
    submission = await _find_answerable(session, actor, asked.submission_id)
    await joining.take_turn(session, actor)
    # The assessment before the round, as a submission locks them.
    latest = await joining.find_latest(session, actor, await _find_place(session, actor, submission))
    row = await lock_round(session, actor.organization, clarification_id)
    check_open(row)
    if latest is None:
        raise errors.NotFound("There is no such assessment.", path=("clarificationId",))
    if latest.state == "draft":
        return await _open_more(session, actor, row, submission, latest)
    newest = await _find_newest(session, actor, submission, latest.id)
    places = await _find_reopened(session, actor, row, newest)
    opened = Reopening(clarification_id=clarification_id, places=places)
    return await assessments.correct_assessment(
        session, actor, assessment_id=latest.id, tier=newest.tier, reopening=opened
    )


async def _find_answerable(session: AsyncSession, actor: Actor, submission_id: UUID) -> Submission:
    found: Submission | None = await session.get(Submission, (actor.organization, submission_id))
    if found is None or found.state == "withdrawn":
        words = "What it asks about was withdrawn; reply in words."
        raise errors.Conflict(words, code="SUPERSEDED", path=("clarificationId",))
    return found


async def _find_place(session: AsyncSession, actor: Actor, submission: Submission) -> Place:
    row = await session.get_one(Assessment, (actor.organization, submission.assessment_id))
    return joining.read_place(row)


async def _find_newest(
    session: AsyncSession, actor: Actor, asked: Submission, assessment_id: UUID | None
) -> Submission:
    """The submission of an assessment, in which the answers are opened that were asked about in an earlier one."""
    table = Submission
    found: Submission | None = await session.scalar(
        select(table).where(table.supplier_id == actor.organization, table.assessment_id == assessment_id)
    )
    if found is None or found.state == "withdrawn" or found.content_hash != asked.content_hash:
        words = "A newer revision was withdrawn, or answers another version; reply in words."
        raise errors.Conflict(words, code="SUPERSEDED", path=("clarificationId",))
    return found


async def _open_more(
    session: AsyncSession, actor: Actor, row: Clarification, asked: Submission, draft: Assessment
) -> Revision:
    """A draft that answers a round opens what another one asks about as well."""
    definition = await definitions.load_definition(session, asked.content_hash)
    if row.id in (draft.clarification_id, *draft.also_answers):
        return Revision(assessment=draft, definition=definition, outcomes=())
    if draft.reopened is None:
        words = "A newer revision is open already, in which every answer may change; go on there, or reply in words."
        raise errors.Conflict(words, code="NEWER_REVISION", path=("clarificationId",))
    before = await _find_newest(session, actor, asked, draft.corrects)
    opened = {*draft.reopened, *await _find_reopened(session, actor, row, before)}
    table = Assessment
    await session.execute(
        update(table)
        .where(table.supplier_id == actor.organization, table.id == draft.id)
        .values(reopened=sorted(opened), also_answers=[*draft.also_answers, row.id])
        .execution_options(synchronize_session=False)
    )
    await joining.renew_evidence(session, actor, draft.id)
    await joining.count_changes(session, actor, [draft.id])
    await session.refresh(draft)
    outcomes = await revisions.take_waiting(session, actor, draft)
    await session.refresh(draft)
    await pushed_answers.deliver_waiting(session, actor, draft)
    return Revision(assessment=draft, definition=definition, outcomes=outcomes)


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
    for wanted in sorted((assessment.clarification_id, *assessment.also_answers)):
        row = await lock_round(session, actor.organization, wanted)
        if row.state == "open":
            await close_round(session, row, state="revised", reply_submission_id=submission_id)
            await tell_reply(session, actor, row)


async def _find(session: AsyncSession, supplier_id: UUID, clarification_id: UUID) -> Clarification:
    table = Clarification
    found: Clarification | None = await session.scalar(
        select(table)
        .where(table.supplier_id == supplier_id, table.id == clarification_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise errors.NotFound("There is no such clarification.", path=("clarificationId",))
    return found


async def lock_round(session: AsyncSession, supplier_id: UUID, clarification_id: UUID) -> Clarification:
    """Under the caller's own rights: both sides see it, while the one who asked reads what it is about."""
    found = await _find(session, supplier_id, clarification_id)
    table = Clarification
    # What is closed is seen and not to be locked.
    await session.scalar(
        select(table.id)
        .where(table.supplier_id == supplier_id, table.id == clarification_id)
        .with_for_update(key_share=True)
    )
    await session.refresh(found)
    return found


def check_open(row: Clarification) -> None:
    """Raise Conflict CLOSED for a round that was answered or withdrawn."""
    if row.state != "open":
        raise errors.Conflict(f"This {CLOSED[row.state]} already.", code="CLOSED", path=("clarificationId",))


async def close_round(session: AsyncSession, row: Clarification, **values: Any) -> None:
    """Set what ends a round, and when that was."""
    await change_round(session, row, **values, closed_at=func.portal.clock())


async def change_round(session: AsyncSession, row: Clarification, **values: Any) -> None:
    """Set columns of a round; both sides are told that it changed."""
    table = Clarification
    await session.execute(
        update(table)
        .where(table.supplier_id == row.supplier_id, table.id == row.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(row)


async def tell_reply(session: AsyncSession, actor: Actor, row: Clarification) -> None:
    """Whoever asked gets a letter, and the trail an event."""
    parts = {"supplier": row.supplier_id, "clarification": row.id, "to": row.asker_id}
    await outbox.add_event(session, "clarification.replied", **parts)
    await audit.add_audit(session, actor, "clarification.replied", "clarification", row.id, concerns=row.asker_id)
