"""Whoever is said not to be exposed is not, by trying all scores that there could be."""

from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.benchmarks.exposure import Alike, Freedom, Reach, Reader, Search, Statement
from portal.benchmarks.shifts import Shifts
from questionnaires.peers import Figures
from tests.portal.benchmarks import worlds

POSSIBLE = (0, 2500, 5000, 10_000)
LEAST = 2500
MOST = 5
SETS = st.sets(st.integers(0, MOST - 1), min_size=3)


@st.composite
def draw_world(draw: st.DrawFn) -> tuple[list[int], list[frozenset[int]], frozenset[str]]:
    """Values of a few contributors, which of them stand behind which figures, and which quartiles are wanted."""
    values = draw(st.lists(st.sampled_from(POSSIBLE), min_size=MOST, max_size=MOST))
    behind = draw(st.lists(SETS, min_size=1, max_size=3))
    wanted = draw(st.sampled_from((frozenset[str](), frozenset(worlds.QUARTILES))))
    return values, [frozenset(one) for one in behind], wanted


def list_alike(values: list[int], behind: list[frozenset[int]], wanted: frozenset[str]) -> list[Alike]:
    statements = []
    for places in behind:
        ordered = sorted(values[place] for place in places)
        figures = worlds.make_figures(ordered, wanted)
        assert figures is not None
        statements.append(Statement(ordered, figures, wanted))
    patterns: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for place, value in enumerate(values):
        numbers = tuple(number for number, places in enumerate(behind) if place in places)
        if numbers:
            patterns.setdefault(numbers, []).append((value, place))
    return [
        Alike(tuple(statements[number] for number in numbers), *zip(*sorted(pairs), strict=True))
        for numbers, pairs in patterns.items()
    ]


@given(draw_world())
@settings(max_examples=100, deadline=None)
def test_nobody_is_exposed_to_any_two_contributors_who_is_said_not_to_be(
    world: tuple[list[int], list[frozenset[int]], frozenset[str]],
) -> None:
    values, behind, wanted = world
    figures = [worlds.make_figures([values[place] for place in places], wanted) for places in behind]
    assume(None not in figures)
    fitting = list(worlds.list_worlds(POSSIBLE, MOST, behind, figures, wanted))
    search = Search(Freedom(POSSIBLE, LEAST), [])
    for alike in list_alike(values, behind, wanted):
        for value, target in zip(alike.values, alike.groups, strict=True):
            exposed = {one.value: one.width for one in search.list_exposed(alike)}
            said = exposed.get(value, LEAST)
            others = [place for place in range(MOST) if place != target]
            for pair in combinations(others, 2):
                assert said <= worlds.find_width(fitting, target, {place: values[place] for place in pair})


@given(draw_world(), st.sets(st.integers(0, MOST - 1), max_size=4))
@settings(max_examples=100, deadline=None)
def test_nobody_is_exposed_to_a_reader_who_is_said_not_to_be(
    world: tuple[list[int], list[frozenset[int]], frozenset[str]], shared: set[int]
) -> None:
    values, behind, wanted = world
    figures = [worlds.make_figures([values[place] for place in places], wanted) for places in behind]
    assume(None not in figures)
    fitting = list(worlds.list_worlds(POSSIBLE, MOST, behind, figures, wanted))
    reader = Reader(frozenset(), frozenset(shared), frozenset())
    search = Search(Freedom(POSSIBLE, LEAST), [reader])
    for alike in list_alike(values, behind, wanted):
        exposed = {one.value for one in search.list_exposed(alike)}
        for value, target in zip(alike.values, alike.groups, strict=True):
            if value in exposed or target in shared:
                continue
            assert worlds.find_width(fitting, target, {place: values[place] for place in shared}) >= LEAST


def test_exchangeable_values_are_not_exposed() -> None:
    values = list(range(2000, 8000, 500))
    (alike,) = list_alike(values, [frozenset(range(12))], frozenset())
    assert list(Search(Freedom(range(10_001), 1000), []).list_exposed(alike)) == []


@pytest.mark.parametrize("known", [10, 11])
def test_who_knows_all_others_knows_the_last_within_what_rounding_leaves(known: int) -> None:
    """Eleven whole-point roundings leave 10.99 points open, twelve 11.99, ten only 9.99."""
    values = [4000 + 100 * place for place in range(known)]
    (alike,) = list_alike(values, [frozenset(range(known))], frozenset())
    reader = Reader(frozenset(range(1, known)), frozenset(), frozenset())
    exposed = list(Search(Freedom(range(10_001), 1000), [reader]).list_exposed(alike))
    assert [one.width for one in exposed] == ([999] if known == 10 else [])


def test_one_who_joined_between_two_figures_is_exposed() -> None:
    """Twelve, then the same twelve and one more: the thirteenth lies within what both roundings leave open."""
    values = [*range(4000, 5200, 100), 9000]
    alike = list_alike(values, [frozenset(range(12)), frozenset(range(13))], frozenset())
    search = Search(Freedom(range(10_001), 3000), [])
    widths = {exposed.value: exposed.width for one in alike for exposed in search.list_exposed(one)}
    assert widths[9000] < 2500


FIRST = [*[4000] * 5, *[5900] * 5, 5000]
SECOND = [*[4100] * 5, *[6000] * 5, 5001]
MIDDLE = 5000


def make_crossing() -> list[Alike]:
    """One contributor to two sets of figures, whose others contribute to one of them each."""
    one, two = (
        Statement(sorted([*others, MIDDLE]), Figures(count_band="10-19", mean=50), frozenset())
        for others in (FIRST, SECOND)
    )
    first = sorted(zip(FIRST, range(1, 12), strict=True))
    second = sorted(zip(SECOND, range(12, 23), strict=True))
    return [
        Alike((one, two), [MIDDLE], [0]),
        Alike((one,), *zip(*first, strict=True)),
        Alike((two,), *zip(*second, strict=True)),
    ]


def test_who_knows_all_others_behind_two_figures_knows_who_stands_behind_both() -> None:
    """The windows that rounding leaves are 49.00 to 60.99 and 39.00 to 50.98; the reader knows nobody behind both."""
    crossing = make_crossing()
    reader = Reader(frozenset(range(1, 23)), frozenset(), frozenset())
    search = Search(Freedom(range(10_001), 1000, is_fluid=True), [reader])
    exposed = list(search.list_exposed(crossing[0], Shifts(crossing), range(23)))
    assert [(one.insider, one.width) for one in exposed] == [("reader", 5098 - 4900)]
    assert [one.insider for one in search.list_exposed(crossing[0], Shifts(crossing))] == []  # if nobody looks for it


def test_who_stands_behind_two_figures_is_not_exposed_where_all_others_may_give_way() -> None:
    crossing = make_crossing()
    search = Search(Freedom(range(10_001), 1000, is_fluid=True), [])
    assert list(search.list_exposed(crossing[0], Shifts(crossing), range(23))) == []
    assert [one.width for one in search.list_exposed(crossing[0])] == [5098 - 4900]


def test_one_of_two_equal_scores_does_not_give_way_for_a_reader_that_knows_it() -> None:
    statement = Statement([1000, 5000, 5000, 9000], Figures(count_band="10-19", mean=50), frozenset())
    alike = Alike((statement,), [1000, 5000, 5000, 9000], [1, 2, 3, 4])
    shifts = Shifts([alike])
    assert shifts.find_reach(alike, 5000, frozenset({1, 2, 4}), 0) == Reach(5000 - 200, 5000 + 199)
    assert shifts.find_reach(alike, 5000, frozenset({1, 3, 4}), 0) == Reach(5000 - 200, 5000 + 199)


def test_that_nobody_dominates_bounds_every_score_where_all_are_low() -> None:
    """Nineteen whose mean is 1: none makes more than a quarter of at most 28.49 points."""
    values = [*[0] * 14, *[400] * 5]
    figures = Figures(count_band="10-19", mean=1)
    search = Search(Freedom(range(10_001), 1000, is_fluid=True), [])
    statement = Statement(values, figures, frozenset(), most_percent=25)
    alike = Alike((statement,), values, range(19))
    assert {one.value for one in search.list_exposed(alike, Shifts([alike]), range(19))} == {0, 400}
