"""Shares of points declared, documented, verified, contradicted: by day, beside the result and never inside it."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from questionnaires import assurance, nesting, scoring
from questionnaires.assurance import Statement
from questionnaires.result import Result
from tests.questionnaires import samples

DAY = date(2026, 3, 1)


def score() -> Result:
    """Labor 75 of 60 points of weight (fees 100 x 3/4, trained 0), safety 100 of 40 (exits 2/3, waste 1/3): 45 + 40."""
    raw: dict[str, Any] = {
        "headcount": {"state": "value", "value": "12"},
        "fees_repaid": {"state": "value", "value": "yes"},
        "trained": {"state": "value", "value": "10"},
        "exits_locked": {"state": "value", "value": False},
        "waste": {"state": "value", "value": ["paper", "metal"]},
    }
    answers, _ = nesting.read_nested(samples.make_definition(), raw)
    return scoring.score_answers(samples.make_definition(), samples.make_profile(), "basic", answers, DAY)


def state(question: str, level: Any, **more: Any) -> Statement:
    return Statement(**{"reviewer": "r1", "question": question, "level": level, "as_of": date(2026, 2, 1)} | more)


def summarize(*statements: Statement, day: date = DAY) -> tuple[Fraction, ...]:
    found = assurance.summarize_assurance(score(), statements, day)
    return found.declared, found.documented, found.verified, found.contradicted


FEES, EXITS = Fraction(45, 85), Fraction(80, 3) / 85


def test_the_sample_scores_as_worked_out() -> None:
    assert score().total == 85


def test_everything_is_declared_at_first() -> None:
    assert summarize() == (1, 0, 0, 0)


def test_shares_follow_the_points() -> None:
    assert summarize(state("fees_repaid", "documented"), state("exits_locked", "verified")) == (
        1 - FEES - EXITS,
        FEES,
        EXITS,
        0,
    )


def test_a_statement_on_an_answer_without_points_moves_nothing() -> None:
    assert summarize(state("trained", "verified")) == (1, 0, 0, 0)


def test_a_contradiction_is_not_outvoted() -> None:
    told = [state("fees_repaid", "contradicted"), state("fees_repaid", "verified", reviewer="r2")]
    assert summarize(*told) == summarize(*reversed(told)) == (1 - FEES, 0, 0, FEES)


def test_the_latest_word_of_one_reviewer_stands() -> None:
    later = state("fees_repaid", "verified", as_of=date(2026, 2, 20))
    assert summarize(state("fees_repaid", "contradicted"), later) == (1 - FEES, 0, FEES, 0)


@pytest.mark.parametrize(("day", "documented"), [(date(2026, 2, 28), FEES), (date(2026, 3, 1), 0)])
def test_what_ran_out_counts_as_declared_again(day: date, documented: Fraction) -> None:
    told = state("fees_repaid", "documented", valid_until=date(2026, 2, 28))
    assert summarize(told, day=day) == (1 - documented, documented, 0, 0)


@pytest.mark.parametrize(("day", "verified"), [(date(2026, 1, 31), 0), (date(2026, 2, 1), FEES)])
def test_a_statement_counts_from_its_own_day_on(day: date, verified: Fraction) -> None:
    assert summarize(state("fees_repaid", "verified"), day=day) == (1 - verified, 0, verified, 0)


def test_without_points_there_are_no_shares() -> None:
    nothing = scoring.score_answers(samples.make_definition(), samples.make_profile(), "basic", {}, DAY)
    found = assurance.summarize_assurance(nothing, [], DAY)
    assert (found.declared, found.verified) == (0, 0)
