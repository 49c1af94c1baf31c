"""Releases: contributions are chosen, every cell is decided on, and all of it is written in one transaction.

Run with the worker's login. A release belongs to a quarter that is over, gets the next number, and never changes; one
that was faulty is corrected by a further release for the same quarter.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.benchmarks import (
    cohorts,
    contributions,
    contributors,
    corrections,
    disclosure,
    grounds,
    indicators,
    ledger,
    measures,
    partitions,
    parts,
    safeguard,
    terms,
)
from portal.benchmarks.cohorts import Quarter
from portal.benchmarks.contributions import Scope
from portal.benchmarks.corrections import Correction
from portal.benchmarks.disclosure import Policy
from portal.benchmarks.grounds import Grounds
from portal.benchmarks.indicators import Indicator
from portal.benchmarks.ledger import CellOutcome
from portal.database import outbox
from portal.database.tables import benchmarks as tables
from portal.database.tables import publishing
from questionnaires.rates import POINTS

RELEASE_LOCK = 7_203_411_004
BATCH = 500
Progress = Callable[[str, int], None]


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
    counted = await contributors.choose_contributors(
        session,
        release=number,
        questionnaire=questionnaire,
        last_day=quarter.last_day,
        settled=contributors.find_settled(quarter.last_day, policy.age_days),
        over=quarter.shift(1).first_day,
    )
    await _check_profiles(session, number, questionnaire)
    progress("contributors", counted)
    leaves = await contributors.list_leaves(
        session, release=number, questionnaire=questionnaire, threshold=policy.for_mean
    )
    cells = await partitions.find_partition(session, questionnaire, quarter, leaves, policy)
    scope = partitions.make_scope(number, questionnaire, leaves, cells, policy)
    asked = await indicators.list_indicators(session, release=number, questionnaire=questionnaire)
    versions = await measures.load_versions(session, questionnaire)
    questions = measures.list_questions(versions)
    progress("values", await contributions.contribute(session, scope, questions, asked))
    progress("values", await parts.contribute(session, release=number, questionnaire=questionnaire, policy=policy))
    found = await grounds.load_grounds(session, scope, quarter, policy)
    wanted = {
        (cell.write_path(questionnaire), measure)
        for cell in cells
        for measure in measures.list_measures(versions, cell.tier, asked)
    }
    decided = _settle(await _decide(session, scope, wanted, found, policy, progress), found, asked, policy)
    limited = await _limit(session, scope, decided, found, policy, progress)
    outcomes = _settle(limited, found, asked, policy)  # where one of two parts is left, neither is
    await ledger.write_outcomes(session, scope, outcomes)
    return outcomes


async def _limit(
    session: AsyncSession,
    scope: Scope,
    outcomes: list[CellOutcome],
    found: Grounds,
    policy: Policy,
    progress: Progress,
) -> list[CellOutcome]:
    """The outcomes without what would expose a contributor, together with all that is out already."""
    changed = await safeguard.limit(
        session,
        release=scope.release,
        questionnaire=scope.questionnaire,
        decisions={(one.cell, one.measure): one.decision for one in outcomes},
        last=found.last,
        policy=policy,
        progress=lambda steps: progress("attacks", steps),
    )
    return [replace(one, decision=changed.get((one.cell, one.measure), one.decision)) for one in outcomes]


def _settle(
    outcomes: list[CellOutcome], found: Grounds, asked: Iterable[Indicator], policy: Policy
) -> list[CellOutcome]:
    """The outcomes with the parts of each question settled together, and with the scale of each measure."""
    decided = parts.settle({(one.cell, one.measure): one.decision for one in outcomes}, found.last, policy)
    scales = {one.measure: one.scale for one in asked}
    return [CellOutcome(*key, decided[key], scales.get(key[1], POINTS)) for key in sorted(decided)]


async def _check_profiles(session: AsyncSession, number: int, questionnaire: str) -> None:
    """Raise Conflict where a rescore is not done: figures of two scoring profiles are never compared."""
    unfinished = await contributors.list_unfinished(session, release=number, questionnaire=questionnaire)
    if unfinished:
        named = [
            f"{one.submissions} submissions of {questionnaire}@{one.version} wait for scoring profile {one.profile}: "
            f"portal questionnaires rescore {questionnaire}@{one.version} --profile {one.profile}."
            for one in unfinished
        ]
        words = " ".join(["A release compares results of one scoring profile of each version.", *named])
        raise errors.Conflict(words, code="PROFILES_DIFFER")


async def _decide(
    session: AsyncSession,
    scope: Scope,
    wanted: Set[tuple[str, str]],
    found: Grounds,
    policy: Policy,
    progress: Progress,
) -> list[CellOutcome]:
    """A decision for each measure of each cell that is wanted, or has values: that one has none is told nobody."""
    outcomes, empty = [], set(wanted)
    async for cell, measure, ordered in contributions.stream_values(
        session, release=scope.release, questionnaire=scope.questionnaire
    ):
        empty.discard((cell, measure))
        case = grounds.make_case(cell, measure, ordered, found)
        outcomes.append(CellOutcome(cell, measure, disclosure.decide(case, parts.narrow(measure, policy))))
        progress("decisions", 1)
    for cell, measure in sorted(empty):
        case = grounds.make_case(cell, measure, [], found)
        outcomes.append(CellOutcome(cell, measure, disclosure.decide(case, policy)))
    return outcomes


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
    outcomes = await ledger.list_outcomes(session, number)
    return Made(number, quarter, False, counted, waiting, outcomes, ungrouped=ungrouped)
