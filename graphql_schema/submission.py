"""Submitting, what was frozen, the score before it, and taking a submission back."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from urllib.parse import quote
from uuid import UUID

import strawberry

from graphql_schema import answer, gap, nodes, noun_nodes, problems, result, rules, selection
from graphql_schema.answer import ASSESSMENT, AnswerContent, AnswerProblem
from graphql_schema.assessment import AssessmentSubject, key_of, read_assessment_id, reads_assessment
from graphql_schema.context import Info, Session
from graphql_schema.feedback import ReceivedFeedback
from graphql_schema.file_formats import SubmissionFile
from graphql_schema.gap import DeclaredGap, GapPreview, make_declared
from graphql_schema.language import SpokenLanguage, TextOrigin, Wanted, name_origins, tell_version
from graphql_schema.member import MEMBER
from graphql_schema.paging import After, Connection, First
from graphql_schema.result import BandReason, OpenRule, PillarScore, Result, TraceLine
from graphql_schema.tier import QuestionnaireTier
from portal import access, errors, reading
from portal.assessments import definitions, explaining, preview, submissions
from portal.assessments.preview import Preview
from portal.assessments.submissions import InvalidAnswers as Refused
from portal.assessments.writes import Content
from portal.database.tables.assessments import SubmissionOrigin
from portal.reading import assessments as nouns
from portal.reading.reviews import SUBMISSION_REVIEW
from questionnaires import checks, nesting
from questionnaires import result as scores
from questionnaires.advice import Advice
from questionnaires.answers import AnswerKey
from questionnaires.definition import Definition
from questionnaires.translation import Translation

if TYPE_CHECKING:
    from graphql_schema.assessment import Assessment
    from graphql_schema.submission_review import SubmissionReview

SUBMISSION = nodes.NodeKind(nouns.SUBMISSION_TAG, "Submission", access.SUPPLIER)
MOST_MEASURES = 20
SUMMARY = (
    "Where its signed summary can be fetched, by GET with the token: a JWS that anybody checks offline with the keys of"
    " /.well-known/jwks.json, without the answers."
)
SECTION = (
    "Where a section can be fetched as it was sealed, by GET with the token: with its salt, so that anybody can check"
    " that it belongs to the signed summary."
)
Origins: TypeAlias = Mapping[AnswerKey, SubmissionOrigin]


@strawberry.enum(description="Whether a submission is the one that counts.")
class SubmissionState(enum.Enum):
    CURRENT = strawberry.enum_value("current", description="The newest for its subject and period.")
    SUPERSEDED = strawberry.enum_value("superseded", description="A correction took its place.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="Taken back: no share reaches it.")


@rules.type(rules.AS_PARENT, description="That a revision counts again, since its correction was withdrawn.")
class Restoration:
    at: datetime = rules.field(description="Since when.")
    withdrawn_revision: int = rules.field(description="Which revision was taken back.")
    reason: str | None = rules.field(description="Why, in the supplier's words; null where it did not say.")


@rules.type(access.SUPPLIER, description="The period that follows, as many months or days long as the one before.")
class RenewalOffer:
    period_start: date = rules.field(description="Its first day.")
    period_end: date = rules.field(description="Its last day.")


@strawberry.enum(description="What says how many people a firm has.")
class StaffSource(enum.Enum):
    ANSWER = strawberry.enum_value("answer", description="The answer to the question of how many people work there.")
    SIZE_BAND = strawberry.enum_value("size_band", description="The size band of the organization.")


@rules.type(access.SUPPLIER, description="Where an answer was taken over from; nobody else sees it.")
class AnswerOrigin:
    assessment_id: strawberry.ID = rules.field(description="The assessment, which may have been discarded since.")
    submission_id: strawberry.ID | None = rules.field(description="What had been submitted of it by then.")
    questionnaire: str | None = rules.field(description="Its questionnaire's key; null where it was discarded before.")
    version: str | None = rules.field(description="Its version; null likewise.")
    question: str = rules.field(description="The question's key there.")
    confirmed_at: datetime | None = rules.field(
        description="When it was confirmed; null where it stood by itself, since nothing had changed in between."
    )
    confirmed_by_id: strawberry.ID | None = rules.field(description="The member who did; null for a machine.")


@rules.type(access.SUPPLIER, description="An answer as it was frozen.")
class SubmittedAnswer:
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    content: AnswerContent = rules.field(description="What it says.")
    origin: AnswerOrigin | None = rules.field(
        description="Where it was taken over from; null where it was given for this assessment."
    )
    site_name: str | None = rules.field(
        description="In a row that names a site: its name as it was submitted, beside the seal."
    )


@rules.type(access.SUPPLIER, description="A line of the trace of a submission of one's own.")
class SubmissionLine(TraceLine):
    origin: AnswerOrigin | None = rules.field(
        description="Where its answer was taken over from; null where it was given for this assessment. It stands"
        " beside the sealed line and is no part of it."
    )


@rules.type(access.SUPPLIER, description="A section as it was frozen, with its part of the trace and of the seal.")
class SubmissionSection:
    key: str = rules.field(description="The section's key.")
    title: str = rules.field(description="The section's title, in the language of the source.")
    hash: str = rules.field(description="Its salted SHA-256, a leaf under the root hash.")
    salt: str = rules.field(description="The salt, without which the hash tells nothing.")
    answers: list[SubmittedAnswer] = rules.field(description="The answers, in order.", list_size=20)
    declared_gaps: list[DeclaredGap] = rules.field(
        description="The gaps that were declared with a plan, sealed with the section.", list_size=2
    )
    lines: list[SubmissionLine] = rules.field(
        description="Its lines of the trace as it was sealed; `lines` of the submission has those of later profiles.",
        list_size=20,
    )


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
    withdrawn_at: datetime | None = rules.field(description="When it was taken back; null where it was not.")
    withdrawn_reason: str | None = rules.field(description="Why, where somebody said so; buyers never read it.")
    restored: Restoration | None = rules.field(
        description="That it counts again since its correction was withdrawn; null where it always did, or does not."
    )
    renewal_offer: RenewalOffer | None = rules.field(
        description="The period to renew it for, with `renewAssessment`, from 45 days before its validity ends; null "
        "before, and once something for a later period was begun."
    )
    declared_staff: int | None = rules.field(
        description="How many people the firm had by its own declaration when it submitted, which decides for ever what"
        " of it might be declined: of a size band the most people. Null where nobody knew, so that what any size may"
        " decline might be declined, and for what was submitted before this was kept."
    )
    declared_staff_source: StaffSource | None = rules.field(description="What said so; null likewise.")
    result: Result | None = rules.field(description="Its score at its own tier.")
    results: list[Result] = rules.field(description="Its scores: the own tier first, then the lower ones.", list_size=4)
    feedback: list[ReceivedFeedback] = rules.field(
        description="What the buyers that may read it said of it, or owe; at most 100.", list_size=2
    )

    @rules.method(access.SUPPLIER, description="What reviewers stated and asked of it, beside its result.")
    async def review(
        self, info: Info
    ) -> Annotated["SubmissionReview", strawberry.lazy("graphql_schema.submission_review")]:
        selected = replace(selection.read(info), as_text=False)
        async with info.context.reading() as (session, actor):
            found: Any = await reading.read_one(session, actor, SUBMISSION_REVIEW, selected, id=key_of(self))
            return found  # type: ignore[no-any-return]

    @rules.method(access.SUPPLIER, description="Its sections, in order.", list_size=12)
    async def sections(self, info: Info) -> list[SubmissionSection]:
        async with info.context.transaction() as (session, actor):
            row = await submissions.get_submission(session, actor, key_of(self))
            definition = await definitions.load_definition(session, row.content_hash)
            found = await submissions.list_sections(session, actor, row.id)
            origins = await submissions.list_origins(session, actor, row.id)
            day = await submissions.read_day(session)
        return [make_section(definition, one, origins, day) for one in found]

    @rules.method(
        access.SUPPLIER,
        description="The whole trace of its score: a line for every measure, as buyers read it in the sections that are"
        " shared. A scoring profile that came later has its own lines; those of the sections are the ones that were"
        " sealed.",
        list_size=50,
    )
    async def lines(
        self,
        info: Info,
        profile_number: Annotated[
            int | None, strawberry.argument(description="A profile it was scored with; without it the newest one.")
        ] = None,
    ) -> list[SubmissionLine]:
        async with info.context.transaction() as (session, actor):
            found = await explaining.explain_submission(session, actor, key_of(self), profile_number)
            origins = await submissions.list_origins(session, actor, key_of(self))
            sections = await submissions.list_sections(session, actor, key_of(self))
            day = await submissions.read_day(session)
        declared = {row.section: make_gaps(row, day) for row in sections}
        return [
            line
            for key, part in found.items()
            for line in make_submission_lines(key, part, origins, declared.get(key, ()))
        ]

    @rules.method(access.SUPPLIER, description="Where it can be fetched as a file, by GET with the token.")
    def export_path(
        self,
        format: Annotated[SubmissionFile, strawberry.argument(description="The kind of file.")] = SubmissionFile.JSON,
    ) -> str:
        return f"/exports/submissions/{key_of(self)}.{format.value}"

    @rules.method(access.SUPPLIER, description=f"{SUMMARY} It states when it was withdrawn or superseded, too.")
    def summary_path(self) -> str:
        return write_summary_path(self)

    @rules.method(access.SUPPLIER, description=SECTION)
    def section_path(self, section: Annotated[str, strawberry.argument(description="The key of the section.")]) -> str:
        return write_section_path(self, section)


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
    origins: list[TextOrigin] = rules.field(description="Whose words action and evidenceHint are in.", list_size=2)


@rules.type(access.SUPPLIER, description="A check across answers that does not hold; it never touches the score.")
class Inconsistency:
    check: str = rules.field(description="The check's key.")
    severity: str = rules.field(description="WARNING or ERROR.")
    title: str = rules.field(description="What should hold.")
    origins: list[TextOrigin] = rules.field(description="Whose words the title is in.", list_size=1)
    questions: list[str] = rules.field(description="The questions it compares.")
    left: str = rules.field(
        description="The one value; empty where answers do not go together and no figure is compared."
    )
    right: str = rules.field(description="The other value; empty likewise.")
    is_against_last_year: bool = rules.field(
        description="Whether the other value is the one of the submission for the period before."
    )


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
    open_conflict_count: int = rules.field(
        description="How many of `conflicts` nobody has decided: they stop no submission, and stay open behind it."
    )
    gaps: list[GapPreview] = rules.field(
        description="Every measure that earns less than it could, and what the plan that it has, or could have, would"
        " count for: a gap that is declared with a plan is treated apart from one that others find.",
        list_size=20,
    )
    language: SpokenLanguage = rules.field(
        description="The language of its titles, actions and hints; each problem tells its own."
    )


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
    reason: str | None = strawberry.field(
        default=None, description="Why, in 1 to 500 characters, for your own people; the first one stays."
    )
    told_reason: str | None = strawberry.field(
        default=None,
        description="Why, in 1 to 500 characters, for those who read the revision before it, which counts again.",
    )


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


def write_summary_path(row: Any) -> str:
    """Where the summary of a row of the read model is, a submission's or a shared result's."""
    return f"/summaries/{row.key['supplier_id']}/{key_of(row)}.jws"


def write_section_path(row: Any, section: str) -> str:
    return f"/summaries/{row.key['supplier_id']}/{key_of(row)}/{quote(section, safe='')}.json"


def make_origin(row: SubmissionOrigin | None) -> AnswerOrigin | None:
    if row is None:
        return None
    owner = row.supplier_id
    submission, member = row.from_submission, row.confirmed_by
    return AnswerOrigin(
        assessment_id=nodes.encode_id(ASSESSMENT, row.carried_from, owner),
        submission_id=None if submission is None else nodes.encode_id(SUBMISSION, submission, owner),
        questionnaire=row.from_questionnaire,
        version=row.from_version,
        question=row.carried_question,
        confirmed_at=row.confirmed_at,
        confirmed_by_id=None if member is None else nodes.encode_id(MEMBER, member, owner),
    )


def make_gaps(row: Any, day: date) -> list[DeclaredGap]:
    """The declared gaps of a frozen section, with what they count for on a day."""
    return [make_declared(one, day) for one in row.gaps]


def make_submission_lines(
    section: str, trace: Mapping[str, Any], origins: Origins, declared: Sequence[DeclaredGap]
) -> list[SubmissionLine]:
    """The lines of one section, each with where its answer came from, and whether its gap was declared."""
    gaps = {(one.question, one.row_id): one for one in declared}
    return [
        SubmissionLine(**vars(line), origin=make_origin(origins.get((line.question, line.row_id))))
        for line in result.make_lines(section, trace, gaps)
    ]


def make_section(definition: Definition, row: Any, origins: Origins, day: date) -> SubmissionSection:
    declared = make_gaps(row, day)
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
                origin=make_origin(origins.get(one.key)),
                site_name=row.row_sites.get(one.question, {}).get(one.row_id),
            )
            for one in frozen.values()
        ],
        declared_gaps=declared,
        lines=make_submission_lines(row.section, row.trace, origins, declared),
    )


def make_preview(
    found: Preview, told: Translation, language: SpokenLanguage, told_problems: list[AnswerProblem], owner: UUID
) -> ScorePreview:
    scored = found.result
    return ScorePreview(
        change_number=found.change_number,
        tier=QuestionnaireTier(scored.tier),
        total=result.round_exact(scored.total),
        band=scored.band,
        band_reason=BandReason(scored.band_reason),
        coverage=result.show_figure(scored.coverage * 100),
        rests_on=scored.rests_on,
        pillars=result.make_pillars(told.definition, scored.pillars),
        open_rules=[make_open_rule(one) for one in scored.open_rules],
        lines=[line for key, part in found.trace["sections"].items() for line in result.make_lines(key, part)],
        advice=[make_advice(told, one) for one in found.advice],
        problems=told_problems,
        language=language,
        inconsistencies=[make_inconsistency(told, one) for one in found.inconsistencies],
        gaps=[gap.make_preview(one, owner) for one in found.gaps],
        open_conflict_count=found.open_conflicts,
    )


def make_open_rule(one: scores.OpenRule) -> OpenRule:
    return OpenRule(
        rule=one.rule, section=one.section, question=one.question, row_id=one.row_id, state=one.state.upper()
    )


def make_advice(told: Translation, one: Advice) -> MeasureAdvice:
    """A measure in the words of the caller's language."""
    place = f"questions.{one.question}"
    return MeasureAdvice(
        question=one.question,
        section=one.section,
        pillar=one.pillar,
        gain=one.gain,
        action=told.say(f"{place}.action", one.action),
        evidence=list(one.evidence),
        evidence_hint=told.say(f"{place}.evidence.hint", one.evidence_hint),
        origins=name_origins(told, place, action="action", evidenceHint="evidence.hint"),
    )


def make_inconsistency(told: Translation, one: checks.Inconsistency) -> Inconsistency:
    """A broken check in the words of the caller's language."""
    place = f"checks.{one.check}"
    return Inconsistency(
        check=one.check,
        severity=one.severity.upper(),
        title=told.say(f"{place}.title", one.title),
        origins=name_origins(told, place, "title"),
        questions=list(one.questions),
        left=one.left,
        right=one.right,
        is_against_last_year=one.is_against_last_year,
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
        locale: Wanted = None,
    ) -> ScorePreview:
        wanted = read_assessment_id(assessment_id)
        if not 0 <= measures <= MOST_MEASURES:
            words = f"`measures` must be 0 to {MOST_MEASURES}; it is {measures}."
            raise errors.InvalidInput(words, code="TOO_MANY", path=("measures",))
        async with info.context.transaction() as (session, actor):
            found = await preview.preview_score(session, actor, assessment_id=wanted, limit=measures)
            told, spoken = await tell_version(info, session, actor, found.definition, found.content_hash, locale)
            listed = await answer.tell_problems(info, session, actor, found.problems, locale)
        return make_preview(found, told, spoken, listed, actor.organization)


@strawberry.type
class SubmissionMutation:
    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Freeze, seal and score a draft. InvalidAnswers names everything that stands in the way. Again with"
        " the same change number, after a lost reply or on another device, it gives the same submission.",
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
            async with info.context.transaction() as (session, actor):
                listed = await answer.tell_problems(info, session, actor, refused.answer_problems)
            return InvalidAnswers(
                message=refused.message, code=refused.code, path=["input", "assessmentId"], problems=listed
            )

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Take a submission back; every share of it ends at once, and later releases of benchmarks leave it"
        " out. A request that it alone answered, of a buyer that could read it, waits again as ACCEPTED, and its buyer"
        " is told, with the day in `answerWithdrawnOn`: share another revision to answer it. What was frozen stays with"
        " its supplier, with the receipts of who read it, since it was relied on; releases made before stay as well."
        " Again changes nothing. Where it corrected an earlier revision, that one counts again: `restored` tells its"
        " readers so.",
    )
    async def withdraw_submission(
        self, info: Info, input: Annotated[WithdrawSubmissionInput, strawberry.argument(description="Which one.")]
    ) -> SubmissionWithdrawn:
        selected = selection.read(info)
        wanted = nodes.decode_id(input.submission_id, SUBMISSION, path=("submission_id",)).id
        async with info.context.transaction() as (session, actor):
            await submissions.withdraw_submission(
                session, actor, submission_id=wanted, reason=input.reason, told_reason=input.told_reason
            )
            members = {"submission": reads_submission(session, actor, wanted)}
            return await reading.compose("SubmissionWithdrawn", selected, members)  # type: ignore[return-value]
