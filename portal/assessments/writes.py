"""One write of an answer as a client sent it, read into what can be kept or why it cannot."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import orjson

from questionnaires import messages
from questionnaires.answers import Answer, Problem, check_saved
from questionnaires.definition import NUMBERS, Definition

MAX_COMMENT = 2_000  # characters
LARGEST_REVISION = 2**31 - 2
KINDS: Mapping[str, frozenset[str]] = {
    "boolean": frozenset({"boolean"}),
    "choice": frozenset({"choice"}),
    "choices": frozenset({"multi_choice"}),
    "number": NUMBERS,
    "date": frozenset({"date"}),
    "text": frozenset({"text"}),
    "row": frozenset({"group"}),
    "none": frozenset({"group"}),
}
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_OWN_TEXTS = {
    "base_revision": "The base revision is {value}; it is the revision that you last saw, or 0 where you saw none.",
    "write_id_reused": "This write id was used before with another content. Use a new id for a new write.",
}


@dataclass(frozen=True, kw_only=True)
class Write:
    """What a client sent for one question (and row): a state with its value, or the removal of what was there."""

    write_id: UUID
    question: str
    row_id: str | None = None
    base_revision: int
    state: str = "value"  # value | not_applicable | unknown | declined
    value: Any = None
    reason: str | None = None
    comment: str | None = None
    unit: str | None = None
    kind: str | None = None  # one of KINDS: what the client took the question for
    deleted: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """Question and row as they are stored."""
        return (self.question, self.row_id or "")

    def hash_body(self, assessment_id: UUID) -> bytes:
        """SHA-256 of everything that was sent, so that a replay can be told from another write under the same id."""
        parts = [
            str(assessment_id), self.question, self.row_id, self.base_revision, self.state, repr(self.value),
            self.reason, self.comment, self.unit, self.kind, self.deleted,
        ]  # fmt: skip
        return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is stored of an answer; equal contents are the same answer."""

    state: str
    value: Any = None  # JSON
    reason: str | None = None
    comment: str | None = None
    deleted: bool = False


def read_write(definition: Definition, write: Write) -> Content | Problem:
    """The content to keep in its one spelling, or why it cannot be kept even in a draft."""
    problem = _check_revision(write) or _check_comment(write)
    if problem is not None:
        return problem
    if write.deleted:
        return _check_place(definition, write) or Content(state="value", deleted=True)
    problem = _check_kind(definition, write)
    if problem is not None:
        return problem
    checked = check_saved(
        definition,
        write.question,
        row_id=write.row_id,
        state=write.state,
        value=write.value,
        reason=write.reason,
        unit=write.unit,
    )
    return checked if isinstance(checked, Problem) else _write_content(checked, write)


def _write_content(answer: Answer, write: Write) -> Content:
    value = list(answer.value) if isinstance(answer.value, tuple) else answer.value
    return Content(
        state=answer.state, value=value, reason=answer.reason or None, comment=(write.comment or "").strip() or None
    )


def _check_revision(write: Write) -> Problem | None:
    if 0 <= write.base_revision <= LARGEST_REVISION:
        return None
    return _refuse(write, "base_revision", value=str(write.base_revision))


def _check_comment(write: Write) -> Problem | None:
    comment = write.comment or ""
    if _UNREADABLE.search(comment):
        return _refuse(write, "text_unreadable")
    if len(comment) > MAX_COMMENT:
        return _refuse(write, "text_too_long", length=str(len(comment)), max=str(MAX_COMMENT))
    return None


def _check_kind(definition: Definition, write: Write) -> Problem | None:
    """A value that came as another kind than the question takes is refused, even where its text would fit."""
    question = definition.questions.get(write.question)
    if write.kind is None or question is None or question.type in KINDS[write.kind]:
        return None
    expected = next(kind for kind, types in KINDS.items() if question.type in types)
    return _refuse(write, "wrong_type", expected=f"a value of the kind {expected}")


def _check_place(definition: Definition, write: Write) -> Problem | None:
    """Whether the question, with or without a row, is one that an answer can be removed from."""
    question = definition.questions.get(write.question)
    is_row = question is not None and question.type == "group" and write.row_id is not None
    state, value = ("value", True) if is_row else ("unknown", None)
    checked = check_saved(definition, write.question, row_id=write.row_id, state=state, value=value)
    return checked if isinstance(checked, Problem) else None


def _refuse(write: Write, code: str, **parameters: str) -> Problem:
    return Problem(code=code, question=write.question, row_id=write.row_id, parameters=parameters)


def refuse_reused(write: Write) -> Problem:
    """The problem of a write whose id stands for another one."""
    return _refuse(write, "write_id_reused")


def write_message(problem: Problem, locale: str = messages.FALLBACK) -> str:
    """The sentence for a problem of an answer."""
    own = _OWN_TEXTS.get(problem.code)
    return messages.write_message(problem, locale) if own is None else messages.fill_text(own, problem.parameters)


def store_problem(problem: Problem) -> dict[str, Any]:
    """A problem as JSON that the database can hold: it may quote what the client sent."""
    return {
        "code": problem.code,
        "parameters": {name: make_readable(value) for name, value in problem.parameters.items()},
    }


def restore_problem(stored: Mapping[str, Any], question: str, row_id: str) -> Problem:
    """A stored problem of a write to this question and row."""
    return Problem(code=stored["code"], question=question, row_id=row_id or None, parameters=dict(stored["parameters"]))


def repeat_write(row: Any) -> Write:
    """A stored write, to be judged in the correction: as it was kept, on the revision that it was sent with."""
    return Write(
        write_id=derive_id(row.write_id),
        question=row.question,
        row_id=row.row_id or None,
        base_revision=row.base_revision,
        state=row.state or "value",
        value=row.value,
        reason=row.reason,
        comment=row.comment,
        deleted=row.deleted,
    )


def derive_id(write_id: UUID) -> UUID:
    """The id under which a write that waited is kept in the correction that took it in."""
    return uuid5(write_id, "correction")


def is_readable(text: str) -> bool:
    """Whether PostgreSQL and UTF-8 can hold a text."""
    return _UNREADABLE.search(text) is None


def make_readable(text: str, length: int = 200) -> str:
    """A text cut to a length, without what neither PostgreSQL nor UTF-8 can hold."""
    return _UNREADABLE.sub("\ufffd", text)[:length]


def dump_json(value: Any) -> str:
    """JSON text for a parameter of a statement; ids and moments by their text."""
    # The driver's ids are of a class of their own, which needs `default`.
    return orjson.dumps(value, default=str).decode()
