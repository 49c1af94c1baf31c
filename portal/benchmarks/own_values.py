"""A supplier's own values as a release counted them: of the submission, scoring profile and tier that it names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.benchmarks import indicators, parts
from portal.benchmarks.contributions import PILLAR, QUESTION, TOTAL
from portal.benchmarks.indicators import INDICATOR
from portal.benchmarks.reads import Cell
from portal.database.tables.assessments import Result, ResultSection, Submission, SubmissionSection, is_later_trace
from questionnaires.points import count_hundredths


@dataclass(frozen=True)
class Counted:
    """What a release counted of the caller."""

    submission_id: UUID
    profile_number: int
    tier: str


async def read_values(
    session: AsyncSession, actor: Actor, counted: Counted, cells: Iterable[Cell]
) -> dict[str, int | None]:
    """By measure of the cells, in hundredths of a point or of the cell's step; nothing for what did not count."""
    listed = list(cells)
    values = await _read_scores(session, actor, counted)
    asks_points = any(cell.measure.startswith(QUESTION) or parts.is_part(cell.measure) for cell in listed)
    if values and asks_points:
        for key, points in (await _read_points(session, actor, counted)).items():
            values |= dict.fromkeys((f"{QUESTION}{key}", f"{parts.UPPER}{key}", f"{parts.REST}{key}"), points)
    measured = [cell for cell in listed if cell.measure.startswith(INDICATOR)]
    if values and measured:
        values |= await _read_measured(session, actor, counted, measured)
    return values


async def _read_scores(session: AsyncSession, actor: Actor, counted: Counted) -> dict[str, int | None]:
    table = Result
    scored = (
        await session.execute(
            select(table.total, table.pillars).where(
                table.supplier_id == actor.organization,
                table.submission_id == counted.submission_id,
                table.profile_number == counted.profile_number,
                table.tier_scored == counted.tier,
            )
        )
    ).one_or_none()
    if scored is None:
        return {}
    return {TOTAL: scored.total} | {f"{PILLAR}{pillar['key']}": pillar["score"] for pillar in scored.pillars}


async def _read_points(session: AsyncSession, actor: Actor, counted: Counted) -> dict[str, int]:
    """Points of each question, the mean of its rows in a repeated group, as a release computes them."""
    table, later = SubmissionSection.__table__, ResultSection.__table__
    traces = await session.scalars(
        select(func.coalesce(later.c.trace, table.c.trace))
        .select_from(table.outerjoin(later, is_later_trace(later.c, table.c, counted.profile_number)))
        .where(table.c.supplier_id == actor.organization, table.c.submission_id == counted.submission_id)
    )
    points: dict[str, list[Fraction]] = {}
    for trace in traces:
        for line in trace.get("lines", ()):
            if line["points"] is not None:
                points.setdefault(line["question"], []).append(Fraction(line["points"]))
    return {key: count_hundredths(sum(rows, Fraction(0)) / len(rows)) for key, rows in points.items()}


async def _read_measured(
    session: AsyncSession, actor: Actor, counted: Counted, cells: Iterable[Cell]
) -> dict[str, int | None]:
    """Answers in hundredths of the step that the cell's figures go in; none of a version that asks in another unit."""
    submitted, section = Submission, SubmissionSection
    own = (submitted.supplier_id == actor.organization, submitted.id == counted.submission_id)
    kept = (await session.execute(select(submitted.questionnaire, submitted.version).where(*own))).one()
    asked = await indicators.list_asked(session, kept.questionnaire, kept.version)
    answers = await session.scalars(
        select(section.answers).where(
            section.supplier_id == actor.organization, section.submission_id == counted.submission_id
        )
    )
    numbers: dict[str, list[Fraction]] = {}
    for key, number in (one for part in answers for one in _list_numbers(part)):
        numbers.setdefault(key, []).append(number)
    values: dict[str, int | None] = {}
    for cell in cells:
        key, scale = cell.measure.removeprefix(INDICATOR), cell.scale
        question = asked.get(key)
        if scale and question and question.indicator and question.indicator.unit == scale.unit and key in numbers:
            rows = numbers[key]
            values[cell.measure] = count_hundredths(sum(rows, Fraction(0)) / len(rows) / Fraction(scale.step))
    return values


def _list_numbers(nested: Mapping[str, Any]) -> Iterator[tuple[str, Fraction]]:
    """Each number answered with its question, also those inside the rows of a group."""
    for key, entry in nested.items():
        value = entry.get("value") if entry.get("state") == "value" else None
        if isinstance(value, str) and _is_number(value):
            yield key, Fraction(Decimal(value))
        elif isinstance(value, list):
            for row in value:
                if isinstance(row, Mapping):
                    yield from _list_numbers(row["answers"])


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).isdecimal() and value.isascii()
