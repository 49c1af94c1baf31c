"""The values that could stand behind figures, as an integer program: how many lie in which bin, and their sum.

Means bound sums, quartiles bound how many values are at most so large; values that stand behind the same figures need
not be told apart. Solved with HiGHS (Huangfu and Hall, Mathematical Programming Computation 10, 2018).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

Bin = tuple[int, int]  # the lowest and the highest value in it
Row = dict[int, float]
SOLVED, OUT_OF_TIME, IMPOSSIBLE = 0, 1, 2  # as scipy says how it ended


@dataclass(frozen=True)
class Unit:
    """So many values that stand behind the same figures, and the bins that they may lie in."""

    numbers: tuple[int, ...]
    count: int
    bins: Sequence[Bin]


@dataclass(frozen=True)
class Limits:
    """What one set of figures leaves open: the sum of all values, and how many are at most a limit."""

    total: tuple[int, int]
    ranges: Sequence[tuple[int, int, int]]


class Program:
    """All values that figures tie together; the last unit is the one value that is looked for."""

    def __init__(self, units: Sequence[Unit], bounds: Mapping[int, Limits]) -> None:
        self._columns = 0
        self._rows: list[tuple[Row, float, float]] = []
        self._units = units
        self._bins: list[list[int]] = []
        self._sums: list[int] = []
        for unit in units:
            self._add_unit(unit)
        for number, one in bounds.items():
            self._add_bounds(number, one)

    def _take(self) -> int:
        self._columns += 1
        return self._columns - 1

    def _add_unit(self, unit: Unit) -> None:
        bins = [self._take() for _ in unit.bins]
        total = self._take()
        self._bins.append(bins)
        self._sums.append(total)
        lows = {column: -float(low) for column, (low, _) in zip(bins, unit.bins, strict=True)}
        highs = {column: -float(high) for column, (_, high) in zip(bins, unit.bins, strict=True)}
        self._rows.append((dict.fromkeys(bins, 1.0), unit.count, unit.count))
        self._rows.append(({total: 1.0} | lows, 0, np.inf))
        self._rows.append(({total: 1.0} | highs, -np.inf, 0))

    def _add_bounds(self, number: int, bounds: Limits) -> None:
        behind = [place for place, unit in enumerate(self._units) if number in unit.numbers]
        self._rows.append(({self._sums[place]: 1.0 for place in behind}, *bounds.total))
        for limit, least, most in bounds.ranges:
            row = {
                column: 1.0
                for place in behind
                for column, (_, high) in zip(self._bins[place], self._units[place].bins, strict=True)
                if high <= limit
            }
            if row:
                self._rows.append((row, least, most))

    def solve(self, sign: int, seconds: float) -> tuple[float | None, bool]:
        """The least (1) value of the last unit, or the greatest (-1) with its sign changed.

        After so many seconds it is the bound that is proved by then, None where none is; whether it is the value itself
        is said beside it. Raises ValueError where no values fit.
        """
        entries = [(at, column, value) for at, (row, _, _) in enumerate(self._rows) for column, value in row.items()]
        rows, columns, values = zip(*entries, strict=True)
        shape = (len(self._rows), self._columns)
        lows, highs = zip(*((low, high) for _, low, high in self._rows), strict=True)
        aim, is_count = np.zeros(shape[1]), np.ones(shape[1], dtype=np.int8)
        aim[self._sums[-1]] = sign
        is_count[self._sums] = 0
        constraint = LinearConstraint(coo_array((values, (rows, columns)), shape=shape).tocsr(), lows, highs)
        run = partial(milp, aim, integrality=is_count, bounds=Bounds(0, np.inf), constraints=constraint)
        solved = run(options={"time_limit": seconds, "mip_rel_gap": 0.0})
        if solved.status not in (SOLVED, OUT_OF_TIME):  # now and then what the solver does first goes wrong
            solved = run(options={"time_limit": seconds, "mip_rel_gap": 0.0, "presolve": False})
        if solved.status == IMPOSSIBLE:
            raise ValueError("No values fit the figures.")
        bound: float | None = solved.mip_dual_bound
        return bound, solved.status == SOLVED


def cut(limits: Iterable[int], greatest: int) -> list[Bin]:
    """The bins from nought to the greatest value that limits make; each limit is the highest value of a bin."""
    edges = [-1, *sorted({limit for limit in limits if 0 <= limit < greatest}), greatest]
    return [(low + 1, high) for low, high in pairwise(edges)]
