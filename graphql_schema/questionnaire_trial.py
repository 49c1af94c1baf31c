"""Trying a questionnaire before it is published: answer it, and see what is asked and scored. Nothing is kept."""

import asyncio
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import answer, language, result, rules
from graphql_schema.answer import AnswerProblem, AnswerState, AnswerValueInput
from graphql_schema.context import Info
from graphql_schema.own_questionnaire import AUTHOR
from graphql_schema.questionnaire_draft import (
    ImportQuestionnaireInput,
    QuestionnaireFinding,
    make_findings,
    read_source,
)
from graphql_schema.result import BandReason, OpenRule, PillarScore, TraceLine
from graphql_schema.tier import QuestionnaireTier
from portal import errors
from portal.assessments.writes import Write
from portal.authoring import drafting, inspection, publishers, trial
from portal.authoring.trial import Trial
from questionnaires.definition import Definition
from questionnaires.profile import Profile

NO_WRITE = UUID(int=0)


@strawberry.input(description="An answer to try.")
class TriedAnswerInput:
    question: str = strawberry.field(description="The question's key.")
    row_id: str | None = strawberry.field(
        default=None, description="In groups: the row, 1 to 64 letters, digits, hyphens and underscores."
    )
    state: AnswerState = strawberry.field(default=AnswerState.VALUE, description="The state of the answer.")
    value: AnswerValueInput | None = strawberry.field(default=None, description="The value, in state VALUE only.")
    unit: str | None = strawberry.field(default=None, description="The unit that was taken; it must be the question's.")
    reason: str | None = strawberry.field(
        default=None, description="Why it does not apply or is declined; at most 2,000 characters."
    )
    comment: str | None = strawberry.field(
        default=None, description="A remark, at most 2,000 characters; what is asked and scored does not depend on it."
    )


@strawberry.input(description="What to try. Exactly one of draft and source.")
class TryQuestionnaireInput:
    draft: str | None = strawberry.field(default=None, description="The key of a sound draft.")
    source: ImportQuestionnaireInput | None = strawberry.field(
        default=None, description="Texts that are not kept anywhere; their baseRevision is not looked at."
    )
    tier: QuestionnaireTier = strawberry.field(description="The tier to answer.")
    answers: list[TriedAnswerInput] = strawberry.field(
        default_factory=list, description="The answers, at most 3,000; of two for one place the later counts."
    )


@rules.type(AUTHOR, description="A place for an answer, and whether these answers open it.")
class TriedPlace:
    section: str = rules.field(description="Its section.")
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row, in groups.")
    is_asked: bool = rules.field(description="Whether it is asked now.")


@rules.type(AUTHOR, description="A check across answers that does not hold.")
class TriedInconsistency:
    check: str = rules.field(description="The check's key.")
    severity: str = rules.field(description="WARNING or ERROR.")
    title: str = rules.field(description="What should hold.")
    questions: list[str] = rules.field(description="The questions it compares.")


@rules.type(AUTHOR, description="What these answers open and earn, by the rules that suppliers meet.")
class TriedAnswers:
    places: list[TriedPlace] = rules.field(description="All places of the tier, in order.", list_size=50)
    refused: list[AnswerProblem] = rules.field(description="Answers that could not even be saved.", list_size=10)
    problems: list[AnswerProblem] = rules.field(description="What submission would refuse.", list_size=20)
    inconsistencies: list[TriedInconsistency] = rules.field(description="What the checks found.", list_size=5)
    asked: int = rules.field(description="How many places are asked now.")
    answered: int = rules.field(description="How many of them have an answer.")
    missing_count: int = rules.field(description="How many required ones have none.")
    minutes_left: Decimal = rules.field(description="Minutes that the rest takes.")
    total: Decimal | None = rules.field(description="0 to 100 points; null where nothing could be rated.")
    band: str | None = rules.field(description="The band's key; see bandReason.")
    band_reason: BandReason = rules.field(description="What decided the band.")
    coverage: Decimal = rules.field(description="Percent of the weight that is answered.")
    pillars: list[PillarScore] = rules.field(description="The pillars, in order.", list_size=6)
    open_rules: list[OpenRule] = rules.field(description="Critical questions that nobody can decide.", list_size=5)
    lines: list[TraceLine] = rules.field(description="The whole trace: a line for every measure.", list_size=50)
    advice: list[str] = rules.field(description="The measures that would help most, by key.", list_size=3)


@rules.type(AUTHOR, description="A questionnaire that was tried; nothing of it is kept.")
class QuestionnaireTrial:
    findings: list[QuestionnaireFinding] = rules.field(
        description="Every error and warning of the texts, errors first.", list_size=20
    )
    outcome: TriedAnswers | None = rules.field(description="What the answers led to; null where the texts have errors.")


def read_answer(given: TriedAnswerInput) -> Write:
    kind, value = answer.read_value(given.value)
    return Write(
        write_id=NO_WRITE,
        question=given.question,
        row_id=given.row_id,
        base_revision=0,
        state=str(given.state.value),
        value=value,
        kind=kind,
        unit=given.unit,
        reason=given.reason,
        comment=given.comment,
    )


def make_outcome(definition: Definition, found: Trial, locale: str) -> TriedAnswers:
    scored = found.result
    return TriedAnswers(
        places=[
            TriedPlace(section=one.section.key, question=one.question.key, row_id=one.row_id, is_asked=one.enabled)
            for one in found.applicable.items
        ],
        refused=[answer.make_problem(one, locale) for one in found.refused],
        problems=[answer.make_problem(one, locale) for one in found.problems],
        inconsistencies=[
            TriedInconsistency(
                check=one.check, severity=one.severity.upper(), title=one.title, questions=list(one.questions)
            )
            for one in found.inconsistencies
        ],
        asked=found.progress.asked,
        answered=found.progress.answered,
        missing_count=len(found.progress.missing),
        minutes_left=found.progress.minutes_left,
        total=result.round_exact(scored.total),
        band=scored.band,
        band_reason=BandReason(scored.band_reason),
        coverage=result.show_figure(scored.coverage * 100),
        pillars=result.make_pillars(definition, scored.pillars),
        open_rules=[
            OpenRule(
                rule=one.rule, section=one.section, question=one.question, row_id=one.row_id, state=one.state.upper()
            )
            for one in scored.open_rules
        ],
        lines=[line for key, part in found.trace["sections"].items() for line in result.make_lines(key, part)],
        advice=[one.question for one in found.advice],
    )


@strawberry.type
class QuestionnaireTrialQuery:
    @rules.query(
        AUTHOR,
        description="Answer a draft, or texts that are kept nowhere, and see what that opens, misses and earns.",
    )
    async def questionnaire_trial(
        self, info: Info, input: Annotated[TryQuestionnaireInput, strawberry.argument(description="What to try.")]
    ) -> QuestionnaireTrial:
        if (input.draft is None) == (input.source is None):
            raise errors.InvalidInput("Give either a draft or a source.", code="ONE_OF", path=("input", "draft"))
        tried = await _read_tried(info, input)
        outcome = None
        if tried.profile is not None:
            sent = [read_answer(one) for one in input.answers]
            day, tier = datetime.now(UTC).date(), str(input.tier.value)
            found = await asyncio.to_thread(trial.try_answers, tried.definition, tried.profile, tier, sent, day)
            outcome = make_outcome(tried.definition, found, tried.locale)
        return QuestionnaireTrial(findings=tried.findings, outcome=outcome)


@dataclass(frozen=True)
class Tried:
    """What is to be tried, without a profile where there are errors, and the language for problems."""

    definition: Definition
    profile: Profile | None
    findings: list[QuestionnaireFinding]
    locale: str


async def _read_tried(info: Info, input: TryQuestionnaireInput) -> Tried:
    source = None if input.source is None else read_source(input.source)
    async with info.context.transaction() as (session, actor):
        publisher = await publishers.get_name(session, actor)
        locale = await language.choose_for_problems(info, session, actor)
        if source is None:
            row = await drafting.get_draft(session, actor, input.draft or "")
            return Tried(*drafting.read_values(row), make_findings(row.findings), locale)
    async with info.context.services.reading.enter(actor.organization):
        inspected = await inspection.inspect_source(source, publisher)
    profile = inspected.profile if inspected.is_sound else None
    return Tried(inspected.definition, profile, make_findings([asdict(one) for one in inspected.findings]), locale)
