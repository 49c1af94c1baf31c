"""Going on to a later version or another year with the answers that are there, and confirming what was taken over."""

from datetime import date
from typing import Annotated

import strawberry

from graphql_schema import answer, carried_answer, nodes, rules, selection
from graphql_schema.answer import ASSESSMENT
from graphql_schema.assessment import AnswersSaved, Assessment, read_assessment_id, reads_assessment
from graphql_schema.carried_answer import LEFT_DOCUMENTS, LeftDocument
from graphql_schema.context import Info
from graphql_schema.tier import QuestionnaireTier
from portal import access, reading
from portal.assessments import confirming, renewing, reusing, upgrading
from portal.assessments.confirming import Seen

LEFT = "The documents that did not come along, each with its reason: where one is needed, attach a new one."
IDEMPOTENCY = "8 to 100 characters: the same key again gives the same assessment, for 30 days."


@strawberry.input(description="Which draft goes to which version.")
class UpgradeAssessmentInput:
    assessment_id: strawberry.ID = strawberry.field(description="A draft on an earlier version.")
    version: str = strawberry.field(description="The current version, as `upgradePreview` named it in `toVersion`.")
    tier: QuestionnaireTier | None = strawberry.field(
        default=None, description="Another tier, not below what an open request asks; without it the same or that one."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)


@strawberry.input(description="Which assessment is taken over for which period.")
class RenewAssessmentInput:
    assessment_id: strawberry.ID = strawberry.field(description="The assessment that the answers are taken from.")
    period_start: date = strawberry.field(description="The first day of the new period.")
    period_end: date = strawberry.field(description="The last day; at most three years later.")
    tier: QuestionnaireTier | None = strawberry.field(
        default=None,
        description="The tier to answer; without it that of the earlier one, or of the draft that is there.",
    )
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)


@strawberry.input(description="Which answers of other questionnaires are taken over.")
class ReuseAnswersInput:
    assessment_id: strawberry.ID = strawberry.field(description="The draft.")
    questions: list[str] | None = strawberry.field(
        default=None, description="Only for these keys of `reusableAnswers`; without it all of them."
    )


@strawberry.input(description="An answer that somebody has looked at.")
class SeenAnswerInput:
    question: str = strawberry.field(description="The question's key.")
    row_id: str | None = strawberry.field(default=None, description="The row, in groups.")
    revision: int = strawberry.field(description="The revision that was shown.")


@strawberry.input(description="Which answers still hold.")
class ConfirmAnswersInput:
    assessment_id: strawberry.ID = strawberry.field(description="The draft.")
    answers: list[SeenAnswerInput] = strawberry.field(description="1 to 200 answers, each with the revision seen.")


@rules.type(rules.AS_PARENT, description="The draft is on the current version.")
class AssessmentUpgraded:
    assessment: Assessment = rules.field(description="The new draft, with the answers that stand.")
    replaced_id: strawberry.ID = rules.field(description="The draft before it, which stays readable.")
    documents_left: list[LeftDocument] = rules.field(description=LEFT, list_size=LEFT_DOCUMENTS)


@rules.type(rules.AS_PARENT, description="The answers of another period were taken over.")
class AssessmentRenewed:
    assessment: Assessment = rules.field(description="The draft of the period, with the answers to confirm.")
    is_started: bool = rules.field(description="Whether the draft was started now.")
    documents_left: list[LeftDocument] = rules.field(description=LEFT, list_size=LEFT_DOCUMENTS)


@rules.type(rules.AS_PARENT, description="Answers of other questionnaires were taken over, to be confirmed.")
class AnswersReused:
    assessment: Assessment = rules.field(description="The draft as it is now.")
    questions: list[str] = rules.field(description="The keys of the questions that were filled.")
    documents_left: list[LeftDocument] = rules.field(
        description="The documents of the answers that were taken over, which stay where they are.",
        list_size=LEFT_DOCUMENTS,
    )


def read_tier(given: QuestionnaireTier | None) -> str | None:
    return None if given is None else str(given.value)


@strawberry.type
class AssessmentUpgradeMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Go on with a draft on the current version of its questionnaire: a new draft, linked back, with the"
        " answers that stand. Requests follow; the old draft stays readable, and is open again if the new one is"
        " discarded.",
    )
    async def upgrade_assessment(
        self, info: Info, input: Annotated[UpgradeAssessmentInput, strawberry.argument(description="Which one.")]
    ) -> AssessmentUpgraded:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            made = await upgrading.upgrade_assessment(
                session,
                actor,
                assessment_id=wanted,
                version=input.version,
                tier=read_tier(input.tier),
                idempotency_key=input.idempotency_key,
            )
            members = {
                "assessment": reads_assessment(session, actor, made.assessment.id),
                "replaced_id": nodes.encode_id(ASSESSMENT, made.replaced_id, actor.organization),
                "documents_left": await carried_answer.tell_left(info, session, actor, made.left),
            }
            return await reading.compose("AssessmentUpgraded", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Take the answers of one period over to another: its draft is filled where it has no answer yet,"
        " and started where there is none. The periods may overlap; the other one must not end before. Each answer is"
        " to be confirmed before it is submitted. Figures are true of their own period alone and are asked anew: see"
        " `figuresOfOtherPeriods`.",
    )
    async def renew_assessment(
        self, info: Info, input: Annotated[RenewAssessmentInput, strawberry.argument(description="Which one.")]
    ) -> AssessmentRenewed:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            made = await renewing.renew_assessment(
                session,
                actor,
                source_id=wanted,
                period_start=input.period_start,
                period_end=input.period_end,
                tier=read_tier(input.tier),
                idempotency_key=input.idempotency_key,
            )
            members = {
                "assessment": reads_assessment(session, actor, made.assessment.id),
                "is_started": made.is_started,
                "documents_left": await carried_answer.tell_left(info, session, actor, made.left),
            }
            return await reading.compose("AssessmentRenewed", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Fill open questions with what other questionnaires were told already; again changes nothing.",
    )
    async def reuse_answers(
        self, info: Info, input: Annotated[ReuseAnswersInput, strawberry.argument(description="Where.")]
    ) -> AnswersReused:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            filled = await reusing.reuse_answers(session, actor, assessment_id=wanted, questions=input.questions)
            left = [document for one in filled for document in one.left]
            members = {
                "assessment": reads_assessment(session, actor, wanted),
                "questions": [one.question for one in filled],
                "documents_left": await carried_answer.tell_left(info, session, actor, left),
            }
            return await reading.compose("AnswersReused", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Let answers that were taken over stand as they were seen, each on its own. One that has changed"
        " since stays as it is, and its result says its revision and `current`; one that is not there any more is"
        " REFUSED with NOTHING_TO_CONFIRM, and the others are confirmed all the same. Again changes nothing.",
    )
    async def confirm_answers(
        self, info: Info, input: Annotated[ConfirmAnswersInput, strawberry.argument(description="Which ones.")]
    ) -> AnswersSaved:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        seen = [Seen(question=one.question, row_id=one.row_id, revision=one.revision) for one in input.answers]
        async with info.context.transaction() as (session, actor):
            saved = await confirming.confirm_answers(session, actor, assessment_id=wanted, seen=seen)
            results = await answer.tell_results(info, session, actor, saved.definition, saved.outcomes)
            members = {
                "assessment_id": nodes.encode_id(ASSESSMENT, saved.assessment_id, actor.organization),
                "change_number": saved.change_number,
                "results": results,
                "assessment": reads_assessment(session, actor, saved.assessment_id),
            }
            return await reading.compose("AnswersSaved", selected, members)  # type: ignore[return-value]
