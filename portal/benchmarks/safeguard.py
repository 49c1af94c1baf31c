"""Before figures go out: whether they would expose a contributor, together with all that is out already.

What would expose somebody is left out, the smallest loss first: tails, then quartiles, then all of it.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import disclosure, knowledge
from portal.benchmarks.disclosure import QUARTILES, TAILS, Decision, Policy, Standing
from portal.benchmarks.exposure import Exposed
from portal.benchmarks.knowledge import Known, Out, leave_out, name_base
from questionnaires.peers import Figures

LEFT_OUT, RANGE = "left_out", "range"
LOSSES = (frozenset[str](), TAILS, TAILS | QUARTILES)


async def limit(
    session: AsyncSession,
    *,
    release: int,
    questionnaire: str,
    decisions: Mapping[tuple[str, str], Decision],
    last: Mapping[tuple[str, str], Standing],
    policy: Policy,
    progress: Callable[[int], None],
) -> dict[tuple[str, str], Decision]:
    """The decisions on cell and measure that change, since their figures would expose somebody.

    `progress` is told of each measure of a cell that was looked at.
    """
    fresh = {key: one for key, one in decisions.items() if one.figures and one.kept_from is None}
    if not fresh:
        return {}
    out = await knowledge.list_out(session, questionnaire, release - 1)
    out += [Out(release, cell, measure, one.figures) for (cell, measure), one in fresh.items() if one.figures]
    readers = await knowledge.list_readers(session, questionnaire, release)
    changed: dict[tuple[str, str], Decision] = {}
    for measure in sorted({name_base(measure) for _, measure in fresh}):
        known = await knowledge.load_known(session, out, measure, readers, policy, release)
        for key, decision in limit_measure(known, last):
            changed[key] = decision
        progress(sum(name_base(one) == measure for _, one in fresh))
    return changed


def limit_measure(known: Known, last: Mapping[tuple[str, str], Standing]) -> Iterator[tuple[tuple[str, str], Decision]]:
    """The figures of the newest release that may not go out, or not all of them, one cell after the other."""
    standing = {number for number, one in known.out.items() if one.release < known.release}
    for number, one in list(known.out.items()):
        if one.release < known.release:
            continue
        kept, exposed = _find_least_loss(known, number, standing)
        if kept is not None:
            standing.add(number)
            known.keep(number, kept)
        if exposed is not None:
            key = one.cell, one.measure
            yield key, _decide(one, known.count(number), kept, exposed, last.get(key))


def _find_least_loss(known: Known, number: int, standing: Set[int]) -> tuple[Set[str] | None, Exposed | None]:
    """What has to be left out, None where all of it; and who would be exposed otherwise."""
    first: Exposed | None = None
    tried: set[Figures] = set()
    for loss in LOSSES:
        left = leave_out(known.out[number].figures, loss)
        if left in tried:
            continue
        tried.add(left)
        exposed = known.find_exposed(number, loss, standing)
        if exposed is None:
            return loss, first
        first = first or exposed
    return None, first


def _decide(one: Out, contributors: int, kept: Set[str] | None, exposed: Exposed, last: Standing | None) -> Decision:
    detail: dict[str, Any] = {"contributors": contributors, "rule": RANGE}
    detail |= {"insider": exposed.insider, "width": exposed.width}
    if kept is None:
        return disclosure.withhold(last, detail)
    figures = leave_out(one.figures, kept)
    return Decision(status=disclosure.PUBLISHED, figures=figures, detail=detail | {LEFT_OUT: sorted(kept)})
