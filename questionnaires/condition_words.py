"""A condition in words, for forms that cannot open and close questions by themselves."""

from __future__ import annotations

from functools import reduce

from questionnaires.definition import CHOICES, Clause, Condition, Definition, Value
from questionnaires.wording import Words


def describe_condition(definition: Definition, condition: Condition | None, words: Words) -> str:
    """When a question is asked, as a sentence; empty where it always is."""
    if condition is None:
        return ""
    joint = "and" if condition.all else "or"
    clauses = [describe_clause(definition, clause, words) for clause in condition.clauses]
    joined = reduce(lambda first, second: words.say(joint, first=first, second=second), clauses)
    return words.say("only_if", clauses=joined)


def describe_clause(definition: Definition, clause: Clause, words: Words) -> str:
    asked = definition.questions[clause.q]
    values = clause.value if isinstance(clause.value, tuple) else (clause.value,)
    shown = "; ".join(show_value(definition, clause.q, value, words) for value in values)
    unit = f" {asked.unit}" if asked.unit and clause.op != "answered" else ""
    return words.say(clause.op, question=asked.title, value=f"{shown}{unit}")


def show_value(definition: Definition, key: str, value: Value, words: Words) -> str:
    """A value as a person reads it: options by their titles, truth values in words."""
    question = definition.questions[key]
    if isinstance(value, bool):
        return words.say("yes" if value else "no")
    if question.type in CHOICES:
        titles = {option.key: option.title for option in definition.options(question)}
        chosen = value if isinstance(value, tuple) else (value,)
        return "; ".join(titles.get(one, one) for one in chosen)
    return str(value)
