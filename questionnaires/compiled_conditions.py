"""Conditions as closures: what can be looked up once is looked up here, and the outcome is that of conditions.py."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from questionnaires.answers import AnswerKey
from questionnaires.definition import NUMBERS, Clause, Condition, Definition, Value

Values: TypeAlias = Mapping[AnswerKey, Value]
Find: TypeAlias = Callable[[Values, str | None], Value | None]
# Whether a condition holds of the values that count, seen from a row of a group (None: from outside groups).
Test: TypeAlias = Callable[[Values, str | None], bool]

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def compile_condition(definition: Definition, condition: Condition | None) -> Test | None:
    """The test of a condition; None where there is none, so that it need not be called."""
    if condition is None:
        return None
    tests = [compile_clause(definition, clause) for clause in condition.clauses]
    if len(tests) == 1:
        return tests[0]
    if condition.all:
        return lambda values, row: all(test(values, row) for test in tests)
    return lambda values, row: any(test(values, row) for test in tests)


def compile_clause(definition: Definition, clause: Clause) -> Test:
    """The test of one clause, false of an absent value."""
    accept = _compile_comparison(definition, clause)
    if clause.q in definition.parents:

        def test_row(values: Values, row: str | None) -> bool:
            value = values.get((clause.q, row))
            return value is not None and accept(value)

        return test_row
    place = (clause.q, None)

    def test(values: Values, _: str | None) -> bool:
        value = values.get(place)
        return value is not None and accept(value)

    return test


def _compile_comparison(definition: Definition, clause: Clause) -> Callable[[Value], bool]:
    read = _read_number if definition.questions[clause.q].type in NUMBERS else _read_plain
    given = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    match clause.op:
        case "answered":
            return lambda value: True
        case "in":
            wanted = [read(item) for item in given]
            return lambda value: read(value) in wanted
        case "includes_any":
            options = frozenset(given)
            return lambda value: not options.isdisjoint(value if isinstance(value, tuple) else (value,))
        case "includes_all":
            options = frozenset(given)
            return lambda value: options.issubset(value if isinstance(value, tuple) else (value,))
        case _:
            compare, right = _COMPARISONS[clause.op], read(clause.value)
            return lambda value: compare(read(value), right)


def _read_number(value: Value) -> Any:
    return Decimal(str(value))


def _read_plain(value: Value) -> Any:
    return value
