"""Releases: contributions are chosen, every cell is decided on, and all of it is written in one transaction.

Run with the worker's login. A release belongs to a quarter that is over, gets the next number, and never changes; one
that was faulty is corrected by a further release for the same quarter.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.benchmarks import (
    cohorts,
    contributions,
    corrections,
    disclosure,
    indicators,
    measures,
    parts,
    safeguard,
    terms,
)
from portal.benchmarks.cohorts import Cohort, Quarter
from portal.benchmarks.contributions import Overlap, Scope
from portal.benchmarks.corrections import Correction
from portal.benchmarks.disclosure import Case, Decision, Policy, Reader, Standing
from portal.benchmarks.indicators import Indicator
from portal.database import ids, outbox
from portal.database.tables import benchmarks as tables
from portal.database.tables import publishing
from questionnaires import peers
from questionnaires.rates import POINTS, Scale

RELEASE_LOCK = 7_203_411_004
BATCH = 500
Progress = Callable[[str, int], None]

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
class CellOutcome:
    """The decision on one measure of one cell, and what its figures are in."""

    cell: str
    measure: str
    decision: Decision
    scale: Scale = POINTS


@dataclass(frozen=True)
class Made:
    """A release: new, or the one that the quarter had already."""

    number: int
    quarter: Quarter
    is_new: bool
    contributors: int
    waiting: int
    outcomes: list[CellOutcome]
    corrects: int | None = None
    ungrouped: int = 0  # organizations without a confirmed group, which count as one together


@dataclass(frozen=True)
class _Evidence:
    """What the decisions on one questionnaire look up beside the values."""

    waiting: dict[str, int]
    last: dict[tuple[str, str], Standing]
    overlaps: dict[tuple[str, str], list[Overlap]]
    crossing: dict[tuple[str, str], list[int]]
    readers: dict[tuple[str, str], list[Reader]]


def ignore_progress(stage: str, steps: int) -> None:
    """For callers who do not wait at a terminal."""


async def make_release(
    session: AsyncSession,
    quarter: Quarter | None = None,
    *,
    correction: str | None = None,
    policy: Policy | None = None,
    progress: Progress = ignore_progress,
) -> Made:
    """Make the release of a quarter, by default the last one that is over; again it gives the one there is.

    With the reason of a `correction` it makes a further one for the quarter of the newest release, each time.
    `policy` is that of the installation unless other rules are to be tried. `progress` is called with what is done and
    how many steps of it. The session must be at its first statement.
    Raises Conflict where another release is being made, where the quarter is not over or lies before the last release,
    where a release that is not the newest is to be corrected, or where submissions of one version are scored by
    different profiles; NotFound where the operator approved no questionnaire, or where there is nothing to correct.
    """
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    # What a release writes has no statistics yet, and the planner would loop over it as over a few rows.
    await session.execute(text("SET LOCAL enable_nestloop = off"))
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(RELEASE_LOCK))):
        raise errors.Conflict("Another release is being made just now.", code="BUSY")
    today = (await session.execute(text("SELECT (portal.clock() AT TIME ZONE 'UTC')::date"))).scalar_one()
    corrected: Correction | None = None
    if correction is None:
        chosen = quarter or cohorts.find_quarter(today).shift(-1)
        kept = await _find_release(session, chosen)
        if kept is not None:
            return await _describe(session, kept, chosen)
    else:
        chosen, corrected = await corrections.find_corrected(session, quarter, correction)
    number = await _check_quarter(session, chosen, today)
    policy = policy or await load_policy(session)
    approved = await list_approved(session)
    if not approved:
        words = "No questionnaire is approved for benchmarks: portal benchmarks approve QUESTIONNAIRE."
        raise errors.NotFound(words, code="NOTHING_APPROVED")
    await _insert_release(session, number, chosen, policy, corrected)
    outcomes: list[CellOutcome] = []
    for questionnaire in approved:
        outcomes += await _release_questionnaire(session, number, chosen, questionnaire, policy, progress)
    counted, waiting, ungrouped = await _count_contributors(session, number)
    await outbox.add_event(session, "release.made", release=number)
    corrects = corrected.corrects if corrected else None
    return Made(number, chosen, True, counted, waiting, outcomes, corrects, ungrouped)


async def _find_release(session: AsyncSession, quarter: Quarter) -> int | None:
    """The release in force of a quarter: the newest."""
    found: int | None = await session.scalar(
        select(func.max(tables.Release.number)).where(tables.Release.period_end == quarter.last_day)
    )
    return found


async def _check_quarter(session: AsyncSession, quarter: Quarter, today: date) -> int:
    """The number of the new release; raises Conflict."""
    if quarter.last_day >= today:
        raise errors.Conflict(f"{quarter} is not over: it ends on {quarter.last_day}.", code="NOT_OVER")
    table = tables.Release
    number, last_day = (await session.execute(select(func.max(table.number), func.max(table.period_end)))).one()
    if last_day is not None and quarter.last_day < last_day:
        raise errors.Conflict(f"There is a release for a later quarter (to {last_day}) already.", code="OUT_OF_ORDER")
    return (number or 0) + 1


async def load_policy(session: AsyncSession) -> Policy:
    """The rules with the parameter drawn for this installation. Raises SetupError where that is gone."""
    drawn = await session.scalar(select(tables.BenchmarkPolicy.p_percent))
    if drawn is None:
        raise errors.SetupError("The drawn parameter of the disclosure rules is missing from the database.")
    return Policy(p_percent=drawn)


async def list_approved(session: AsyncSession) -> list[str]:
    """The questionnaires that the operator approved for benchmarks."""
    table = publishing.Questionnaire
    found = await session.scalars(select(table.key).where(table.benchmark_approved_at.is_not(None)).order_by(table.key))
    return list(found)


async def _insert_release(
    session: AsyncSession, number: int, quarter: Quarter, policy: Policy, corrected: Correction | None
) -> None:
    await session.execute(
        insert(tables.Release)
        .inline()
        .values(
            number=number,
            period_start=quarter.first_day,
            period_end=quarter.last_day,
            policy=policy.describe(),
            terms_version=terms.VERSION,
            corrects=corrected.corrects if corrected else None,
            correction_reason=corrected.reason if corrected else None,
        )
    )


async def _release_questionnaire(
    session: AsyncSession, number: int, quarter: Quarter, questionnaire: str, policy: Policy, progress: Progress
) -> list[CellOutcome]:
    counted = await contributions.choose_contributors(
        session,
        release=number,
        questionnaire=questionnaire,
        last_day=quarter.last_day,
        settled=contributions.find_settled(quarter.last_day, policy.age_days),
        over=quarter.shift(1).first_day,
    )
    await _check_profiles(session, number, questionnaire)
    progress("contributors", counted)
    leaves = await contributions.list_leaves(
        session, release=number, questionnaire=questionnaire, threshold=policy.for_mean
    )
    cells = await _find_partition(session, questionnaire, quarter, leaves, policy)
    scope = make_scope(number, questionnaire, leaves, cells, policy)
    asked = await indicators.list_indicators(session, release=number, questionnaire=questionnaire)
    versions = await measures.load_versions(session, questionnaire)
    questions = measures.list_questions(versions)
    progress("values", await contributions.contribute(session, scope, questions, asked))
    progress("values", await parts.contribute(session, release=number, questionnaire=questionnaire, policy=policy))
    evidence = _Evidence(
        await contributions.count_waiting(session, scope),
        await _find_last(session, scope, quarter.shift(-policy.partition_quarters).last_day),
        await contributions.find_overlaps(session, scope),
        await parts.find_crossing(session, release=number, questionnaire=questionnaire),
        await contributions.find_readers(session, scope, policy.unknown),
    )
    wanted = {
        (cell.write_path(questionnaire), measure)
        for cell in cells
        for measure in measures.list_measures(versions, cell.tier, asked)
    }
    decided = _settle(await _decide(session, scope, wanted, evidence, policy, progress), evidence, asked, policy)
    limited = await _limit(session, scope, decided, evidence, policy, progress)
    outcomes = _settle(limited, evidence, asked, policy)  # where one of two parts is left, neither is
    await _write(session, scope, outcomes)
    return outcomes


async def _limit(
    session: AsyncSession,
    scope: Scope,
    outcomes: list[CellOutcome],
    evidence: _Evidence,
    policy: Policy,
    progress: Progress,
) -> list[CellOutcome]:
    """The outcomes without what would expose a contributor, together with all that is out already."""
    changed = await safeguard.limit(
        session,
        release=scope.release,
        questionnaire=scope.questionnaire,
        decisions={(one.cell, one.measure): one.decision for one in outcomes},
        last=evidence.last,
        policy=policy,
        progress=lambda steps: progress("attacks", steps),
    )
    return [replace(one, decision=changed.get((one.cell, one.measure), one.decision)) for one in outcomes]


def _settle(
    outcomes: list[CellOutcome], evidence: _Evidence, asked: Iterable[Indicator], policy: Policy
) -> list[CellOutcome]:
    """The outcomes with the parts of each question settled together, and with the scale of each measure."""
    decided = parts.settle({(one.cell, one.measure): one.decision for one in outcomes}, evidence.last, policy)
    scales = {one.measure: one.scale for one in asked}
    return [CellOutcome(*key, decided[key], scales.get(key[1], POINTS)) for key in sorted(decided)]


async def _check_profiles(session: AsyncSession, number: int, questionnaire: str) -> None:
    """Raise Conflict where a rescore is not done: figures of two scoring profiles are never compared."""
    unfinished = await contributions.list_unfinished(session, release=number, questionnaire=questionnaire)
    if unfinished:
        named = [
            f"{one.submissions} submissions of {questionnaire}@{one.version} wait for scoring profile {one.profile}: "
            f"portal questionnaires rescore {questionnaire}@{one.version} --profile {one.profile}."
            for one in unfinished
        ]
        words = " ".join(["A release compares results of one scoring profile of each version.", *named])
        raise errors.Conflict(words, code="PROFILES_DIFFER")


def make_scope(
    number: int, questionnaire: str, leaves: Iterable[Cohort], cells: frozenset[Cohort], policy: Policy
) -> Scope:
    """A questionnaire of a release, with each leaf in its cell."""
    homes = {leaf: home for leaf in leaves if (home := cohorts.find_cell(cells, leaf)) is not None}
    return Scope(number, questionnaire, homes, policy.steady)


async def _find_partition(
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


async def _find_last(session: AsyncSession, scope: Scope, recent: date) -> dict[tuple[str, str], Standing]:
    """The figures last made for each measure of each cell; recent are those of quarters that end no earlier."""
    values = {"release": scope.release, "questionnaire": scope.questionnaire, "recent": recent}
    return {
        (row.cell, row.measure): Standing(
            release=row.release_number, figures=disclosure.read_figures(row._mapping), is_recent=row.is_recent
        )
        for row in await session.execute(LAST_MADE, values)
    }


async def _decide(
    session: AsyncSession,
    scope: Scope,
    wanted: Set[tuple[str, str]],
    evidence: _Evidence,
    policy: Policy,
    progress: Progress,
) -> list[CellOutcome]:
    """A decision for each measure of each cell that is wanted, or has values: that one has none is told nobody."""
    outcomes, empty = [], set(wanted)
    async for cell, measure, ordered in contributions.stream_values(
        session, release=scope.release, questionnaire=scope.questionnaire
    ):
        empty.discard((cell, measure))
        case = _make_case(cell, measure, ordered, evidence)
        outcomes.append(CellOutcome(cell, measure, disclosure.decide(case, parts.narrow(measure, policy))))
        progress("decisions", 1)
    for cell, measure in sorted(empty):
        case = _make_case(cell, measure, [], evidence)
        outcomes.append(CellOutcome(cell, measure, disclosure.decide(case, policy)))
    return outcomes


def _make_case(cell: str, measure: str, ordered: list[int], evidence: _Evidence) -> Case:
    last = evidence.last.get((cell, measure))
    overlaps = evidence.overlaps.get((cell, measure), [])
    differing = {
        (one.release, one.cell): peers.count_differing(len(ordered), one.size, one.common, one.same) for one in overlaps
    }
    # Where none of the earlier contributors is left, all of both have changed, and no fewer than the threshold.
    changed = differing.get((last.release, cell), len(ordered) + peers.SMALLEST_BAND) if last else 0
    return Case(
        values=ordered,
        waiting=evidence.waiting.get(cell, 0),
        last=last,
        changed=changed,
        overlaps=[*differing.values(), *evidence.crossing.get((cell, measure), ())],
        readers=evidence.readers.get((cell, measure), []),
    )


async def _write(session: AsyncSession, scope: Scope, outcomes: list[CellOutcome]) -> None:
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


async def _count_contributors(session: AsyncSession, number: int) -> tuple[int, int, int]:
    """How many submissions count, how many wait, and of how many organizations without a confirmed group they are."""
    table = tables.ReleaseContributor
    counts = (
        func.count().filter(~table.waits),
        func.count().filter(table.waits),
        func.count(table.supplier_id.distinct()).filter(table.group_id == UUID(int=0)),
    )
    counted, waiting, ungrouped = (await session.execute(select(*counts).where(table.release_number == number))).one()
    return counted, waiting, ungrouped


async def _describe(session: AsyncSession, number: int, quarter: Quarter) -> Made:
    counted, waiting, ungrouped = await _count_contributors(session, number)
    await outbox.add_event(session, "release.made", release=number)
    outcomes = await list_outcomes(session, number)
    return Made(number, quarter, False, counted, waiting, outcomes, ungrouped=ungrouped)


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
