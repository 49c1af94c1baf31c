"""Submitting, what was frozen, the score before it, and taking a submission back."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import answer, nodes, noun_nodes, problems, result, rules, selection
from graphql_schema.answer import AnswerContent, AnswerProblem
from graphql_schema.assessment import AssessmentSubject, key_of, read_assessment_id, reads_assessment
from graphql_schema.context import Info, Session
from graphql_schema.paging import After, Connection, First
from graphql_schema.questionnaire import QuestionnaireTier
from graphql_schema.result import BandReason, OpenRule, PillarScore, Result, TraceLine
from portal import access, errors, reading
from portal.assessments import definitions, preview, submissions
from portal.assessments.preview import Preview
from portal.assessments.submissions import InvalidAnswers as Refused
from portal.assessments.writes import Content
from portal.reading import assessments as nouns
from questionnaires import nesting
from questionnaires.definition import Definition

if TYPE_CHECKING:
    from graphql_schema.assessment import Assessment

SUBMISSION = nodes.NodeKind(nouns.SUBMISSION_TAG, "Submission", access.SUPPLIER)
MOST_MEASURES = 20


@strawberry.enum(description="Whether a submission is the one that counts.")
class SubmissionState(enum.Enum):
    CURRENT = strawberry.enum_value("current", description="The newest for its subject and period.")
    SUPERSEDED = strawberry.enum_value("superseded", description="A correction took its place.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="Taken back: no share reaches it.")


@rules.type(access.SUPPLIER, description="An answer as it was frozen.")
class SubmittedAnswer:
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    content: AnswerContent = rules.field(description="What it says.")


@rules.type(access.SUPPLIER, description="A section as it was frozen, with its part of the trace and of the seal.")
class SubmissionSection:
    key: str = rules.field(description="The section's key.")
    title: str = rules.field(description="The section's title.")
    hash: str = rules.field(description="Its salted SHA-256, a leaf under the root hash.")
    salt: str = rules.field(description="The salt, without which the hash tells nothing.")
    answers: list[SubmittedAnswer] = rules.field(description="The answers, in order.", list_size=20)
    lines: list[TraceLine] = rules.field(description="Its lines of the trace.", list_size=20)


@rules.type(access.SUPPLIER, description="The frozen, hashed snapshot of an assessment that was scored.")
class Submission(nodes.Node):
    assessment_id: strawberry.ID = rules.field(description="The assessment it was made of.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="Its version.")
    content_hash: str = rules.field(description="The version's content hash.")
    tier: QuestionnaireTier = rules.field(description="The tier that was answered.")
    subject: AssessmentSubject = rules.field(description="What it is about.")
    subject_name: str | None = rules.field(description="The site's name at that time.")
    period_start: date = rules.field(description="The first day of the reporting period.")
    period_end: date = rules.field(description="The last day of the reporting period.")
    revision: int = rules.field(description="Which revision it is.")
    state: SubmissionState = rules.field(description="Whether it counts.")
    root_hash: str = rules.field(description="SHA-256 over its header and the hashes of its sections.")
    submitted_at: datetime = rules.field(description="When it was submitted.")
    result: Result | None = rules.field(description="Its score at its own tier.")
    results: list[Result] = rules.field(description="Its scores: the own tier first, then the lower ones.", list_size=4)

    @rules.method(access.SUPPLIER, description="Its sections, in order.", list_size=12)
    async def sections(self, info: Info) -> list[SubmissionSection]:
        async with info.context.transaction() as (session, actor):
            row = await submissions.get_submission(session, actor, key_of(self))
            definition = await definitions.load_definition(session, row.content_hash)
            found = await submissions.list_sections(session, actor, row.id)
        return [make_section(definition, one) for one in found]

    @rules.method(access.SUPPLIER, description="Where everything of it can be fetched as one JSON document.")
    def export_path(self) -> str:
        return f"/exports/submissions/{key_of(self)}.json"


@rules.type(rules.AS_PARENT, description="A page of submissions.")
class SubmissionConnection(Connection[Submission]):
    nodes: list[Submission] = rules.field(description="The submissions of the page, in order.")


@rules.type(access.SUPPLIER, description="A measure that would raise the total, worded as what to do.")
class MeasureAdvice:
    question: str = rules.field(description="The question's key.")
    section: str = rules.field(description="Its section.")
    pillar: str = rules.field(description="Its pillar.")
    gain: Decimal = rules.field(description="Points of the total that it would add.")
    action: str = rules.field(description="What to do.")
    evidence: list[str] = rules.field(description="Kinds of documents that show it.")
    evidence_hint: str = rules.field(description="What serves well; may be empty.")


@rules.type(access.SUPPLIER, description="A check across answers that does not hold; it never touches the score.")
class Inconsistency:
    check: str = rules.field(description="The check's key.")
    severity: str = rules.field(description="WARNING or ERROR.")
    title: str = rules.field(description="What should hold.")
    questions: list[str] = rules.field(description="The questions it compares.")
    left: str = rules.field(
        description="The one value; empty where answers do not go together and no figure is compared."
    )
    right: str = rules.field(description="The other value; empty likewise.")


@rules.type(access.SUPPLIER, description="What a submission made now would give; nothing of it is kept.")
class ScorePreview:
    change_number: int = rules.field(description="The change of the assessment that it holds for.")
    tier: QuestionnaireTier = rules.field(description="The tier that was scored.")
    total: Decimal | None = rules.field(description="0 to 100 points; null where nothing could be rated.")
    band: str | None = rules.field(description="The band's key; see bandReason.")
    band_reason: BandReason = rules.field(description="What decided the band.")
    coverage: Decimal = rules.field(description="Percent of the weight that is answered.")
    rests_on: int = rules.field(description="How many measures counted: a total on few is coarse.")
    pillars: list[PillarScore] = rules.field(description="The pillars, in order.", list_size=6)
    open_rules: list[OpenRule] = rules.field(description="Critical questions that nobody can decide.", list_size=5)
    lines: list[TraceLine] = rules.field(description="The whole trace: a line for every measure.", list_size=50)
    advice: list[MeasureAdvice] = rules.field(description="What would help most, in falling order.", list_size=3)
    problems: list[AnswerProblem] = rules.field(description="What submission would refuse.", list_size=20)
    inconsistencies: list[Inconsistency] = rules.field(description="What the checks found.", list_size=5)


@strawberry.input(description="What to submit.")
class SubmitAssessmentInput:
    assessment_id: strawberry.ID = strawberry.field(description="The draft.")
    expected_change_number: int = strawberry.field(
        description="The change number that the person has seen; anything newer stops the submission."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="8 to 100 characters: the same key again gives the same submission, for 30 days."
    )


@strawberry.input(description="What to take back.")
class WithdrawSubmissionInput:
    submission_id: strawberry.ID = strawberry.field(description="The submission.")


@rules.type(rules.AS_PARENT, description="The answers are frozen, sealed and scored.")
class AssessmentSubmitted:
    submission: Submission = rules.field(description="The submission.")
    assessment: Annotated["Assessment", strawberry.lazy("graphql_schema.assessment")] = rules.field(
        description="The assessment as it is now."
    )


@rules.type(rules.AS_PARENT, description="The answers cannot be submitted as they are; nothing was changed.")
class InvalidAnswers(problems.Problem):
    problems: list[AnswerProblem] = rules.field(description="Everything in the way, in the order of the questions.")


@rules.type(rules.AS_PARENT, description="The submission is withdrawn; no share reaches it any more.")
class SubmissionWithdrawn:
    submission: Submission = rules.field(description="The submission as it is now.")


def make_section(definition: Definition, row: Any) -> SubmissionSection:
    frozen, _ = nesting.read_nested(definition, row.answers)
    return SubmissionSection(
        key=row.section,
        title=row.title,
        hash=row.hash.hex(),
        salt=row.salts["salt"],
        answers=[
            SubmittedAnswer(
                question=one.question,
                row_id=one.row_id,
                content=AnswerContent(
                    state=answer.AnswerState(one.state),
                    value=answer.make_value(definition, one.question, Content(state=one.state, value=one.value).value),
                    reason=one.reason or None,
                    comment=None,
                    deleted=False,
                ),
            )
            for one in frozen.values()
        ],
        lines=result.make_lines(row.section, row.trace),
    )


def make_preview(found: Preview) -> ScorePreview:
    scored = found.result
    return ScorePreview(
        change_number=found.change_number,
        tier=QuestionnaireTier(scored.tier),
        total=result.round_exact(scored.total),
        band=scored.band,
        band_reason=BandReason(scored.band_reason),
        coverage=result.show_figure(scored.coverage * 100),
        rests_on=scored.rests_on,
        pillars=result.make_pillars(found.definition, scored.pillars),
        open_rules=[
            OpenRule(
                rule=one.rule,
                section=one.section,
                question=one.question,
                row_id=one.row_id,
                state=one.state.upper(),
            )
            for one in scored.open_rules
        ],
        lines=[line for key, part in found.trace["sections"].items() for line in result.make_lines(key, part)],
        advice=[
            MeasureAdvice(
                question=one.question,
                section=one.section,
                pillar=one.pillar,
                gain=one.gain,
                action=one.action,
                evidence=list(one.evidence),
                evidence_hint=one.evidence_hint,
            )
            for one in found.advice
        ],
        problems=[answer.make_problem(one) for one in found.problems],
        inconsistencies=[
            Inconsistency(
                check=one.check,
                severity=one.severity.upper(),
                title=one.title,
                questions=list(one.questions),
                left=one.left,
                right=one.right,
            )
            for one in found.inconsistencies
        ],
    )


def reads_submission(session: Session, actor: access.Actor, id: UUID) -> Any:
    """How a member of a mutation's result reads a submission."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.SUBMISSION, part, id=id)

    return read


@nodes.loads(SUBMISSION)
async def load_submissions(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.SUBMISSION, wanted)


@strawberry.type
class SubmissionQuery:
    @rules.query(access.SUPPLIER, description="The organization's submissions, the newest first.")
    async def submissions(
        self,
        info: Info,
        first: First = 25,
        after: After = None,
        state: Annotated[SubmissionState | None, strawberry.argument(description="Only those in this state.")] = None,
        questionnaire: Annotated[
            str | None, strawberry.argument(description="Only those of this questionnaire.")
        ] = None,
    ) -> SubmissionConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            if questionnaire is not None:
                await definitions.check_questionnaire(session, questionnaire)
            return await reading.read_connection(session, actor, nouns.SUBMISSIONS, selected)  # type: ignore[no-any-return]

    @rules.query(access.SUPPLIER, description="The score that a submission made now would get, with its whole trace.")
    async def score_preview(
        self,
        info: Info,
        assessment_id: Annotated[strawberry.ID, strawberry.argument(description="The assessment.")],
        measures: Annotated[
            int, strawberry.argument(description="How many measures that would help most are named, 0 to 20.")
        ] = 3,
    ) -> ScorePreview:
        wanted = read_assessment_id(assessment_id)
        if not 0 <= measures <= MOST_MEASURES:
            words = f"`measures` must be 0 to {MOST_MEASURES}; it is {measures}."
            raise errors.InvalidInput(words, code="TOO_MANY", path=("measures",))
        async with info.context.transaction() as (session, actor):
            found = await preview.preview_score(session, actor, assessment_id=wanted, limit=measures)
        return make_preview(found)


@strawberry.type
class SubmissionMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Freeze, seal and score a draft. InvalidAnswers names everything that stands in the way.",
    )
    async def submit_assessment(
        self, info: Info, input: Annotated[SubmitAssessmentInput, strawberry.argument(description="Which one.")]
    ) -> AssessmentSubmitted | InvalidAnswers:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        try:
            async with info.context.transaction() as (session, actor):
                made = await submissions.submit_assessment(
                    session,
                    actor,
                    assessment_id=wanted,
                    expected_change_number=input.expected_change_number,
                    idempotency_key=input.idempotency_key,
                )
                members = {
                    "submission": reads_submission(session, actor, made.submission.id),
                    "assessment": reads_assessment(session, actor, made.assessment.id),
                }
                return await reading.compose("AssessmentSubmitted", selected, members)  # type: ignore[return-value]
        except Refused as refused:
            listed = [answer.make_problem(one) for one in refused.answer_problems]
            return InvalidAnswers(
                message=refused.message, code=refused.code, path=["input", "assessmentId"], problems=listed
            )

    @rules.mutation(access.SUPPLIER_EDITOR, description="Take a submission back; every share of it ends at once.")
    async def withdraw_submission(
        self, info: Info, input: Annotated[WithdrawSubmissionInput, strawberry.argument(description="Which one.")]
    ) -> SubmissionWithdrawn:
        selected = selection.read(info)
        wanted = nodes.decode_id(input.submission_id, SUBMISSION, path=("submission_id",)).id
        async with info.context.transaction() as (session, actor):
            await submissions.withdraw_submission(session, actor, submission_id=wanted)
            members = {"submission": reads_submission(session, actor, wanted)}
            return await reading.compose("SubmissionWithdrawn", selected, members)  # type: ignore[return-value]
