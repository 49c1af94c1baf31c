"""What became of each write: its history, the conflicts that nobody has decided, and what waits for a correction."""

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from graphql_schema import answer, nodes, paging, rules
from graphql_schema.answer import (
    ASSESSMENT,
    Answer,
    AnswerContent,
    AnswerProblem,
    AnswerProvenance,
    WriteStatus,
    make_content,
    make_problem,
)
from graphql_schema.colleague import Colleague, make_colleague
from portal.assessments import writes
from portal.assessments.conflicts import OpenConflict
from portal.assessments.judging import read_content
from portal.assessments.writes import Content
from questionnaires.definition import Definition

NEWEST_FIRST = paging.Order("answers.history", (datetime,))
CONFLICTS = paging.Order("answers.conflicts", (datetime,))
WAITING = paging.Order("answers.waiting", (datetime,))


@strawberry.enum(description="How a write was made.")
class WriteSource(enum.Enum):
    TYPED = strawberry.enum_value("typed", description="By `saveAnswers`: somebody typed it, or a program sent it.")
    FORM = strawberry.enum_value("form", description="Read from a filled workbook or table.")
    CONFIRMED = strawberry.enum_value("confirmed", description="An answer that was taken over was left as it was.")
    DECIDED = strawberry.enum_value("decided", description="Chosen in a conflict, or dismissed.")
    HEAD_OFFICE = strawberry.enum_value(
        "head_office", description="Pushed from the organization's assessment to that of a site, or released there."
    )


@rules.type(rules.AS_PARENT, description="The answer that a write met.")
class EarlierAnswer:
    revision: int = rules.field(description="Its revision.")
    content: AnswerContent = rules.field(description="What it said.")
    provenance: AnswerProvenance = rules.field(description="Where it came from.")
    carried_from_id: strawberry.ID | None = rules.field(
        description="The assessment that it had been taken over from; null where it was given here."
    )


@rules.type(rules.AS_PARENT, description="A write that reached the portal.")
class AnswerHistoryEntry:
    write_id: UUID = rules.field(description="The id that the client chose.")
    status: WriteStatus = rules.field(description="What became of it.")
    source: WriteSource = rules.field(description="How it was made.")
    base_revision: int = rules.field(description="The revision that it was made on.")
    revision: int | None = rules.field(description="The revision it made or met.")
    problem: AnswerProblem | None = rules.field(
        description="Why it was refused, or waited while a draft answered a clarification."
    )
    was: EarlierAnswer | None = rules.field(description="What stood when it came; null where there was no answer.")
    content: AnswerContent | None = rules.field(description="What it said; null where it could not be read.")
    by: Colleague | None = rules.field(description="Who sent it; null for a machine.")
    by_own_member: bool = rules.field(description="Whether a person sent it, not a machine.")
    device: str | None = rules.field(
        description="What the device that sent it calls itself; null where it said nothing."
    )
    decides: UUID | None = rules.field(description="The write that this one decided on or dismissed.")
    note: str | None = rules.field(description="Why the head office pushed or released it; null for any other write.")
    received_at: datetime = rules.field(description="When it came.")
    cursor: str = rules.field(description="Its place, for `after`.")


@rules.type(rules.AS_PARENT, description="A write that met another answer, and that nobody has decided yet.")
class AnswerConflict:
    conflict_id: UUID = rules.field(description="The id of the write, for `decideConflict`.")
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    base_revision: int = rules.field(description="The revision that it was made on.")
    standing: Answer = rules.field(description="The answer that stands.")
    standing_by: Colleague | None = rules.field(
        description="Who gave that; null for a machine, or where there is none."
    )
    standing_at: datetime | None = rules.field(description="When that was given; null where there is none.")
    written: AnswerContent = rules.field(description="What the write says.")
    written_by: Colleague | None = rules.field(description="Who sent it; null for a machine.")
    written_at: datetime = rules.field(description="When it came.")
    device: str | None = rules.field(description="What the device that sent it calls itself.")
    source: WriteSource = rules.field(description="How it was made: HEAD_OFFICE for a suggestion that met an answer.")


@rules.type(rules.AS_PARENT, description="A page of conflicts, the first one first.")
class AnswerConflictPage:
    conflicts: list[AnswerConflict] = rules.field(description="The conflicts.", list_size=1)
    has_more: bool = rules.field(description="Whether more follow.")
    end_cursor: str | None = rules.field(description="The place of the last one, for `after`; null on an empty page.")


@rules.type(
    rules.AS_PARENT,
    description="A write that came after submission. `correctAssessment` judges it on its revision, unless it was"
    " dismissed before; `reviseForClarification` does where it opens the answer.",
)
class PendingCorrection:
    write_id: UUID = rules.field(description="The id that the client chose.")
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    base_revision: int = rules.field(description="The revision that it was made on.")
    was: EarlierAnswer | None = rules.field(description="The answer as it was submitted; null where there was none.")
    content: AnswerContent = rules.field(description="What it says.")
    source: WriteSource = rules.field(description="How it was made.")
    by: Colleague | None = rules.field(description="Who sent it; null for a machine.")
    device: str | None = rules.field(description="What the device that sent it calls itself.")
    received_at: datetime = rules.field(description="When it came.")


@rules.type(rules.AS_PARENT, description="A page of what waits, in the order received.")
class PendingCorrectionPage:
    corrections: list[PendingCorrection] = rules.field(description="What waits.", list_size=1)
    has_more: bool = rules.field(description="Whether more follow.")
    end_cursor: str | None = rules.field(description="The place of the last one, for `after`; null on an empty page.")


def read_place(page: paging.Page) -> tuple[datetime, UUID] | None:
    """The moment and id behind which a page starts."""
    return None if page.after is None else (page.after.keys[0], page.after.id)  # type: ignore[return-value]


def make_was(definition: Definition, row: Any, owner: UUID) -> EarlierAnswer | None:
    if row.was is None:
        return None
    kept = dict(row.was)
    carried, revision, provenance = kept.pop("carried_from"), kept.pop("revision"), kept.pop("provenance")
    content = make_content(definition, row.question, Content(**kept), owner)
    if content is None:
        return None
    return EarlierAnswer(
        revision=revision,
        content=content,
        provenance=AnswerProvenance(provenance),
        carried_from_id=None if carried is None else nodes.encode_id(ASSESSMENT, UUID(carried), owner),
    )


def make_entry(
    definition: Definition,
    row: Any,
    names: Mapping[UUID, str],
    notes: Mapping[UUID, str],
    owner: UUID,
    locale: str,
) -> AnswerHistoryEntry:
    content = None if row.state is None else read_content(row)
    problem = None if row.problem is None else writes.restore_problem(row.problem, row.question, row.row_id)
    return AnswerHistoryEntry(
        write_id=row.write_id,
        status=WriteStatus(row.outcome),
        source=WriteSource(row.source),
        base_revision=row.base_revision,
        revision=row.revision,
        problem=None if problem is None else make_problem(problem, locale),
        was=make_was(definition, row, owner),
        content=make_content(definition, row.question, content, owner),
        by=make_colleague(row.member_id, names, owner),
        by_own_member=row.member_id is not None,
        device=row.device,
        decides=row.decides,
        note=None if row.push_id is None else notes.get(row.push_id),
        received_at=row.received_at,
        cursor=paging.write_cursor(NEWEST_FIRST, [row.received_at], row.write_id),
    )


def make_conflicts(
    definition: Definition, found: Sequence[OpenConflict], names: Mapping[UUID, str], owner: UUID, page: paging.Page
) -> AnswerConflictPage:
    shown = found[: page.first]
    return AnswerConflictPage(
        conflicts=[_make_conflict(definition, one, names, owner) for one in shown],
        has_more=len(found) > page.first,
        end_cursor=_write_end(CONFLICTS, [one.row for one in shown]),
    )


def _make_conflict(definition: Definition, one: OpenConflict, names: Mapping[UUID, str], owner: UUID) -> AnswerConflict:
    return AnswerConflict(
        conflict_id=one.row.write_id,
        question=one.row.question,
        row_id=one.row.row_id or None,
        base_revision=one.row.base_revision,
        standing=answer.make_answer(definition, one.standing, owner),
        standing_by=make_colleague(one.standing.changed_by, names, owner),
        standing_at=one.standing.changed_at,
        written=answer.write_content(definition, one.row.question, one.written, owner),
        written_by=make_colleague(one.row.member_id, names, owner),
        written_at=one.row.received_at,
        device=one.row.device,
        source=WriteSource(one.row.source),
    )


def make_waiting(
    definition: Definition, found: Sequence[Any], names: Mapping[UUID, str], owner: UUID, page: paging.Page
) -> PendingCorrectionPage:
    shown = found[: page.first]
    return PendingCorrectionPage(
        corrections=[_make_correction(definition, row, names, owner) for row in shown],
        has_more=len(found) > page.first,
        end_cursor=_write_end(WAITING, shown),
    )


def _make_correction(definition: Definition, row: Any, names: Mapping[UUID, str], owner: UUID) -> PendingCorrection:
    return PendingCorrection(
        write_id=row.write_id,
        question=row.question,
        row_id=row.row_id or None,
        base_revision=row.base_revision,
        was=make_was(definition, row, owner),
        content=answer.write_content(definition, row.question, read_content(row), owner),
        source=WriteSource(row.source),
        by=make_colleague(row.member_id, names, owner),
        device=row.device,
        received_at=row.received_at,
    )


def _write_end(order: paging.Order, rows: Sequence[Any]) -> str | None:
    return paging.write_cursor(order, [rows[-1].received_at], rows[-1].write_id) if rows else None
