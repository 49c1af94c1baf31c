"""What a workbook holds, as far as it is read: cells by row and column, and why a file cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

Kind = Literal["number", "text", "boolean", "error", "date"]


class WorkbookRefused(ValueError):
    """The file cannot be used at all: a stable code and a sentence with what helps."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Cell:
    """What one cell holds; `text` is a number's digits as stored, and a truth value is "1" or "0"."""

    kind: Kind
    text: str
    is_formula: bool = False
    is_percent: bool = False

    @property
    def number(self) -> Decimal:
        """A number in the 15 digits that a spreadsheet keeps; raises InvalidOperation for what is none."""
        number = Decimal(self.text)
        if not number.is_finite() or abs(number.adjusted()) > 30:
            raise InvalidOperation
        digits = number.adjusted() + 1
        rounded = round(number, 15 - digits) if len(number.as_tuple().digits) > 15 else number
        return rounded * 100 if self.is_percent else rounded


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet by row and column, both counted from 1; empty ones are left out."""

    name: str
    rows: Mapping[int, Mapping[int, Cell]]


@dataclass(frozen=True)
class Book:
    sheets: Mapping[str, Sheet]
    since_1904: bool = False


def name_cell(row: int, column: int) -> str:
    """A cell as a spreadsheet calls it: row 3 of column 2 is B3."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def too_large() -> WorkbookRefused:
    return WorkbookRefused(
        "WORKBOOK_TOO_LARGE",
        "The workbook is too large, or unpacks to too much. Use the downloaded one without adding sheets or pictures.",
    )
