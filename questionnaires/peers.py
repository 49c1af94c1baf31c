"""How peers compare: quantiles, whole-point figures, count bands, and the quarter that one value stands in.

Values are hundredths of a point, as results are stored; figures are whole points from 0 to 100, rounded half up. Of an
impact indicator values are hundredths of a step of its unit, and figures are whole steps in the same way, from 100 on
with two significant digits. A figure in points says a hundredth of all there is and no more; one without an upper end
would say ever more of the sum behind it with each digit, so it too is never finer than about a hundredth of itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

SMALLEST_BAND = 10
HUNDRED = 100
HALF = HUNDRED // 2  # of a point
Quartiles: TypeAlias = tuple[int | None, int | None, int | None]
QUANTILES = {"p10": 10, "p25": 25, "p50": 50, "p75": 75, "p90": 90}  # by name, with their percents


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What may be said of a group of peers, in whole points; None where it is not said."""

    count_band: str
    mean: int
    p10: int | None = None
    p25: int | None = None
    p50: int | None = None
    p75: int | None = None
    p90: int | None = None

    @property
    def quartiles(self) -> Quartiles:
        """The three quartiles, each of which may be missing."""
        return self.p25, self.p50, self.p75


def find_quantile(ordered: Sequence[int], percent: int) -> Fraction:
    """The quantile of values in ascending order, exact; raises ValueError for none or for a percent outside 1 to 99.

    Definition 2 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996)
    361-365: with n values and n x percent / 100 = j + g, the value of rank j + 1, or where g = 0 the mean of the
    values of rank j and j + 1. It stands on one or two values and depends on no assumption about how they are spread.
    """
    if not ordered or not 1 <= percent < HUNDRED:
        raise ValueError("A quantile needs values, and a percent from 1 to 99.")
    whole, rest = divmod(len(ordered) * percent, HUNDRED)
    if rest:
        return Fraction(ordered[whole])
    return Fraction(ordered[whole - 1] + ordered[whole], 2)


def round_points(hundredths: Fraction | int) -> int:
    """Hundredths of a point, or of a step, as whole ones, half up; from 100 on with two significant digits."""
    size = 1
    while _round_half_up(Fraction(hundredths) / (HUNDRED * size)) >= HUNDRED:
        size *= 10
    return size * _round_half_up(Fraction(hundredths) / (HUNDRED * size))


def _round_half_up(exact: Fraction) -> int:
    return (exact + Fraction(1, 2)).__floor__()


def find_mean(values: Sequence[int]) -> Fraction:
    """The arithmetic mean, every value with the same weight; raises ValueError for none."""
    if not values:
        raise ValueError("A mean needs values.")
    return Fraction(sum(values), len(values))


def name_band(count: int, smallest: int = SMALLEST_BAND) -> str:
    """How many stand behind a figure, as a band that doubles: 10-19, 20-39; raises ValueError below the smallest."""
    if count < smallest:
        raise ValueError(f"Fewer than {smallest} have no band.")
    low = smallest
    while count >= 2 * low:
        low *= 2
    return f"{low}-{2 * low - 1}"


def read_band(band: str) -> int:
    """The fewest that a band stands for."""
    return int(band.partition("-")[0])


def lies_inside(figure: Fraction | int, ordered: Sequence[int]) -> bool:
    """Whether a figure, in whole points, differs from the least and from the greatest value.

    A figure that equals one of the two would publish a minimum or a maximum, also a share of 0 % or 100 %.
    """
    return round_points(ordered[0]) < round_points(figure) < round_points(ordered[-1])


def count_differing(size: int, other_size: int, common: int, same: int) -> int:
    """Of two sets of contributors, how many of both together are in one only or have another value.

    `common` are in both, `same` of them with the same value.
    """
    return size + other_size - common - same


def find_quarter(value: int, quartiles: Quartiles) -> int | None:
    """The quarter of its peers that a value stands in: 1 (lowest) to 4; None where the quartiles shown do not tell.

    A value on a quartile belongs to the quarter above it. One quartile is enough for a value that no other could move.
    """
    edges = [(place, HUNDRED * edge) for place, edge in enumerate(quartiles, 1) if edge is not None]
    lowest = 1 + max((place for place, edge in edges if value >= edge), default=0)
    highest = min((place for place, edge in edges if value < edge), default=len(quartiles) + 1)
    return lowest if lowest == highest else None
