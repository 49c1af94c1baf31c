"""The partition of a questionnaire: which cells its contributors stand in, fixed for four quarters."""

from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import cohorts
from portal.benchmarks.cohorts import Cohort, Quarter
from portal.benchmarks.contributions import Scope
from portal.benchmarks.disclosure import Policy
from portal.database.tables import benchmarks as tables


def make_scope(
    number: int, questionnaire: str, leaves: Iterable[Cohort], cells: frozenset[Cohort], policy: Policy
) -> Scope:
    """A questionnaire of a release, with each leaf in its cell."""
    homes = {leaf: home for leaf in leaves if (home := cohorts.find_cell(cells, leaf)) is not None}
    return Scope(number, questionnaire, homes, policy.steady)


async def find_partition(
    session: AsyncSession,
    questionnaire: str,
    quarter: Quarter,
    leaves: dict[Cohort, frozenset[object]],
    policy: Policy,
) -> frozenset[Cohort]:
    """The cells in force, or new ones for four quarters."""
    kept = await load_partition(session, questionnaire, quarter, leaves)
    if kept is not None:
        return kept
    cells = cohorts.fold(leaves, policy.for_mean)
    await session.execute(
        insert(tables.BenchmarkPartition)
        .inline()
        .values(
            questionnaire=questionnaire,
            first_day=quarter.first_day,
            last_day=quarter.shift(policy.partition_quarters - 1).last_day,
            cells=[[cell.tier, cell.sector, cell.region, cell.size_band] for cell in sorted(cells)],
        )
    )
    return cells


async def load_partition(
    session: AsyncSession, questionnaire: str, quarter: Quarter, leaves: Iterable[Cohort]
) -> frozenset[Cohort] | None:
    """The cells of a quarter, none where none are in force; a tier first answered meanwhile is one cell."""
    table = tables.BenchmarkPartition
    kept = await session.scalar(
        select(table.cells).where(
            table.questionnaire == questionnaire,
            table.first_day <= quarter.first_day,
            table.last_day >= quarter.last_day,
        )
    )
    if kept is None:
        return None
    return frozenset(Cohort(*cell) for cell in kept) | {Cohort(leaf.tier) for leaf in leaves}
