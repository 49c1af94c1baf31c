"""A plan for a declared gap holds until its day or the longest time, and is put off once; points never know of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import catalogue, gaps, scoring
from questionnaires.answers import Answer, Problem
from questionnaires.gaps import Plan, Pledge
from tests.questionnaires import firms

DAY = date(2026, 6, 1)
LONGEST = 100
PACKAGED = next(one for one in catalogue.list_packaged() if one.definition.key == "responsible-sourcing")
DEFINITION, PROFILE = PACKAGED.definition, PACKAGED.profiles[-1]
MEASURE = next(key for key, one in DEFINITION.questions.items() if one.kind == "measure")
days = st.integers(0, 400).map(lambda number: DAY + timedelta(days=number))


def plan(days_ahead: int, text: str = "Guards") -> Plan:
    return Plan(text=text, due_on=DAY + timedelta(days=days_ahead), owner="an")


def look(pledge: Pledge, question: str = MEASURE, state: str = "value", *, is_member: bool = True) -> Problem | None:
    return gaps.check_pledge(DEFINITION, (question, None), state, pledge, is_member=is_member)


def check(standing: Pledge | None, wanted: Plan, day: date = DAY, *, is_member: bool = True) -> str | None:
    """What is wrong with a plan: what submission refuses first, then a day that has come."""
    pledge = gaps.make_pledge(standing, wanted, day)
    assert pledge is not None
    found = look(pledge, is_member=is_member) or gaps.check_day((MEASURE, None), wanted, day)
    return None if found is None else found.code


def submit(standing: Pledge | None, wanted: Plan | None, day: date) -> Pledge:
    made = gaps.make_pledge(standing, wanted, day)
    assert made is not None
    return made.submit(day)


@pytest.mark.parametrize(("ahead", "code"), [(-1, "plan_date"), (0, "plan_date"), (1, None), (1_000, None)])
def test_a_day_is_ahead_however_far(ahead: int, code: str | None) -> None:
    assert check(None, plan(ahead)) == code
    assert check(None, plan(ahead), is_member=False) == "plan_owner"
    end = submit(None, plan(ahead), DAY).find_end(LONGEST)
    assert end == DAY + timedelta(days=min(ahead, LONGEST))


def test_a_day_is_put_off_once_and_the_longest_time_begins_anew_with_it() -> None:
    first = submit(None, plan(50), DAY)
    assert first.find_end(LONGEST) == DAY + timedelta(days=50)
    later = DAY + timedelta(days=40)
    assert check(first, plan(90), later) is None
    second = submit(first, plan(90), later)
    assert (second.extended, second.counted_from, second.since) == (True, later, DAY)
    assert check(second, plan(95), later) == "plan_extended"
    # Other words, or a sooner day, put nothing off; neither does what was longer before.
    assert check(second, plan(90, "Other words"), later) is None
    assert check(second, plan(60), later) is None
    assert check(submit(second, plan(60), later), plan(90), later) is None
    # Nor is it forgotten by taking the plan out.
    without = gaps.make_pledge(second, None, later)
    assert without is not None
    assert check(without, plan(95), later) == "plan_extended"


@settings(max_examples=40)
@given(st.lists(st.tuples(days, st.one_of(st.none(), days)), max_size=8))
def test_whatever_is_submitted_a_day_is_put_off_once(steps: list[tuple[date, date | None]]) -> None:
    """Any submissions in the order of their days; a plan that is refused is not kept."""
    standing: Pledge | None = None
    named: list[date] = []
    for day, due_on in sorted(steps, key=lambda step: step[0]):
        wanted = None if due_on is None else Plan(text="Guards", due_on=due_on, owner="an")
        if wanted is None or check(standing, wanted, day) is None:
            standing = gaps.make_pledge(standing, wanted, day)
        if standing is None:
            continue
        standing = standing.submit(day)
        if standing.plan is None or standing.counted_from is None or standing.pledged_due_on is None:
            continue
        named.append(standing.pledged_due_on)
        end = standing.find_end(LONGEST)
        assert end == min(standing.plan.due_on, standing.counted_from + timedelta(days=LONGEST))
        assert standing.since <= standing.counted_from <= day
    assert named == sorted(named)
    assert len(set(named)) <= 2


def test_gaps_are_the_measures_that_earn_less_than_they_could() -> None:
    given_answers = dict(firms.answer(firms.WORKSHOP))
    result = scoring.score_answers(DEFINITION, PROFILE, "basic", given_answers, DAY)
    found = {gap.key: gap for gap in gaps.find_gaps(result, DEFINITION, PROFILE)}
    lines = {line.key: line for line in result.lines}
    assert found
    assert len(found) < len(lines)
    for key, gap in found.items():
        assert gap.points < gap.best <= 100
        assert lines[key].status in ("value", "unknown")
    unknown = next(key for key in lines if key not in found and lines[key].status == "value")
    given_answers[unknown] = Answer(question=unknown[0], row_id=unknown[1], state="unknown")
    again = scoring.score_answers(DEFINITION, PROFILE, "basic", given_answers, DAY)
    assert unknown in {gap.key for gap in gaps.find_gaps(again, DEFINITION, PROFILE)}


def test_a_critical_answer_is_a_gap_that_keeps_its_cap() -> None:
    rule = next(one for one in PROFILE.critical if (one.question, None) in firms.answer(firms.WORKSHOP) and one.options)
    asked = DEFINITION.questions[rule.question]
    value: Any = (rule.options[0],) if asked.type == "multi_choice" else rule.options[0]
    harmed = firms.answer(firms.WORKSHOP) | {
        (rule.question, None): Answer(question=rule.question, state="value", value=value)
    }
    result = scoring.score_answers(DEFINITION, PROFILE, "basic", harmed, DAY)
    critical = [gap.question for gap in gaps.find_gaps(result, DEFINITION, PROFILE) if gap.is_critical]
    assert rule.question in critical or asked.key not in PROFILE.questions


@pytest.mark.parametrize(
    ("state", "text", "code"),
    [
        ("value", "Guards", None),
        ("unknown", "Count", None),
        ("declined", "Guards", "plan_not_expected"),
        ("not_applicable", "Guards", "plan_not_expected"),
        ("value", " \n", "plan_empty"),
        ("value", "x" * 1001, "plan_too_long"),
    ],
)
def test_a_plan_says_something_about_a_measure(state: str, text: str, code: str | None) -> None:
    fact = next(one for one in DEFINITION.questions.values() if one.kind == "fact" and one.type != "group")
    found = look(Pledge(plan=plan(5, text), since=DAY), state=state)
    assert (None if found is None else found.code) == code
    refused = look(Pledge(plan=plan(5), since=DAY), fact.key)
    assert refused is not None
    assert refused.code == "plan_not_expected"
