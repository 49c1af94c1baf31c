"""Whether a flat condition holds: a clause on anything but a present, enabled value is false."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from questionnaires.definition import NUMBERS, Clause, Condition, Definition, Value

Lookup = Callable[[str], Value | None]


def holds(definition: Definition, condition: Condition | None, lookup: Lookup) -> bool:
    """True without a condition; `lookup` gives the value of an enabled question in state value, else None."""
    if condition is None:
        return True
    met = (clause_holds(definition, clause, lookup(clause.q)) for clause in condition.clauses)
    return all(met) if condition.all else any(met)


def clause_holds(definition: Definition, clause: Clause, value: Value | None) -> bool:
    """Whether one clause holds of the value it asks about; None is absent."""
    if value is None:
        return False
    number = definition.questions[clause.q].type in NUMBERS
    match clause.op:
        case "answered":
            return True
        case "in":
            wanted = clause.value if isinstance(clause.value, tuple) else (clause.value,)
            return any(compare("eq", value, item, number=number) for item in wanted)
        case "includes_any":
            return bool(_as_set(value) & _as_set(clause.value))
        case "includes_all":
            return _as_set(clause.value) <= _as_set(value)
        case "eq" | "gt" | "gte" | "lt" | "lte":
            return compare(clause.op, value, clause.value, number=number)


def compare(op: str, left: Value, right: Value, *, number: bool) -> bool:
    """Compare two values of one question: numbers by size, dates by day, everything else by equality only."""
    a: Any = Decimal(str(left)) if number else left
    b: Any = Decimal(str(right)) if number else right
    match op:
        case "eq":
            return bool(a == b)
        case "gt":
            return bool(a > b)
        case "gte":
            return bool(a >= b)
        case "lt":
            return bool(a < b)
        case _:
            return bool(a <= b)


def _as_set(value: Value) -> frozenset[object]:
    return frozenset(value) if isinstance(value, tuple) else frozenset({value})
