"""The attack: everything that was published is tried on every contributor, by outsiders and by insiders.

It is given what the readers of releases have, who contributes to what, and what insiders know; never the reasons of the
disclosure control. Insiders are nobody, some pairs of contributors (those that know most: at the ends of the range and
alone behind some figures, others drawn), and each reader of shared results with its group.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import knowledge, ledger, releases
from portal.benchmarks.exposure import COLLUDING, CONTRIBUTORS, READER
from portal.benchmarks.knowledge import Behind, Known
from questionnaires import peers
from questionnaires.rates import PERCENT, POINTS, Scale

if TYPE_CHECKING:
    from portal.benchmarks.inference import Interval, Published

NOBODY = "nobody"
PAIRS = 2  # of contributors by chance, for each set of values behind the same figures
SCALES = text(
    """
    SELECT DISTINCT questionnaire, measure, unit, step, direction FROM portal.release_cell
     WHERE figures_from = release_number AND release_number <= :release
    """
)
ENDING = {POINTS.unit, PERCENT}  # no value is more than a hundred
WONDERED = 2  # of those whose values a reader perhaps knows


@dataclass(frozen=True)
class Finding:
    """Between which bounds, in hundredths of a step, an insider finds the value of a contributor to some cell.

    No nearer than `least_range` is allowed. `by_newest` says whether the newest release brought it nearer; who was
    shown others' scores after figures went out may come nearer by those alone.
    """

    measure: str
    cell: str
    insider: str
    low: int
    high: int
    least_range: int
    by_newest: bool = True
    is_exact: bool = True  # else the solver was stopped, and the bounds may be too wide
    scale: Scale = POINTS

    @property
    def width(self) -> int:
        """How near it comes."""
        return self.high - self.low

    @property
    def is_near(self) -> bool:
        """Whether it comes nearer than it may."""
        return self.width < self.least_range


async def attack_release(
    session: AsyncSession, number: int, measures: Callable[[str], bool], progress: Callable[[int], None]
) -> list[Finding]:
    """Attack all that was published up to a release, in the measures wanted; one finding for each try.

    Raises NotFound.
    """
    await ledger.list_outcomes(session, number)
    policy = await releases.load_policy(session)
    rows = (await session.execute(SCALES, {"release": number})).all()
    scales = {(row.questionnaire, row.measure): Scale(row.unit, row.step, row.direction) for row in rows}
    findings: list[Finding] = []
    for questionnaire in sorted({row.questionnaire for row in rows}):
        out = await knowledge.list_out(session, questionnaire, number)
        readers = await knowledge.list_readers(session, questionnaire, number)
        for measure in sorted({knowledge.name_base(one.measure) for one in out}):
            if measures(measure):
                known = await knowledge.load_known(session, out, measure, readers, policy, number)
                for finding in attack(known, scales.get((questionnaire, measure), POINTS)):
                    findings.append(finding)
                    progress(1)
    return findings


def attack(known: Known, scale: Scale = POINTS) -> Iterator[Finding]:
    """Try every insider on the values behind each set of figures of one measure, whichever release made them."""
    published, least_range = _list_published(known, scale), known.freedom.least_range
    for target, behind in enumerate(known.behind):
        last = known.out[behind.numbers[-1]]
        for insider, groups in _list_insiders(known, behind):
            found = _infer(published, known.behind, target, groups)
            if found is None:
                continue
            width = found.high - found.low
            by_newest = width >= least_range or not _was_near(known, published, behind, groups, width)
            ends = found.low, found.high, least_range
            yield Finding(last.measure, last.cell, insider, *ends, by_newest, found.is_exact, scale)


def _list_published(known: Known, scale: Scale) -> "dict[int, Published]":
    from portal.benchmarks.inference import Published  # it takes a second to load, and no other command needs it

    most, ends = known.policy.most_percent, peers.HUNDRED if scale.unit in ENDING else None
    return {number: Published(known.count(number), one.shown, most, ends) for number, one in known.out.items()}


def _infer(
    published: "Mapping[int, Published]", behind: Sequence[Behind], target: int, groups: Set[int]
) -> "Interval | None":
    """Between which bounds an insider finds a value that it does not know; None where it knows all."""
    from portal.benchmarks import inference

    hidden = [inference.Hidden(one.numbers, *_hide(one, groups)) for one in behind]
    return inference.find_interval(published, hidden, target) if hidden[target].unknown else None


def _was_near(known: Known, published: "Mapping[int, Published]", behind: Behind, groups: Set[int], width: int) -> bool:
    """Whether the insider came as near without the newest figures."""
    newest = {number for number, one in known.out.items() if one.release == known.release}
    older = known.join_without(newest)
    numbers = tuple(number for number in behind.numbers if number not in newest)
    target = next((place for place, one in enumerate(older) if one.numbers == numbers), None)
    found = None if target is None else _infer(published, older, target, groups)
    return found is not None and found.high - found.low <= width


def _hide(behind: Behind, groups: Set[int]) -> tuple[int, tuple[int, ...]]:
    """How many values an insider does not know, and those that it does."""
    known = tuple(value for value, group in zip(behind.values, behind.groups, strict=True) if group in groups)
    return len(behind.values) - len(known), known


def _list_insiders(known: Known, behind: Behind) -> Iterator[tuple[str, frozenset[int]]]:
    """Each insider by name, with the groups whose values it knows; of those it perhaps knows, all but one."""
    near = [one for one in known.behind if set(one.numbers) & set(behind.numbers)]
    groups = {group for one in near for group in one.groups}
    yield NOBODY, frozenset()
    for pair in _list_pairs(near, behind):
        yield CONTRIBUTORS, pair
    for reader in known.list_readers(behind.numbers):
        inside = reader.known.intersection(behind.groups)
        if not reader.known.isdisjoint(groups):
            yield READER, reader.known
        for group in sorted(filter(reader.may_wonder, inside))[:WONDERED]:
            yield READER, reader.known - {group}


def _list_pairs(near: Sequence[Behind], behind: Behind) -> Iterator[frozenset[int]]:
    """Pairs of contributors: at the ends of the values, alone behind other figures, and some by chance."""
    alone = [group for one in near if len(one.groups) <= COLLUDING for group in one.groups]
    ends = (behind.groups[:COLLUDING], behind.groups[-COLLUDING:], behind.groups[:: max(1, len(behind.groups) - 1)])
    pairs = [frozenset(pair) for pair in (*ends, alone[:COLLUDING]) if len(set(pair)) == COLLUDING]
    groups = sorted({group for one in near for group in one.groups})
    chance = random.Random(len(groups))  # noqa: S311  # which pairs are tried is no secret
    pairs += [frozenset(chance.sample(groups, COLLUDING)) for _ in range(PAIRS) if len(groups) >= COLLUDING]
    return iter(dict.fromkeys(pairs))
