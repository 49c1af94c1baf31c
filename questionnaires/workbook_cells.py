"""Cells of answer workbooks: answers with their drop-downs, what is said where there is none, and hidden keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from questionnaires import condition_words, entering, filling
from questionnaires.answers import Answer, Answers
from questionnaires.definition import NUMBERS, Definition, Question
from questionnaires.filling import Stamp
from questionnaires.wording import Words

FORMAT = "answer-workbook/1"
STAMP_SHEET = "_portal"
LISTS_SHEET = "_lists"
ANSWERS_ROLE = "answers"
ROWS_ROLE = "rows:"
PARTS = {"value": 5, "state": 6, "reason": 7}  # columns of the answers, counted from 0
FIRST_DIGEST = 20  # the line of the stamp where the marks of answers begin
HEAD = 3  # lines above the headers: keys, title, introduction
MOST_LINES = 200
MARK = "x"
TEXT = 49  # the number of the format in which a cell holds whatever is typed as a text
_KINDS = {"integer": "whole_hint", "decimal": "number_hint", "percent": "percent_hint", "date": "date_hint"}


@dataclass(frozen=True)
class Column:
    """A column of a sheet of lines: its hidden key and what it is for."""

    key: str
    question: Question
    option: str | None = None
    part: str = "value"  # value | state | reason


def list_columns(definition: Definition, children: tuple[Question, ...]) -> Iterator[Column]:
    """All answers first, so that a list can be pasted in; then what to say where there is none."""
    for child in children:
        if child.type == "multi_choice":
            yield from (Column(f"{child.key}:{o.key}", child, o.key) for o in definition.options(child))
        else:
            yield Column(child.key, child)
    for child in children:
        yield Column(f"{child.key}#state", child, part="state")
        yield Column(f"{child.key}#reason", child, part="reason")


def make_row_id(stamp: Stamp, group: str, place: str) -> str:
    """The id of a new line: the same for the same workbook, so that sending it twice adds the line once."""
    parts = "\0".join((stamp.assessment, stamp.content_hash, str(stamp.change_number), group, place))
    return f"w{hashlib.sha256(parts.encode()).hexdigest()[:20]}"


@dataclass
class CellWriter:
    """Writes cells of one workbook, and remembers the lists of its drop-downs and the answers that it holds."""

    book: Any
    definition: Definition
    answers: Answers
    stamp: Stamp
    lists: dict[tuple[str, ...], str] = field(default_factory=dict)
    written: list[Answer] = field(default_factory=list)

    @cached_property
    def words(self) -> Words:
        return Words(self.stamp.locale)

    @cached_property
    def formats(self) -> dict[str, Format]:
        return _make_formats(self.book)

    def add_list(self, sheet: Worksheet, line: int, column: int, items: tuple[str, ...], until: int = 0) -> None:
        """A drop-down; its texts stand on a sheet of their own, which also old programs can name."""
        name = self.lists.setdefault(items, f"list_{len(self.lists) + 1}")
        rule = {"validate": "list", "source": f"={name}", "error_type": "warning", "ignore_blank": True}
        sheet.data_validation(line, column, max(line, until), column, rule)

    def add_choices(self, sheet: Worksheet, line: int, column: int, question: Question, until: int = 0) -> None:
        if question.type == "boolean":
            self.add_list(sheet, line, column, (self.words.say("yes"), self.words.say("no")), until)
        elif question.type == "multi_choice":
            self.add_list(sheet, line, column, (MARK,), until)
        elif question.type == "choice":
            titles = tuple(filling.title_options(self.definition, question))
            self.add_list(sheet, line, column, titles, until)

    def write_answer(self, sheet: Worksheet, line: int, column: int, question: Question, answer: Answer | None) -> None:
        """The value of an answer in its cell, or an empty cell to fill in."""
        form = self.formats[_name_format(question)]
        value = answer.value if answer is not None and answer.state == "value" else None
        if value is None or question.type == "group":
            sheet.write_blank(line, column, None, form)
        elif isinstance(value, bool):
            sheet.write_string(line, column, self.words.say("yes" if value else "no"), form)
        elif question.type == "choice":
            titles = {option.key: title for title, option in filling.title_options(self.definition, question).items()}
            sheet.write_string(line, column, titles.get(str(value), str(value)), form)
        elif question.type in NUMBERS and len(Decimal(str(value)).as_tuple().digits) <= 15:
            sheet.write_number(line, column, float(str(value)), form)
        elif question.type == "date" and str(value) >= "1900-03-01":
            sheet.write_datetime(line, column, date.fromisoformat(str(value)), form)
        else:
            sheet.write_string(line, column, str(value), form)

    def write_state(self, sheet: Worksheet, line: int, column: int, question: Question, answer: Answer | None) -> None:
        """The state in its cell where there is one; nothing for a value."""
        state = None if answer is None or answer.state == "value" else answer.state
        if answer is not None and question.type == "group" and answer.value == ():
            state = "none"  # type: ignore[assignment]  # a word of the form, not a state of an answer
        text = "" if state is None else self.words.say(state)
        sheet.write_string(line, column, text, self.formats["state"])

    def add_states(self, sheet: Worksheet, line: int, column: int, question: Question, until: int = 0) -> None:
        states = tuple(self.words.say(one) for one in entering.list_states(question))
        self.add_list(sheet, line, column, states, until)

    def write_reason(self, sheet: Worksheet, line: int, column: int, answer: Answer | None) -> None:
        sheet.write_string(line, column, answer.reason if answer is not None else "", self.formats["text"])

    def explain(self, question: Question) -> str:
        """The help of a question with the condition it is asked under."""
        condition = condition_words.describe_condition(self.definition, question.enable_when, self.words)
        mark = self.words.say("mark") if question.type == "multi_choice" else ""
        return "\n".join(part for part in (condition, question.help, mark) if part)

    def hint(self, question: Question) -> str:
        """The unit, or what kind of answer is wanted."""
        if question.unit:
            return question.unit
        return self.words.say(_KINDS[question.type]) if question.type in _KINDS else ""


def is_chosen(answer: Answer | None, option: str) -> bool:
    return answer is not None and isinstance(answer.value, tuple) and option in answer.value


def _name_format(question: Question) -> str:
    if question.type == "date":
        return "date"
    return "number" if question.type in NUMBERS else "text"


def _make_formats(book: Any) -> dict[str, Format]:
    plain = {"text_wrap": True, "valign": "top"}
    # Cells to fill in are texts where a text is asked: a line that begins with a dash or an equals sign stays a text.
    filled = {**plain, "bg_color": "#FFF9DB", "border": 1, "border_color": "#C8C8C8", "locked": False}
    described: dict[str, dict[str, Any]] = {
        "plain": {"valign": "top"},
        "text_plain": {**plain, "quote_prefix": True},
        "title": {"bold": True, "font_size": 14},
        "head": {**plain, "bold": True, "bg_color": "#E3EDF7", "border": 1, "quote_prefix": True},
        "section": {"bold": True, "font_size": 12, "bg_color": "#EFEFEF"},
        "option": {**plain, "indent": 1},
        "text": {**filled, "num_format": TEXT, "quote_prefix": True},
        "state": {**filled, "num_format": TEXT},
        "number": filled,
        "date": {**filled, "num_format": "yyyy-mm-dd", "align": "left"},
    }
    return {name: book.add_format(values) for name, values in described.items()}
