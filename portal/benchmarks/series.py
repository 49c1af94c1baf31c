"""A measure of a cohort over the releases: what the cell that holds it showed in each quarter, and own values."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access
from portal.access import Actor
from portal.assessments import definitions
from portal.benchmarks import entitlement, own_values, reads
from portal.benchmarks.cohorts import Cohort
from portal.benchmarks.contributions import TOTAL
from portal.benchmarks.entitlement import Release
from portal.benchmarks.own_values import Counted
from portal.benchmarks.reads import Cell
from portal.database.tables import benchmarks as tables


@dataclass(frozen=True)
class Point:
    """One release: its cell, and the caller's own value where the release counted it, in hundredths of a step."""

    release: Release
    cell: Cell
    value: int | None = None

    @property
    def quarter(self) -> int | None:
        """The quarter of the cohort that the own value stands in: 1 (lowest) to 4."""
        return reads.find_quarter(self.value, self.cell)


async def read_series(
    session: AsyncSession, actor: Actor, *, questionnaire: str, cohort: Cohort, measure: str = TOTAL
) -> list[Point]:
    """A point for each quarter whose release the caller may read, the oldest first.

    A cohort may be folded into another cell after four quarters: the cell of each point says which. Raises as
    `reads.read_cell`.
    """
    reads.check_measure(measure)
    reads.check_cohort(cohort)
    places = reads.write_places(cohort, measure)
    found = await entitlement.open_each(session, actor, questionnaire, reads.OPENED_PATH, places)
    if not any(rows for _, rows in found):
        await definitions.check_questionnaire(session, questionnaire)
    cells = [(release, reads.pick_cell(release, rows or [], questionnaire, cohort, measure)) for release, rows in found]
    values = await _read_values(session, actor, questionnaire, [cell for _, cell in cells])
    return [Point(release, cell, values.get(release.number)) for release, cell in cells]


async def _read_values(
    session: AsyncSession, actor: Actor, questionnaire: str, cells: list[Cell]
) -> dict[int, int | None]:
    """The own value by release; one submission may be counted by several."""
    counted = await _find_counted(session, actor, questionnaire, [cell.release for cell in cells])
    known: dict[Counted, int | None] = {}
    values: dict[int, int | None] = {}
    for cell in cells:
        own = counted.get(cell.release)
        if own is None or cell.scale is None:
            continue
        if own not in known:
            known[own] = (await own_values.read_values(session, actor, own, [cell])).get(cell.measure)
        values[cell.release] = known[own]
    return values


async def _find_counted(
    session: AsyncSession, actor: Actor, questionnaire: str, releases: list[int]
) -> dict[int, Counted]:
    if not access.SUPPLIER.allows(actor):  # also a key that may read releases, and no results of its own organization
        return {}
    table = tables.ReleaseContributor
    found = await session.execute(
        select(table.release_number, table.submission_id, table.profile_number, table.tier).where(
            table.supplier_id == actor.organization,
            table.questionnaire == questionnaire,
            table.release_number.in_(releases),
            ~table.waits,
        )
    )
    return {row.release_number: Counted(row.submission_id, row.profile_number, row.tier) for row in found}
