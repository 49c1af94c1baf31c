"""Where a supplier stands: its own values beside the figures of its cohort, measure by measure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access
from portal.access import Actor
from portal.assessments import definitions
from portal.benchmarks import cohorts, entitlement, participation, reads
from portal.benchmarks.cohorts import Cohort
from portal.benchmarks.contributions import PILLAR, QUESTION, TOTAL
from portal.benchmarks.entitlement import Release
from portal.benchmarks.reads import Cell
from portal.database.tables import benchmarks as tables
from portal.database.tables.assessments import Result, ResultSection, SubmissionSection, is_later_trace
from questionnaires.points import count_hundredths


@dataclass(frozen=True)
class Comparison:
    """One measure: the own value in hundredths of a point, None where it did not count, and the cohort's figures."""

    measure: str
    value: int | None
    cell: Cell

    @property
    def quarter(self) -> int | None:
        """The quarter of the cohort that the own value stands in: 1 (lowest) to 4."""
        return reads.find_quarter(self.value, self.cell)


@dataclass(frozen=True)
class Standing:
    """The caller in a release: whether it contributes, in which leaf, and every measure of its cell."""

    release: Release
    takes_part: bool
    contributes: bool
    leaf: Cohort | None
    comparisons: list[Comparison]


async def read_standing(
    session: AsyncSession, actor: Actor, *, questionnaire: str, release: int | None = None
) -> Standing:
    """The caller beside its cohort; without comparisons where it does not contribute. Raises NotFound."""
    access.require(actor, access.SUPPLIER)
    taking_part = await participation.takes_part(session, actor)
    found = await entitlement.find_release(session, actor, release)
    row = await _find_contributor(session, actor, found.number, questionnaire)
    if row is None:
        await definitions.check_questionnaire(session, questionnaire)
    if row is None or row.waits:
        return Standing(found, taking_part, False, None, [])
    leaf = Cohort(row.tier, row.sector, row.region, row.size_band)
    cells = await _list_cells(session, found.number, questionnaire, leaf)
    values = await _read_values(session, actor, row, [cell.measure for cell in cells])
    compared = [Comparison(cell.measure, values.get(cell.measure), cell) for cell in cells]
    return Standing(found, taking_part, True, leaf, compared)


async def _find_contributor(session: AsyncSession, actor: Actor, release: int, questionnaire: str) -> Any:
    table = tables.ReleaseContributor
    columns = (
        table.submission_id,
        table.profile_number,
        table.tier,
        table.sector,
        table.region,
        table.size_band,
        table.waits,
    )
    found = await session.execute(
        select(*columns).where(
            table.release_number == release,
            table.questionnaire == questionnaire,
            table.supplier_id == actor.organization,
        )
    )
    return found.one_or_none()


async def _list_cells(session: AsyncSession, release: int, questionnaire: str, leaf: Cohort) -> list[Cell]:
    """Every measure of the cell that holds a leaf: the total first, then pillars, then questions."""
    cells = [reads.make_cell(row) for row in await reads.list_path(session, release, questionnaire, leaf.list_path())]
    home = cohorts.find_cell({cell.cohort for cell in cells if cell.measure == TOTAL}, leaf)
    order = (TOTAL, PILLAR, QUESTION)
    return sorted(
        (cell for cell in cells if cell.cohort == home),
        key=lambda cell: (next(at for at, kind in enumerate(order) if cell.measure.startswith(kind)), cell.measure),
    )


async def _read_values(
    session: AsyncSession, actor: Actor, contributor: Any, measures: Sequence[str]
) -> dict[str, int | None]:
    """The caller's own values of the submission that the release counted."""
    table = Result
    scored = (
        await session.execute(
            select(table.total, table.pillars).where(
                table.supplier_id == actor.organization,
                table.submission_id == contributor.submission_id,
                table.profile_number == contributor.profile_number,
                table.tier_scored == contributor.tier,
            )
        )
    ).one_or_none()
    if scored is None:
        return {}
    values: dict[str, int | None] = {TOTAL: scored.total}
    values |= {f"{PILLAR}{pillar['key']}": pillar["score"] for pillar in scored.pillars}
    if any(measure.startswith(QUESTION) for measure in measures):
        values |= await _read_points(session, actor, contributor)
    return values


async def _read_points(session: AsyncSession, actor: Actor, contributor: Any) -> dict[str, int | None]:
    """Points of each question, the mean of its rows in a repeated group, as a release computes them."""
    table, later = SubmissionSection.__table__, ResultSection.__table__
    traces = await session.scalars(
        select(func.coalesce(later.c.trace, table.c.trace))
        .select_from(table.outerjoin(later, is_later_trace(later.c, table.c, contributor.profile_number)))
        .where(table.c.supplier_id == actor.organization, table.c.submission_id == contributor.submission_id)
    )
    points: dict[str, list[Fraction]] = {}
    for trace in traces:
        for line in trace.get("lines", ()):
            if line["points"] is not None:
                points.setdefault(line["question"], []).append(Fraction(line["points"]))
    return {f"{QUESTION}{key}": count_hundredths(sum(rows, Fraction(0)) / len(rows)) for key, rows in points.items()}
