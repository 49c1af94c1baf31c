"""The rule of the assurance summary over drawn statements: shares, days, reviewers, and what is stated of them."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from questionnaires import assurance
from questionnaires.assurance import ORDER, Assurance, Earned, Statement

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 20).map(lambda days: FIRST + timedelta(days=days))
PLACES = [("fees", None), ("exits", None), ("hours", "r1"), ("hours", "r2")]
STATEMENTS = st.builds(
    lambda reviewer, place, level, as_of, valid_until: Statement(
        reviewer=reviewer, question=place[0], row_id=place[1], level=level, as_of=as_of, valid_until=valid_until
    ),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([*PLACES, ("hours", None)]),
    st.sampled_from(ORDER),
    DAYS,
    st.none() | DAYS,
)
POINTS = st.lists(
    st.fractions(min_value=0, max_value=100, max_denominator=30), min_size=len(PLACES), max_size=len(PLACES)
)


def measure(points: list[Fraction]) -> list[Earned]:
    return [
        Earned(question=question, row_id=row, points=earned)
        for (question, row), earned in zip(PLACES, points, strict=True)
    ]


def list_shares(found: Assurance) -> list[Fraction]:
    return [getattr(found, standing) for standing in ORDER]


def name_standings(found: Assurance) -> dict[tuple[str, str | None], str]:
    return {(one.question, one.row_id): one.standing for one in found.answers}


@given(POINTS, st.lists(STATEMENTS, max_size=8), DAYS)
def test_the_shares_add_up_and_say_what_the_answers_say(points: Any, told: Any, day: Any) -> None:
    measures = measure(points)
    found = assurance.summarize_points(measures, told, day)
    whole = sum(points)
    assert sum(list_shares(found)) == (1 if whole else 0)
    stated = assurance.state_shares(found)
    assert sum(stated.values()) == (10_000 if whole else 0)
    assert all(abs(stated[name] - getattr(found, name) * 10_000) < 1 for name in ORDER)
    standings = name_standings(found)
    for name in ORDER[1:]:
        earned = sum(one.points for one in measures if standings.get((one.question, one.row_id)) == name)
        assert getattr(found, name) * whole == earned


@given(POINTS, st.lists(STATEMENTS, max_size=8), DAYS)
def test_an_answer_stands_as_the_newest_word_of_each_reviewer_has_it(points: Any, told: Any, day: Any) -> None:
    found = assurance.summarize_points(measure(points), told, day)
    for place in PLACES:
        levels = []
        for reviewer in "abc":
            own = [
                (one.as_of, turn, one)
                for turn, one in enumerate(told)
                if one.reviewer == reviewer and one.covers(*place) and one.as_of <= day
            ]
            if own:
                levels.append(max(own, key=lambda item: item[:2])[2].tell_level(day))
        expected = next((level for level in reversed(ORDER) if level in levels), "declared")
        assert name_standings(found).get(place, "declared") == expected
        conflict = "contradicted" in levels and bool({"documented", "verified"} & set(levels))
        assert any(one.in_conflict for one in found.answers if (one.question, one.row_id) == place) == conflict


@given(POINTS, st.lists(STATEMENTS, max_size=8), DAYS)
def test_between_two_turns_nothing_changes(points: Any, told: Any, day: Any) -> None:
    turns = [one for one in assurance.find_turns(told) if one <= day]
    since = turns[-1] if turns else FIRST - timedelta(days=1)
    now, then = (assurance.summarize_points(measure(points), told, one) for one in (day, since))
    assert list_shares(now) == list_shares(then)
    assert name_standings(now) == name_standings(then)


@given(POINTS, st.lists(STATEMENTS, max_size=8), DAYS)
def test_a_contradiction_stays_whatever_others_say(points: Any, told: Any, day: Any) -> None:
    last = Statement(reviewer="z", question="fees", level="contradicted", as_of=FIRST, valid_until=FIRST)
    found = assurance.summarize_points(measure(points), [last, *told], day)
    assert name_standings(found)["fees", None] == "contradicted"


def test_a_reviewer_takes_back_what_it_said() -> None:
    said = Statement(reviewer="a", question="fees", level="contradicted", as_of=FIRST)
    taken = Statement(reviewer="a", question="fees", level="declared", as_of=FIRST)
    found = assurance.summarize_points(measure([Fraction(1)] * 4), [said, taken], FIRST)
    assert list_shares(found) == [1, 0, 0, 0]
