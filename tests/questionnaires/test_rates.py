"""Rates: units that say nothing of anybody's size, and the steps that figures in them go in."""

from decimal import Decimal
from typing import Any

import pytest

from questionnaires import catalogue, rates
from questionnaires.definition import Indicator, Question
from questionnaires.rates import Scale

RATES = (
    "percent", "kWh/piece", "litre/kg", "L / kg", "case/1000000 hour", "accident/200000 h", "hour/person",
    "m2/resident", "kg/1000 piece",
)  # fmt: skip
AMOUNTS = (
    "kWh", "t", "person", "", "EUR", "EUR/piece", "USD/kg", "piece/hour", "piece/day", "t/year", "kWh/hour", "t/hour",
    "customer/person", "piece/person", "case/hour/person", "case/0 hour", "kWh/", "/piece", "percent/piece",
    "kWh/piece/2", "%", "kWh per piece", "MW/piece", "hour/day",
)  # fmt: skip


@pytest.mark.parametrize("unit", RATES)
def test_what_is_a_rate(unit: str) -> None:
    assert rates.is_rate(unit)


@pytest.mark.parametrize("unit", AMOUNTS)
def test_what_is_an_amount_a_price_or_a_capacity(unit: str) -> None:
    assert not rates.is_rate(unit)


def make_question(unit: str = "kWh/piece", /, **changes: Any) -> Question:
    given = {"type": "decimal", "unit": unit, "min": Decimal(0), "benchmark": True}
    given["indicator"] = Indicator(name="Made up", unit=unit, direction="down")
    return Question(key="made_up", tier="micro", kind="fact", title="Made up", **(given | changes))


@pytest.mark.parametrize(
    ("question", "step"),
    [
        (make_question(), "0.01"),
        (make_question(decimals=0), "1"),
        (make_question(decimals=1), "0.1"),
        (make_question(decimals=9), "0.0001"),
        (make_question("case/1000000 hour", type="integer"), "1"),
        (make_question("percent", decimals=2), "1"),
        (make_question("percent", type="percent", unit=None, min=None, decimals=2), "1"),
    ],
)
def test_steps_are_those_of_the_answers_and_a_percentage_is_whole(question: Question, step: str) -> None:
    assert question.indicator is not None
    assert rates.find_scale(question) == Scale(question.indicator.unit, Decimal(step), "down")


@pytest.mark.parametrize(
    "question",
    [
        make_question("kWh"),
        make_question(benchmark=False),
        make_question(indicator=None),
        make_question(min=None),
        make_question(min=Decimal(-1)),
        make_question("percent", min=Decimal(-100)),
    ],
)
def test_what_is_not_marked_no_rate_or_may_be_negative_has_no_scale(question: Question) -> None:
    assert rates.find_scale(question) is None


def test_packaged_questionnaires_give_shares_alone() -> None:
    found = {
        (one.definition.key, question.key, scale.unit)
        for one in catalogue.list_packaged()
        for question in one.definition.questions.values()
        if (scale := rates.find_scale(question))
    }
    assert {unit for _, _, unit in found} == {"percent"}
    assert {key for name, key, _ in found if name == "responsible-sourcing"} >= {
        "safety_training_share",
        "social_insurance",
        "workers_told_rights",
    }
