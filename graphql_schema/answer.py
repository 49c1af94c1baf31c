"""What an answer looks like on both ways: the value in its kind, the states, problems, changes and history."""

import datetime
import enum
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from graphql_schema import rules
from portal.assessments import answers, writes
from portal.assessments.writes import Content, Write
from questionnaires.answers import Problem
from questionnaires.definition import NUMBERS, Definition


@strawberry.enum(description="In which state an answer is.")
class AnswerState(enum.Enum):
    VALUE = strawberry.enum_value("value", description="It has a value.")
    NOT_APPLICABLE = strawberry.enum_value(
        "not_applicable", description="The question does not apply; submission wants a reason."
    )
    UNKNOWN = strawberry.enum_value(
        "unknown", description="We do not know: the question is answered, and earns none of its points."
    )
    DECLINED = strawberry.enum_value("declined", description="We would rather not say; only where that is allowed.")


@strawberry.enum(description="What became of one write.")
class WriteStatus(enum.Enum):
    SAVED = strawberry.enum_value("saved", description="It stands, with a new revision.")
    UNCHANGED = strawberry.enum_value("unchanged", description="The same answer stood already.")
    CONFLICT = strawberry.enum_value(
        "conflict",
        description="The answer has a newer revision than the base: another one came in between. Or it waited for a"
        " correction, and has a base that the answer did not have yet then: a write before it had not arrived. Both are"
        " given, even where they are equal, and nothing was changed; for yours to stand, send it as a new write on the"
        " revision of `current`.",
    )
    REFUSED = strawberry.enum_value("refused", description="It cannot be kept; see the problem.")
    PENDING = strawberry.enum_value(
        "pending",
        description="It came after submission, is kept, and waits: the next correction judges it and tells whoever"
        " starts it, and whoever sends the same write again, what became of it: SAVED, UNCHANGED or CONFLICT, never"
        " AHEAD.",
    )
    AHEAD = strawberry.enum_value(
        "ahead",
        description="Its base is a revision that this answer does not have yet: a write before it has not arrived."
        " Nothing was kept of it. Keep it, send what comes before, and then the same write with the same writeId again:"
        " it is judged anew. Where nothing is missing, the base is wrong: send a new write on the revision of"
        " `current`. Only a draft says this; after submission such a write is PENDING.",
    )


@strawberry.input(one_of=True, description="The value of an answer, in the kind that its question takes.")
class AnswerValueInput:
    boolean: bool | None = strawberry.field(default=strawberry.UNSET, description="For yes or no.")
    choice: str | None = strawberry.field(default=strawberry.UNSET, description="The key of an option.")
    choices: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="The keys of at least one option."
    )
    number: str | None = strawberry.field(
        default=strawberry.UNSET,
        description='A number as text, like "12" or "0.5", in the unit of the question; decimal digits of any script '
        "are read, and kept as 0 to 9.",
    )
    date: str | None = strawberry.field(default=strawberry.UNSET, description='A day, like "2026-03-31".')
    text: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 10,000 characters.")
    row: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: the row of a group is there. Give the group's key and a row id."
    )
    none: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: a group has no rows. Give the group's key and no row id."
    )


@strawberry.input(description="One answer, on its own: it is saved, or not, whatever becomes of the others.")
class AnswerWriteInput:
    write_id: UUID = strawberry.field(
        description="Chosen by the client, new for each write: a repetition gives the same result again, after AHEAD a"
        " new one."
    )
    question: str = strawberry.field(description="The question's key.")
    row_id: str | None = strawberry.field(
        default=None, description="In groups: the row, 1 to 64 letters, digits, hyphens and underscores."
    )
    base_revision: int = strawberry.field(
        description="The revision of this question (and row) that was last seen; 0 where there was none."
    )
    state: AnswerState = strawberry.field(default=AnswerState.VALUE, description="The state of the answer.")
    value: AnswerValueInput | None = strawberry.field(default=None, description="The value, in state VALUE only.")
    unit: str | None = strawberry.field(
        default=None, description="The unit the client took; it must be the question's."
    )
    reason: str | None = strawberry.field(
        default=None, description="Why it does not apply or is declined; at most 2,000 characters."
    )
    comment: str | None = strawberry.field(
        default=None, description="A remark, at most 2,000 characters; never shared."
    )
    deleted: bool = strawberry.field(
        default=False, description="True: remove the answer, or the row of a group with all its answers."
    )


@rules.type(rules.AS_PARENT, description="A value in the kind of its question; all but one field are null.")
class AnswerValue:
    boolean: bool | None = rules.field(description="Yes or no.", default=None)
    choice: str | None = rules.field(description="The key of the option.", default=None)
    choices: list[str] | None = rules.field(
        description="The keys of the options, in the order of the question.", default=None
    )
    number: Decimal | None = rules.field(description="The number, in the unit of the question.", default=None)
    date: datetime.date | None = rules.field(description="The day.", default=None)
    text: str | None = rules.field(description="The text.", default=None)
    row: bool | None = rules.field(description="True for a row of a group.", default=None)
    none: bool | None = rules.field(description="True for a group that has no rows.", default=None)


@rules.type(rules.AS_PARENT, description="What an answer says.")
class AnswerContent:
    state: AnswerState = rules.field(description="Its state.")
    value: AnswerValue | None = rules.field(description="Its value, in state VALUE.")
    reason: str | None = rules.field(description="Why it does not apply or is declined.")
    comment: str | None = rules.field(description="A remark.")
    deleted: bool = rules.field(description="Whether the answer, or the row, was removed.")


@rules.type(rules.AS_PARENT, description="The answer that stands for a question and row.")
class Answer:
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    revision: int = rules.field(description="Raised with each change; 0 where there never was an answer.")
    change_number: int = rules.field(description="The change of the assessment that made it.")
    content: AnswerContent | None = rules.field(description="What it says; null at revision 0.")


@rules.type(rules.AS_PARENT, description="What is wrong with an answer.")
class AnswerProblem:
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    code: str = rules.field(description="A stable code, like REQUIRED_MISSING.")
    message: str = rules.field(description="What is wrong and what is allowed, in plain words.")


@rules.type(
    rules.AS_PARENT,
    description="What became of one write; a repetition gives the same status and revision or, where it had waited,"
    " what the correction made of it. One that was AHEAD is judged anew.",
)
class AnswerResult:
    write_id: UUID = rules.field(description="The id that the client chose.")
    status: WriteStatus = rules.field(description="What became of it.")
    revision: int | None = rules.field(description="The revision it made or met; null where refused, waiting or ahead.")
    problem: AnswerProblem | None = rules.field(description="Why it was refused.")
    current: Answer = rules.field(description="The answer that stands now.")
    yours: AnswerContent | None = rules.field(description="What was sent, in its one spelling; null where refused.")


@rules.type(rules.AS_PARENT, description="Answers that changed after a number, in the order of their change.")
class AnswerChanges:
    change_number: int = rules.field(description="The number the assessment is at.")
    answers: list[Answer] = rules.field(
        description="The answers, removed ones included.",
        list_size=1,  # the size of the page is counted where it is asked for
    )
    has_more: bool = rules.field(description="Whether more changed; go on with the changeNumber of the last answer.")


@rules.type(rules.AS_PARENT, description="A write that reached the portal.")
class AnswerHistoryEntry:
    write_id: UUID = rules.field(description="The id that the client chose.")
    status: WriteStatus = rules.field(description="What became of it.")
    base_revision: int = rules.field(description="The revision that it was made on.")
    revision: int | None = rules.field(description="The revision it made or met.")
    problem: AnswerProblem | None = rules.field(description="Why it was refused.")
    content: AnswerContent | None = rules.field(description="What it said; null where refused.")
    by_own_member: bool = rules.field(description="Whether a person sent it, not a machine.")
    received_at: datetime.datetime = rules.field(description="When it came.")


def read_write(given: AnswerWriteInput) -> Write:
    """A write in the portal's own words."""
    kind, value = read_value(given.value)
    return Write(
        write_id=given.write_id,
        question=given.question,
        row_id=given.row_id,
        base_revision=given.base_revision,
        state=str(given.state.value),
        value=value,
        kind=kind,
        unit=given.unit,
        reason=given.reason,
        comment=given.comment,
        deleted=given.deleted,
    )


def read_value(given: AnswerValueInput | None) -> tuple[str | None, Any]:
    """The kind that was given, and its value; a group without rows is an empty list."""
    for kind in writes.KINDS if given is not None else ():
        value = getattr(given, kind)
        if value is not strawberry.UNSET and value is not None:
            return kind, [] if kind == "none" and value is True else value
    return None, None


def make_value(definition: Definition, question: str, value: Any) -> AnswerValue | None:
    """A stored value in the field of its question's type."""
    asked = definition.questions.get(question)
    if asked is None or value is None:
        return None
    match asked.type:
        case "boolean":
            return AnswerValue(boolean=value)
        case "choice":
            return AnswerValue(choice=value)
        case "multi_choice":
            return AnswerValue(choices=list(value))
        case "date":
            return AnswerValue(date=datetime.date.fromisoformat(value))
        case "text":
            return AnswerValue(text=value)
        case "group":
            return AnswerValue(row=True) if value is True else AnswerValue(none=True)
        case kind if kind in NUMBERS:
            return AnswerValue(number=Decimal(value))
    return None


def make_content(definition: Definition, question: str, content: Content | None) -> AnswerContent | None:
    if content is None:
        return None
    return AnswerContent(
        state=AnswerState(content.state),
        value=make_value(definition, question, content.value),
        reason=content.reason,
        comment=content.comment,
        deleted=content.deleted,
    )


def make_problem(problem: Problem) -> AnswerProblem:
    return AnswerProblem(
        question=writes.make_readable(problem.question),
        row_id=None if problem.row_id is None else writes.make_readable(problem.row_id),
        code=problem.code.upper(),
        message=writes.make_readable(writes.write_message(problem), 2_000),
    )


def make_answer(definition: Definition, stored: answers.StoredAnswer) -> Answer:
    return Answer(
        question=writes.make_readable(stored.question),
        row_id=writes.make_readable(stored.row_id) or None,
        revision=stored.revision,
        change_number=stored.changed_at_number,
        content=make_content(definition, stored.question, stored.content),
    )


def make_result(definition: Definition, outcome: answers.Outcome) -> AnswerResult:
    return AnswerResult(
        write_id=outcome.write_id,
        status=WriteStatus(outcome.status),
        revision=outcome.revision,
        problem=None if outcome.problem is None else make_problem(outcome.problem),
        current=make_answer(definition, outcome.current),
        yours=make_content(definition, outcome.current.question, outcome.yours),
    )


def make_results(definition: Definition, outcomes: Iterable[answers.Outcome]) -> list[AnswerResult]:
    return [make_result(definition, one) for one in outcomes]


def make_history_entry(definition: Definition, row: Any) -> AnswerHistoryEntry:
    content = None
    if row.state is not None:
        content = Content(state=row.state, value=row.value, reason=row.reason, comment=row.comment, deleted=row.deleted)
    problem = None if row.problem is None else writes.restore_problem(row.problem, row.question, row.row_id)
    return AnswerHistoryEntry(
        write_id=row.write_id,
        status=WriteStatus(row.outcome),
        base_revision=row.base_revision,
        revision=row.revision,
        problem=None if problem is None else make_problem(problem),
        content=make_content(definition, row.question, content),
        by_own_member=row.member_id is not None,
        received_at=row.received_at,
    )
