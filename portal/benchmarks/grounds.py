"""The grounds of decisions: what is looked up beside the values of a cell."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import contributions, disclosure, parts
from portal.benchmarks.cohorts import Quarter
from portal.benchmarks.contributions import Overlap, Scope
from portal.benchmarks.disclosure import Case, Policy, Reader, Standing
from questionnaires import peers

# Figures of a release that others correct stand where each of these showed them still; the one being made has no cells.
LAST_MADE = text(
    """
    SELECT DISTINCT ON (k.cell, k.measure) k.cell, k.measure, k.release_number, k.count_band, k.mean, k.p10, k.p25,
           k.p50, k.p75, k.p90, r.period_end >= :recent AND NOT EXISTS (
               SELECT FROM portal.release c WHERE c.period_end = r.period_end AND c.number > r.number
                  AND NOT EXISTS (
                      SELECT FROM portal.release_cell s WHERE s.release_number = c.number AND s.cell = k.cell
                         AND s.measure = k.measure AND s.figures_from = r.number)) AS is_recent
      FROM portal.release_cell k JOIN portal.release r ON r.number = k.release_number
     WHERE k.questionnaire = :questionnaire AND k.release_number < :release AND k.figures_from = k.release_number
     ORDER BY k.cell, k.measure, k.release_number DESC
    """
)


@dataclass(frozen=True)
class Grounds:
    """Those of the decisions on one questionnaire, by cell or by cell and measure."""

    waiting: dict[str, int]
    last: dict[tuple[str, str], Standing]
    overlaps: dict[tuple[str, str], list[Overlap]]
    crossing: dict[tuple[str, str], list[int]]
    readers: dict[tuple[str, str], list[Reader]]


async def load_grounds(session: AsyncSession, scope: Scope, quarter: Quarter, policy: Policy) -> Grounds:
    """All of them for one questionnaire, once the values are written."""
    return Grounds(
        await contributions.count_waiting(session, scope),
        await _find_last(session, scope, quarter.shift(-policy.partition_quarters).last_day),
        await contributions.find_overlaps(session, scope),
        await parts.find_crossing(session, release=scope.release, questionnaire=scope.questionnaire),
        await contributions.find_readers(session, scope, policy.unknown),
    )


async def _find_last(session: AsyncSession, scope: Scope, recent: date) -> dict[tuple[str, str], Standing]:
    """The figures last made for each measure of each cell; recent are those of quarters that end no earlier."""
    values = {"release": scope.release, "questionnaire": scope.questionnaire, "recent": recent}
    return {
        (row.cell, row.measure): Standing(
            release=row.release_number, figures=disclosure.read_figures(row._mapping), is_recent=row.is_recent
        )
        for row in await session.execute(LAST_MADE, values)
    }


def make_case(cell: str, measure: str, ordered: list[int], grounds: Grounds) -> Case:
    """What is decided on: the values of one measure of one cell, in ascending order, and all about them."""
    last = grounds.last.get((cell, measure))
    overlaps = grounds.overlaps.get((cell, measure), [])
    differing = {
        (one.release, one.cell): peers.count_differing(len(ordered), one.size, one.common, one.same) for one in overlaps
    }
    # Where none of the earlier contributors is left, all of both have changed, and no fewer than the threshold.
    changed = differing.get((last.release, cell), len(ordered) + peers.SMALLEST_BAND) if last else 0
    return Case(
        values=ordered,
        waiting=grounds.waiting.get(cell, 0),
        last=last,
        changed=changed,
        overlaps=[*differing.values(), *grounds.crossing.get((cell, measure), ())],
        readers=grounds.readers.get((cell, measure), []),
    )
