"""Conditions and limits as XLSForm writes them (XPath), and back: the part of the language that both can say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from questionnaires import canonical
from questionnaires.definition import NUMBERS, Clause, Condition, Definition, Question, Value

SIGNS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
OPERATORS = {sign: op for op, sign in SIGNS.items()}
MAX_EXPRESSION = 2_000  # characters
MAX_BRACKETS = 10
_REFERENCE = r"\$\{\s*([A-Za-z_][\w.-]*)\s*\}"
_LITERAL = r"(?:'([^']*)'|\"([^\"]*)\"|(-?\d+(?:\.\d+)?)|date\(\s*['\"](\d{4}-\d\d-\d\d)['\"]\s*\))"
_COMPARISON = re.compile(rf"{_REFERENCE}\s*(=|>=|<=|>|<)\s*{_LITERAL}")
_SELECTED = re.compile(rf"selected\(\s*{_REFERENCE}\s*,\s*(?:'([^']*)'|\"([^\"]*)\")\s*\)")
_ANSWERED = re.compile(rf"{_REFERENCE}\s*!=\s*(?:''|\"\")|string-length\(\s*{_REFERENCE}\s*\)\s*>\s*0")
_LIMIT = re.compile(r"\.\s*(>=|<=)\s*(-?\d+(?:\.\d+)?)")
_LENGTH = re.compile(r"string-length\(\s*\.\s*\)\s*<=\s*(\d{1,9})")
_EXCLUSIVE = re.compile(r"not\(\s*selected\(\s*\.\s*,\s*'(\w+)'\s*\) and count-selected\(\s*\.\s*\) > 1\s*\)")


class Unmapped(ValueError):
    """An expression beyond the part that maps; the message says what is not understood."""


@dataclass(frozen=True)
class Asked:
    """What a condition needs to know of a question that it names."""

    key: str
    type: str


Find = Callable[[str], Asked]
Rename = Callable[[str], str]


def write_relevant(definition: Definition, condition: Condition | None) -> str:
    """When a question is asked; empty where it always is."""
    if condition is None:
        return ""
    joint = " and " if condition.all else " or "
    return joint.join(_write_clause(definition.questions[clause.q], clause) for clause in condition.clauses)


def _write_clause(asked: Question, clause: Clause) -> str:
    name = f"${{{clause.q}}}"
    if clause.op == "answered":
        return f"{name} != ''"
    values = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    if asked.type == "multi_choice":
        parts = [f"selected({name}, '{value}')" for value in values]
    else:
        sign = SIGNS.get(clause.op, "=")
        parts = [f"{name} {sign} {_write_literal(asked, value)}" for value in values]
    joint = " and " if clause.op == "includes_all" else " or "
    return parts[0] if len(parts) == 1 else f"({joint.join(parts)})"


def _write_literal(asked: Question, value: Value) -> str:
    if isinstance(value, bool):
        return "'true'" if value else "'false'"
    if asked.type in NUMBERS:
        return str(value)
    return f"date('{value}')" if asked.type == "date" else f"'{value}'"


def write_constraint(definition: Definition, question: Question) -> tuple[str, str]:
    """The limits of a value, and in few words what is allowed."""
    if question.type in NUMBERS:
        low, high = (None if one is None else canonical.write_decimal(one) for one in (question.min, question.max))
        parts = [f". >= {low}"] if low is not None else []
        parts += [f". <= {high}"] if high is not None else []
        return " and ".join(parts), " – ".join(one or "" for one in (low, high)).strip() if parts else ""
    if question.max_length is not None:
        return f"string-length(.) <= {question.max_length}", f"≤ {question.max_length}"
    alone = [option for option in definition.options(question) if option.exclusive]
    if question.type == "multi_choice" and alone:
        parts = [f"not(selected(., '{option.key}') and count-selected(.) > 1)" for option in alone]
        return " and ".join(parts), " / ".join(option.title for option in alone)
    return "", ""


def read_relevant(text: str, find: Find, rename: Rename) -> dict[str, Any]:
    """A condition of the published format; raises Unmapped for what is not flat, or is not understood."""
    if len(text) > MAX_EXPRESSION:
        raise Unmapped("the expression is too long")
    try:
        return {"all": [_read_list(text, find, rename)]}
    except Unmapped:
        joint, parts = _split(_strip_brackets(text))
        return {"all" if joint != "or" else "any": [_read_clause(part, find, rename) for part in parts]}


def _read_clause(text: str, find: Find, rename: Rename) -> dict[str, Any]:
    found = _read_single(text, find, rename)
    return _read_list(text, find, rename) if found is None else found


def _read_single(text: str, find: Find, rename: Rename) -> dict[str, Any] | None:
    """One value of one question; none for anything else. Lists have no lists in them, so that none is read for long."""
    bare = _strip_brackets(text)
    if found := _ANSWERED.fullmatch(bare):
        return {"q": find(found[1] or found[2]).key, "op": "answered", "value": True}
    if found := _SELECTED.fullmatch(bare):
        asked = find(found[1])
        value = rename(found[2] if found[2] is not None else found[3])
        if asked.type == "multi_choice":
            return {"q": asked.key, "op": "includes_any", "value": [value]}
        return {"q": asked.key, "op": "eq", "value": _type_value(asked, value)}
    if found := _COMPARISON.fullmatch(bare):
        return _read_comparison(found, find, rename)
    return None


def _read_comparison(found: re.Match[str], find: Find, rename: Rename) -> dict[str, Any]:
    asked = find(found[1])
    text = next(one for one in found.groups()[2:] if one is not None)
    is_option = asked.type in ("choice", "multi_choice", "boolean")
    if asked.type == "multi_choice":
        raise Unmapped(f"compare {asked.key} by selected()")
    value = _type_value(asked, rename(text) if is_option else text)
    return {"q": asked.key, "op": OPERATORS[found[2]], "value": value}


def _read_list(text: str, find: Find, rename: Rename) -> dict[str, Any]:
    """Several values of one question: any of them joined by or, all of them by and."""
    joint, parts = _split(_strip_brackets(text))
    found = [_read_single(part, find, rename) for part in parts]
    clauses = [clause for clause in found if clause is not None]
    if len(parts) < 2 or len(clauses) < len(parts):
        raise Unmapped(f'"{text[:80]}" is not understood')
    first = clauses[0]
    ops = {clause["op"] for clause in clauses}
    is_mixed = len({clause["q"] for clause in clauses}) > 1 or ops not in ({"eq"}, {"includes_any"})
    if is_mixed or isinstance(first["value"], bool):
        raise Unmapped("all clauses are joined by and, or all by or")
    values = [one for c in clauses for one in (c["value"] if isinstance(c["value"], list) else [c["value"]])]
    if ops == {"eq"} and joint == "or":
        return {"q": first["q"], "op": "in", "value": values}
    if ops == {"includes_any"}:
        return {"q": first["q"], "op": "includes_any" if joint == "or" else "includes_all", "value": values}
    raise Unmapped("a question cannot have two values at once")


def _type_value(asked: Asked, value: str) -> bool | str:
    if asked.type != "boolean":
        return value
    if value not in ("true", "false"):
        raise Unmapped(f"{asked.key} is answered true or false")
    return value == "true"


def _split(text: str) -> tuple[str, list[str]]:
    """The parts of an expression outside brackets and quotes, and the one word that joins them."""
    parts, joints, depth, quote, start = [], set(), 0, "", 0
    for found in re.finditer(r"['\"()]|\s(and|or)\s", text):
        mark = found[0]
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "'\"":
            quote = mark
        elif mark in "()":
            depth += 1 if mark == "(" else -1
        elif depth == 0:
            parts.append(text[start : found.start()])
            joints.add(found[1])
            start = found.end()
    if len(joints) > 1:
        raise Unmapped("all clauses are joined by and, or all by or")
    return next(iter(joints), ""), [*parts, text[start:]]


def _strip_brackets(text: str) -> str:
    """Without brackets around the whole."""
    text = text.strip()
    for _ in range(MAX_BRACKETS):
        if not (text.startswith("(") and text.endswith(")") and _closes_at_end(text)):
            return text
        text = text[1:-1].strip()
    raise Unmapped(f"there are more than {MAX_BRACKETS} brackets around it")


def _closes_at_end(text: str) -> bool:
    depth = 0
    for position, mark in enumerate(text):
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth == 0:
            return position == len(text) - 1
    return False


def read_constraint(text: str) -> Mapping[str, Any]:
    """min, max, max_length and the exclusive options that a constraint stands for; raises Unmapped."""
    found: dict[str, Any] = {}
    for part in _split_limits(text):
        if limit := _LIMIT.fullmatch(part):
            found["min" if limit[1] == ">=" else "max"] = canonical.write_decimal(Decimal(limit[2]))
        elif length := _LENGTH.fullmatch(part):
            found["max_length"] = int(length[1])
        elif alone := _EXCLUSIVE.fullmatch(part):
            found.setdefault("exclusive", []).append(alone[1])
        else:
            raise Unmapped(f'"{part[:80]}" is not understood')
    return found


def _split_limits(text: str) -> list[str]:
    if len(text) > MAX_EXPRESSION:
        raise Unmapped("the expression is too long")
    joint, parts = _split(text)
    if joint == "or":
        raise Unmapped("limits are joined by and")
    return [_strip_brackets(part) for part in parts]
