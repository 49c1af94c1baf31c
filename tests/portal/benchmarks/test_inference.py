"""What the attacker computes is exactly what the figures tell, found once more by trying every order of the values."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise, product
from types import SimpleNamespace
from typing import Any

import pytest
from scipy.optimize import linprog, milp

from portal.benchmarks import inference, programs
from portal.benchmarks.inference import Hidden, Interval, Published
from questionnaires.peers import Figures
from tests.portal.benchmarks import worlds


def list_fitting(published: Mapping[int, Published], hidden: Sequence[Hidden]) -> Iterator[tuple[tuple[int, int], ...]]:
    """For each value between which limits it may lie, in every way that fits the quartiles."""
    limits = sorted({limit for one in published.values() for limit, _, _ in inference.list_ranges(one)})
    greatest = max(one.greatest for one in published.values())
    edges = [-1, *(limit for limit in limits if limit < greatest), greatest]
    bins = [(low + 1, high) for low, high in pairwise(edges)]
    places = [place for place, one in enumerate(hidden) for _ in range(one.unknown)]
    for chosen in product(bins, repeat=len(places)):
        if all(
            least <= count(number, limit, chosen, places, hidden) <= most
            for number, one in published.items()
            for limit, least, most in inference.list_ranges(one)
        ):
            yield chosen


def count(
    number: int, limit: int, chosen: Sequence[tuple[int, int]], places: Sequence[int], hidden: Sequence[Hidden]
) -> int:
    known = sum(value <= limit for one in hidden if number in one.numbers for value in one.known)
    return known + sum(
        high <= limit for (_, high), place in zip(chosen, places, strict=True) if number in hidden[place].numbers
    )


def try_all(published: Mapping[int, Published], hidden: Sequence[Hidden], target: int) -> Interval:
    places = [place for place, one in enumerate(hidden) for _ in range(one.unknown)]
    first = places.index(target)
    lows, highs = [], []
    rows, bounds = [], []
    for number, one in published.items():
        known = sum(value for each in hidden if number in each.numbers for value in each.known)
        row = [float(number in hidden[place].numbers) for place in places]
        rows += [row, [-value for value in row]]
        bounds += [one.count * (100 * one.figures.mean + 50) - 1 - known]
        bounds += [known - one.count * (100 * one.figures.mean - 50)]
    for chosen in list_fitting(published, hidden):
        for sign, ends in ((1, lows), (-1, highs)):
            aim = [0.0] * len(places)
            aim[first] = sign
            solved = linprog(aim, A_ub=rows, b_ub=bounds, bounds=chosen)
            if solved.status == 0:
                ends.append(sign * round(solved.fun))
    return Interval(min(lows), max(highs))


@pytest.mark.parametrize("seed", range(12))
def test_intervals_are_those_of_all_orders_there_could_be(seed: int) -> None:
    chance = random.Random(seed)
    values = [chance.randrange(1000, 9000) for _ in range(4)]
    behind = [{0, 1, 2}, {1, 2, 3}] if seed % 2 else [{0, 1, 2, 3}]
    published = {}
    for number, places in enumerate(behind):
        figures = worlds.make_figures([values[place] for place in places], frozenset({"p50"} if seed % 3 else ()))
        assert figures is not None
        published[number] = Published(len(places), figures)
    insiders = set(chance.sample(range(4), seed % 3))
    patterns: dict[tuple[int, ...], list[int]] = {}
    for place in range(4):
        numbers = tuple(number for number, places in enumerate(behind) if place in places)
        patterns.setdefault(numbers, []).append(place)
    hidden = [
        Hidden(
            numbers, sum(one not in insiders for one in places), tuple(values[one] for one in places if one in insiders)
        )
        for numbers, places in patterns.items()
    ]
    for target, one in enumerate(hidden):
        if one.unknown:
            found = inference.find_interval(published, hidden, target)
            assert found == try_all(published, hidden, target)
            assert all(
                found.low <= values[place] <= found.high for place in patterns[one.numbers] if place not in insiders
            )


def test_a_mean_of_six_and_of_five_of_them_tells_the_sixth() -> None:
    """Six firms averaging 50, then five averaging 55: the sixth scored 25, as near as rounding leaves it."""
    published = {
        0: Published(6, Figures(count_band="10-19", mean=50)),
        1: Published(5, Figures(count_band="10-19", mean=55)),
    }
    hidden = [Hidden((0, 1), 5), Hidden((0,), 1)]
    assert inference.find_interval(published, hidden, 1) == Interval(1951, 3049)


def test_who_knows_one_of_two_respondents_knows_the_other() -> None:
    published = {0: Published(2, Figures(count_band="10-19", mean=50))}
    assert inference.find_interval(published, [Hidden((0,), 1, (3000,))], 0) == Interval(6900, 7099)


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        pytest.param(lambda options: "presolve" not in options, Interval(6900, 7099), id="with presolve"),
        pytest.param(lambda options: True, Interval(0, 10_000, is_exact=False), id="each time"),
    ],
)
def test_a_solver_that_fails_is_asked_once_more_and_never_believed(
    monkeypatch: pytest.MonkeyPatch, fails: Callable[[dict[str, Any]], bool], expected: Interval
) -> None:
    """HiGHS ends now and then with "Solve error"; what is left then is what is true in any case."""
    asked: list[dict[str, Any]] = []
    found: Any = milp

    def solve(aim: Any, *, options: dict[str, Any], **parts: Any) -> Any:
        asked.append(options)
        if fails(options):
            return SimpleNamespace(status=4, mip_dual_bound=None)
        return found(aim, options=options, **parts)

    monkeypatch.setattr(programs, "milp", solve)
    published = {0: Published(2, Figures(count_band="10-19", mean=50))}
    assert inference.find_interval(published, [Hidden((0,), 1, (3000,))], 0) == expected
    assert [one.get("presolve", True) for one in asked] == [True, False] * 2


def test_figures_that_no_values_have_are_refused() -> None:
    published = {
        0: Published(2, Figures(count_band="10-19", mean=50)),
        1: Published(2, Figures(count_band="10-19", mean=70)),
    }
    with pytest.raises(ValueError, match="No values fit the figures"):
        inference.find_interval(published, [Hidden((0, 1), 2)], 0)
