"""Consistency checks across answers: they ask for a comment, the supplier sees them first, the score never does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from questionnaires import canonical, conditions
from questionnaires.applicability import Applicability
from questionnaires.definition import Check, Definition, Value, contains


@dataclass(frozen=True, kw_only=True)
class Inconsistency:
    """A check that does not hold; `left` and `right` are the two values that were compared."""

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
    definition = applicability.definition
    for check in definition.checks:
        if not contains(applicability.tier, check.tier):
            continue
        if not conditions.holds(definition, check.when, applicability.look_up(None)):
            continue
        left, right = _take_left(applicability, check), _take_right(applicability, check)
        if left is None or right is None:
            continue
        if not conditions.compare(check.rule.op, left, right, number=not _compares_dates(definition, check)):
            yield Inconsistency(
                check=check.key,
                severity=check.severity,
                title=check.title,
                questions=check.rule.questions,
                left=str(left),
                right=str(right),
            )


def _compares_dates(definition: Definition, check: Check) -> bool:
    return any(definition.questions[key].type == "date" for key in check.rule.questions)


def _take_left(applicability: Applicability, check: Check) -> Value | None:
    rule = check.rule
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


def _take_right(applicability: Applicability, check: Check) -> Value | None:
    rule = check.rule
    if rule.than is not None:
        return applicability.values.get((rule.than, None))
    return None if rule.than_value is None else canonical.write_decimal(rule.than_value)
