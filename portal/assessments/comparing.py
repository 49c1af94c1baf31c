"""Two submissions of one questionnaire side by side, and which of their figures can be compared at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import definitions, differences, submissions
from portal.assessments.definitions import Version
from portal.database.tables import assessments as tables
from questionnaires import carryover, nesting
from questionnaires.answers import Answer, Answers
from questionnaires.carryover import Footing
from questionnaires.definition import Definition, Question
from questionnaires.difference import REMOVED, Difference


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One place with its answer in each of two years; `reason` is `same`, or why the two cannot be compared."""

    question: Question
    row_id: str | None
    reason: str
    earlier: Answer | None
    later: Answer | None


@dataclass(frozen=True, kw_only=True)
class Side:
    """A submission with its version, the answers frozen in it, and its result at the tier that both have."""

    submission: tables.Submission
    definition: Definition
    answers: Answers
    result: tables.Result | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two years; `totals` is `same` where their totals can be compared, else why not."""

    earlier: Side
    later: Side
    tier: str
    totals: Footing
    rows: tuple[Compared, ...]


async def compare_submissions(session: AsyncSession, actor: Actor, *, earlier_id: UUID, later_id: UUID) -> Comparison:
    """Two of the caller's own submissions, the earlier period first; at the higher tier that both were scored at.

    Raises NotFound, InvalidInput QUESTIONNAIRE or SUBJECT for two that are about different things, ORDER.
    """
    found = await submissions.find_submissions(session, actor, [earlier_id, later_id])
    for name, wanted in (("earlier", earlier_id), ("later", later_id)):
        if wanted not in found:
            raise errors.NotFound("There is no such submission.", path=(name,))
    earlier, later = found[earlier_id], found[later_id]
    _check_pair(earlier, later)
    tier = min(earlier.tier, later.tier, key=tables.TIERS.index)
    sides = [await _load_side(session, actor, one, tier) for one in (earlier, later)]
    changed = await differences.compare(
        session, *(Version(one.submission.content_hash, one.definition) for one in sides)
    )
    return Comparison(
        earlier=sides[0],
        later=sides[1],
        tier=tier,
        totals=await _compare_totals(session, sides, changed, tier),
        rows=tuple(_compare_rows(changed, sides[0].answers, sides[1].answers)),
    )


def _check_pair(earlier: tables.Submission, later: tables.Submission) -> None:
    if earlier.questionnaire != later.questionnaire:
        words = f"These are answers to {earlier.questionnaire} and to {later.questionnaire}."
        raise errors.InvalidInput(words, code="QUESTIONNAIRE", path=("later",))
    if earlier.subject_key != later.subject_key:
        raise errors.InvalidInput("These are about two different subjects.", code="SUBJECT", path=("later",))
    if (earlier.period_end, earlier.revision) > (later.period_end, later.revision):
        raise errors.InvalidInput("Give the earlier one first.", code="ORDER", path=("later",))


async def _load_side(session: AsyncSession, actor: Actor, row: tables.Submission, tier: str) -> Side:
    definition = await definitions.load_definition(session, row.content_hash)
    answers: dict[Any, Answer] = {}
    for section in await submissions.list_sections(session, actor, row.id):
        answers |= nesting.read_nested(definition, section.answers)[0]
    table = tables.Result
    result = await session.scalar(
        select(table)
        .where(table.supplier_id == actor.organization, table.submission_id == row.id, table.tier_scored == tier)
        .order_by(table.profile_number.desc())
        .limit(1)
    )
    return Side(submission=row, definition=definition, answers=answers, result=result)


async def _compare_totals(session: AsyncSession, sides: list[Side], changed: Difference, tier: str) -> Footing:
    results = [side.result for side in sides]
    if results[0] is None or results[1] is None:
        return "not_scored"
    profiles = [
        await definitions.load_numbered_profile(session, side.definition, result.profile_number)
        for side, result in zip(sides, results, strict=True)
        if result is not None
    ]
    return carryover.compare_totals(changed, profiles[0], profiles[1], tier)  # type: ignore[arg-type]


def _compare_rows(changed: Difference, earlier: Answers, later: Answers) -> Iterator[Compared]:
    """Every place that has an answer in either year, in the order of the later version; then what is gone from it."""
    reasons = carryover.compare_questions(changed)
    moved = {(changed.forth[key], row): answer for (key, row), answer in earlier.items() if key in changed.forth}
    for key, question in changed.new.questions.items():
        for row in _list_rows(key, moved, later):
            yield Compared(
                question=question,
                row_id=row,
                reason=reasons[key],
                earlier=moved.get((key, row)),
                later=later.get((key, row)),
            )
    for (key, row), answer in earlier.items():
        if key not in changed.forth:
            yield Compared(
                question=changed.old.questions[key],
                row_id=row,
                reason=REMOVED,
                earlier=answer,
                later=None,
            )


def _list_rows(key: str, *years: Answers) -> list[str | None]:
    rows = {row for answers in years for question, row in answers if question == key}
    return sorted(rows, key=lambda row: row or "")
