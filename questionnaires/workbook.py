"""Answer workbooks: one sheet of questions and one of lines for each group, to fill in without the portal.

Drop-downs show titles; keys, the version's hash and a mark of each answer handed out travel along unseen.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from questionnaires import filling
from questionnaires.answers import Answers
from questionnaires.definition import Definition
from questionnaires.filling import Stamp
from questionnaires.workbook_cells import (
    ANSWERS_ROLE,
    FIRST_DIGEST,
    FORMAT,
    HEAD,
    LISTS_SHEET,
    ROWS_ROLE,
    STAMP_SHEET,
    CellWriter,
)
from questionnaires.workbook_sheets import AnswersSheet, RowsSheet

MADE = datetime(2000, 1, 1)  # noqa: DTZ001  # a moment of no meaning, so that equal forms are equal files
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f']")


def write_workbook(definition: Definition, answers: Answers, stamp: Stamp) -> bytes:
    """The workbook of one tier with the answers filled in; texts come from the definition, words from its locale."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": MADE, "title": definition.questionnaire.title})
        _Writing(book, CellWriter(book, definition, answers, stamp)).write()
    return target.getvalue()


class _Writing:
    def __init__(self, book: Any, cells: CellWriter) -> None:
        self.book, self.cells = book, cells
        self.names: set[str] = {"history", STAMP_SHEET, LISTS_SHEET}

    def write(self) -> None:
        sheet = self._add_sheet(self.cells.words.say("answers"), ANSWERS_ROLE)
        groups = [q for q in filling.list_asked(self.cells.definition, self.cells.stamp.tier) if q.type == "group"]
        sheets = {group.key: self._add_sheet(group.title, f"{ROWS_ROLE}{group.key}") for group in groups}
        lists, hidden = self.book.add_worksheet(LISTS_SHEET), self.book.add_worksheet(STAMP_SHEET)
        lists.hide()
        hidden.very_hidden()
        AnswersSheet(self.cells, sheet, {key: one.get_name() for key, one in sheets.items()}).write()
        for group in groups:
            RowsSheet(self.cells, sheets[group.key], group).write()
        for column, (items, name) in enumerate(self.cells.lists.items()):
            lists.write_column(0, column, items)
            letter = xl_col_to_name(column)
            self.book.define_name(name, f"='{LISTS_SHEET}'!${letter}$1:${letter}${len(items)}")
        self._write_stamp(hidden)

    def _add_sheet(self, title: str, role: str) -> Worksheet:
        sheet: Worksheet = self.book.add_worksheet(self._name_sheet(title))
        sheet.write_string(0, 0, role)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.set_column(0, 0, 2, None, {"hidden": True})
        sheet.freeze_panes(HEAD + 1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD)
        if self.cells.words.is_right_to_left:
            sheet.right_to_left()
        return sheet

    def _name_sheet(self, title: str) -> str:
        base = _cut(_NOT_IN_NAMES.sub(" ", title).strip(), 31) or "-"
        name, number = base, 2
        while name.casefold() in self.names:
            name = f"{_cut(base, 27)} {number}"
            number += 1
        self.names.add(name.casefold())
        return name

    def _write_stamp(self, sheet: Worksheet) -> None:
        facts = {"format": FORMAT} | {key: str(value) for key, value in vars(self.cells.stamp).items()}
        for line, (key, value) in enumerate(facts.items()):
            sheet.write_row(line, 0, (key, value))
        digests = filling.list_digests(self.cells.written)
        for line, ((question, row), digest) in enumerate(digests.items(), FIRST_DIGEST - 1):
            sheet.write_row(line, 0, (question, row or "", digest))


def _cut(text: str, units: int) -> str:
    """A text of at most so many UTF-16 units, as names of sheets are counted."""
    while len(text.encode("utf-16-le")) > 2 * units:
        text = text[:-1]
    return text.strip()
