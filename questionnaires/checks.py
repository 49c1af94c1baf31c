"""Consistency checks across answers: they ask for a comment, the supplier sees them first, the score never does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Literal, TypeAlias

from questionnaires import canonical, conditions, jumps
from questionnaires.answers import Answers, list_rows
from questionnaires.applicability import Applicability
from questionnaires.definition import Check, CheckRule, Definition, Value, contains

Sides: TypeAlias = tuple[Value, Value]
# A thousand rows of twenty digits each, before and behind the point, add up without rounding.
_EXACT = Context(prec=60)


@dataclass(frozen=True, kw_only=True)
class Inconsistency:
    """A check that does not hold; `left` and `right` are the two values compared, empty where there is no rule.

    Where `is_against_last_year`, `right` is what was answered then.
    """

    check: str
    severity: Literal["warning", "error"]
    title: str
    questions: tuple[str, ...]
    left: str
    right: str
    is_against_last_year: bool = False


def find_inconsistencies(applicability: Applicability, earlier: Answers | None = None) -> list[Inconsistency]:
    """The checks of this tier that are broken; a check with a missing operand says nothing.

    `earlier` are the answers of the period before, under the keys of this version, as `carryover.take_comparable`
    gives them; without them no check against last year says anything.
    """
    return list(_find(applicability, earlier or {}))


def _find(applicability: Applicability, earlier: Answers) -> Iterator[Inconsistency]:
    for check in applicability.definition.checks:
        if contains(applicability.tier, check.tier) and _is_meant(applicability, check):
            compared = ("", "") if check.rule is None else _find_broken(applicability, check.rule, earlier)
            if compared is not None:
                yield Inconsistency(
                    check=check.key,
                    severity=check.severity,
                    title=check.title,
                    questions=check.questions,
                    left=_write_side(compared[0]),
                    right=_write_side(compared[1]),
                    is_against_last_year=check.rule is not None and check.rule.jump is not None,
                )


def _write_side(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, tuple) else value


def _is_meant(applicability: Applicability, check: Check) -> bool:
    definition, look_up = applicability.definition, applicability.look_up(None)
    spared = check.unless is not None and conditions.holds(definition, check.unless, look_up)
    return not spared and conditions.holds(definition, check.when, look_up)


def _find_broken(applicability: Applicability, rule: CheckRule, earlier: Answers) -> Sides | None:
    """The two sides that do not fit; none where they do, or where one is missing."""
    left = _take_left(applicability, rule)
    right = _take_right(applicability, rule) if rule.jump is None else _take_earlier(applicability, rule, earlier)
    if left is None or right is None:
        return None
    if rule.jump is not None:
        question = applicability.definition.questions[rule.questions[0]]
        return (left, right) if jumps.is_jump(rule.jump, question, left, right) else None
    is_number = not _compares_dates(applicability.definition, rule)
    fits = rule.op is None or conditions.compare(rule.op, left, right, number=is_number)
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


def _take_earlier(applicability: Applicability, rule: CheckRule, earlier: Answers) -> Value | None:
    """The left side as it was: nothing where a part of it was no value, or means something else now."""

    def look_up(key: str, row: str | None = None) -> Value | None:
        answer = earlier.get((key, row))
        return answer.value if answer is not None and answer.state == "value" else None

    if rule.value is not None:
        return look_up(rule.value)
    if rule.sum_rows is None:
        return _add(look_up(key) for key in rule.sum)
    group = applicability.definition.parents[rule.sum_rows]
    whole = earlier.get((group.key, None))
    if whole is not None and whole.state != "value":
        return None
    rows = list_rows(applicability.definition, group, earlier)
    return _add(look_up(rule.sum_rows, row) for row in rows) if rows else None


def _add(values: Iterable[Value | None]) -> Value | None:
    numbers = list(values)
    if any(number is None for number in numbers):
        return None
    total = Decimal(0)
    for number in numbers:
        total = _EXACT.add(total, Decimal(str(number)))
    return canonical.write_decimal(total)


def _take_right(applicability: Applicability, rule: CheckRule) -> Value | None:
    if rule.than is not None:
        return applicability.values.get((rule.than, None))
    return None if rule.than_value is None else canonical.write_decimal(rule.than_value)
