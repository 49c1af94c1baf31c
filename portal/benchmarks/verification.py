"""Verification: a release is recomputed, values from results and figures from values, and compared with what it has."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import cohorts, contributions, disclosure, releases
from portal.benchmarks.disclosure import Case, Policy
from portal.benchmarks.releases import CellOutcome
from portal.database.tables import benchmarks as tables
from questionnaires.peers import Figures


async def verify_release(session: AsyncSession, number: int) -> list[str]:
    """What does not agree, one sentence each; nothing where all does. Raises NotFound.

    The values must be those of the results that the release counted, all of one scoring profile for each version.
    Figures that stand from an older release must be that release's; withheld ones must not appear; and no figure may
    stand on fewer contributors than its threshold.
    """
    outcomes = {(one.cell, one.measure): one for one in await releases.list_outcomes(session, number)}
    policy = await _load_policy_of(session, number)
    values = await _load_values(session, number, outcomes)
    faults = [
        f"{cell} {measure}: values without a decision" for cell, measure in values if (cell, measure) not in outcomes
    ]
    for key, outcome in outcomes.items():
        faults += _check(outcome, values.get(key, []), policy)
    faults += await _check_contributions(session, number, outcomes, policy)
    return faults + await _check_kept(session, number, outcomes)


async def _load_policy_of(session: AsyncSession, number: int) -> Policy:
    """The thresholds that were in force then."""
    current = await releases.load_policy(session)
    stated = await session.scalar(select(tables.Release.policy).where(tables.Release.number == number))
    return replace(current, **(stated or {}))


async def _load_values(
    session: AsyncSession, number: int, outcomes: dict[tuple[str, str], CellOutcome]
) -> dict[tuple[str, str], list[int]]:
    values: dict[tuple[str, str], list[int]] = {}
    for questionnaire in sorted({cohorts.read_path(cell)[0] for cell, _ in outcomes}):
        async for cell, measure, ordered in contributions.stream_values(
            session, release=number, questionnaire=questionnaire
        ):
            values[cell, measure] = ordered
    return values


async def _check_contributions(
    session: AsyncSession, number: int, outcomes: dict[tuple[str, str], CellOutcome], policy: Policy
) -> list[str]:
    """Compute the values anew from the results that the release counted."""
    last_day = (await session.scalars(select(tables.Release.period_end).where(tables.Release.number == number))).one()
    quarter, approved = cohorts.find_quarter(last_day), await releases.list_approved(session)
    faults = []
    for questionnaire in sorted({cohorts.read_path(cell)[0] for cell, _ in outcomes}):
        for one in await contributions.list_unfinished(session, release=number, questionnaire=questionnaire):
            words = f"{one.submissions} submissions are not of scoring profile {one.profile}"
            faults.append(f"{questionnaire}@{one.version}: {words}")
        leaves = await contributions.list_leaves(
            session, release=number, questionnaire=questionnaire, threshold=policy.for_mean
        )
        cells = await releases.load_partition(session, questionnaire, quarter, leaves)
        scope = releases.make_scope(number, questionnaire, leaves, cells or frozenset())
        # Points of questions are given out only as long as the operator lets the questionnaire be compared.
        asked = _list_questions(outcomes, questionnaire) if questionnaire in approved else []
        for cell, measure, count in await contributions.list_differing(session, scope, asked):
            faults.append(f"{cell} {measure}: {count} values are not those of the results that count")
    return faults


def _list_questions(outcomes: Iterable[tuple[str, str]], questionnaire: str) -> list[str]:
    named = {
        measure.removeprefix(contributions.QUESTION)
        for cell, measure in outcomes
        if measure.startswith(contributions.QUESTION) and cohorts.read_path(cell)[0] == questionnaire
    }
    return sorted(named)


def _check(outcome: CellOutcome, ordered: list[int], policy: Policy) -> list[str]:
    """Compare one decision with what the values alone decide."""
    decision, name = outcome.decision, f"{outcome.cell} {outcome.measure}"
    if decision.kept_from is not None:
        return []
    alone = disclosure.decide(Case(values=ordered), policy)
    if decision.status == disclosure.NOT_PUBLISHED:
        shown = [f"{name}: withheld, yet figures are shown"] if decision.figures else []
        few = len(ordered) < policy.for_mean
        named_few = decision.reason in (disclosure.TOO_FEW, disclosure.TOO_RECENT)
        return shown + ([f"{name}: the reason {decision.reason} does not fit"] if few != named_few else [])
    return (
        []
        if alone.figures == decision.figures
        else [f"{name}: {_spell(decision.figures)}, not {_spell(alone.figures)}"]
    )


def _spell(figures: Figures | None) -> str:
    return "no figures" if figures is None else repr(figures)


async def _check_kept(session: AsyncSession, number: int, outcomes: dict[tuple[str, str], CellOutcome]) -> list[str]:
    """Figures that stand must be those of the release they are from."""
    older = sorted({one.decision.kept_from for one in outcomes.values() if one.decision.kept_from is not None})
    made = {
        (release, one.cell, one.measure): one.decision.figures
        for release in older
        for one in await releases.list_outcomes(session, release)
        if one.decision.kept_from is None
    }
    return [
        f"{one.cell} {one.measure}: not the figures of release {one.decision.kept_from}"
        for one in outcomes.values()
        if one.decision.kept_from is not None
        and made.get((one.decision.kept_from, one.cell, one.measure)) != one.decision.figures
    ]
