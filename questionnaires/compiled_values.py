"""Quick tests of single answers: they let pass what is surely in order, and leave every doubt to submission.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from questionnaires.answers import MAX_DIGITS, MAX_TEXT, Answer
from questionnaires.applicability import Item
from questionnaires.compiled_conditions import Test, Values, compile_condition
from questionnaires.definition import NUMBERS, Definition, Question, Tier, Value, contains
from questionnaires.submission import is_required

Accept: TypeAlias = Callable[[Value], bool]
# The spelling in which numbers are stored.
_CANONICAL = re.compile(r"-?(0|[1-9][0-9]*)(\.([0-9]*[1-9]))?")
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


class QuickCheck:
    """What submission asks of one question at a tier, as far as it can be told at a glance."""

    __slots__ = ("_accept", "_demand", "_demands", "may_be_missing")

    def __init__(self, definition: Definition, tier: Tier, item: Item) -> None:
        question = item.question
        self.may_be_missing = question.type != "group" and not is_required(item)
        self._accept = compile_acceptance(definition, question)
        self._demands, self._demand = _compile_demand(definition, tier, question)

    def passes(self, answer: Answer, values: Values, row_id: str | None) -> bool:
        """Whether an answer without attachments has no problem; False says only that it has to be looked at."""
        if answer.state == "unknown":
            return True
        if answer.state != "value" or answer.value is None or not self._accept(answer.value):
            return False
        return not (self._demands and (self._demand is None or self._demand(values, row_id)))


def _compile_demand(definition: Definition, tier: Tier, question: Question) -> tuple[bool, Test | None]:
    """Whether a value may need evidence at this tier, and when."""
    rule = question.evidence
    if rule is None or not rule.demanded:
        return False, None
    if rule.required_from is not None and not contains(tier, rule.required_from):
        return False, None
    return True, compile_condition(definition, rule.required_when)


def compile_acceptance(definition: Definition, question: Question) -> Accept:
    """A test that lets pass only values without any problem."""
    if question.type in NUMBERS:
        return _compile_number(question)
    options = definition.options(question)
    if question.type == "choice" and question.max_length is None:
        keys = frozenset(option.key for option in options)
        return lambda value: isinstance(value, str) and value in keys
    if question.type == "multi_choice":
        alone = frozenset(option.key for option in options if option.exclusive)
        order = tuple(option.key for option in options)
        return lambda value: isinstance(value, tuple) and _is_clean_choice(value, order, alone)
    if question.type == "boolean" and question.max_length is None:
        return lambda value: isinstance(value, bool)
    if question.type == "text":
        longest = MAX_TEXT if question.max_length is None else min(MAX_TEXT, question.max_length)
        return lambda value: (
            isinstance(value, str)
            and len(value) <= longest
            and not value.isspace()
            and bool(value)
            and _UNREADABLE.search(value) is None
        )
    return lambda value: False


def _is_clean_choice(value: tuple[str, ...], order: tuple[str, ...], alone: frozenset[str]) -> bool:
    if not value or not all(key in order for key in value):
        return False
    return len(value) == 1 or alone.isdisjoint(value)


def _compile_number(question: Question) -> Accept:
    least, most, places = question.min, question.max, question.decimals
    is_whole, match = question.type == "integer", _CANONICAL.fullmatch

    def accept(value: Value) -> bool:
        if not isinstance(value, str) or len(value) > MAX_DIGITS:
            return False
        found = match(value)
        if found is None:
            return False
        behind = found[3]
        if behind is not None and (is_whole or (places is not None and len(behind) > places)):
            return False
        number = Decimal(value)
        return (least is None or number >= least) and (most is None or number <= most)

    return accept
