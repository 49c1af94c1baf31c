"""Where a supplier stands: own values beside the figures of its cohort, and what the upper quarter does differently."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access
from portal.access import Actor
from portal.assessments import definitions
from portal.assessments.definitions import Version
from portal.benchmarks import absence, cohorts, entitlement, own_values, participation, parts, reads
from portal.benchmarks.absence import Absence
from portal.benchmarks.cohorts import Cohort
from portal.benchmarks.contributions import PILLAR, QUESTION, TOTAL
from portal.benchmarks.entitlement import Release
from portal.benchmarks.indicators import INDICATOR
from portal.benchmarks.own_values import Counted
from portal.benchmarks.reads import Cell
from portal.database.tables import benchmarks as tables
from portal.database.tables.assessments import Submission


@dataclass(frozen=True)
class Comparison:
    """One measure: the own value in hundredths of a point or step, None where it did not count, and the figures."""

    measure: str
    value: int | None
    cell: Cell

    @property
    def quarter(self) -> int | None:
        """The quarter of the cohort that the own value stands in: 1 (lowest) to 4."""
        return reads.find_quarter(self.value, self.cell)


@dataclass(frozen=True)
class Difference:
    """Mean points of a question in the upper quarter of the total and in the rest, and the own, in hundredths."""

    question: str
    upper: int
    rest: int
    value: int | None
    figures_from: int


@dataclass(frozen=True)
class Standing:
    """The caller in a release: whether it contributes, in which leaf, and every measure of its cell.

    `version` is the one that it answered, and `absence` says why it does not contribute.
    """

    release: Release
    takes_part: bool
    contributes: bool
    leaf: Cohort | None = None
    comparisons: tuple[Comparison, ...] = ()
    differences: tuple[Difference, ...] = ()
    version: Version | None = None
    absence: Absence | None = None


async def read_standing(
    session: AsyncSession, actor: Actor, *, questionnaire: str, release: int | None = None
) -> Standing:
    """The caller beside its cohort, in what either has figures of; nothing where it does not contribute.

    Raises NotFound.
    """
    access.require(actor, access.SUPPLIER)
    taking_part = await participation.takes_part(session, actor)
    found = await entitlement.find_release(session, actor, release)
    row = await _find_contributor(session, actor, found.number, questionnaire)
    if row is None:
        await definitions.check_questionnaire(session, questionnaire)
        away = await absence.explain(session, actor, found, questionnaire)
        return Standing(found, taking_part, False, absence=away)
    if row.waits:
        away = await absence.explain_waiting(session, actor, found, row.submission_id)
        return Standing(found, taking_part, False, absence=away)
    leaf = Cohort(row.tier, row.sector, row.region, row.size_band)
    cells = await _list_cells(session, found.number, questionnaire, leaf)
    counted = Counted(row.submission_id, row.profile_number, row.tier)
    values = await own_values.read_values(session, actor, counted, cells)
    version = await _load_version(session, actor, counted)
    compared = (
        Comparison(one.measure, values.get(one.measure), one)
        for one in cells
        if not parts.is_part(one.measure) and (one.figures or values.get(one.measure) is not None)
    )
    differing = [one for one in _list_differences(cells, values) if one.question in version.definition.questions]
    return Standing(found, taking_part, True, leaf, tuple(compared), tuple(differing), version)


def _list_differences(cells: Iterable[Cell], values: Mapping[str, int | None]) -> list[Difference]:
    """Every question of which both parts are published, the one that sets the upper quarter apart most first."""
    shown = {cell.measure: cell for cell in cells}
    found = []
    for measure, cell in shown.items():
        question = measure.removeprefix(parts.UPPER)
        other = shown.get(f"{parts.REST}{question}")
        if measure.startswith(parts.UPPER) and cell.figures and other and other.figures and cell.figures_from:
            own = values.get(f"{QUESTION}{question}")
            found.append(Difference(question, cell.figures.mean, other.figures.mean, own, cell.figures_from))
    return sorted(found, key=lambda one: (one.rest - one.upper, one.question))


async def _load_version(session: AsyncSession, actor: Actor, counted: Counted) -> Version:
    table = Submission
    own = (table.supplier_id == actor.organization, table.id == counted.submission_id)
    kept = (await session.execute(select(table.questionnaire, table.version).where(*own))).one()
    return await definitions.load_version(session, kept.questionnaire, kept.version)


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
    """Every measure of the cell that holds a leaf: the total first, then pillars, questions, indicators and parts."""
    cells = [reads.make_cell(row) for row in await reads.list_path(session, release, questionnaire, leaf.list_path())]
    home = cohorts.find_cell({cell.cohort for cell in cells if cell.measure == TOTAL}, leaf)
    order = (TOTAL, PILLAR, QUESTION, INDICATOR, parts.UPPER, parts.REST)
    return sorted(
        (cell for cell in cells if cell.cohort == home),
        key=lambda cell: (next(at for at, kind in enumerate(order) if cell.measure.startswith(kind)), cell.measure),
    )
