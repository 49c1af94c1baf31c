"""What could be computed of one contributor from all figures that are out, by anybody and by insiders.

Pure. A figure may go out only where this can be shown for every contributor and every insider: there are other scores,
each of them a possible one, with which all figures that are out would be the same, and with which the contributor's own
score lies so far away that nobody can say it to within `Policy.least_range`. Nothing computed from the figures tells
such scores from the true ones. (Who runs these rules on both may: what is withheld depends on the true ones.)

Two values that stand behind the same figures can be exchanged and no figure changes; a value can move alone, or one up
and one down, within what rounding and ranks leave open. Every insider is granted more than it has: who the contributors
are, how many, and which values stayed the same from one release to the next.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, combinations
from typing import Protocol

from questionnaires import peers
from questionnaires.peers import Figures

COLLUDING = 2  # contributors that tell each other their values
CONTRIBUTORS, READER = "contributors", "reader"


@dataclass(frozen=True)
class Fact:
    """How many values are at most `limit`: `count` of them, and from `least` to `most` with the figures the same."""

    limit: int
    count: int
    least: int
    most: int


@dataclass(frozen=True)
class Statement:
    """Figures that are out with the values behind them, ascending, in hundredths of a point.

    `withheld` names the quantiles that were kept back for what they would tell; any other quantile that is
    missing tells by itself that it equals an end of the range. No value makes more than `most_percent` of the sum.
    """

    values: Sequence[int]
    figures: Figures
    wanted: frozenset[str]
    withheld: frozenset[str] = frozenset()
    most_percent: int = peers.HUNDRED

    @cached_property
    def total(self) -> int:
        """The sum of the values."""
        return sum(self.values)

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """Between which the sum lies, by the mean and the number of values, and so that none makes too much of it."""
        count, mean = len(self.values), self.figures.mean
        lowest, highest = (count * (peers.HUNDRED * mean + half) for half in (-peers.HALF, peers.HALF))
        undominated = -(-peers.HUNDRED * self.values[-1] // self.most_percent)
        # Figures of a time when one might make more of the sum are out all the same.
        return max(lowest, min(undominated, self.total)), highest - 1

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What the quantiles, and that no figure is an end of the range, tell of the order of the values."""
        count = len(self.values)
        ranges: dict[int, tuple[int, int]] = {}
        for limit, least, most in self._list_ranges():
            low, high = ranges.get(limit, (0, count))
            ranges[limit] = max(low, least), min(high, most)
        return tuple(
            Fact(limit, bisect_right(self.values, limit), least, most)
            for limit, (least, most) in sorted(ranges.items())
            if 0 <= limit < peers.HUNDRED**2
        )

    def _list_ranges(self) -> Iterator[tuple[int, int, int]]:
        count = len(self.values)
        shown = [figure for name in peers.QUANTILES if (figure := getattr(self.figures, name)) is not None]
        shown.append(self.figures.mean)
        yield min(shown) * peers.HUNDRED - peers.HALF - 1, 1, count
        yield max(shown) * peers.HUNDRED + peers.HALF - 1, 0, count - 1
        # What is published was not dominated, whatever the sum is.
        yield max(self.values[-1], self.most_percent * self.bounds[0] // peers.HUNDRED), count, count
        for name in self.wanted - self.withheld:
            yield from self._list_ranks(peers.QUANTILES[name], getattr(self.figures, name) is None)

    def _list_ranks(self, percent: int, is_end: bool) -> Iterator[tuple[int, int, int]]:
        """The value of a rank to the point; where two ranks make the figure, both are taken as known exactly."""
        count = len(self.values)
        rank, rest = divmod(count * percent, peers.HUNDRED)
        for place in (rank,) if rest else (rank - 1, rank):
            value = self.values[place]
            point = peers.round_points(value) * peers.HUNDRED
            low, high = (point - peers.HALF, point + peers.HALF - 1) if rest else (value, value)
            yield high, place + 1, count
            yield low - 1, 0, place
        if is_end:
            for end in (self.values[0], self.values[-1]):
                point = peers.round_points(end) * peers.HUNDRED
                yield point - peers.HALF - 1, *((0, 0) if end == self.values[0] else (0, count - 1))
                yield point + peers.HALF - 1, *((1, count) if end == self.values[0] else (count, count))

    def find_room(self, value: int) -> tuple[int, int]:
        """Between which one value could be, all others as they are."""
        lowest, highest = self.bounds
        low, high = self.find_ranks(value)
        return max(low, value - (self.total - lowest)), min(high, value + (highest - self.total))

    def find_ranks(self, value: int) -> tuple[int, int]:
        """Between which one value could be by what is known of the order of values, all others as they are."""
        low, high = 0, peers.HUNDRED**2
        for fact in self.facts:
            if fact.limit < value and fact.count == fact.most:
                low = max(low, fact.limit + 1)
            elif fact.limit >= value and fact.count == fact.least:
                high = min(high, fact.limit)
        return low, high

    def allows(self, gone: tuple[int, ...], come: tuple[int, ...]) -> bool:
        """Whether the figures were the same with some values in the place of others."""
        total = self.total + sum(come) - sum(gone)
        if not self.bounds[0] <= total <= self.bounds[1]:
            return False
        for fact in self.facts:
            limit = fact.limit
            count = fact.count - sum(one <= limit for one in gone) + sum(one <= limit for one in come)
            if not fact.least <= count <= fact.most:
                return False
        return True


@dataclass(frozen=True)
class Alike:
    """Values that stand behind exactly the same statements, ascending, with the groups that contributed them."""

    statements: tuple[Statement, ...]
    values: Sequence[int]
    groups: Sequence[int]


@dataclass(frozen=True)
class Reader:
    """Whose values one reading organization knows: its own group's, surely those of others, perhaps those of more."""

    own: frozenset[int]
    surely: frozenset[int]
    perhaps: frozenset[int]

    @cached_property
    def known(self) -> frozenset[int]:
        """All of them; of a reader that perhaps knows all of them the very same set, since these are large."""
        sure = self.own | self.surely
        return self.perhaps if sure <= self.perhaps else sure | self.perhaps

    def forget(self) -> "Reader":
        """The same one that only perhaps knows what was shared with it."""
        return Reader(self.own, frozenset(), self.known)

    def may_wonder(self, group: int) -> bool:
        """Whether a group whose value it perhaps knows is perhaps one that it does not know."""
        return group in self.perhaps and group not in self.surely and group not in self.own


@dataclass(frozen=True)
class Reach:
    """Between which a value could be."""

    low: int
    high: int


@dataclass(frozen=True)
class Exposed:
    """How near an insider comes to a contributor's value, in hundredths of a point."""

    value: int
    width: int
    insider: str
    reader: int | None = None  # by its place


class Elsewhere(Protocol):
    """How far a value could be if all others gave way."""

    def find_reach(self, alike: Alike, value: int, known: Set[int], colluding: int) -> Reach:
        """Between which it could be for an insider that knows some groups, and for any few contributors as well."""


@dataclass(frozen=True)
class Freedom:
    """The possible values, ascending, how far apart two must be, and whether any value could move a little.

    With `is_exchange` values can only be exchanged for one another, without it they may move as far as figures allow.
    """

    possible: Sequence[int]
    least_range: int
    is_fluid: bool = False
    is_exchange: bool = False


class Search:
    """Looks for contributors that are exposed, by how free values are and who knows what."""

    def __init__(self, freedom: Freedom, readers: Sequence[Reader]) -> None:
        self.freedom = freedom
        self.possible = freedom.possible
        self.readers = readers
        self.least_range = freedom.least_range
        self._reading: dict[int, list[int]] = {}
        for place, reader in enumerate(readers):
            for group in reader.known:
                self._reading.setdefault(group, []).append(place)

    def forget(self) -> "Search":
        """The same with readers that only perhaps know what was shared with them; who may know whom is not copied."""
        made = Search(self.freedom, [])
        made.readers, made._reading = [reader.forget() for reader in self.readers], self._reading
        return made

    def list_exposed(
        self, alike: Alike, others: Elsewhere | None = None, groups: Iterable[int] = ()
    ) -> Iterator[Exposed]:
        """The values among these that are exposed, for each insider to whom they are.

        `others` tells how far a value could be if all others gave way, of whom `groups` are the contributors; without
        it at most one other does. Insiders are any two contributors, and each reader that knows some of all these; a
        reader that surely knows a value learns nothing of it.
        """
        knowing = self._count_known(alike.groups)
        if self._is_spread(alike.values, max([COLLUDING, *knowing.values()])):
            return
        crowd = _Crowd(_group(alike), self.readers, sorted({*knowing, *self._count_known(groups)}))
        for value in crowd.by_value:
            yield from self._look(alike, others, crowd, value)

    def find_width(self, alike: Alike, exposed: Exposed, others: Elsewhere | None = None) -> int:
        """How far apart the values are that the same insider cannot tell apart; the least range where it is more."""
        crowd = _Crowd(_group(alike), self.readers, [] if exposed.reader is None else [exposed.reader])
        found = self._look(alike, others, crowd, exposed.value)
        return min((one.width for one in found if one.reader == exposed.reader), default=self.least_range)

    def _count_known(self, groups: Iterable[int]) -> dict[int, int]:
        """How many of these contributors each reader may know, where it is any."""
        counts: dict[int, int] = {}
        for group in groups:
            for place in self._reading.get(group, ()):
                counts[place] = counts.get(place, 0) + 1
        return counts

    def _is_spread(self, values: Sequence[int], known: int) -> bool:
        """Whether each value could be exchanged for one far enough that no insider knows, whichever it knows."""
        last = len(values) - 1 - known
        return last > known and values[last] - values[known] >= 2 * self.least_range

    def _look(self, alike: Alike, others: Elsewhere | None, crowd: "_Crowd", value: int) -> Iterator[Exposed]:
        """To which insiders a value is exposed."""
        alone = self._find_alone(alike.statements, value)
        if alone.high - alone.low >= self.least_range:
            return
        target = _Target(self, alike.statements, value, alone)
        for reader, unknown, less in crowd.list_insiders(value):
            colluding = COLLUDING if reader is None else 0
            if unknown.count_far(value, self.least_range) > colluding:
                continue
            known = frozenset[int]() if reader is None else self.readers[reader].known
            partners = {**unknown.counts, value: unknown.counts[value] - less}
            width = target.find_width(partners, colluding)
            if width < self.least_range and others is not None:
                width = target.find_width(partners, colluding, others.find_reach(alike, value, known, colluding))
            if width < self.least_range:
                yield Exposed(value, width, CONTRIBUTORS if reader is None else READER, reader)

    def _find_alone(self, statements: Sequence[Statement], value: int) -> Reach:
        if self.freedom.is_exchange:
            return Reach(value, value)
        rooms = [statement.find_room(value) for statement in statements]
        low, high = max(low for low, _ in rooms), min(high for _, high in rooms)
        return Reach(
            self.possible[bisect_left(self.possible, low)], self.possible[bisect_right(self.possible, high) - 1]
        )

    def find_pair(self, statements: Sequence[Statement], value: int, partner: int) -> Reach:
        """How far a value could be if one other moved against it; exchanged they always may be."""
        reached = [value, partner]
        if self.freedom.is_exchange:
            return Reach(min(reached), max(reached))
        for distance in (-self.least_range, -self.least_range // 2, self.least_range // 2, self.least_range):
            moved = self._find_possible(value + distance, upwards=distance > 0)
            if moved is not None and any(
                all(one.allows((value, partner), (moved, against)) for one in statements)
                for against in self._list_near(partner + value - moved)
            ):
                reached.append(moved)
        return Reach(min(reached), max(reached))

    def _find_possible(self, value: int, *, upwards: bool) -> int | None:
        """The nearest possible value that is at least as far."""
        place = bisect_left(self.possible, value) if upwards else bisect_right(self.possible, value) - 1
        return self.possible[place] if 0 <= place < len(self.possible) else None

    def _list_near(self, value: int) -> Sequence[int]:
        place = bisect_left(self.possible, value)
        return self.possible[max(0, place - 1) : place + 1]


class _Unknown:
    """How many contributors of each value an insider does not know; values ascend."""

    def __init__(self, counts: dict[int, int]) -> None:
        self.counts = counts
        self._values = list(counts)
        self._before = [0, *accumulate(counts.values())]

    def count_far(self, value: int, least_range: int) -> int:
        """Those that lie so far from a value that either could be the other."""
        low = bisect_right(self._values, value - least_range)
        high = bisect_left(self._values, value + least_range)
        return self._before[low] + self._before[-1] - self._before[high]


class _Crowd:
    """Values that only insiders tell apart, and whom each insider knows of them: counted once for all values."""

    def __init__(self, by_value: Mapping[int, list[int]], readers: Sequence[Reader], places: Sequence[int]) -> None:
        self.by_value = by_value
        self.readers = readers
        self.places = places

    @cached_property
    def _all(self) -> _Unknown:
        return _Unknown({value: len(groups) for value, groups in self.by_value.items()})

    @cached_property
    def _unknown(self) -> list[_Unknown]:
        return [self._count_unknown(self.readers[place].known) for place in self.places]

    def _count_unknown(self, known: frozenset[int]) -> _Unknown:
        return _Unknown({value: sum(one not in known for one in groups) for value, groups in self.by_value.items()})

    def list_insiders(self, value: int) -> Iterator[tuple[int | None, _Unknown, int]]:
        """Each insider, a reader by its place, whom it does not know, and whether the one looked for is of these."""
        yield None, self._all, 1
        for place, unknown in zip(self.places, self._unknown, strict=True):
            if unknown.counts[value]:
                yield place, unknown, 1
            if any(self.readers[place].may_wonder(one) for one in self.by_value[value]):
                yield place, unknown, 0


class _Target:
    """One value that is looked for, and how far it could be by each other value that may move with it."""

    def __init__(self, search: Search, statements: Sequence[Statement], value: int, alone: Reach) -> None:
        self.search = search
        self.statements = statements
        self.value = value
        self.alone = alone
        self._reaches: dict[int, Reach] = {}

    def find_width(self, partners: Mapping[int, int], colluding: int, elsewhere: Reach | None = None) -> int:
        """How far apart the values are that cannot be told apart, whichever few of the partners are insiders too."""
        reaches = [
            self._reach(partner) for partner, count in partners.items() for _ in range(min(count, colluding + 1))
        ]
        lows = sorted(range(len(reaches)), key=lambda place: reaches[place].low)[: colluding + 1]
        highs = sorted(range(len(reaches)), key=lambda place: -reaches[place].high)[: colluding + 1]
        chosen = sorted({*lows, *highs})
        return min(
            self._measure([elsewhere or self.alone, *(reaches[place] for place in chosen if place not in insiders)])
            for insiders in combinations(chosen, min(colluding, len(chosen)))
        )

    def _is_far(self, partner: int) -> bool:
        return abs(partner - self.value) >= self.search.least_range

    def _reach(self, partner: int) -> Reach:
        if partner not in self._reaches:
            self._reaches[partner] = (
                Reach(min(self.value, partner), max(self.value, partner))
                if self._is_far(partner)
                else self.search.find_pair(self.statements, self.value, partner)
            )
        return self._reaches[partner]

    def _measure(self, reaches: Sequence[Reach]) -> int:
        return max(one.high for one in [self.alone, *reaches]) - min(one.low for one in [self.alone, *reaches])


def _group(alike: Alike) -> dict[int, list[int]]:
    """The contributors of each value."""
    by_value: dict[int, list[int]] = {}
    for value, group in zip(alike.values, alike.groups, strict=True):
        by_value.setdefault(value, []).append(group)
    return by_value
