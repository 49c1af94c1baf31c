"""Saving answers: each write on its own, any number of times, in any order, and none is lost without a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import answer_statements as statements
from portal.assessments import definitions, drafts, gaps, joining, late_writes, row_sites, writes
from portal.assessments.drafts import Subject
from portal.assessments.judging import Judge, Judged, Place, Status, StoredAnswer, read_stored
from portal.assessments.open_writes import OpenWrites
from portal.assessments.writes import Content, Write
from portal.database import outbox
from questionnaires.answers import Problem
from questionnaires.definition import Definition

MAX_WRITES = 200


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one write; `revision` is the one it made or met, none where it was refused, waits or is ahead.

    `yours` is to be read by `definition`: of a write that came too late for its question that is an earlier version.
    """

    write_id: UUID
    status: Status
    revision: int | None
    problem: Problem | None
    warning: Problem | None
    current: StoredAnswer
    yours: Content | None
    definition: Definition


@dataclass(frozen=True, kw_only=True)
class AnswersSaved:
    """The assessment that took the writes, its change number after them, and the outcomes in the order sent."""

    assessment_id: UUID
    definition: Definition
    change_number: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """Writes as they were sent and as they are judged; `later` is how many of the same call are still to come."""

    sent: Sequence[Write]
    ordered: Sequence[Write]
    has_waited: bool = False
    later: int = 0
    left: _Done | None = None  # what became of those that are outdated

    def count_later(self) -> dict[int, int]:
        """How many came after each write, by the identity of the write: two may have one id."""
        last = len(self.sent) - 1 + self.later
        return {id(write): last - position for position, write in enumerate(self.sent)}


async def save_answers(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, sent: Sequence[Write]
) -> AnswersSaved:
    """Save 1 to 200 answers of an assessment; what cannot be saved is an outcome, never an exception.

    Where it was submitted or upgraded, the newest revision of its place takes them: a draft saves them, a submitted one
    lets them wait for its correction, and so does one that answers a clarification of other answers. Raises NotFound,
    NotAllowed, InvalidInput for none or too many writes, and Conflict where another assessment is just taking a write
    of the same id.
    """
    if not 1 <= len(sent) <= MAX_WRITES:
        access.require(actor, access.SUPPLIER_EDITOR)
        words = f"Send 1 to {MAX_WRITES} answers at once; these are {len(sent)}."
        raise errors.InvalidInput(words, code="TOO_MANY" if sent else "EMPTY", path=("answers",))
    return await take_writes(session, actor, assessment_id=assessment_id, sent=sent)


async def take_writes(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, sent: Sequence[Write]
) -> AnswersSaved:
    """The same for however few writes: none tells where the next ones would go."""
    access.require(actor, access.SUPPLIER_EDITOR)
    named, subject = await find_open(session, actor, assessment_id)
    sent = await late_writes.translate(session, named, subject, sent)
    outdated = [write for write in sent if write.is_outdated]
    # What no newer version takes stays with the one that it was typed in: there it can be read.
    left = await _judge_all(session, actor, named, _Batch(sent=sent, ordered=outdated)) if outdated else None
    ordered = order_writes(write for write in sent if not write.is_outdated)
    return await _take_writes(session, actor, subject, _Batch(sent=sent, ordered=ordered, left=left))


async def take_waiting(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, waiting: Sequence[Any]
) -> list[Outcome]:
    """Judge writes that waited in the order they are given, each on the revision that it was sent with.

    Each gets an outcome for ever, so that none waits on: one whose predecessor has not come is a conflict.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(waiting), MAX_WRITES):
        sent = [writes.repeat_write(row) for row in waiting[start : start + MAX_WRITES]]
        subject = await drafts.find_subject(session, actor, assessment_id, lock=True)
        batch = _Batch(sent=sent, ordered=sent, has_waited=True, later=len(waiting) - start - len(sent))
        outcomes += (await _take_writes(session, actor, subject, batch)).outcomes
    return outcomes


async def find_open(session: AsyncSession, actor: Actor, assessment_id: UUID) -> tuple[Subject, Subject]:
    """The assessment that was named, and the one that takes a write to it, locked: the newest of its place where that
    is no draft."""
    named = await drafts.find_subject(session, actor, assessment_id, lock=True)
    newest = named.row
    # A revision may have been started while this waited for the lock; none is, once the newest one is held.
    while newest.state != "draft":
        found = await joining.find_latest(session, actor, joining.read_place(named.row))
        if found is None or found.id == newest.id:
            break
        newest = found
    if newest.id == assessment_id:
        return named, named
    return named, await drafts.find_subject(session, actor, newest.id, lock=True)


async def _take_writes(session: AsyncSession, actor: Actor, subject: Subject, batch: _Batch) -> AnswersSaved:
    """Judge and store writes in an order; their outcomes come in the order sent."""
    done = await _judge_all(session, actor, subject, batch)
    return AnswersSaved(
        assessment_id=subject.row.id,
        definition=done.judge.definition,
        change_number=done.judge.change_number,
        outcomes=tuple(
            _report(write, batch.left if write.is_outdated and batch.left else done, done.judge.standing)
            for write in batch.sent
        ),
    )


async def _judge_all(session: AsyncSession, actor: Actor, subject: Subject, batch: _Batch) -> _Done:
    assessment_id = subject.row.id
    definition = await definitions.load_definition(session, subject.content_hash)
    read = [(write, writes.read_write(definition, write)) for write in batch.ordered]
    earlier, standing, left = await _find_known(session, actor, assessment_id, batch.sent)
    owners = [write.plan.owner for write in batch.sent if write.plan is not None]
    judge = Judge(
        definition=definition,
        plan_rules=await gaps.load_rules(session, actor, owners) if owners else None,
        is_submitted=subject.row.state == "submitted",
        has_waited=batch.has_waited,
        change_number=subject.row.change_number,
        reopened=subject.row.reopened,
        earlier=earlier,
        standing=standing,
        left=left,
        sites=await row_sites.find_nameable(session, actor, subject.row, batch.sent),
    )
    judged = {id(write): judge.judge(write, content) for write, content in read}
    await _store(session, actor, subject, judge, judged, batch.count_later())
    is_declining = any(one.content is not None and one.content.state == "declined" for one in judged.values())
    staff = await drafts.find_staff(session, actor, subject, definition) if is_declining else None
    warned = {key: replace(one, warning=judge.find_warning(one, staff)) for key, one in judged.items()}
    return _Done(judge=judge, judged=warned)


def order_writes(sent: Iterable[Write]) -> list[Write]:
    """Lower base revisions first, whatever came first; of equal ones the one that was sent first is judged first."""
    return sorted(sent, key=lambda write: write.base_revision)


@dataclass(frozen=True, kw_only=True)
class _Done:
    """Writes that were judged, by their identity."""

    judge: Judge
    judged: Mapping[int, Judged]


async def _find_known(
    session: AsyncSession, actor: Actor, assessment_id: UUID, sent: Sequence[Write]
) -> tuple[dict[UUID, Any], dict[Place, StoredAnswer], OpenWrites]:
    """Earlier writes by their id, the answers that stand by their place, and what is open there."""
    # A refused write may name a place that the database cannot even be asked for.
    places = [place for place in {write.place for write in sent} if all(map(writes.is_readable, place))]
    wanted = {
        "supplier": actor.organization,
        "assessment": assessment_id,
        "ids": [str(write.write_id) for write in sent],
        "questions": [question for question, _ in places],
        "rows": [row for _, row in places],
    }
    found = (await session.execute(statements.KNOWN, wanted)).all()
    earlier = {row.write_id: row for row in found if row.part == "write"}
    waited = [str(writes.derive_id(key)) for key, row in earlier.items() if row.outcome == "pending"]
    if waited:
        taken = await session.execute(statements.KNOWN, wanted | {"ids": waited, "questions": [], "rows": []})
        earlier |= {row.write_id: row for row in taken}
    standing = {(row.question, row.row_id): read_stored(row) for row in found if row.part == "answer"}
    return earlier, standing, OpenWrites(actor.user_id, (row for row in found if row.part == "open"))


async def _store(
    session: AsyncSession,
    actor: Actor,
    subject: Subject,
    judge: Judge,
    judged: Mapping[int, Judged],
    later: Mapping[int, int],
) -> None:
    # Nothing is kept of what is ahead.
    fresh = {key: one for key, one in judged.items() if not one.is_replay and one.status != "ahead"}
    if not fresh:
        return
    parts: dict[str, Any] = {
        "supplier": actor.organization,
        "assessment": subject.row.id,
        "change_number": judge.change_number,
    }
    is_changed = any(one.status == "saved" for one in fresh.values())
    # What colleagues have to decide is no answer, and moves the other number of the sync.
    is_opened = any(one.status in ("conflict", "pending") or one.write.decides for one in fresh.values())
    parameters = parts | {
        "opened": int(is_opened),
        "member": actor.user_id,
        "items": writes.dump_json([_describe(one, judge, subject, later[key]) for key, one in fresh.items()]),
        "events": writes.dump_json(outbox.make_rows("assessment.changed", [parts] if is_changed or is_opened else [])),
    }
    try:
        await session.execute(statements.STORE, parameters)
    except IntegrityError as error:
        # Writes of one assessment wait for each other; an id that two assessments take at once is seen here alone.
        if "pk_answer_write" not in str(error.orig):
            raise
        words = "One of these write ids is being used for another assessment. Use a new id for each write."
        raise errors.Conflict(words, code="WRITE_ID_REUSED", path=("answers",)) from None


def _describe(one: Judged, judge: Judge, subject: Subject, later: int) -> dict[str, Any]:
    """One row of the history, which is also the answer where it is the last one of this call for its place.

    What waits stays at what was submitted: a draft that answers a clarification may be discarded.
    """
    write = one.write
    kept_at = (one.status == "pending" and not judge.is_submitted and subject.row.corrects) or subject.row.id
    now = judge.standing.get(write.place)
    stands = one.status == "saved" and now is not None and now.changed_at_number == one.number
    content = {"state": None, "deleted": write.deleted, "site_id": None} if one.content is None else asdict(one.content)
    return content | {
        "write_id": write.write_id,
        "question": writes.make_readable(write.asked),
        "row_id": writes.make_readable(write.row_id or ""),
        "base_revision": min(max(write.base_revision, -1), writes.LARGEST_REVISION),
        "revision": one.revision,
        "outcome": one.status,
        "problem": None if one.problem is None else writes.store_problem(one.problem),
        "number": one.number,
        "assessment_id": kept_at,
        "body_hash": write.hash_body(kept_at).hex(),
        "stands": stands,
        "later": later,
        "provenance": now.provenance if now else "answered",
        "carried_from": now.carried_from if now else None,
        "carried_question": now.carried_question if now else None,
        "source": write.source,
        "device": write.device,
        "was": describe_standing(one.was),
        "decides": write.decides,
        "sender": write.member_id,
    }


def describe_standing(was: StoredAnswer | None) -> dict[str, Any] | None:
    """What the history keeps of an answer that a write met; of one that cannot be kept there is none."""
    if was is None or was.content is None:
        return None
    return asdict(was.content) | {
        "revision": was.revision,
        "provenance": was.provenance,
        "carried_from": was.carried_from,
    }


def _report(write: Write, done: _Done, standing: Mapping[Place, StoredAnswer]) -> Outcome:
    question, row_id = write.place
    one = done.judged[id(write)]
    return Outcome(
        write_id=write.write_id,
        status=one.status,
        revision=one.revision,
        problem=one.problem,
        warning=one.warning,
        current=standing.get(write.place, StoredAnswer(question=question, row_id=row_id)),
        yours=one.content,
        definition=done.judge.definition,
    )
