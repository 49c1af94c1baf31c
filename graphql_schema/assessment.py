"""A supplier's assessments: starting, answering, progress, tiers, corrections, and following their changes."""

import enum
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import answer, batches, nodes, noun_nodes, rules, selection
from graphql_schema.answer import AnswerChanges, AnswerHistoryEntry, AnswerProblem, AnswerResult, AnswerWriteInput
from graphql_schema.context import Info, Session
from graphql_schema.paging import After, Connection, First
from graphql_schema.questionnaire import QuestionnaireTier
from portal import access, errors, reading
from portal.assessments import answer_history, answers, assessments, definitions
from portal.assessments.assessments import Measured
from portal.reading import assessments as nouns
from questionnaires.progress import Progress

if TYPE_CHECKING:
    from graphql_schema.received_request import ReceivedRequest
    from graphql_schema.submission import Submission

ASSESSMENT = nodes.NodeKind(nouns.ASSESSMENT_TAG, "Assessment", access.SUPPLIER)
SITE = nodes.NodeKind(nouns.SITE_TAG, "Site", access.MEMBER)


@strawberry.enum(description="What an assessment is about.")
class AssessmentSubject(enum.Enum):
    ORGANIZATION = strawberry.enum_value("organization", description="The organization as a whole.")
    SITE = strawberry.enum_value("site", description="One of its sites.")


@strawberry.enum(description="Where an assessment stands.")
class AssessmentState(enum.Enum):
    DRAFT = strawberry.enum_value("draft", description="Answers can be changed.")
    SUBMITTED = strawberry.enum_value(
        "submitted", description="It was frozen and scored; a correction starts a new one."
    )


@rules.type(access.SUPPLIER, description="How far an assessment, or a section of it, is.")
class AssessmentProgress:
    section: str | None = rules.field(description="The section's key; null for the whole.")
    asked: int = rules.field(description="Answers that are asked for now.")
    answered: int = rules.field(description="How many of them are there.")
    required: int = rules.field(description="How many of them submission needs.")
    missing_count: int = rules.field(description="How many of those are missing.")
    minutes: Decimal = rules.field(description="Minutes for all that is asked.")
    minutes_left: Decimal = rules.field(description="Minutes for what is not answered yet.")


@rules.type(access.SUPPLIER, description="The supplier's own response; it never names a buyer.")
class Assessment(nodes.Node):
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="The version it is pinned to.")
    tier: QuestionnaireTier = rules.field(description="The tier that is answered.")
    subject: AssessmentSubject = rules.field(description="What it is about.")
    site_id: strawberry.ID | None = rules.field(description="The site it is about.")
    period_start: date = rules.field(description="The first day of the reporting period.")
    period_end: date = rules.field(description="The last day of the reporting period.")
    revision: int = rules.field(description="1, and one more with each correction.")
    state: AssessmentState = rules.field(description="Where it stands.")
    change_number: int = rules.field(
        description="The cursor of the sync: raised with every change of an answer, of the tier, and of the attached"
        " documents."
    )
    corrects_id: strawberry.ID | None = rules.field(description="The assessment that this revision corrects.")
    submitted_at: datetime | None = rules.field(description="When it was submitted.")
    created_at: datetime = rules.field(description="When it was started.")
    updated_at: datetime = rules.field(description="When it was last changed.")
    submission: Annotated["Submission", strawberry.lazy("graphql_schema.submission")] | None = rules.field(
        description="What was frozen, once submitted."
    )
    requests: list[Annotated["ReceivedRequest", strawberry.lazy("graphql_schema.received_request")]] = rules.field(
        description="The requests that it answers, the first due first.", list_size=5
    )

    @rules.method(access.SUPPLIER, description="How far it is as a whole.")
    async def progress(self, info: Info) -> AssessmentProgress:
        return make_progress(None, (await measure(info, key_of(self))).whole)

    @rules.method(access.SUPPLIER, description="How far each section is, in order.", list_size=12)
    async def section_progress(self, info: Info) -> list[AssessmentProgress]:
        return [make_progress(key, one) for key, one in (await measure(info, key_of(self))).sections.items()]

    @rules.method(access.SUPPLIER, description="Everything that submission would refuse now, in order.", list_size=50)
    async def problems(self, info: Info) -> list[AnswerProblem]:
        async with info.context.transaction() as (session, actor):
            found = await assessments.list_problems(session, actor, key_of(self))
        return [answer.make_problem(one) for one in found]

    @rules.method(access.SUPPLIER, description="The answers that changed after a number: what a client syncs by.")
    async def answers(
        self,
        info: Info,
        changed_after: Annotated[
            int, strawberry.argument(description="The change number last seen; 0 for everything.")
        ] = 0,
        first: First = 100,
    ) -> AnswerChanges:
        raise errors.SetupError("Answers are read with their assessment, by the link of this name.")

    @rules.method(access.SUPPLIER, description="Every write to one question and row, the newest first.")
    async def answer_history(
        self,
        info: Info,
        question: Annotated[str, strawberry.argument(description="The question's key.")],
        row_id: Annotated[str | None, strawberry.argument(description="The row, in groups.")] = None,
        first: First = 25,
    ) -> list[AnswerHistoryEntry]:
        check_first(first)
        async with info.context.transaction() as (session, actor):
            definition, found = await answer_history.list_history(
                session, actor, assessment_id=key_of(self), question=question, row_id=row_id, limit=first
            )
        return [answer.make_history_entry(definition, one) for one in found]

    @rules.method(access.SUPPLIER, description="Where everything of it can be fetched as one JSON document.")
    def export_path(self) -> str:
        return f"/exports/assessments/{key_of(self)}.json"


@rules.type(rules.AS_PARENT, description="A page of assessments.")
class AssessmentConnection(Connection[Assessment]):
    nodes: list[Assessment] = rules.field(description="The assessments of the page, in order.")


@strawberry.input(description="What to start an assessment of.")
class StartAssessmentInput:
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    tier: QuestionnaireTier = strawberry.field(description="The tier to answer; a draft at a lower one is raised.")
    period_start: date = strawberry.field(
        description="The first day of the reporting period; this year or one of the ten before."
    )
    period_end: date = strawberry.field(
        description="The last day; at most three years later, this or next year at the latest."
    )
    site_id: strawberry.ID | None = strawberry.field(
        default=None, description="The site it is about; without it the organization as a whole."
    )


@strawberry.input(description="The tier to put a draft on.")
class ChangeTierInput:
    assessment_id: strawberry.ID = strawberry.field(description="The draft.")
    tier: QuestionnaireTier = strawberry.field(description="Not below what an open request asks.")


@strawberry.input(description="Which draft to throw away.")
class DiscardAssessmentInput:
    assessment_id: strawberry.ID = strawberry.field(description="A draft that no open or accepted request waits for.")


@strawberry.input(description="What to correct.")
class CorrectAssessmentInput:
    assessment_id: strawberry.ID = strawberry.field(description="A submitted assessment, its newest revision.")
    tier: QuestionnaireTier | None = strawberry.field(
        default=None,
        description="Another tier for the new revision, not below what an open request asks; without it the same, or"
        " the higher one that a request asks.",
    )


@strawberry.input(description="Answers to save.")
class SaveAnswersInput:
    assessment_id: strawberry.ID = strawberry.field(
        description="The assessment. Where it was submitted, the newest revision of the same subject and period takes"
        " the answers."
    )
    answers: list[AnswerWriteInput] = strawberry.field(
        description="1 to 200 writes, in any order: lower base revisions are judged first, and of writes with the same"
        " one in the order sent. What was written on a revision that comes with a later call is AHEAD until then."
    )


@rules.type(rules.AS_PARENT, description="The draft is there.")
class AssessmentStarted:
    assessment: Assessment = rules.field(description="The draft, new or as it was.")


@rules.type(rules.AS_PARENT, description="The draft is on the tier.")
class TierChanged:
    assessment: Assessment = rules.field(description="The draft as it is now.")


@rules.type(rules.AS_PARENT, description="A new revision was started.")
class AssessmentCorrected:
    assessment: Assessment = rules.field(description="The new draft, with the answers of the submitted one.")
    applied_count: int = rules.field(description="How many writes that had waited were taken in.")
    results: list[AnswerResult] = rules.field(
        description="What became of each write that had waited, in the order received; judged as if one call had sent"
        " them, on the revision it was sent with: SAVED, UNCHANGED, or CONFLICT with both values, also where a write"
        " before it has not arrived. None waits on: what is in CONFLICT here is for you to decide, since whoever sent"
        " it may not ask again.",
        list_size=50,
    )


@rules.type(rules.AS_PARENT, description="The draft and its answers are gone; its documents stay.")
class AssessmentDiscarded:
    assessment_id: strawberry.ID = rules.field(description="The id that names nothing any more.")


@rules.type(rules.AS_PARENT, description="The writes were dealt with, each on its own.")
class AnswersSaved:
    assessment_id: strawberry.ID = rules.field(
        description="The assessment that took the answers: a newer one than was named, where that was submitted and has"
        " been corrected. Go on with this one."
    )
    change_number: int = rules.field(description="The number this assessment is at now.")
    results: list[AnswerResult] = rules.field(description="What became of each write, in the order sent.", list_size=50)
    assessment: Assessment = rules.field(description="That assessment as it is now; costs a reading.")


@rules.type(rules.AS_PARENT, description="An assessment changed; fetch what is new with `answers(changedAfter)`.")
class AssessmentChanged:
    id: strawberry.ID = rules.field(description="The assessment.")
    change_number: int = rules.field(description="The number it is at.")
    state: AssessmentState = rules.field(description="Where it stands.")


def key_of(row: Any) -> UUID:
    """The id of a row of the read model."""
    found = row.key["id"]
    return found if isinstance(found, UUID) else UUID(found)


async def measure(info: Info, id: UUID) -> Measured:
    """Progress of one assessment; those of a page are read together."""
    found = await batches.load(info, assessments.measure_progress, id)
    if found is None:
        raise errors.NotFound("There is no such assessment.")
    return found


def check_first(first: int) -> None:
    if not 1 <= first <= 100:
        raise errors.InvalidInput(f"`first` must be 1 to 100; it is {first}.", code="PAGE_SIZE", path=("first",))


def make_progress(section: str | None, found: Progress) -> AssessmentProgress:
    return AssessmentProgress(
        section=section,
        asked=found.asked,
        answered=found.answered,
        required=found.required,
        missing_count=len(found.missing),
        minutes=found.minutes,
        minutes_left=found.minutes_left,
    )


def read_assessment_id(value: str, *path: str) -> UUID:
    """The assessment that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, ASSESSMENT, path=path or ("assessment_id",)).id


def read_site_id(value: str | None, *path: str) -> UUID | None:
    """The site that an input names; raises InvalidInput BAD_ID."""
    return None if value is None else nodes.decode_id(value, SITE, path=path or ("site_id",)).id


def reads_assessment(session: Session, actor: access.Actor, id: UUID) -> Any:
    """How a member of a mutation's result reads an assessment."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.ASSESSMENT, part, id=id)

    return read


@nodes.loads(ASSESSMENT)
async def load_assessments(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.ASSESSMENT, wanted)


@strawberry.type
class AssessmentQuery:
    @rules.query(access.SUPPLIER, description="The organization's assessments, the last started first.")
    async def assessments(
        self,
        info: Info,
        first: First = 25,
        after: After = None,
        state: Annotated[AssessmentState | None, strawberry.argument(description="Only those in this state.")] = None,
        questionnaire: Annotated[
            str | None, strawberry.argument(description="Only those of this questionnaire.")
        ] = None,
    ) -> AssessmentConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            if questionnaire is not None:
                await definitions.check_questionnaire(session, questionnaire)
            return await reading.read_connection(session, actor, nouns.ASSESSMENTS, selected)  # type: ignore[no-any-return]

    @rules.query(access.SUPPLIER, description="One assessment; null where there is none of the caller's with this id.")
    async def assessment(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The assessment's id.")]
    ) -> Assessment | None:
        wanted, selected = read_assessment_id(id, "id"), selection.read(info)
        async with info.context.reading() as (session, actor):
            return await reading.read_one(session, actor, nouns.ASSESSMENT, selected, id=wanted)


@strawberry.type
class AssessmentMutation:
    @rules.mutation(access.SUPPLIER_EDITOR, description="Start an assessment, also without anybody's request.")
    async def start_assessment(
        self, info: Info, input: Annotated[StartAssessmentInput, strawberry.argument(description="Of what.")]
    ) -> AssessmentStarted:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            made = await assessments.start_assessment(
                session,
                actor,
                questionnaire=input.questionnaire,
                tier=str(input.tier.value),
                period_start=input.period_start,
                period_end=input.period_end,
                site_id=read_site_id(input.site_id),
            )
            members = {"assessment": reads_assessment(session, actor, made.id)}
            return await reading.compose("AssessmentStarted", selected, members)  # type: ignore[return-value]

    @rules.mutation(access.SUPPLIER_EDITOR, description="Put a draft on another tier; its answers stay.")
    async def change_tier(
        self, info: Info, input: Annotated[ChangeTierInput, strawberry.argument(description="Which one.")]
    ) -> TierChanged:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            await assessments.change_tier(session, actor, assessment_id=wanted, tier=str(input.tier.value))
            members = {"assessment": reads_assessment(session, actor, wanted)}
            return await reading.compose("TierChanged", selected, members)  # type: ignore[return-value]

    @rules.mutation(access.SUPPLIER_EDITOR, description="Start a new revision of what was submitted, with its answers.")
    async def correct_assessment(
        self, info: Info, input: Annotated[CorrectAssessmentInput, strawberry.argument(description="Which one.")]
    ) -> AssessmentCorrected:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            made = await assessments.correct_assessment(
                session, actor, assessment_id=wanted, tier=str(input.tier.value) if input.tier else None
            )
            members = {
                "assessment": reads_assessment(session, actor, made.assessment.id),
                "applied_count": made.applied,
                "results": answer.make_results(made.definition, made.outcomes),
            }
            return await reading.compose("AssessmentCorrected", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Throw a draft away with all its answers. Nothing else ever does; it can be started anew.",
    )
    async def discard_assessment(
        self, info: Info, input: Annotated[DiscardAssessmentInput, strawberry.argument(description="Which one.")]
    ) -> AssessmentDiscarded:
        wanted = read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            await assessments.discard_assessment(session, actor, assessment_id=wanted)
        return AssessmentDiscarded(assessment_id=input.assessment_id)

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Save answers: each write stands for itself, may be repeated, and may come in any order.",
    )
    async def save_answers(
        self, info: Info, input: Annotated[SaveAnswersInput, strawberry.argument(description="The writes.")]
    ) -> AnswersSaved:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            saved = await answers.save_answers(
                session, actor, assessment_id=wanted, sent=[answer.read_write(one) for one in input.answers]
            )
            members = {
                "assessment_id": nodes.encode_id(ASSESSMENT, saved.assessment_id, actor.organization),
                "change_number": saved.change_number,
                "results": answer.make_results(saved.definition, saved.outcomes),
                "assessment": reads_assessment(session, actor, saved.assessment_id),
            }
            return await reading.compose("AnswersSaved", selected, members)  # type: ignore[return-value]


@strawberry.type
class AssessmentSubscription:
    @rules.subscription(
        access.SUPPLIER,
        description="An assessment of the organization, each time it changes; ends when it is discarded.",
    )
    async def assessment_changed(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The assessment's id.")]
    ) -> AsyncIterator[AssessmentChanged]:
        wanted = read_assessment_id(id, "id")
        async with info.context.events.listen([f"assessment:{wanted}"]) as events:
            # Listening starts before the first look, so that nothing is missed in between.
            async with info.context.transaction() as (session, actor):
                await assessments.get_assessment(session, actor, wanted)
            async for _ in events:
                async with info.context.transaction() as (session, actor):
                    row = (await assessments.find_assessments(session, actor, [wanted])).get(wanted)
                if row is None:
                    return
                yield AssessmentChanged(id=id, change_number=row.change_number, state=AssessmentState(row.state))
