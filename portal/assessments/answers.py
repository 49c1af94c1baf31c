"""Saving answers: each write on its own, any number of times, in any order, and none is lost without a word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, drafts, joining, writes
from portal.assessments.writes import Content, Write
from portal.database import outbox
from portal.database.tables import assessments as tables
from questionnaires.answers import Problem
from questionnaires.definition import Definition

MAX_WRITES = 200
Status = Literal["saved", "unchanged", "conflict", "refused", "pending", "ahead"]
Place = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class StoredAnswer:
    """The answer that stands for a question and row; revision 0 and no content where there is none."""

    question: str
    row_id: str
    revision: int = 0
    content: Content | None = None
    changed_at_number: int = 0
    changed_at: datetime | None = None
    changed_by: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one write; `revision` is the one it made or met, none where it was refused, waits or is ahead."""

    write_id: UUID
    status: Status
    revision: int | None
    problem: Problem | None
    current: StoredAnswer
    yours: Content | None


@dataclass(frozen=True, kw_only=True)
class AnswersSaved:
    """The assessment that took the writes, its change number after them, and the outcomes in the order sent."""

    assessment_id: UUID
    definition: Definition
    change_number: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A write with what is to be stored of it."""

    write: Write
    status: Status
    revision: int | None = None
    number: int | None = None
    content: Content | None = None
    problem: Problem | None = None
    is_replay: bool = False


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """Writes as they were sent and as they are judged; `later` is how many of the same call are still to come."""

    sent: Sequence[Write]
    ordered: Sequence[Write]
    has_waited: bool = False
    later: int = 0

    def count_later(self) -> dict[int, int]:
        """How many came after each write, by the identity of the write: two may have one id."""
        last = len(self.sent) - 1 + self.later
        return {id(write): last - position for position, write in enumerate(self.sent)}


# What came before under these ids, and, with no id, what stands at these places.
KNOWN = text(
    """
    SELECT w.write_id, w.body_hash, w.assessment_id,
           (was.questionnaire, was.subject_key, was.period_start, was.period_end)
         = (now.questionnaire, now.subject_key, now.period_start, now.period_end) AS is_here,
           w.question, w.row_id, w.outcome, w.revision, w.problem, w.state, w.value, w.reason, w.comment, w.deleted,
           NULL::bigint AS changed_at_number, NULL::timestamptz AS changed_at, NULL::uuid AS changed_by
      FROM portal.answer_write w
      JOIN portal.assessment was ON was.supplier_id = w.supplier_id AND was.id = w.assessment_id
      JOIN portal.assessment now ON now.supplier_id = w.supplier_id AND now.id = :assessment
     WHERE w.supplier_id = :supplier AND w.write_id = ANY (CAST(:ids AS uuid[]))
     UNION ALL
    SELECT NULL, NULL, NULL, NULL, a.question, a.row_id, NULL, a.revision, NULL, a.state, a.value, a.reason, a.comment,
           a.deleted, a.changed_at_number, a.changed_at, a.changed_by
      FROM unnest(CAST(:questions AS text[]), CAST(:rows AS text[])) AS wanted (question, row_id)
      JOIN portal.answer a ON a.question = wanted.question AND a.row_id = wanted.row_id
     WHERE a.supplier_id = :supplier AND a.assessment_id = :assessment
    """
)
# One statement however many writes there are: the answers, their history, the cursor of the sync, and the event. The
# history keeps the order in which one call sent them: the last one came now, and each before it a microsecond earlier.
STORE = text(
    """
    WITH item AS (
        SELECT * FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS x (
            write_id uuid, question text, row_id text, base_revision integer, revision integer, outcome text,
            problem jsonb, state text, value jsonb, reason text, comment text, deleted boolean, number bigint,
            body_hash text, stands boolean, later integer)
    ), kept AS (
        INSERT INTO portal.answer AS a (supplier_id, assessment_id, question, row_id, state, value, reason, comment,
                                        deleted, revision, changed_at_number, changed_by, changed_at)
        SELECT CAST(:supplier AS uuid), CAST(:assessment AS uuid), question, row_id, state, value, reason, comment,
               deleted, revision, number,
               CAST(:member AS uuid), portal.clock()
          FROM item WHERE stands
        ON CONFLICT (supplier_id, assessment_id, question, row_id) DO UPDATE SET
            state = excluded.state, value = excluded.value, reason = excluded.reason, comment = excluded.comment,
            deleted = excluded.deleted, revision = excluded.revision, changed_at_number = excluded.changed_at_number,
            changed_by = excluded.changed_by, changed_at = excluded.changed_at
    ), counted AS (
        UPDATE portal.assessment SET change_number = :change_number, updated_at = portal.clock()
         WHERE supplier_id = :supplier AND id = :assessment AND change_number <> :change_number
    ), told AS (
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT id, topic, ids FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS x (id uuid, topic text, ids jsonb)
    )
    INSERT INTO portal.answer_write (supplier_id, write_id, assessment_id, question, row_id, base_revision, revision,
                                     outcome, problem, state, value, reason, comment, deleted, body_hash, member_id,
                                     received_at)
    SELECT CAST(:supplier AS uuid), write_id, CAST(:assessment AS uuid), question, row_id, base_revision, revision,
           outcome, problem, state, value, reason, comment, deleted, decode(body_hash, 'hex'), CAST(:member AS uuid),
           portal.clock() - later * interval '1 microsecond'
      FROM item
    """
)


async def save_answers(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, sent: Sequence[Write]
) -> AnswersSaved:
    """Save 1 to 200 answers of an assessment; what cannot be saved is an outcome, never an exception.

    Where it was submitted, the newest revision of its place takes them: a draft saves them, a submitted one lets them
    wait for its correction. Raises NotFound, NotAllowed, InvalidInput for none or too many writes, and Conflict where
    another assessment is just taking a write of the same id.
    """
    access.require(actor, access.SUPPLIER_EDITOR)
    if not 1 <= len(sent) <= MAX_WRITES:
        words = f"Send 1 to {MAX_WRITES} answers at once; these are {len(sent)}."
        raise errors.InvalidInput(words, code="TOO_MANY" if sent else "EMPTY", path=("answers",))
    subject = await _find_open(session, actor, assessment_id)
    return await _take_writes(session, actor, subject, _Batch(sent=sent, ordered=order_writes(sent)))


async def take_waiting(
    session: AsyncSession, actor: Actor, *, assessment_id: UUID, waiting: Sequence[tables.AnswerWrite]
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


async def _find_open(session: AsyncSession, actor: Actor, assessment_id: UUID) -> drafts.Subject:
    """The assessment that takes a write to this one, locked: where this was submitted, the newest of its place."""
    subject = await drafts.find_subject(session, actor, assessment_id, lock=True)
    newest = subject.row
    # A revision may have been started while this waited for the lock; none is, once the newest one is held.
    while newest.state == "submitted":
        found = await joining.find_latest(session, actor, joining.read_place(subject.row))
        if found is None or found.id == newest.id:
            break
        newest = found
    if newest.id == assessment_id:
        return subject
    return await drafts.find_subject(session, actor, newest.id, lock=True)


async def _take_writes(session: AsyncSession, actor: Actor, subject: drafts.Subject, batch: _Batch) -> AnswersSaved:
    """Judge and store writes in an order; their outcomes come in the order sent."""
    assessment_id = subject.row.id
    definition = await definitions.load_definition(session, subject.content_hash)
    read = [(write, writes.read_write(definition, write)) for write in batch.ordered]
    earlier, standing = await _find_known(session, actor, assessment_id, batch.sent)
    judge = _Judge(
        is_submitted=subject.row.state == "submitted",
        has_waited=batch.has_waited,
        change_number=subject.row.change_number,
        earlier=earlier,
        standing=standing,
    )
    judged = {id(write): judge.judge(write, content) for write, content in read}
    await _store(session, actor, assessment_id, judge, judged, batch.count_later())
    return AnswersSaved(
        assessment_id=assessment_id,
        definition=definition,
        change_number=judge.change_number,
        outcomes=tuple(_report(write, judged[id(write)], judge.standing) for write in batch.sent),
    )


def order_writes(sent: Iterable[Write]) -> list[Write]:
    """Lower base revisions first, whatever came first; of equal ones the one that was sent first is judged first."""
    return sorted(sent, key=lambda write: write.base_revision)


class _Judge:
    """Decides writes one by one against what stands, which the writes before may have changed."""

    def __init__(
        self,
        *,
        is_submitted: bool,
        has_waited: bool,
        change_number: int,
        earlier: Mapping[UUID, Any],
        standing: dict[Place, StoredAnswer],
    ) -> None:
        self.is_submitted = is_submitted
        self.has_waited = has_waited
        self.change_number = change_number
        self.earlier = earlier
        self.standing = standing
        self._made: dict[UUID, Judged] = {}

    def judge(self, write: Write, content: Content | Problem) -> Judged:
        """The outcome of a write; the same one again where it came before, in this call or an earlier one."""
        row = self.earlier.get(write.write_id)
        return self._judge_new(write, content) if row is None else self._replay(write, row)

    def _judge_new(self, write: Write, content: Content | Problem) -> Judged:
        made = self._made.get(write.write_id)
        if made is None:
            self._made[write.write_id] = made = self._decide(write, content)
            return made
        if made.write == write:
            return replace(made, is_replay=True)
        return Judged(write=write, status="refused", problem=writes.refuse_reused(write), is_replay=True)

    def _decide(self, write: Write, content: Content | Problem) -> Judged:
        if isinstance(content, Problem):
            return Judged(write=write, status="refused", problem=content)
        current = self.standing.get(write.place, StoredAnswer(question=write.question, row_id=write.row_id or ""))
        # Judged now, a write whose predecessors are still to come would be lost to them, and its replay with it.
        is_ahead = write.base_revision > current.revision
        if not is_ahead and _is_same(current.content, content):
            return Judged(write=write, status="unchanged", revision=current.revision, content=content)
        if self.is_submitted:
            return Judged(write=write, status="pending", content=content)
        # Who sent what waited was told so and may have forgotten it: it cannot be asked for again, so a person decides.
        if is_ahead and not self.has_waited:
            return Judged(write=write, status="ahead", content=content)
        if write.base_revision != current.revision:
            return Judged(write=write, status="conflict", revision=current.revision, content=content)
        return self._keep(write, content, current.revision + 1)

    def _keep(self, write: Write, content: Content, revision: int) -> Judged:
        self.change_number += 1
        question, row_id = write.place
        self.standing[write.place] = StoredAnswer(
            question=question,
            row_id=row_id,
            revision=revision,
            content=content,
            changed_at_number=self.change_number,
        )
        return Judged(write=write, status="saved", revision=revision, number=self.change_number, content=content)

    def _replay(self, write: Write, row: Any) -> Judged:
        """What the write became when it first came; another content under its id is refused and not stored.

        One that waited tells what the correction that took it in made of it. Revisions of one place are one here: a
        device may send its queue again to a newer one.
        """
        if not row.is_here or row.body_hash != write.hash_body(row.assessment_id):
            return Judged(write=write, status="refused", problem=writes.refuse_reused(write), is_replay=True)
        if row.outcome == "pending":
            row = self.earlier.get(writes.derive_id(write.write_id), row)
        problem = None if row.problem is None else writes.restore_problem(row.problem, row.question, row.row_id)
        kept = None if row.state is None else _read_content(row)
        return Judged(
            write=write, status=row.outcome, revision=row.revision, content=kept, problem=problem, is_replay=True
        )


def _is_same(current: Content | None, content: Content) -> bool:
    """An equal answer is never a conflict; neither is the removal of what is not there."""
    return content.deleted if current is None else current == content


def _read_content(row: Any) -> Content:
    return Content(state=row.state, value=row.value, reason=row.reason, comment=row.comment, deleted=row.deleted)


async def _find_known(
    session: AsyncSession, actor: Actor, assessment_id: UUID, sent: Sequence[Write]
) -> tuple[dict[UUID, Any], dict[Place, StoredAnswer]]:
    """Earlier writes by their id, and the answers that stand by their place."""
    # A refused write may name a place that the database cannot even be asked for.
    places = [place for place in {write.place for write in sent} if all(map(writes.is_readable, place))]
    wanted = {
        "supplier": actor.organization,
        "assessment": assessment_id,
        "ids": [str(write.write_id) for write in sent],
        "questions": [question for question, _ in places],
        "rows": [row for _, row in places],
    }
    found = (await session.execute(KNOWN, wanted)).all()
    earlier = {row.write_id: row for row in found if row.write_id is not None}
    waited = [str(writes.derive_id(key)) for key, row in earlier.items() if row.outcome == "pending"]
    if waited:
        taken = await session.execute(KNOWN, wanted | {"ids": waited, "questions": [], "rows": []})
        earlier |= {row.write_id: row for row in taken}
    standing = {(row.question, row.row_id): read_stored(row) for row in found if row.write_id is None}
    return earlier, standing


def read_stored(row: Any) -> StoredAnswer:
    """A row of `answer` as it is handed out."""
    return StoredAnswer(
        question=row.question,
        row_id=row.row_id,
        revision=row.revision,
        content=_read_content(row),
        changed_at_number=row.changed_at_number,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


async def _store(
    session: AsyncSession,
    actor: Actor,
    assessment_id: UUID,
    judge: _Judge,
    judged: Mapping[int, Judged],
    later: Mapping[int, int],
) -> None:
    # Nothing is kept of what is ahead.
    fresh = {key: one for key, one in judged.items() if not one.is_replay and one.status != "ahead"}
    if not fresh:
        return
    parts: dict[str, Any] = {
        "supplier": actor.organization,
        "assessment": assessment_id,
        "change_number": judge.change_number,
    }
    is_changed = any(one.status == "saved" for one in fresh.values())
    parameters = parts | {
        "member": actor.user_id,
        "items": writes.dump_json([_describe(one, judge, assessment_id, later[key]) for key, one in fresh.items()]),
        "events": writes.dump_json(outbox.make_rows("assessment.changed", [parts] if is_changed else [])),
    }
    try:
        await session.execute(STORE, parameters)
    except IntegrityError as error:
        # Writes of one assessment wait for each other; an id that two assessments take at once is seen here alone.
        if "pk_answer_write" not in str(error.orig):
            raise
        words = "One of these write ids is being used for another assessment. Use a new id for each write."
        raise errors.Conflict(words, code="WRITE_ID_REUSED", path=("answers",)) from None


def _describe(one: Judged, judge: _Judge, assessment_id: UUID, later: int) -> dict[str, Any]:
    """One row of the history, which is also the answer where it is the last one of this call for its place."""
    write = one.write
    stands = one.status == "saved" and judge.standing[write.place].changed_at_number == one.number
    content = {"state": None, "deleted": write.deleted} if one.content is None else asdict(one.content)
    return content | {
        "write_id": write.write_id,
        "question": writes.make_readable(write.question),
        "row_id": writes.make_readable(write.row_id or ""),
        "base_revision": min(max(write.base_revision, -1), writes.LARGEST_REVISION),
        "revision": one.revision,
        "outcome": one.status,
        "problem": None if one.problem is None else writes.store_problem(one.problem),
        "number": one.number,
        "body_hash": write.hash_body(assessment_id).hex(),
        "stands": stands,
        "later": later,
    }


def _report(write: Write, one: Judged, standing: Mapping[Place, StoredAnswer]) -> Outcome:
    question, row_id = write.place
    return Outcome(
        write_id=write.write_id,
        status=one.status,
        revision=one.revision,
        problem=one.problem,
        current=standing.get(write.place, StoredAnswer(question=question, row_id=row_id)),
        yours=one.content,
    )
