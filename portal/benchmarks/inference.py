"""An attacker: between which bounds one contributor's value must lie, by what was published alone.

Means are linear in the values, and quartiles bound how many values are at most so large (order-statistic bounds); the
program of both is solved exactly; of a quantile that is the mean of two ranks it uses that one lies below it and one
above. The attacker is granted who contributes to what, how many they are, and which values stayed the same from one
release to the next. It knows neither the values nor the reasons of the disclosure control.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from portal.benchmarks import programs
from portal.benchmarks.programs import Bin, Limits, Program, Unit
from questionnaires import peers
from questionnaires.peers import Figures

SECONDS = 5.0  # then the bounds that are proved by then count
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Published:
    """Figures, how many values stand behind them, how much of their sum one makes at most, and where values end."""

    count: int
    figures: Figures
    most_percent: int = peers.HUNDRED
    ends: int | None = peers.HUNDRED  # steps; None where they end nowhere

    @property
    def greatest(self) -> int:
        """The highest value that there can be, in hundredths of a step."""
        most = self.most_percent * (self.count * (peers.HUNDRED * self.figures.mean + peers.HALF) - 1) // peers.HUNDRED
        return most if self.ends is None else min(most, self.ends * peers.HUNDRED)


@dataclass(frozen=True)
class Hidden:
    """So many values that the attacker does not know, and those that it knows, all behind the same figures."""

    numbers: tuple[int, ...]
    unknown: int
    known: tuple[int, ...] = ()


@dataclass(frozen=True)
class Interval:
    """Between which a value must lie, in hundredths of a step, and whether more cannot be known."""

    low: int
    high: int
    is_exact: bool = True


def find_interval(published: Mapping[int, Published], hidden: Sequence[Hidden], target: int) -> Interval:
    """Between which any one of the unknown values of `hidden[target]` must lie. Raises ValueError where none can be."""
    near = _find_near(hidden, target)
    numbers = sorted({number for place in near for number in hidden[place].numbers})
    ranges = {number: list(list_ranges(published[number])) for number in numbers}
    greatest = max(published[number].greatest for number in numbers)
    aim = hidden[target]
    units = [(hidden[place].numbers, hidden[place].unknown) for place in near if place != target]
    units += [(aim.numbers, aim.unknown - 1), (aim.numbers, 1)]
    program = Program(
        [Unit(behind, count, _cut(behind, ranges, greatest)) for behind, count in units if count],
        {number: _limit(published[number], ranges[number], _list_known(hidden, number)) for number in numbers},
    )
    (low, is_lowest), (high, is_highest) = _solve(program, 1, 0), _solve(program, -1, -greatest)
    return Interval(low, -high, is_lowest and is_highest)


def _find_near(hidden: Sequence[Hidden], target: int) -> list[int]:
    """The sets of values that are tied to one by figures, directly or by others."""
    reached, near = set(hidden[target].numbers), {target}
    grows = True
    while grows:
        more = {place for place, one in enumerate(hidden) if place not in near and reached.intersection(one.numbers)}
        near |= more
        reached.update(number for place in more for number in hidden[place].numbers)
        grows = bool(more)
    return sorted(near)


def _cut(numbers: Sequence[int], ranges: Mapping[int, Sequence[tuple[int, int, int]]], greatest: int) -> list[Bin]:
    return programs.cut((limit for number in numbers for limit, _, _ in ranges[number]), greatest)


def _list_known(hidden: Sequence[Hidden], number: int) -> list[int]:
    return [value for one in hidden if number in one.numbers for value in one.known]


def _limit(published: Published, ranges: Sequence[tuple[int, int, int]], known: Sequence[int]) -> Limits:
    """What figures leave open for the values that are not known."""
    total, mean = sum(known), published.figures.mean
    low = published.count * (peers.HUNDRED * mean - peers.HALF) - total
    high = published.count * (peers.HUNDRED * mean + peers.HALF) - 1 - total
    below = [(limit, sum(value <= limit for value in known), least, most) for limit, least, most in ranges]
    return Limits((low, high), [(limit, least - count, most - count) for limit, count, least, most in below])


def list_ranges(published: Published) -> Iterator[tuple[int, int, int]]:
    """How many values are at most a limit: at least, and at most so many."""
    count, figures = published.count, published.figures
    shown = [figure for name in peers.QUANTILES if (figure := getattr(figures, name)) is not None]
    shown.append(figures.mean)
    yield published.greatest, count, count
    # No figure is the least or the greatest value.
    yield peers.HUNDRED * min(shown) - peers.HALF - 1, 1, count
    yield peers.HUNDRED * max(shown) + peers.HALF - 1, 0, count - 1
    for name, percent in peers.QUANTILES.items():
        figure = getattr(figures, name)
        if figure is None:
            continue
        rank, rest = divmod(count * percent, peers.HUNDRED)
        yield peers.HUNDRED * figure + peers.HALF - 1, rank + bool(rest), count
        yield peers.HUNDRED * figure - peers.HALF - 1, 0, rank


def _solve(program: Program, sign: int, least: int) -> tuple[int, bool]:
    bound, is_exact = program.solve(sign, SECONDS)
    return (least if bound is None else max(least, math.ceil(bound - TOLERANCE))), is_exact
