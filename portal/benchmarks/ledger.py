"""The ledger: the decision on each measure of each cell of a release, as it is written, and read again."""

from dataclasses import asdict, dataclass
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.benchmarks import cohorts, disclosure
from portal.benchmarks.contributions import Scope
from portal.benchmarks.disclosure import Decision
from portal.database import ids
from portal.database.tables import benchmarks as tables
from questionnaires.rates import POINTS, Scale

BATCH = 500


@dataclass(frozen=True)
class CellOutcome:
    """The decision on one measure of one cell, and what its figures are in."""

    cell: str
    measure: str
    decision: Decision
    scale: Scale = POINTS


async def write_outcomes(session: AsyncSession, scope: Scope, outcomes: list[CellOutcome]) -> None:
    """Add the cells of a release and, with the reasons, the entries of its ledger."""
    for start in range(0, len(outcomes), BATCH):
        batch = outcomes[start : start + BATCH]
        # Ids that ascend with the cells: whoever pages through a release finds them in this order.
        made = sorted(ids.new_id() for _ in batch)
        cells = [_write_cell(scope, one, id) for one, id in zip(batch, made, strict=True)]
        await _insert(session, tables.ReleaseCell, cells)
        await _insert(session, tables.ReleaseLedger, [_write_entry(scope, one) for one in batch])


async def _insert(session: AsyncSession, model: type[Any], rows: list[dict[str, Any]]) -> None:
    await session.execute(insert(cast(Table, model.__table__)).inline(), rows)


def _write_cell(scope: Scope, outcome: CellOutcome, id: UUID) -> dict[str, Any]:
    decision = outcome.decision
    _, cohort = cohorts.read_path(outcome.cell)
    blank = dict.fromkeys(("count_band", "mean", "p10", "p25", "p50", "p75", "p90"))
    return {
        "release_number": scope.release,
        "id": id,
        "cell": outcome.cell,
        "questionnaire": scope.questionnaire,
        **asdict(cohort),
        "measure": outcome.measure,
        **asdict(outcome.scale),
        "status": decision.status,
        "reason": decision.reason,
        **(asdict(decision.figures) if decision.figures else blank),
        "figures_from": (decision.kept_from or scope.release) if decision.figures else None,
    }


def _write_entry(scope: Scope, outcome: CellOutcome) -> dict[str, Any]:
    decision = outcome.decision
    return {
        "id": ids.new_id(),
        "release_number": scope.release,
        "cell": outcome.cell,
        "measure": outcome.measure,
        "decision": decision.status,
        "reason": decision.reason,
        "detail": decision.detail,
    }


async def list_outcomes(session: AsyncSession, number: int) -> list[CellOutcome]:
    """The decisions of a release as they were written, with their reasons. Raises NotFound."""
    table, ledger = tables.ReleaseCell, tables.ReleaseLedger
    found = await session.execute(
        select(table.__table__, ledger.detail)
        .join(
            ledger,
            (ledger.release_number == table.release_number)
            & (ledger.cell == table.cell)
            & (ledger.measure == table.measure),
        )
        .where(table.release_number == number)
        .order_by(table.cell, table.measure)
    )
    outcomes = [
        CellOutcome(row.cell, row.measure, _read_decision(row._mapping), Scale(row.unit, row.step, row.direction))
        for row in found
    ]
    if not outcomes and await session.get(tables.Release, number) is None:
        raise errors.NotFound(f"There is no release {number}.", path=("release",))
    return outcomes


def _read_decision(row: Any) -> Decision:
    detail = row["detail"]
    kept = row["figures_from"] if row["figures_from"] != row["release_number"] else None
    return Decision(
        status=row["status"],
        reason=row["reason"],
        figures=None if row["mean"] is None else disclosure.read_figures(row),
        kept_from=kept,
        detail=orjson.loads(detail) if isinstance(detail, str) else dict(detail),
    )
