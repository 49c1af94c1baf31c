"""The disclosure rules: what holds for every set of values, and the order in which reasons are given."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.benchmarks import disclosure
from portal.benchmarks.disclosure import Case, Policy, Reader, Standing
from questionnaires import peers
from questionnaires.peers import Figures

POLICY = Policy(p_percent=15)
VALUES = st.lists(st.integers(0, 10_000), max_size=60).map(sorted)
OLD = Standing(release=3, figures=Figures(count_band="20-39", mean=51))


def list_figures(figures: Figures) -> list[int]:
    named = (figures.mean, figures.p10, figures.p25, figures.p50, figures.p75, figures.p90)
    return [figure for figure in named if figure is not None]


@given(VALUES)
def test_nothing_is_published_below_its_threshold(values: list[int]) -> None:
    figures = disclosure.decide(Case(values=values), POLICY).figures
    if figures is not None:
        assert len(values) >= 10
        assert len(values) >= 20 or (figures.p25, figures.p50, figures.p75) == (None, None, None)
        assert len(values) >= 40 or (figures.p10, figures.p90) == (None, None)


@given(VALUES)
def test_no_published_figure_is_a_minimum_or_a_maximum(values: list[int]) -> None:
    figures = disclosure.decide(Case(values=values), POLICY).figures
    if figures is not None:
        ends = {peers.round_points(values[0]), peers.round_points(values[-1])}
        assert not ends & set(list_figures(figures))
        assert not {0, 100} & set(list_figures(figures))


@given(VALUES)
def test_no_published_mean_is_made_by_one_contributor(values: list[int]) -> None:
    if disclosure.decide(Case(values=values), POLICY).figures is not None:
        total, (second, largest) = sum(values), values[-2:]
        assert Fraction(largest, total) <= Fraction(1, 4)
        assert total - largest - second >= Fraction(15, 100) * largest


@given(VALUES, st.integers(0, 4), st.lists(st.integers(0, 50)))
def test_fewer_than_five_changes_never_make_new_figures(values: list[int], changed: int, overlaps: list[int]) -> None:
    decision = disclosure.decide(Case(values=values, last=OLD, changed=changed, overlaps=overlaps), POLICY)
    assert (decision.figures, decision.kept_from, decision.reason) == (OLD.figures, 3, "UNCHANGED")


@given(VALUES, st.integers(5, 40), st.integers(1, 4))
def test_what_differs_by_one_to_four_from_any_earlier_figure_is_withheld(
    values: list[int], changed: int, differing: int
) -> None:
    case = Case(values=values, last=OLD, changed=changed, overlaps=[changed, differing])
    decision = disclosure.decide(case, POLICY)
    assert decision.figures is None or decision.kept_from == OLD.release


@given(VALUES, st.integers(0, 60), st.integers(0, 60))
def test_a_reader_knows_all_contributors_or_at_least_five_stay_unknown(
    values: list[int], surely: int, perhaps: int
) -> None:
    assume(surely <= perhaps <= len(values))
    case = Case(values=values, readers=[Reader(surely=0, perhaps=0), Reader(surely=surely, perhaps=perhaps)])
    if disclosure.decide(case, POLICY).figures is not None:
        assert surely == len(values) or len(values) - perhaps >= 5


@given(VALUES, st.integers(0, 30))
def test_every_decision_has_figures_or_a_reason(values: list[int], waiting: int) -> None:
    decision = disclosure.decide(Case(values=values, waiting=waiting), POLICY)
    assert (decision.figures is None) == (decision.reason is not None)
    assert (decision.status == "published") == (decision.figures is not None)
    assert decision.detail["contributors"] == len(values)


@pytest.mark.parametrize(
    ("case", "reason", "rule"),
    [
        (Case(values=[5000] * 9), "TOO_FEW", None),
        (Case(values=[5000] * 9, waiting=1), "TOO_RECENT", None),
        (Case(values=[], waiting=9), "TOO_FEW", None),
        (Case(values=[0] * 9 + [9000]), "DOMINATED", "dominance"),
        (Case(values=[0] * 10), "WOULD_DISCLOSE", "end_of_range"),
        (Case(values=[4960] * 9 + [5040]), "WOULD_DISCLOSE", "end_of_range"),
        (Case(values=list(range(3000, 4000, 100)), overlaps=[0, 7, 3]), "WOULD_DISCLOSE", "difference"),
        (
            Case(values=list(range(3000, 4000, 100)), readers=[Reader(surely=6, perhaps=6)]),
            "WOULD_DISCLOSE",
            "reader",
        ),
        (Case(values=list(range(3000, 4000, 100)), overlaps=[0, 7], readers=[Reader(surely=5, perhaps=5)]), None, None),
        (Case(values=list(range(3000, 4000, 100)), readers=[Reader(surely=10, perhaps=10)]), None, None),
    ],
)
def test_reasons(case: Case, reason: str | None, rule: str | None) -> None:
    decision = disclosure.decide(case, POLICY)
    assert (decision.reason, decision.detail.get("rule")) == (reason, rule)


def test_the_p_percent_rule_bites_where_the_rest_is_small() -> None:
    wide = Policy(p_percent=20, most_percent=100, for_mean=3)
    values = [0] * 8 + [500, 5000, 9000]
    assert disclosure.find_dominance(values, wide) == "p_percent"
    assert disclosure.find_dominance([0] * 8 + [1800, 5000, 9000], wide) is None


@given(st.lists(st.integers(0, 10_000), min_size=10, max_size=40), st.integers(10, 20))
def test_at_a_quarter_the_dominance_rule_is_the_stricter_one(values: list[int], p_percent: int) -> None:
    assert disclosure.find_dominance(sorted(values), Policy(p_percent=p_percent)) in (None, "dominance")


def test_the_drawn_parameter_is_said_nowhere() -> None:
    assert "p_percent" not in POLICY.describe()
    assert "p_percent" not in repr(POLICY)
    assert POLICY.describe()["for_mean"] == 10


def test_five_participants_and_a_quarter_each_is_no_safe_harbor() -> None:
    assert disclosure.decide(Case(values=[4000, 4500, 5000, 5500, 6000]), POLICY).reason == "TOO_FEW"


def test_what_would_disclose_leaves_recent_figures_standing_and_old_ones_not() -> None:
    values = [3000 + 100 * place for place in range(12)]
    case = Case(values=values, last=OLD, changed=5, overlaps=[1])
    stands = disclosure.decide(case, POLICY)
    assert (stands.status, stands.reason, stands.figures, stands.kept_from) == (
        "published",
        "WOULD_DISCLOSE",
        OLD.figures,
        OLD.release,
    )
    late = disclosure.decide(replace(case, last=replace(OLD, is_recent=False)), POLICY)
    assert (late.status, late.reason, late.figures) == ("not_published", "WOULD_DISCLOSE", None)
