"""The process that reads one workbook from standard input and writes its rows as JSON lines.

A damaged or hostile workbook can make the reading library abort, or ask for all memory there is; here it takes
down this process alone, whose memory and time are limited. The first line written names the sheets and the one read.
"""

from __future__ import annotations

import datetime
import io
import json
import sys

import python_calamine

MEMORY = 1_536 * 1024 * 1024
SECONDS = 60
_WHOLE = 2**53

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def run(wanted: str, maximum_rows: int, maximum_columns: int) -> int:
    """Writes the sheet named `wanted` (or the fullest visible one); an exit status other than 0 means unreadable."""
    _limit_process()
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        _write_book(book, wanted, maximum_rows, maximum_columns)
    except python_calamine.PasswordError:
        _write({"error": "ENCRYPTED"})
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        _write({"error": "UNREADABLE", "detail": str(error)[:200]})
    return 0


def _write_book(book: python_calamine.CalamineWorkbook, wanted: str, rows: int, columns: int) -> None:
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible is python_calamine.SheetVisibleEnum.Visible
        and sheet.typ is python_calamine.SheetTypeEnum.WorkSheet
    ]
    if wanted and wanted not in visible:
        _write({"error": "NO_SHEET", "sheets": visible})
        return
    sheets = [book.get_sheet_by_name(name) for name in ([wanted] if wanted else visible)]
    if not sheets:
        _write({"error": "NO_SHEET", "sheets": visible})
        return
    chosen = max(sheets, key=lambda sheet: sheet.total_height)
    _write({"sheets": visible, "sheet": chosen.name})
    _write_rows(chosen, rows, columns)


def _write_rows(sheet: python_calamine.CalamineSheet, rows: int, columns: int) -> None:
    if sheet.start is None:
        return
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_show(cell) for cell in row[: columns + 1]]
        if any(cells):
            _write([number, cells])
            rows -= 1
        if rows < 0:
            break


def _show(cell: Cell) -> str:
    """A cell as a person sees it: a whole number without ".0", so that vendor numbers and postal codes survive."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _WHOLE:
        return str(int(cell))
    return str(cell)


def _limit_process() -> None:
    try:
        import resource
    except ImportError:  # not on Windows: there the caller's time limit alone holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _write(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
