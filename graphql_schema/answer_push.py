"""A head office that answers once for its sites: pushing what the organization answered, and releasing it."""

import enum
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import answer, answer_history, nodes, rules, selection
from graphql_schema.answer import ASSESSMENT, SITE, AnswerContent, WriteStatus
from graphql_schema.answer_history import EarlierAnswer
from graphql_schema.assessment import Assessment, read_assessment_id, reads_assessment
from graphql_schema.context import Info, Session
from graphql_schema.pushed_answer import PushMode
from portal import access, reading
from portal.assessments import pushing
from portal.assessments.judging import read_content
from portal.assessments.pushed_answers import Left
from portal.assessments.pushes import Act, SitePush

IDEMPOTENCY = "8 to 100 characters: the same key again tells of the same act, for 30 days."
NOTE = "Why, for the people at the sites: at most 1,000 characters."


@strawberry.enum(description="Whether an act reached the assessment of a site.")
class SitePushState(enum.Enum):
    WRITTEN = strawberry.enum_value("written", description="Its draft has the answers now.")
    WAITING = strawberry.enum_value(
        "waiting", description="Nothing was started for the period; the draft to come gets them."
    )
    SUBMITTED = strawberry.enum_value("submitted", description="It was submitted; its correction gets them.")
    NOTHING = strawberry.enum_value("nothing", description="None of the answers got there: see `notPushed`.")


@strawberry.enum(description="Why an answer was not pushed.")
class PushRefusal(enum.Enum):
    UNKNOWN_QUESTION = strawberry.enum_value("unknown_question", description="The version has no such question.")
    IN_GROUP = strawberry.enum_value(
        "in_group", description="It is a list, or a question in one: its rows are answered where they are."
    )
    UNANSWERED = strawberry.enum_value("unanswered", description="The organization's assessment has no answer to it.")
    UNCONFIRMED = strawberry.enum_value(
        "unconfirmed", description="The organization's answer was taken over, and nobody has looked at it yet."
    )
    NOT_ASKED = strawberry.enum_value(
        "not_asked", description="The version of the site's draft does not ask it, or asks something else by this name."
    )
    OTHER_TIER = strawberry.enum_value(
        "other_tier", description="The tier of the site's draft does not ask it; it comes when the tier rises."
    )
    NOT_FITTING = strawberry.enum_value(
        "not_fitting", description="The version of the site's draft does not allow this answer."
    )
    NOT_REOPENED = strawberry.enum_value(
        "not_reopened",
        description="The site's draft answers a clarification of other answers; its next draft gets this one.",
    )


@strawberry.input(description="Which answers are set for which sites.")
class PushAnswersInput:
    assessment_id: strawberry.ID = strawberry.field(
        description="An assessment of the organization as a whole, its newest revision; draft or submitted."
    )
    questions: list[str] = strawberry.field(description="The keys of 1 to 200 of its questions, outside of lists.")
    mode: PushMode = strawberry.field(description="Whether the sites may change them.")
    site_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="`sites` in use; without it all of them. Questions times sites are at most 5,000.",
    )
    note: str | None = strawberry.field(default=None, description=NOTE)
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)


@strawberry.input(description="What sites answer for themselves again.")
class ReleaseAnswersInput:
    assessment_id: strawberry.ID = strawberry.field(
        description="The assessment of the organization as a whole, its newest revision."
    )
    questions: list[str] | None = strawberry.field(
        default=None, description="1 to 200 keys as they were pushed; without it all."
    )
    site_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="`sites`, archived ones too; without it all."
    )
    note: str | None = strawberry.field(default=None, description=NOTE)
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)


@rules.type(rules.AS_PARENT, description="What became of one answer at a site: a write in its history.")
class PushResult:
    question: str = rules.field(description="The question's key there.")
    status: WriteStatus = rules.field(
        description="SAVED; UNCHANGED, where the same stood there; or CONFLICT, where the site's own answer stays"
        " until somebody there decides."
    )
    revision: int | None = rules.field(description="The revision that it made or met.")
    content: AnswerContent | None = rules.field(description="What was pushed.")
    was: EarlierAnswer | None = rules.field(
        description="What stood there: in a CONFLICT the site's own answer, which stands; null where there was none."
    )


@rules.type(rules.AS_PARENT, description="What an act did at one site.")
class SitePushResult:
    site_id: strawberry.ID = rules.field(description="The site.")
    state: SitePushState = rules.field(description="Whether it reached an assessment.")
    assessment_id: strawberry.ID | None = rules.field(description="That assessment; null where there is none yet.")
    results: list[PushResult] = rules.field(
        description="The answers that were written there, by question; empty unless WRITTEN.", list_size=20
    )


@rules.type(rules.AS_PARENT, description="An answer that did not reach a site, and why.")
class AnswerNotPushed:
    site_id: strawberry.ID | None = rules.field(description="The site; null where it was pushed to none.")
    question: str = rules.field(description="The question's key.")
    reason: PushRefusal = rules.field(description="Why.")


@rules.type(rules.AS_PARENT, description="The answers are set; a repeated call is told the same.")
class AnswersPushed:
    push_id: UUID = rules.field(description="The act, as the histories of the sites name it.")
    sites: list[SitePushResult] = rules.field(description="The sites, by id.", list_size=10)
    not_pushed: list[AnswerNotPushed] = rules.field(description="What did not get there.", list_size=20)
    assessment: Assessment = rules.field(description="The organization's assessment.")


@rules.type(rules.AS_PARENT, description="The sites answer for themselves; a repeated call is told the same.")
class AnswersReleased:
    push_id: UUID = rules.field(description="The act, as the histories of the sites name it.")
    sites: list[SitePushResult] = rules.field(description="The sites that something was set for, by id.", list_size=10)
    assessment: Assessment = rules.field(description="The organization's assessment.")


def read_sites(given: Sequence[str] | None) -> list[UUID] | None:
    """The sites that an input names; raises InvalidInput BAD_ID."""
    if given is None:
        return None
    return [nodes.decode_id(one, SITE, path=("site_ids", place)).id for place, one in enumerate(given)]


def make_site_result(one: SitePush, owner: UUID) -> SitePushResult:
    return SitePushResult(
        site_id=nodes.encode_id(SITE, one.site_id, owner),
        state=SitePushState(one.state),
        assessment_id=None if one.assessment_id is None else nodes.encode_id(ASSESSMENT, one.assessment_id, owner),
        results=[_make_result(one, row, owner) for row in one.rows],
    )


def _make_result(one: SitePush, row: Any, owner: UUID) -> PushResult:
    definition = one.definitions[row.version]
    return PushResult(
        question=row.question,
        status=WriteStatus(row.outcome),
        revision=row.revision,
        content=answer.make_content(definition, row.question, read_content(row), owner),
        was=answer_history.make_was(definition, row, owner),
    )


def make_left(one: Left, owner: UUID) -> AnswerNotPushed:
    return AnswerNotPushed(
        site_id=None if one.site_id is None else nodes.encode_id(SITE, one.site_id, owner),
        question=one.question,
        reason=PushRefusal(one.reason),
    )


def make_members(session: Session, actor: access.Actor, act: Act) -> dict[str, Any]:
    """The members that both results have."""
    return {
        "push_id": act.push_id,
        "sites": [make_site_result(one, actor.organization) for one in act.sites],
        "assessment": reads_assessment(session, actor, act.source_id),
    }


@strawberry.type
class AnswerPushMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Set answers of the organization's assessment for its sites: in their open drafts now, and in later"
        " ones when those begin. Each is a write in the history of the site, from the head office, with the documents"
        " of the answer. Push again what has changed.",
    )
    async def push_answers(
        self, info: Info, input: Annotated[PushAnswersInput, strawberry.argument(description="Which, for whom.")]
    ) -> AnswersPushed:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        site_ids = read_sites(input.site_ids)
        async with info.context.transaction() as (session, actor):
            act = await pushing.push_answers(
                session,
                actor,
                source_id=wanted,
                questions=input.questions,
                mode="locked" if input.mode is PushMode.LOCKED else "suggested",
                site_ids=site_ids,
                note=input.note,
                idempotency_key=input.idempotency_key,
            )
            members = make_members(session, actor, act) | {
                "not_pushed": [make_left(one, actor.organization) for one in act.left]
            }
            return await reading.compose("AnswersPushed", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Let sites answer for themselves what was pushed: what was locked waits for a look in their open"
        " drafts, and nothing is set for later ones.",
    )
    async def release_answers(
        self, info: Info, input: Annotated[ReleaseAnswersInput, strawberry.argument(description="Which, for whom.")]
    ) -> AnswersReleased:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        site_ids = read_sites(input.site_ids)
        async with info.context.transaction() as (session, actor):
            act = await pushing.release_answers(
                session,
                actor,
                source_id=wanted,
                questions=input.questions,
                site_ids=site_ids,
                note=input.note,
                idempotency_key=input.idempotency_key,
            )
            members = make_members(session, actor, act)
            return await reading.compose("AnswersReleased", selected, members)  # type: ignore[return-value]
