"""Verification: a release is recomputed, values from results and figures from values, and compared with what it has."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import (
    cohorts,
    contributions,
    contributors,
    disclosure,
    indicators,
    knowledge,
    ledger,
    partitions,
    parts,
    releases,
    safeguard,
)
from portal.benchmarks.disclosure import Case, Policy
from portal.benchmarks.indicators import Indicator
from portal.benchmarks.ledger import CellOutcome
from portal.database.tables import benchmarks as tables
from questionnaires.peers import Figures
from questionnaires.rates import POINTS


async def verify_release(session: AsyncSession, number: int) -> list[str]:
    """What does not agree, one sentence each; nothing where all does. Raises NotFound.

    The values must be those of the results that the release counted, all of one scoring profile for each version.
    Figures that stand from an older release must be that release's; withheld ones must not appear; and no figure may
    stand on fewer contributors than its threshold.
    """
    outcomes = {(one.cell, one.measure): one for one in await ledger.list_outcomes(session, number)}
    policy = await _load_policy_of(session, number)
    values = await _load_values(session, number, outcomes)
    faults = [
        f"{cell} {measure}: values without a decision"
        for cell, measure in values
        if (cell, measure) not in outcomes and not (parts.is_part(measure) and _hides_parts(outcomes, cell, policy))
    ]
    for key, outcome in outcomes.items():
        faults += _check(outcome, values.get(key, []), policy)
    faults += await _check_contributions(session, number, outcomes, policy)
    return faults + await _check_kept(session, number, outcomes)


def _hides_parts(outcomes: dict[tuple[str, str], CellOutcome], cell: str, policy: Policy) -> bool:
    """Whether the total of a cell shows too little for its upper quarter to be told apart."""
    total = outcomes.get((cell, contributions.TOTAL))
    return not parts.may_show(None if total is None else total.decision, policy)


async def _load_policy_of(session: AsyncSession, number: int) -> Policy:
    """The thresholds that were in force then; releases of before had no parts, and every move counted."""
    current = await releases.load_policy(session)
    stated = await session.scalar(select(tables.Release.policy).where(tables.Release.number == number))
    return replace(current, **{"for_part": 0, "steady": 0, **(stated or {})})


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
        for one in await contributors.list_unfinished(session, release=number, questionnaire=questionnaire):
            words = f"{one.submissions} submissions are not of scoring profile {one.profile}"
            faults.append(f"{questionnaire}@{one.version}: {words}")
        leaves = await contributors.list_leaves(
            session, release=number, questionnaire=questionnaire, threshold=policy.for_mean
        )
        cells = await partitions.load_partition(session, questionnaire, quarter, leaves)
        scope = partitions.make_scope(number, questionnaire, leaves, cells or frozenset(), policy)
        asked: list[Indicator] = []
        if policy.for_part:
            asked = await indicators.list_indicators(session, release=number, questionnaire=questionnaire)
            faults += await _check_parts(session, number, questionnaire, policy)
        # Points and answers are given out only as long as the operator lets the questionnaire be compared.
        questions, compared = _list_questions(outcomes, questionnaire), asked
        if questionnaire not in approved:
            questions, compared = [], []
        for cell, measure, count in await contributions.list_differing(session, scope, questions, compared):
            faults.append(f"{cell} {measure}: {count} values are not those of the results that count")
        faults += _check_scales(outcomes, questionnaire, asked)
    return faults


async def _check_parts(session: AsyncSession, number: int, questionnaire: str, policy: Policy) -> list[str]:
    """The upper quarter and the rest must have the values of the question."""
    found = await parts.list_differing(session, release=number, questionnaire=questionnaire, policy=policy)
    return [
        f"{cell} {measure}: {count} values are not those of the question in this part" for cell, measure, count in found
    ]


def _check_scales(
    outcomes: dict[tuple[str, str], CellOutcome], questionnaire: str, asked: Iterable[Indicator]
) -> list[str]:
    """Figures must be in what their indicator says."""
    scales = {one.measure: one.scale for one in asked}
    return [
        f"{cell} {measure}: in steps of {one.scale.step} {one.scale.unit}"
        for (cell, measure), one in outcomes.items()
        if cohorts.read_path(cell)[0] == questionnaire and one.scale != scales.get(measure, POINTS)
    ]


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
    alone = disclosure.decide(Case(values=ordered), parts.narrow(outcome.measure, policy))
    if decision.status == disclosure.NOT_PUBLISHED:
        shown = [f"{name}: withheld, yet figures are shown"] if decision.figures else []
        few = len(ordered) < policy.for_mean
        named_few = decision.reason in (disclosure.TOO_FEW, disclosure.TOO_RECENT)
        fits = few == named_few or decision.detail.get("rule") == parts.RULE
        return shown + ([] if fits else [f"{name}: the reason {decision.reason} does not fit"])
    expected = alone.figures and knowledge.leave_out(alone.figures, decision.detail.get(safeguard.LEFT_OUT, ()))
    return [] if expected == decision.figures else [f"{name}: {_spell(decision.figures)}, not {_spell(expected)}"]


def _spell(figures: Figures | None) -> str:
    return "no figures" if figures is None else repr(figures)


async def _check_kept(session: AsyncSession, number: int, outcomes: dict[tuple[str, str], CellOutcome]) -> list[str]:
    """Figures that stand must be those of the release they are from."""
    older = sorted({one.decision.kept_from for one in outcomes.values() if one.decision.kept_from is not None})
    made = {
        (release, one.cell, one.measure): one.decision.figures
        for release in older
        for one in await ledger.list_outcomes(session, release)
        if one.decision.kept_from is None
    }
    return [
        f"{one.cell} {one.measure}: not the figures of release {one.decision.kept_from}"
        for one in outcomes.values()
        if one.decision.kept_from is not None
        and made.get((one.decision.kept_from, one.cell, one.measure)) != one.decision.figures
    ]
