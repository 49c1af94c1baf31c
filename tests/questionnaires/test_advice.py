"""What would help most: weak measures, also critical ones, but never a question whose critical rule is hit or open."""

from datetime import date

import pytest

from questionnaires import advice, answers, catalogue, scoring


def advise(option: str | None) -> set[str]:
    """The questions advised on when the exits are answered so and nothing else is."""
    packaged = catalogue.read_packaged("responsible-sourcing", "1.0.0")
    profile = packaged.profiles[-1]
    given = []
    if option is not None:
        checked = answers.check_saved(packaged.definition, "exits_during_work", state="value", value=option)
        assert isinstance(checked, answers.Answer)
        given.append(checked)
    result = scoring.score_answers(
        packaged.definition, profile, "micro", answers.index_answers(given), date(2026, 11, 22)
    )
    return {one.question for one in advice.suggest_measures(result, packaged.definition, profile, limit=100)}


@pytest.mark.parametrize("option", ["free_not_checked", "freed_recently", "checked_weekly"])
def test_a_critical_question_without_a_hit_is_advised_on(option: str) -> None:
    assert "exits_during_work" in advise(option)


@pytest.mark.parametrize("option", ["locked", "blocked_at_times", None])
def test_a_question_whose_rule_is_hit_or_open_is_left_out(option: str | None) -> None:
    assert "exits_during_work" not in advise(option)


def test_the_best_answer_needs_no_advice() -> None:
    assert "exits_during_work" not in advise("checked_daily")
