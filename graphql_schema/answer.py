"""What an answer looks like on both ways: the value in its kind, the states, problems, changes and history."""

import datetime
import enum
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from graphql_schema import gap, language, nodes, rules
from graphql_schema.context import Info, Session
from graphql_schema.gap import GapPlan, GapPlanInput
from graphql_schema.language import TextSource
from graphql_schema.scalars import Locale
from graphql_schema.sentence import tell_problem
from portal import access, errors
from portal.assessments import answers, judging, writes
from portal.assessments.writes import Content, Write
from portal.reading.answers import ASSESSMENT_TAG, SITE_TAG
from questionnaires import messages
from questionnaires.answers import Problem
from questionnaires.definition import NUMBERS, Definition

ASSESSMENT = nodes.NodeKind(ASSESSMENT_TAG, "Assessment", access.SUPPLIER)
SITE = nodes.NodeKind(SITE_TAG, "Site", access.MEMBER)


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


@strawberry.enum(description="Where an answer comes from.")
class AnswerProvenance(enum.Enum):
    ANSWERED = strawberry.enum_value("answered", description="It was given in this assessment.")
    CARRIED = strawberry.enum_value("carried", description="It was taken over and stands as it is.")
    TO_CONFIRM = strawberry.enum_value(
        "to_confirm",
        description="It was taken over, or the head office suggests it; somebody has to look at it before it can be"
        " submitted.",
    )
    CONFIRMED = strawberry.enum_value("confirmed", description="It was taken over, looked at, and left as it was.")
    LOCKED = strawberry.enum_value(
        "locked",
        description="The head office has set it for the site, which cannot change it, but for its own plan of a gap:"
        " see `pushedAnswers` for who and why. A suggestion of the head office is TO_CONFIRM.",
    )


@strawberry.enum(description="What became of one write.")
class WriteStatus(enum.Enum):
    SAVED = strawberry.enum_value("saved", description="It stands, with a new revision.")
    UNCHANGED = strawberry.enum_value("unchanged", description="The same answer stood already.")
    CONFLICT = strawberry.enum_value(
        "conflict",
        description="The answer has a newer revision than the base: another one came in between. Or it waited for a"
        " correction, and has a base that the answer did not have yet then: a write before it had not arrived. Or a"
        " write before it from the same call or device is in conflict, and it rests on what that would have made. Both"
        " are given, even where they are equal, and nothing was changed; for yours to stand, choose it with"
        " `decideConflict`, or, where no `device` is named, send it as a new write on the revision of `current`.",
    )
    REFUSED = strawberry.enum_value(
        "refused", description="It cannot be kept, or the head office has locked the answer; see the problem."
    )
    PENDING = strawberry.enum_value(
        "pending",
        description="It came after submission, or while a draft is open that answers a clarification of other answers"
        " (then the problem ANSWER_WAITS says so). It is kept, and waits: the next correction judges it and tells"
        " whoever starts it, and whoever sends the same write again, what became of it: SAVED, UNCHANGED or CONFLICT,"
        " never AHEAD.",
    )
    DISMISSED = strawberry.enum_value(
        "dismissed", description="It came after submission, and somebody chose to leave it out of the correction."
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
    plan: GapPlanInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="What is done about the gap that this answer declares, at a measure with a value or UNKNOWN."
        " Without it the plan that is there stays; null takes it out.",
    )
    deleted: bool = strawberry.field(
        default=False, description="True: remove the answer, or the row of a group with all its answers."
    )
    site_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Of a row of a group, in an assessment of the organization: the site that it is about, one of"
        " `sites` in use, each in one row at most. Part of what the row says: without it the row names none.",
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
    site_id: strawberry.ID | None = rules.field(
        description="Of a row of a group: the site of the organization that it is about, which may be closed since.",
        default=None,
    )
    plan: GapPlan | None = rules.field(
        description="What is done about the gap that it declares; null where there is no plan.", default=None
    )


@rules.type(rules.AS_PARENT, description="The answer that stands for a question and row.")
class Answer:
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    revision: int = rules.field(description="Raised with each change; 0 where there never was an answer.")
    change_number: int = rules.field(description="The change of the assessment that made it.")
    content: AnswerContent | None = rules.field(description="What it says; null at revision 0.")
    provenance: AnswerProvenance = rules.field(
        description="Where it comes from. To confirm one, send it unchanged on its revision, or use `confirmAnswers`."
    )
    carried_from_id: strawberry.ID | None = rules.field(
        description="The assessment that it was taken over from, that of the organization where the head office pushed"
        " it to a site; null where it was given here."
    )
    carried_question: str | None = rules.field(description="The question's key there.")


@rules.type(rules.AS_PARENT, description="What is wrong with an answer, or stands in the way of submitting.")
class AnswerProblem:
    question: str = rules.field(
        description="The question's key; empty for what is about the assessment as a whole, like PERIOD_NOT_BEGUN."
    )
    row_id: str | None = rules.field(description="The row, in groups.")
    code: str = rules.field(description="A stable code, like REQUIRED_MISSING.")
    message: str = rules.field(description="What is wrong and what is allowed, in plain words.")
    locale: Locale = rules.field(description="The language of the message.")
    source: TextSource = rules.field(
        description="Whose words the message is in; MISSING where it is in English for want of a translation."
    )


@rules.type(
    rules.AS_PARENT,
    description="What became of one write; a repetition gives the same status and revision or, where it had waited,"
    " what the correction made of it. One that was AHEAD is judged anew.",
)
class AnswerResult:
    write_id: UUID = rules.field(description="The id that the client chose.")
    status: WriteStatus = rules.field(description="What became of it.")
    revision: int | None = rules.field(description="The revision it made or met; null where refused, waiting or ahead.")
    problem: AnswerProblem | None = rules.field(
        description="Why it was refused, waits while a draft answers a clarification, or is in CONFLICT where its row"
        " waited and names a site that was closed meanwhile."
    )
    warning: AnswerProblem | None = rules.field(
        description="What submission would refuse of what was sent, although it is kept: a number beyond the limits of"
        " its question, a text that is too long, an option that goes with no other, a reason that is missing, that"
        " a firm of this size may not decline, a plan that is empty, has no member for an owner or is put off a second"
        " time. Or that a plan counts for nothing: its day has come, or it is not expected here. Null where it is"
        " good by itself."
    )
    current: Answer = rules.field(description="The answer that stands now.")
    yours: AnswerContent | None = rules.field(
        description="What was sent, in its one spelling; null where it could not be read. With QUESTION_CHANGED it"
        " is read by the version that it was written for, and in `answerHistory` of the assessment that was named."
    )


@rules.type(rules.AS_PARENT, description="Answers that changed after a number, in the order of their change.")
class AnswerChanges:
    change_number: int = rules.field(description="The number the assessment is at.")
    answers: list[Answer] = rules.field(
        description="The answers, removed ones included.",
        list_size=1,  # the size of the page is counted where it is asked for
    )
    has_more: bool = rules.field(description="Whether more changed; go on with the changeNumber of the last answer.")


def read_write(given: AnswerWriteInput, device: str | None = None) -> Write:
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
        site_id=None if given.site_id is None else read_site(given.site_id),
        plan=gap.read_plan(None if given.plan is strawberry.UNSET else given.plan),
        keeps_plan=given.plan is strawberry.UNSET,
        device=device,
    )


def read_site(given: str) -> str:
    """The site that a row names; what is no id of one stays as it came, to be refused with its answer alone."""
    try:
        return str(nodes.decode_id(given, SITE, path=("site_id",)).id)
    except errors.InvalidInput:
        return given


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


def make_content(
    definition: Definition, question: str, content: Content | None, owner: UUID | None = None
) -> AnswerContent | None:
    return None if content is None else write_content(definition, question, content, owner)


def write_content(definition: Definition, question: str, content: Content, owner: UUID | None = None) -> AnswerContent:
    """What an answer says; `owner` is the organization, whose sites rows may name and whose members own plans."""
    site = content.site_id
    return AnswerContent(
        state=AnswerState(content.state),
        value=make_value(definition, question, content.value),
        reason=content.reason,
        comment=content.comment,
        deleted=content.deleted,
        site_id=nodes.encode_id(SITE, UUID(site), owner) if site is not None and owner is not None else None,
        plan=None if owner is None else gap.make_plan(content.plan, owner),
    )


def make_problem(problem: Problem, locale: str) -> AnswerProblem:
    told = tell_problem(problem, locale)
    return AnswerProblem(
        question=writes.make_readable(problem.question),
        row_id=None if problem.row_id is None else writes.make_readable(problem.row_id),
        code=problem.code.upper(),
        message=told.text,
        locale=told.locale,
        source=told.source,
    )


async def tell_problems(
    info: Info, session: Session, actor: access.Actor, found: Sequence[Problem], locale: str | None = None
) -> list[AnswerProblem]:
    """Problems in the caller's language, which is looked up only where there are some."""
    if not found:
        return []
    chosen = await language.choose_for_problems(info, session, actor, locale)
    return [make_problem(one, chosen) for one in found]


def make_answer(definition: Definition, stored: judging.StoredAnswer, owner: UUID) -> Answer:
    return Answer(
        question=writes.make_readable(stored.question),
        row_id=writes.make_readable(stored.row_id) or None,
        revision=stored.revision,
        change_number=stored.changed_at_number,
        content=make_content(definition, stored.question, stored.content, owner),
        provenance=AnswerProvenance(stored.provenance),
        carried_from_id=None
        if stored.carried_from is None
        else nodes.encode_id(ASSESSMENT, stored.carried_from, owner),
        carried_question=stored.carried_question,
    )


def make_result(definition: Definition, outcome: answers.Outcome, owner: UUID, locale: str) -> AnswerResult:
    warning = outcome.warning
    return AnswerResult(
        write_id=outcome.write_id,
        status=WriteStatus(outcome.status),
        revision=outcome.revision,
        problem=None if outcome.problem is None else make_problem(outcome.problem, locale),
        warning=None if warning is None else make_problem(warning, locale),
        current=make_answer(definition, outcome.current, owner),
        yours=make_content(outcome.definition, outcome.current.question, outcome.yours, owner),
    )


async def tell_results(
    info: Info, session: Session, actor: access.Actor, definition: Definition, outcomes: Sequence[answers.Outcome]
) -> list[AnswerResult]:
    """What became of the supplier's writes; its language is looked up only where there are problems to tell."""
    chosen = messages.FALLBACK
    if any(one.problem is not None or one.warning is not None for one in outcomes):
        chosen = await language.choose_for_problems(info, session, actor)
    return [make_result(definition, one, actor.organization, chosen) for one in outcomes]
