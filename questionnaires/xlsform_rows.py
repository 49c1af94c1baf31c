"""The sheets of an XLSForm as rows by column, with the keys that names become and the faults of each row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from questionnaires.entering import show_cell
from questionnaires.faults import MAX_FAULTS, Fault, make_printable
from questionnaires.xlsx_cells import Book, Sheet, WorkbookRefused

ALIASES = {
    "caption": "label",
    "relevance": "relevant",
    "list name": "list_name",
    "set form title": "form_title",
    "set form id": "form_id",
    "constraining message": "constraint_message",
    "repeat_count": "count",
}
TRANSLATED = ("label", "hint")
_LANGUAGE = re.compile(r"(label|hint)\s*::?\s*(.+)")
_CODE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z]{2,4})*)\)\s*$")


@dataclass(frozen=True)
class FormRow:
    """One row: its number in the sheet, counted from 1, and the cells that hold something."""

    sheet: str
    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class FormFaults:
    """Collects what does not map, each with its sheet and row; at most MAX_FAULTS of each severity."""

    subject: str = "XLSForm"
    faults: list[Fault] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, row: FormRow | None, message: str, severity: Literal["error", "warning"] = "error") -> None:
        self.counts[severity] = self.counts.get(severity, 0) + 1
        if self.counts[severity] > MAX_FAULTS:
            return
        where = "" if row is None else f"sheet {row.sheet}, row {row.number}"
        line = None if row is None else row.number
        made = Fault(subject=self.subject, where=where, message=make_printable(message), line=line, severity=severity)
        self.faults.append(made)

    def warn(self, row: FormRow | None, message: str) -> None:
        self.add(row, message, "warning")


def form_too_large() -> WorkbookRefused:
    return WorkbookRefused("FORM_TOO_LARGE", "The form holds more rows, choices or conditions than can be read.")


def read_sheet(book: Book, name: str, language: str, faults: FormFaults) -> list[FormRow]:
    """The rows of a sheet; texts in the named language, or where there is none in the first one."""
    sheet = next((one for title, one in book.sheets.items() if title.strip().casefold() == name), None)
    if sheet is None:
        return []
    columns = _choose_columns(sheet, language)
    return list(_read_rows(sheet, name, columns, faults))


def _choose_columns(sheet: Sheet, language: str) -> dict[int, str]:
    heads = {number: _clean(show_cell(cell)) for number, cell in sheet.rows.get(1, {}).items()}
    columns = {number: ALIASES.get(head, head) for number, head in heads.items() if not _LANGUAGE.fullmatch(head)}
    for part in TRANSLATED:
        told = {n: found[2] for n, head in heads.items() if (found := _LANGUAGE.fullmatch(head)) and found[1] == part}
        if told and part not in columns.values():
            columns[next((n for n, name in told.items() if name == language.casefold()), min(told))] = part
    return columns


def _clean(head: str) -> str:
    return " ".join(head.split()).casefold()


def _read_rows(sheet: Sheet, name: str, columns: Mapping[int, str], faults: FormFaults) -> Iterator[FormRow]:
    for number, cells in sorted(sheet.rows.items()):
        held = {columns[n]: show_cell(cell).strip() for n, cell in cells.items() if n in columns and cell.text.strip()}
        row = FormRow(name, number, held)
        if any(cell.is_formula for n, cell in cells.items() if n in columns):
            faults.add(row, "a cell holds a formula; allowed: the text itself")
        elif number > 1 and held:
            yield row


def list_languages(book: Book) -> list[str]:
    """The languages of the labels, in the order of their columns."""
    sheet = next((one for title, one in book.sheets.items() if title.strip().casefold() == "survey"), None)
    heads = [] if sheet is None else [show_cell(cell).strip() for _, cell in sorted(sheet.rows.get(1, {}).items())]
    found = [_LANGUAGE.fullmatch(_clean(head)) for head in heads]
    return [one[2] for one in found if one is not None and one[1] == "label"]


def find_locale(language: str) -> str | None:
    """The code at the end of "Français (fr)", or the whole where it is a code."""
    found = _CODE.search(language)
    code = found[1] if found else language.strip()
    parts = code.split("-")
    if not re.fullmatch(r"[A-Za-z]{2,3}", parts[0]) or not all(len(part) in (2, 4) for part in parts[1:]):
        return None
    rest = [part.title() if len(part) == 4 else part.upper() for part in parts[1:]]
    return "-".join([parts[0].lower(), *rest])


def make_key(name: str, pattern: str, prefix: str = "q_") -> str:
    """A name as a key of ours: in lower case, with underscores; equal names become equal keys."""
    if re.fullmatch(pattern, name):
        return name
    key = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")
    key = key if re.match("[a-z]", key) else f"{prefix}{key}"
    return key[:64] if re.fullmatch(pattern, key[:64]) else f"{prefix}{key}"[:64]
