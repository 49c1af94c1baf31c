"""How peers compare: quantiles against their definition, rounding, bands, quarters of the cohort."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import peers

SCORES = st.lists(st.integers(0, 10_000), min_size=1, max_size=60).map(sorted)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([10, 20, 30, 40], 25, Fraction(15)),
        ([10, 20, 30, 40], 50, Fraction(25)),
        ([10, 20, 30, 40], 75, Fraction(35)),
        ([10, 20, 30, 40, 50], 25, Fraction(20)),
        ([10, 20, 30, 40, 50], 50, Fraction(30)),
        ([10, 20, 30, 40, 50], 90, Fraction(50)),
        ([7], 10, Fraction(7)),
    ],
)
def test_quantiles_by_hand(values: list[int], percent: int, expected: Fraction) -> None:
    assert peers.find_quantile(values, percent) == expected


@given(SCORES, st.integers(1, 99))
def test_a_quantile_is_the_mean_of_the_two_ends_of_the_inverse_distribution(values: list[int], percent: int) -> None:
    """The definition in other words: the middle of all points that `percent` lies below and 100 - percent above."""
    share = Fraction(percent, 100)
    low = next(v for v in values if Fraction(sum(x <= v for x in values), len(values)) >= share)
    high = next(v for v in values if Fraction(sum(x <= v for x in values), len(values)) > share)
    assert peers.find_quantile(values, percent) == Fraction(low + high, 2)


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1], 0), ([1], 100), ([1], -3)])
def test_a_quantile_of_nothing_is_refused(values: list[int], percent: int) -> None:
    with pytest.raises(ValueError, match="quantile"):
        peers.find_quantile(values, percent)


def test_a_mean_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="mean"):
        peers.find_mean([])


@pytest.mark.parametrize(
    ("hundredths", "points"), [(0, 0), (49, 0), (50, 1), (149, 1), (150, 2), (Fraction(99, 2), 0), (10_000, 100)]
)
def test_figures_are_rounded_half_up_to_whole_points(hundredths: Fraction | int, points: int) -> None:
    assert peers.round_points(hundredths) == points


@pytest.mark.parametrize(
    ("hundredths", "steps"),
    [(9_949, 99), (9_950, 100), (10_499, 100), (10_500, 110), (99_499, 990), (99_500, 1_000), (123_456_789, 1_200_000)],
)
def test_from_a_hundred_on_figures_have_two_significant_digits(hundredths: int, steps: int) -> None:
    assert peers.round_points(hundredths) == steps


@given(st.lists(st.integers(0, 2_000_000_000), min_size=2, max_size=2).map(sorted))
def test_rounding_keeps_the_order_and_is_as_coarse_as_a_hundredth(pair: list[int]) -> None:
    low, high = (peers.round_points(value) for value in pair)
    assert low <= high
    assert len(str(high).rstrip("0")) <= 2


@given(st.integers(10, 1_000_000))
def test_every_count_stands_in_one_band_that_doubles(count: int) -> None:
    low, high = (int(part) for part in peers.name_band(count).split("-"))
    assert low <= count <= high == 2 * low - 1
    assert math.log2(low / 10).is_integer()


def test_fewer_than_ten_have_no_band() -> None:
    with pytest.raises(ValueError, match="10"):
        peers.name_band(9)


@given(SCORES, st.integers(0, 10_000))
def test_a_figure_inside_is_neither_the_least_nor_the_greatest(values: list[int], figure: int) -> None:
    shown = peers.round_points(figure)
    if peers.lies_inside(figure, values):
        assert shown not in (peers.round_points(values[0]), peers.round_points(values[-1]))


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 5)), st.dictionaries(st.integers(0, 30), st.integers(0, 5)))
def test_differing_contributors_are_counted_once(one: dict[int, int], other: dict[int, int]) -> None:
    common = one.keys() & other.keys()
    same = sum(one[key] == other[key] for key in common)
    expected = sum(one.get(key) != other.get(key) for key in one.keys() | other.keys())
    assert peers.count_differing(len(one), len(other), len(common), same) == expected


@pytest.mark.parametrize(
    ("value", "quarter"), [(0, 1), (3999, 1), (4000, 2), (4999, 2), (5000, 3), (5999, 3), (6000, 4), (10_000, 4)]
)
def test_a_value_stands_in_a_quarter_and_on_an_edge_in_the_upper_one(value: int, quarter: int) -> None:
    assert peers.find_quarter(value, (40, 50, 60)) == quarter


@pytest.mark.parametrize(
    ("value", "quartiles", "quarter"),
    [
        (4000, (80, 80, None), 1),
        (8000, (80, 80, None), None),
        (8000, (None, None, 80), 4),
        (7999, (None, None, 80), None),
        (5000, (40, None, 60), None),
        (5000, (40, 60, None), 2),
    ],
)
def test_one_quartile_may_tell_the_quarter(
    value: int, quartiles: tuple[int | None, int | None, int | None], quarter: int | None
) -> None:
    assert peers.find_quarter(value, quartiles) == quarter


def test_without_quartiles_there_is_no_quarter() -> None:
    assert peers.find_quarter(5000, (None, None, None)) is None
    assert peers.Figures(count_band="10-19", mean=50, p25=40, p50=50).quartiles == (40, 50, None)
    assert peers.Figures(count_band="20-39", mean=50, p25=40, p50=50, p75=60).quartiles == (40, 50, 60)


@given(
    st.lists(st.integers(0, 100), min_size=3, max_size=3).map(sorted),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.integers(0, 10_000),
)
def test_a_quarter_is_told_where_no_missing_quartile_could_change_it(
    edges: list[int], shown: list[bool], value: int
) -> None:
    """Held against the missing ones as low and as high as those that are shown let them be."""
    low, high = list(edges), list(edges)
    for place in range(3):
        if not shown[place]:
            low[place] = low[place - 1] if place else 0
        if not shown[2 - place]:
            high[2 - place] = high[3 - place] if place else 101
    lowest, highest = (peers.find_quarter(value, (one[0], one[1], one[2])) for one in (high, low))
    known = [edge if is_shown else None for edge, is_shown in zip(edges, shown, strict=True)]
    found = peers.find_quarter(value, (known[0], known[1], known[2]))
    assert found == (lowest if lowest == highest else None)
