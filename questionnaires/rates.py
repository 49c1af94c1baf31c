"""Rates: which numbers can be compared with those of peers, and in which steps their figures are shown.

An amount, such as kWh of a year, says how large somebody is. A rate is a share, or one unit for each of another: the
units that make one are listed, so that a price, an output or a capacity is none whatever it is called.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from questionnaires.definition import NUMBERS, Question

PERCENT = "percent"
# What is used, emitted, suffered or given, never money, pieces or what a machine can do.
EVENTS = frozenset({"accident", "case", "complaint", "event", "incident", "injury", "spill"})
AMOUNTS = EVENTS | {
    *("kWh", "MWh", "MJ", "GJ", "L", "l", "litre", "m3", "g", "kg", "t", "gCO2e", "kgCO2e", "tCO2e"),
    *("h", "hour", "day", "m2"),
}
BASES = frozenset({"piece", "kg", "t", "m2", "person", "worker", "employee", "resident"})
WORKED = frozenset({"h", "hour"})  # only events: kWh or t per hour are a capacity
_RATIO = re.compile(r"([A-Za-z][A-Za-z0-9]*) ?/ ?(?:[1-9][0-9]* )?([A-Za-z][A-Za-z0-9]*)")
USUAL_DECIMALS, MOST_DECIMALS = 2, 4


@dataclass(frozen=True)
class Scale:
    """What figures are in: whole `step`s of `unit`, and where better lies."""

    unit: str
    step: Decimal
    direction: str

    def spell(self, steps: int | None) -> str | None:
        """A figure in the unit, as a plain number."""
        return None if steps is None else f"{steps * self.step:f}"


POINTS = Scale("point", Decimal(1), "up")


def is_rate(unit: str) -> bool:
    """Whether a unit is percent, or says one of the listed amounts for each of a listed base: `case/1000000 hour`."""
    if unit == PERCENT:
        return True
    parts = _RATIO.fullmatch(unit)
    if parts is None:
        return False
    amount, base = parts[1], parts[2]
    return (amount in AMOUNTS and base in BASES) or (amount in EVENTS and base in WORKED)


def find_scale(question: Question) -> Scale | None:
    """The scale of a question whose answers may be compared with peers; None for any other.

    Its version marks it, it feeds an indicator in a rate, and it is never negative, since the rules against one
    contributor that makes most of a sum hold for such values alone. A percentage goes in steps of 1, another number in
    steps of its last decimal.
    """
    indicator = question.indicator
    if not question.benchmark or indicator is None or question.type not in NUMBERS or not is_rate(indicator.unit):
        return None
    if question.type != PERCENT and (question.min is None or question.min < 0):
        return None
    return Scale(indicator.unit, _find_step(question), indicator.direction)


def _find_step(question: Question) -> Decimal:
    if question.indicator is None or question.indicator.unit == PERCENT or question.type == "integer":
        return Decimal(1)
    decimals = USUAL_DECIMALS if question.decimals is None else question.decimals
    return Decimal(1).scaleb(-min(decimals, MOST_DECIMALS))
