"""Flat stored answers to and from the nested form, in which a group holds its rows and each row its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from questionnaires.answers import Answer, Answers, Problem, check_saved, index_answers, list_rows
from questionnaires.definition import Definition, Question


def write_nested(definition: Definition, answers: Answers) -> dict[str, Any]:
    """Plain JSON by question key, in document order; rows sorted by their id, nothing lost."""
    nested: dict[str, Any] = {}
    for section in definition.sections:
        for question in section.questions:
            entry = _write_entry(definition, question, answers)
            if entry is not None:
                nested[question.key] = entry
    return nested


def _write_entry(definition: Definition, question: Question, answers: Answers) -> dict[str, Any] | None:
    answer = answers.get((question.key, None))
    rows = list_rows(definition, question, answers) if question.type == "group" else ()
    if answer is None and not rows:
        return None
    entry: dict[str, Any] = _write_answer(answer) if answer is not None else {"state": "value"}
    if rows:
        entry["value"] = [{"row": row, "answers": _write_row(question, row, answers)} for row in rows]
    return entry


def _write_row(group: Question, row: str, answers: Answers) -> dict[str, Any]:
    held = ((child.key, answers.get((child.key, row))) for child in group.questions)
    return {key: _write_answer(answer) for key, answer in held if answer is not None}


def _write_answer(answer: Answer) -> dict[str, Any]:
    entry: dict[str, Any] = {"state": answer.state}
    if answer.value is not None:
        entry["value"] = list(answer.value) if isinstance(answer.value, tuple) else answer.value
    if answer.reason:
        entry["reason"] = answer.reason
    return entry


def read_nested(definition: Definition, nested: object) -> tuple[Answers, list[Problem]]:
    """The flat answers that can be kept, and the problems of those that cannot."""
    checked = list(_read_entries(definition, nested))
    kept = index_answers(item for item in checked if isinstance(item, Answer))
    return kept, [item for item in checked if isinstance(item, Problem)]


def _read_entries(definition: Definition, nested: object) -> Iterator[Answer | Problem]:
    if not isinstance(nested, Mapping):
        yield _refuse_shape("", None, "a mapping of question keys to answers")
        return
    for key, entry in nested.items():
        question = definition.questions.get(key)
        rows = entry.get("value") if isinstance(entry, Mapping) else None
        if question is not None and question.type == "group" and isinstance(rows, list) and rows:
            yield from _read_rows(definition, key, rows)
            if entry.get("state") != "value":
                yield _read_entry(definition, key, None, {**entry, "value": None})
        else:
            yield _read_entry(definition, key, None, entry)


def _read_rows(definition: Definition, group: str, rows: list[Any]) -> Iterator[Answer | Problem]:
    for row in rows:
        if not isinstance(row, Mapping) or not isinstance(row.get("row"), str):
            yield Problem(code="row_malformed", question=group)
            continue
        yield check_saved(definition, group, row_id=row["row"], state="value", value=True)
        entries = row.get("answers") or {}
        if not isinstance(entries, Mapping):
            yield _refuse_shape(group, row["row"], "a mapping of question keys to answers")
            continue
        for key, entry in entries.items():
            parent = definition.parents.get(key)
            if parent is None or parent.key != group:
                yield Problem(code="unknown_question", question=key, row_id=row["row"])
            else:
                yield _read_entry(definition, key, row["row"], entry)


def _read_entry(definition: Definition, key: str, row: str | None, entry: Any) -> Answer | Problem:
    if not isinstance(entry, Mapping):
        return _refuse_shape(key, row, "an answer with state and value")
    reason = entry.get("reason")
    if reason is not None and not isinstance(reason, str):
        return _refuse_shape(key, row, "a reason in words")
    state = entry.get("state")
    named = state if isinstance(state, str) else ""  # what is not said is not "None"
    return check_saved(definition, key, row_id=row, state=named, value=entry.get("value"), reason=reason)


def _refuse_shape(key: str, row: str | None, expected: str) -> Problem:
    return Problem(code="wrong_type", question=key, row_id=row, parameters={"expected": expected})
