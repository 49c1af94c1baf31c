"""The tree of cohorts: every leaf has exactly one cell, cells are large enough, quarters follow each other."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.benchmarks import cohorts
from portal.benchmarks.cohorts import ALL, UNKNOWN, Cohort, Quarter

LEAVES = st.builds(
    Cohort,
    st.sampled_from(("micro", "basic")),
    st.sampled_from(("C", "F", "J", UNKNOWN)),
    st.sampled_from(("Asia", "Europe", UNKNOWN)),
    st.sampled_from(("micro", "small", "large", UNKNOWN)),
)
TREES = st.dictionaries(LEAVES, st.frozensets(st.integers(0, 60), max_size=30), max_size=30)


def gather(leaves: dict[Cohort, frozenset[int]], cells: frozenset[Cohort]) -> dict[Cohort, set[int]]:
    held: dict[Cohort, set[int]] = {cell: set() for cell in cells}
    for leaf, members in leaves.items():
        home = cohorts.find_cell(cells, leaf)
        assert home is not None
        held[home] |= members
    return held


@given(TREES, LEAVES, st.integers(1, 12))
def test_every_leaf_has_exactly_one_cell_also_one_that_comes_later(
    leaves: dict[Cohort, frozenset[int]], later: Cohort, threshold: int
) -> None:
    cells = cohorts.fold(leaves, threshold)
    for leaf in [*leaves, *([later] if any(one.tier == later.tier for one in leaves) else [])]:
        home = cohorts.find_cell(cells, leaf)
        assert home is not None
        assert home in leaf.list_path()
        below = leaf.list_path()[: leaf.list_path().index(home)]
        assert not set(below) & cells


@given(TREES, st.integers(1, 12))
def test_only_the_root_of_a_tier_may_hold_too_few(leaves: dict[Cohort, frozenset[int]], threshold: int) -> None:
    for cell, members in gather(leaves, cohorts.fold(leaves, threshold)).items():
        assert len(members) >= threshold or cell == Cohort(cell.tier)
        assert cell.is_nameable


@given(TREES, st.integers(1, 12))
def test_nothing_is_folded_that_is_large_enough_by_itself(leaves: dict[Cohort, frozenset[int]], threshold: int) -> None:
    cells = cohorts.fold(leaves, threshold)
    for leaf, members in leaves.items():
        if leaf.is_nameable and len(members) >= threshold:
            assert cohorts.find_cell(cells, leaf) == leaf


@given(TREES, st.integers(1, 12))
def test_the_partition_does_not_depend_on_the_order(leaves: dict[Cohort, frozenset[int]], threshold: int) -> None:
    turned = dict(sorted(leaves.items(), reverse=True))
    assert cohorts.fold(leaves, threshold) == cohorts.fold(turned, threshold)


def test_a_contributor_in_two_leaves_counts_once_in_their_parent() -> None:
    both = {Cohort("basic", "C", "Asia", "small"): {1, 2, 3}, Cohort("basic", "C", "Asia", "large"): {1, 2, 4}}
    assert Cohort("basic", "C", "Asia") in cohorts.fold(both, 4)
    assert Cohort("basic", "C", "Asia") not in cohorts.fold(both, 5)


def test_a_path_is_written_and_read() -> None:
    cell = Cohort("basic", "C", "Asia")
    assert cell.write_path("responsible-sourcing") == "responsible-sourcing/basic/C/Asia/*"
    assert cohorts.read_path("responsible-sourcing/basic/C/Asia/*") == ("responsible-sourcing", cell)
    assert [step.region for step in Cohort("basic", "C", "Asia", "small").list_path()] == ["Asia", "Asia", ALL, ALL]


@pytest.mark.parametrize(
    ("sector", "country", "size", "leaf"),
    [
        ("14", "BD", "small", ("C", "Asia", "small")),
        ("C", "DE", "large", ("C", "Europe", "large")),
        ("62", "BR", None, ("J", "Americas", UNKNOWN)),
        ("99", "AU", "micro", ("U", "Oceania", "micro")),
        ("XX", "XK", "micro", (UNKNOWN, UNKNOWN, "micro")),
        (None, None, None, (UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
)
def test_an_organization_stands_in_a_leaf(
    sector: str | None, country: str | None, size: str | None, leaf: tuple[str, str, str]
) -> None:
    assert cohorts.place("basic", sector, country, size) == Cohort("basic", *leaf)


@given(st.dates(date(2001, 1, 1), date(2199, 12, 31)), st.integers(-50, 50))
def test_quarters_follow_each_other(day: date, steps: int) -> None:
    quarter = cohorts.find_quarter(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert quarter.shift(steps).shift(-steps) == quarter
    assert (quarter.shift(1).first_day - quarter.last_day).days == 1
    assert str(Quarter(2026, 3)) == "2026Q3"
