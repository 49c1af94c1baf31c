"""The process that reads one workbook from standard input and writes its rows as JSON lines.

A damaged or hostile workbook can make the reading library abort, or ask for all memory there is; here it takes
down this process alone, whose memory and time are limited. The first line written names the sheets and the one read.
"""

from __future__ import annotations

import datetime
import io
import itertools
import json
import sys
from collections.abc import Iterator

import python_calamine

MEMORY = 1_536 * 1024 * 1024
SECONDS = 60
_WHOLE = 2**53
_HEAD = 40
_MERGED = 200_000

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def run(wanted: str, maximum_rows: int, maximum_columns: int) -> int:
    """Writes the sheet named `wanted`, or the only visible one; of several, what each begins with.

    An exit status other than 0 means unreadable.
    """
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
    if (wanted and wanted not in visible) or not visible:
        _write({"error": "NO_SHEET", "sheets": visible})
        return
    if wanted or len(visible) == 1:
        chosen = book.get_sheet_by_name(wanted or visible[0])
        _write({"sheets": visible, "sheet": chosen.name})
        _write_rows(chosen, rows, columns)
        return
    # Which of several is the list, their headers say; the caller knows the words.
    sheets = [book.get_sheet_by_name(name) for name in visible]
    heads = [[cells for _, cells in itertools.islice(_list_rows(sheet, columns), _HEAD)] for sheet in sheets]
    _write({"sheets": visible, "heads": heads, "heights": [sheet.total_height for sheet in sheets]})


def _write_rows(sheet: python_calamine.CalamineSheet, rows: int, columns: int) -> None:
    for number, cells in itertools.islice(_list_rows(sheet, columns), rows + 1):
        _write([number, cells])


def _list_rows(sheet: python_calamine.CalamineSheet, columns: int) -> Iterator[tuple[int, list[str]]]:
    if sheet.start is None:
        return
    merged = _index_merged(sheet)
    carried: dict[int, str] = {}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_show(cell) for cell in row[: columns + 1]]
        for column, begins in merged.get(number, ()):
            if begins:
                carried[column] = cells[column] if column < len(cells) else ""
            elif column < len(cells):
                cells[column] = cells[column] or carried.get(column, "")
        if any(cells):
            yield number, cells


def _index_merged(sheet: python_calamine.CalamineSheet) -> dict[int, list[tuple[int, bool]]]:
    """The cells merged down one column, by row: their value stands in the first and means all of them."""
    merged: dict[int, list[tuple[int, bool]]] = {}
    rows = 0
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        rows += bottom - top
        if left != right or top == bottom or rows > _MERGED:
            continue
        for row in range(top, bottom + 1):
            merged.setdefault(row + 1, []).append((left, row == top))
    return merged


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
