"""Consistency checks across answers: they ask for a comment, the supplier sees them first, the score never does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from questionnaires import canonical, conditions
from questionnaires.applicability import Applicability
from questionnaires.definition import Check, CheckRule, Definition, Value, contains


@dataclass(frozen=True, kw_only=True)
class Inconsistency:
    """A check that does not hold; `left` and `right` are the two values compared, empty where there is no rule."""

    check: str
    severity: Literal["warning", "error"]
    title: str
    questions: tuple[str, ...]
    left: str
    right: str


def find_inconsistencies(applicability: Applicability) -> list[Inconsistency]:
    """The checks of this tier that are broken; a check with a missing operand says nothing."""
    return list(_find(applicability))


def _find(applicability: Applicability) -> Iterator[Inconsistency]:
    for check in applicability.definition.checks:
        if contains(applicability.tier, check.tier) and _is_meant(applicability, check):
            compared = ("", "") if check.rule is None else _find_broken(applicability, check.rule)
            if compared is not None:
                yield Inconsistency(
                    check=check.key,
                    severity=check.severity,
                    title=check.title,
                    questions=check.questions,
                    left=str(compared[0]),
                    right=str(compared[1]),
                )


def _is_meant(applicability: Applicability, check: Check) -> bool:
    definition, look_up = applicability.definition, applicability.look_up(None)
    spared = check.unless is not None and conditions.holds(definition, check.unless, look_up)
    return not spared and conditions.holds(definition, check.when, look_up)


def _find_broken(applicability: Applicability, rule: CheckRule) -> tuple[Value, Value] | None:
    """The two sides that do not fit; none where they do, or where one is missing."""
    left, right = _take_left(applicability, rule), _take_right(applicability, rule)
    if left is None or right is None:
        return None
    fits = conditions.compare(rule.op, left, right, number=not _compares_dates(applicability.definition, rule))
    return None if fits else (left, right)


def _compares_dates(definition: Definition, rule: CheckRule) -> bool:
    return any(definition.questions[key].type == "date" for key in rule.questions)


def _take_left(applicability: Applicability, rule: CheckRule) -> Value | None:
    if rule.value is not None:
        return applicability.values.get((rule.value, None))
    if rule.sum_rows is None:
        return _add(applicability.values.get((key, None)) for key in rule.sum)
    rows = applicability.list_group_rows(applicability.definition.parents[rule.sum_rows])
    return _add(applicability.values.get((rule.sum_rows, row)) for row in rows) if rows else None


def _add(values: Iterator[Value | None]) -> Value | None:
    numbers = list(values)
    if any(number is None for number in numbers):
        return None
    return canonical.write_decimal(sum((Decimal(str(number)) for number in numbers), Decimal(0)))


def _take_right(applicability: Applicability, rule: CheckRule) -> Value | None:
    if rule.than is not None:
        return applicability.values.get((rule.than, None))
    return None if rule.than_value is None else canonical.write_decimal(rule.than_value)
