"""An uploaded file as a table: records with the line a person sees, whatever the file's kind and encoding."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from portal.directory.lists import decoding, delimited, problems, workbook

MAXIMUM_BYTES = 32 * 1024 * 1024
MAXIMUM_ROWS = 200_000
MAXIMUM_COLUMNS = 200
_ALLOWED = "Upload a CSV file or an Excel workbook (.xlsx, .xls)."
_OTHER_FILES = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"{\\rtf": "a Word document",
}
_JSON = re.compile(rb"[\[{]\s*[\[{\"]")
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<meta")


@dataclass(frozen=True, slots=True)
class Table:
    """A file that could be opened: `read_records` may be called again and again and gives the same each time.

    `encoding` and `delimiter` are None for a workbook, `sheet` is None for text. `records` counts the rows that have
    a value, title and header rows included.
    """

    kind: str
    read_records: Callable[[], Iterator[delimited.Record]] = field(repr=False)
    encoding: str | None = None
    encoding_guessed: bool = False
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    records: int = 0


def read_table(
    data: bytes, *, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None
) -> Table:
    """Opens a list of at most 32 MB; what is given by name is obeyed, the rest is found out from the content.

    Raises ListRefused for what is no list, cannot be read or is too large (200,000 rows, 200 columns).
    """
    if len(data) > MAXIMUM_BYTES:
        raise _refuse("The file is too large.", "LIST_TOO_LARGE", "At most 32 MB: split it and import the parts.")
    if not data.strip(b"\x00\t\n\r ,;|\xef\xbb\xbf\xff\xfe"):
        raise _refuse("The file is empty.", "LIST_EMPTY", "It needs one supplier a row.")
    _refuse_other_kinds(data)
    if workbook.is_workbook(data):
        return _read_workbook(data, sheet)
    return _read_text(data, encoding, delimiter)


def _read_workbook(data: bytes, sheet: str | None) -> Table:
    read = workbook.read_sheet(data, sheet=sheet, maximum_rows=MAXIMUM_ROWS, maximum_columns=MAXIMUM_COLUMNS)
    kind = "xlsx" if data.startswith(workbook.ZIP) else "xls"
    table = Table(kind, lambda: _limit(read.read_records()), sheet=read.name, sheets=read.names)
    return _count(table)


def _read_text(data: bytes, encoding: str | None, delimiter: str | None) -> Table:
    decoded = decoding.decode_text(data, encoding=encoding)
    if delimiter is not None and delimiter not in tuple(delimited.DELIMITERS):
        raise problems.ListRefused(
            f"{problems.shorten(delimiter)!r} cannot part columns.",
            code="DELIMITER_UNKNOWN",
            allowed="Use a comma, semicolon, tab or vertical bar.",
            path=("delimiter",),
        )
    lines = delimited.unwrap_lines(delimited.split_lines(decoded.text))
    chosen = delimiter or delimited.find_delimiter(lines)
    table = Table(
        "csv",
        lambda: _limit(delimited.read_records(lines, chosen)),
        encoding=decoded.encoding,
        encoding_guessed=decoded.guessed,
        delimiter=chosen,
    )
    return _count(table)


def _limit(records: Iterator[delimited.Record]) -> Iterator[delimited.Record]:
    for count, (line, cells) in enumerate(records, start=1):
        if count > MAXIMUM_ROWS:
            raise _refuse("The list has too many rows.", "LIST_TOO_LONG", "At most 200,000: split it.")
        if len(cells) > MAXIMUM_COLUMNS and any(cell.strip() for cell in cells[MAXIMUM_COLUMNS:]):
            raise _refuse(f"Line {line} has more than 200 columns.", "LIST_TOO_WIDE", "At most 200 columns.")
        yield line, cells[:MAXIMUM_COLUMNS]


def _count(table: Table) -> Table:
    """Goes through the whole table once, so that a cap is met when the file is opened and not on the way."""
    filled = sum(1 for _, cells in table.read_records() if any(cell.strip() for cell in cells))
    if not filled:
        raise _refuse("The file is empty.", "LIST_EMPTY", "It needs one supplier a row.")
    return dataclasses.replace(table, records=filled)


def _refuse_other_kinds(data: bytes) -> None:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = next((what for magic, what in _OTHER_FILES.items() if start.startswith(magic)), None)
    if kind is None and start.lower().startswith(_MARKUP):
        kind = "a web page or XML, whatever its name says"
    if kind is None and _JSON.match(start):
        kind = "JSON"
    # A list may begin with "MZ Textiles"; a program has zero bytes among its first.
    if kind and not (kind == "a program" and b"\0" not in data[:512]):
        raise _refuse(f"The file is {kind}.", "NOT_A_LIST", _ALLOWED)


def _refuse(reason: str, code: str, allowed: str) -> problems.ListRefused:
    return problems.ListRefused(reason, code=code, allowed=allowed)
