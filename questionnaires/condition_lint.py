"""The rules for conditions: only earlier questions of the same or a lower tier, operators and values that fit."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from datetime import date

from questionnaires.definition import NUMBERS, Clause, Condition, Definition, Question, Tier, contains
from questionnaires.faults import FaultList, Place

_ORDER = frozenset({"eq", "in", "gt", "gte", "lt", "lte", "answered"})
OPERATORS: dict[str, frozenset[str]] = {
    "boolean": frozenset({"eq", "answered"}),
    "choice": frozenset({"eq", "in", "answered"}),
    "multi_choice": frozenset({"includes_any", "includes_all", "answered"}),
    "integer": _ORDER,
    "decimal": _ORDER,
    "percent": _ORDER,
    "date": _ORDER,
    "text": frozenset({"answered"}),
    "group": frozenset(),
}
LISTS = frozenset({"in", "includes_any", "includes_all"})
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


def lint_conditions(definition: Definition, located: Sequence[tuple[Question, Place]], faults: FaultList) -> None:
    """Add the faults of every enable_when and required_when, in document order."""
    earlier: set[str] = set()
    for question, place in located:
        reachable = {key for key in earlier if _is_reachable(definition, key, question.key)}
        if question.enable_when:
            lint_condition(definition, question.enable_when, "enable_when", question.tier, reachable, place, faults)
        evidence = question.evidence
        if evidence and evidence.required_when:
            tier = max(question.tier, evidence.required_from or question.tier, key=_rank)
            known = reachable | {question.key}
            lint_condition(definition, evidence.required_when, "required_when", tier, known, place, faults)
        earlier.add(question.key)


def lint_condition(
    definition: Definition,
    condition: Condition,
    name: str,
    tier: Tier,
    reachable: Container[str],
    place: Place,
    faults: FaultList,
) -> None:
    """Add the faults of one condition that may name the `reachable` questions up to `tier`."""
    if bool(condition.all) == bool(condition.any):
        faults.add_finding(place, f"{name}: allowed: exactly one of all and any, with at least one clause")
    below = Place((*place.path, "evidence", name) if name == "required_when" else (*place.path, name), place.labels)
    for index, clause in enumerate(condition.clauses):
        spot = below.enter("all" if condition.all else "any").enter(index)
        if spot.path in faults.touched or clause.q in faults.unsure:
            continue
        for message in _find_clause_faults(definition, clause, tier, reachable):
            faults.add(spot, f"{name}: {message}")


def name_type(kind: str) -> str:
    """A type with its article."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _show(value: object) -> str:
    """A value as an author writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _rank(tier: Tier) -> int:
    return ("micro", "basic", "standard", "advanced").index(tier)


def _is_reachable(definition: Definition, key: str, asking: str) -> bool:
    """A question of a group is seen from the same row only."""
    parent = definition.parents.get(key)
    return parent is None or definition.parents.get(asking) is parent


def _find_clause_faults(definition: Definition, clause: Clause, tier: Tier, reachable: Container[str]) -> Iterator[str]:
    question = definition.questions.get(clause.q)
    if question is None:
        yield f'unknown question "{clause.q}"; allowed: a question that comes earlier'
        return
    if clause.q not in reachable:
        yield f'"{clause.q}" comes later or is inside a group; allowed: earlier questions, in a group those of its row'
        return
    if not contains(tier, question.tier):
        yield f'"{clause.q}" is asked from tier {question.tier} on; allowed: questions of tier {tier} or lower'
    allowed = OPERATORS[question.type]
    if clause.op not in allowed:
        fit = ", ".join(sorted(allowed)) or "none"
        yield f'operator {clause.op} on "{clause.q}", {name_type(question.type)}; allowed: {fit}'
        return
    yield from (
        f'value {_show(value)} for "{clause.q}"; allowed: {fit}' for value, fit in _find_misfits(definition, clause)
    )


def _find_misfits(definition: Definition, clause: Clause) -> Iterator[tuple[object, str]]:
    question = definition.questions[clause.q]
    if clause.op == "answered":
        if clause.value is not True:
            yield clause.value, "true, or no value"
        return
    if isinstance(clause.value, tuple) != (clause.op in LISTS):
        yield clause.value, "a list" if clause.op in LISTS else "one value"
        return
    values = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    if not values:
        yield clause.value, "at least one value"
    for value in values:
        if (fit := describe_misfit(definition, question, value)) is not None:
            yield value, fit


def describe_misfit(definition: Definition, question: Question, value: object) -> str | None:
    """What is allowed as a single value of this question, or None where `value` fits."""
    if question.type == "boolean":
        return None if isinstance(value, bool) else "true or false"
    if question.type in NUMBERS:
        return None if isinstance(value, str) and _NUMBER.fullmatch(value) else "a number"
    if question.type == "date":
        return None if isinstance(value, str) and _is_date(value) else "a date such as 2026-01-31"
    keys = [option.key for option in definition.options(question)]
    # Where the options are not known, that is told where they belong.
    return None if value in keys or not keys else ", ".join(keys)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
