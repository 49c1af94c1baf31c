"""What an answer is: its states, the one spelling of each value, and the flat and nested forms of a set of answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeAlias, get_args

from questionnaires import canonical
from questionnaires.definition import CHOICES, NUMBERS, Definition, Question, Value

State = Literal["value", "not_applicable", "unknown", "declined"]
STATES: tuple[State, ...] = get_args(State)
MAX_TEXT = 10_000
MAX_REASON = 2_000
MAX_DIGITS = 20
# What a value of each type is, and of a group: phrases, as `messages` knows them in other languages.
EXPECTED: Mapping[str, str] = {
    "boolean": "true or false",
    "choice": "the key of one option",
    "multi_choice": "a list with the key of at least one option",
    "integer": "a whole number such as 12",
    "decimal": "a number such as 12 or 0.5",
    "percent": "a number such as 12 or 0.5",
    "date": "a date such as 2026-01-31",
    "text": "a text that is not empty",
}
A_ROW, NO_ROWS = "true for a row", "an empty list, which says that there are none"
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?")
_ROW_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Neither PostgreSQL nor UTF-8 can hold these.
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer in its stored form; the row of a group exists where the group key has an answer with that row id."""

    question: str
    row_id: str | None = None
    state: State
    value: Value | None = None
    reason: str = ""

    @property
    def key(self) -> AnswerKey:
        return (self.question, self.row_id)


AnswerKey: TypeAlias = tuple[str, str | None]
Answers: TypeAlias = Mapping[AnswerKey, Answer]
Refuse: TypeAlias = Callable[..., "Problem"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with an answer: a stable code, where, and the parameters of its text."""

    code: str
    question: str
    row_id: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


def index_answers(answers: Iterable[Answer]) -> Answers:
    """By question and row; a later answer for the same place wins."""
    return {answer.key: answer for answer in answers}


def may_decline(question: Question, staff: int | None = None) -> bool:
    """Whether a firm with this many people may decline; with the size unknown, whether any size may."""
    limit = question.request_limit
    if limit is None or (staff is not None and staff > 1000):
        return False
    if staff is None:
        return "voluntary" in (limit.up_to_10, limit.up_to_1000)
    return (limit.up_to_10 if staff <= 10 else limit.up_to_1000) == "voluntary"


def explain_decline(question: Question, row_id: str | None, staff: int | None) -> Problem | None:
    """Why a firm with this many people may not decline, with the largest that may; none where it may."""
    if may_decline(question, staff):
        return None
    limit = question.request_limit
    allowed = [] if limit is None else [(10, limit.up_to_10), (1000, limit.up_to_1000)]
    most = max((size for size, ask in allowed if ask == "voluntary"), default=None)
    if staff is None or most is None or staff <= most:
        return Problem(code="decline_not_allowed", question=question.key, row_id=row_id)
    told = {"staff": str(staff), "max": str(most)}
    return Problem(code="decline_over_limit", question=question.key, row_id=row_id, parameters=told)


def check_saved(
    definition: Definition,
    question: str,
    *,
    row_id: str | None = None,
    state: str,
    value: object = None,
    reason: str | None = None,
    unit: str | None = None,
) -> Answer | Problem:
    """The answer with its value in the one spelling, or why it cannot even be kept as a draft.

    Conditions, limits and required fields are left to submission, so that a draft is never lost.
    """
    asked = definition.questions.get(question)
    problem = _check_place(definition, asked, question, row_id) or _check_state(asked, state, row_id, reason)
    if problem is None and asked is not None and state == "value":
        normal = normalize_value(definition, asked, value, row_id=row_id, unit=unit)
        if isinstance(normal, Problem):
            return normal
        return Answer(question=question, row_id=row_id, state="value", value=normal)
    if problem is None and value is not None:
        problem = Problem(code="value_not_expected", question=question, row_id=row_id, parameters={"state": state})
    kept: Any = state
    return problem or Answer(question=question, row_id=row_id, state=kept, reason=(reason or "").strip())


def _check_place(definition: Definition, asked: Question | None, key: str, row_id: str | None) -> Problem | None:
    if asked is None:
        return Problem(code="unknown_question", question=key, row_id=row_id)
    if row_id is None:
        return Problem(code="row_missing", question=key) if key in definition.parents else None
    if key not in definition.parents and asked.type != "group":
        return Problem(code="row_not_expected", question=key, row_id=row_id)
    if not _ROW_ID.fullmatch(row_id):
        return Problem(code="row_malformed", question=key, row_id=row_id)
    return None


def _check_state(asked: Question | None, state: str, row_id: str | None, reason: str | None) -> Problem | None:
    assert asked is not None
    if state not in STATES:
        allowed = {"state": state, "allowed": ", ".join(STATES)}
        return Problem(code="unknown_state", question=asked.key, row_id=row_id, parameters=allowed)
    if asked.type == "group" and row_id is not None and state != "value":
        return Problem(code="row_state", question=asked.key, row_id=row_id)
    if state == "not_applicable" and not asked.allows_not_applicable:
        return Problem(code="not_applicable_not_allowed", question=asked.key, row_id=row_id)
    refused = explain_decline(asked, row_id, None) if state == "declined" else None
    if refused is not None:
        return refused
    if reason and _UNREADABLE.search(reason):
        return Problem(code="text_unreadable", question=asked.key, row_id=row_id)
    if reason and len(reason) > MAX_REASON:
        limit = {"length": str(len(reason)), "max": str(MAX_REASON)}
        return Problem(code="reason_too_long", question=asked.key, row_id=row_id, parameters=limit)
    return None


def normalize_value(
    definition: Definition, question: Question, raw: object, *, row_id: str | None = None, unit: str | None = None
) -> Value | Problem:
    """The one spelling of a value, so that equal values compare equal ("1.0" is "1"), or why it is none."""

    def refuse(code: str, **parameters: str) -> Problem:
        return Problem(code=code, question=question.key, row_id=row_id, parameters=parameters)

    if unit is not None and unit != (question.unit or ("percent" if question.type == "percent" else None)):
        return refuse("wrong_unit", unit=unit, expected=question.unit or "none")
    if question.type in NUMBERS:
        return _normalize_number(question, raw, refuse)
    if question.type in CHOICES:
        return _normalize_choice(definition, question, raw, refuse)
    if question.type == "text":
        return _normalize_text(raw, refuse)
    if question.type == "boolean":
        return raw if isinstance(raw, bool) else refuse("wrong_type", expected=EXPECTED["boolean"])
    if question.type == "date":
        return _normalize_date(raw, refuse)
    if row_id is not None:
        return True if raw is True or raw is None else refuse("wrong_type", expected=A_ROW)
    return () if raw in ([], ()) else refuse("wrong_type", expected=NO_ROWS)


def name_expected(question: Question, row_id: str | None) -> str:
    """What a question takes, as one of the phrases that each language has."""
    if question.type == "group":
        return NO_ROWS if row_id is None else A_ROW
    return EXPECTED[question.type]


def _normalize_number(question: Question, raw: object, refuse: Refuse) -> Value | Problem:
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    if isinstance(raw, Decimal) and raw.is_finite():
        text = canonical.write_decimal(raw)
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        return refuse("wrong_type", expected=EXPECTED[question.type])
    # A phone may type the digits of any script; Decimal reads them all, and the one spelling is in 0 to 9.
    normal = canonical.write_decimal(Decimal(text))
    if sum(character.isdigit() for character in normal) > MAX_DIGITS:
        return refuse("number_too_long", max=str(MAX_DIGITS))
    if question.type == "integer" and "." in normal:
        return refuse("not_whole", value=normal)
    return normal


def _normalize_choice(definition: Definition, question: Question, raw: object, refuse: Refuse) -> Value | Problem:
    keys = [option.key for option in definition.options(question)]
    single = question.type == "choice"
    chosen = [raw] if single else raw
    if not isinstance(chosen, list | tuple) or not all(isinstance(item, str) for item in chosen) or not chosen:
        return refuse("wrong_type", expected=EXPECTED[question.type])
    for item in chosen:
        if item not in keys:
            return refuse("unknown_option", value=item[:100], allowed=", ".join(keys))
    return str(chosen[0]) if single else tuple(key for key in keys if key in chosen)


def _normalize_text(raw: object, refuse: Refuse) -> Value | Problem:
    if not isinstance(raw, str) or not raw.strip():
        return refuse("wrong_type", expected=EXPECTED["text"])
    if _UNREADABLE.search(raw):
        return refuse("text_unreadable")
    text = raw.replace("\r\n", "\n").strip()
    if len(text) > MAX_TEXT:
        return refuse("text_too_long", length=str(len(text)), max=str(MAX_TEXT))
    return text


def _normalize_date(raw: object, refuse: Refuse) -> Value | Problem:
    text = raw.isoformat() if isinstance(raw, date) else raw
    try:
        if isinstance(text, str) and date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    return refuse("wrong_type", expected=EXPECTED["date"])


def list_rows(definition: Definition, group: Question, answers: Answers) -> tuple[str, ...]:
    """The row ids of a group, sorted: those of answers of the group key and of its questions."""
    keys = {group.key, *(child.key for child in group.questions)}
    return tuple(sorted({row for key, row in answers if row is not None and key in keys}))
