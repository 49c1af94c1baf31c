"""What a questionnaire is compared in: its total and pillars, marked questions, and indicators, at each tier."""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.assessments import definitions
from portal.benchmarks.contributions import PILLAR, QUESTION, TOTAL
from portal.benchmarks.indicators import INDICATOR, Indicator
from portal.database.tables import publishing
from questionnaires.definition import Definition, Question, Tier, contains


async def load_versions(session: AsyncSession, questionnaire: str) -> list[Definition]:
    """All versions that were ever published."""
    table = publishing.QuestionnaireVersion
    hashes = await session.scalars(select(table.content_hash).where(table.questionnaire == questionnaire))
    return [await definitions.load_definition(session, content_hash) for content_hash in list(hashes)]


def list_questions(versions: Iterable[Definition]) -> list[str]:
    """The keys of scored questions that any version marks for benchmarks."""
    return sorted(
        {question.key for version in versions for question in version.questions.values() if is_marked(question)}
    )


def is_marked(question: Question) -> bool:
    """Whether the points of a question are compared."""
    return question.benchmark and question.kind == "measure"


def list_measures(versions: Sequence[Definition], tier: str, asked: Iterable[Indicator]) -> frozenset[str]:
    """What cells of a tier have a decision on, whoever answered what: that a row is there tells of no answer."""
    indicators = {one.key for one in asked}
    known = cast(Tier, tier)  # a cohort's is one of those that a questionnaire may have
    return frozenset(measure for version in versions for measure in _list_measures(version, known, indicators))


def _list_measures(version: Definition, tier: Tier, indicators: set[str]) -> Iterator[str]:
    yield TOTAL
    for question in version.questions.values():
        if not contains(tier, question.tier):
            continue
        if question.kind == "measure" and (pillar := version.sections_by_question[question.key].pillar):
            yield f"{PILLAR}{pillar}"
        if is_marked(question):
            yield f"{QUESTION}{question.key}"
        if question.key in indicators:
            yield f"{INDICATOR}{question.key}"
