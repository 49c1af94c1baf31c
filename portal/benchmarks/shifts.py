"""How far one value could be if all others gave way, each without passing a limit that figures tell of.

A linear program in the shift of each set of values that stand behind the same figures: what the value takes, the others
give back, within what rounding leaves of every mean. Solved with HiGHS (Huangfu and Hall, Mathematical Programming
Computation 10, 2018).
"""

import math
from bisect import bisect_left
from collections.abc import Sequence, Set
from functools import cached_property

from scipy.optimize import linprog

from portal.benchmarks.exposure import Alike, Reach
from questionnaires import peers

GREATEST = peers.HUNDRED**2
TOLERANCE = 1e-6


class Shifts:
    """All values that one measure's figures tie together, and the room that each has."""

    def __init__(self, everything: Sequence[Alike]) -> None:
        self.everything = everything
        self.statements = list({id(one): one for alike in everything for one in alike.statements}.values())

    @cached_property
    def _rooms(self) -> list[list[tuple[int, int]]]:
        """How far down and up each value could go, for each set of values."""
        return [_list_rooms(alike) for alike in self.everything]

    @cached_property
    def _behind(self) -> list[list[float]]:
        """For each figure, both ways, which sets of values stand behind it."""
        rows = []
        for statement in self.statements:
            row = [float(any(one is statement for one in alike.statements)) for alike in self.everything]
            rows += [row, [-value for value in row]]
        return rows

    @cached_property
    def _slack(self) -> list[int]:
        """For each figure, both ways, how much the sum of its values could change."""
        return [slack for one in self.statements for slack in (one.bounds[1] - one.total, one.total - one.bounds[0])]

    def find_reach(self, alike: Alike, value: int, known: Set[int], colluding: int) -> Reach:
        """Between which it could be for an insider that knows some groups, and for any few contributors as well."""
        place = next(place for place, one in enumerate(self.everything) if one is alike)
        holders = [number for number, one in enumerate(alike.values) if one == value]
        at = next((number for number in holders if alike.groups[number] not in known), holders[0])
        bounds = [
            _add_up([room for number, room in rooms if one.groups[number] not in known], colluding)
            for one, rooms in self._list_movable(place, at)
        ]
        ranks = [one.find_ranks(value) for one in alike.statements]
        down, up = value - max(low for low, _ in ranks), min(high for _, high in ranks) - value
        matrix = [[*row, row[place]] for row in self._behind]
        aim = [0.0] * len(self.everything)
        ends = [
            linprog([*aim, sign], A_ub=matrix, b_ub=self._slack, bounds=[*bounds, (-down, up)]).fun for sign in (1, -1)
        ]
        low, high = (0.0 if end is None else end for end in ends)  # no shift at all is always one
        return Reach(value + math.ceil(low - TOLERANCE), value + math.floor(-high + TOLERANCE))

    def _list_movable(self, place: int, at: int) -> list[tuple[Alike, list[tuple[int, tuple[int, int]]]]]:
        """The rooms of all values but one, with where they stand."""
        return [
            (one, [(number, room) for number, room in enumerate(rooms) if (other, number) != (place, at)])
            for other, (one, rooms) in enumerate(zip(self.everything, self._rooms, strict=True))
        ]


def _list_rooms(alike: Alike) -> list[tuple[int, int]]:
    limits = sorted({fact.limit for one in alike.statements for fact in one.facts})
    rooms = []
    for value in alike.values:
        place = bisect_left(limits, value)
        low = limits[place - 1] + 1 if place else 0
        high = limits[place] if place < len(limits) else GREATEST
        rooms.append((value - low, high - value))
    return rooms


def _add_up(rooms: Sequence[tuple[int, int]], less: int) -> tuple[int, int]:
    """How far down and up all together could go, though a few of those with most room do not move."""
    downs, ups = sorted(down for down, _ in rooms), sorted(up for _, up in rooms)
    last = max(0, len(rooms) - less)
    return -sum(downs[:last]), sum(ups[:last])
