"""Excel workbooks: refused when they are encrypted, carry macros or are something else; read in a process apart."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.directory.lists import delimited, fields, problems
from questionnaires.xlsx import BROKEN

ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAM = Path(__file__).with_name("workbook_process.py")
_SECONDS = 90
_UNPACKED = 512 * 1024 * 1024
_RATIO = 200
_MEMBERS = 5_000
_ALLOWED = "Save it as an Excel workbook (.xlsx, .xls) without macros and password, or as CSV."
_OTHERS = {"word/": "a Word document", "ppt/": "a PowerPoint presentation", "META-INF/": "a Java archive"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook as lines of JSON, [row number, cells], and the names of the visible sheets."""

    name: str
    names: tuple[str, ...]
    lines: bytes

    def read_records(self) -> Iterator[delimited.Record]:
        """Each row that has a value, with its number as Excel shows it."""
        for line in io.BytesIO(self.lines):
            number, cells = json.loads(line)
            yield number, cells


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin as an Excel file does, whatever the file is called."""
    return data.startswith((ZIP, COMPOUND))


def read_sheet(data: bytes, *, sheet: str | None, maximum_rows: int, maximum_columns: int) -> Sheet:
    """The named sheet, or the visible one that is most like a list of suppliers, the longest of equals.

    Raises ListRefused with what is wrong with the file.
    """
    if data.startswith(ZIP):
        _check_package(data)
    else:
        _check_compound(data)
    facts, lines = _open(data, sheet or "", maximum_rows, maximum_columns)
    if "heads" in facts:
        facts, lines = _open(data, _choose_sheet(facts), maximum_rows, maximum_columns)
    if "error" in facts:
        raise _explain(facts, sheet)
    return Sheet(facts["sheet"], tuple(facts["sheets"]), lines)


def _open(data: bytes, sheet: str, rows: int, columns: int) -> tuple[dict[str, Any], bytes]:
    head, _, lines = _run(data, sheet, rows, columns).partition(b"\n")
    return (json.loads(head) if head else {"error": "UNREADABLE"}), lines


def _choose_sheet(facts: dict[str, Any]) -> str:
    """The sheet whose header names most of what a supplier must have, then the one with most rows."""
    rated = zip(map(_rate_head, facts["heads"]), facts["heights"], facts["sheets"], strict=True)
    return str(max(rated, key=lambda one: one[:2])[2])


def _rate_head(head: list[list[str]]) -> int:
    required = {str(name) for name in fields.REQUIRED}
    named = ({found.field for cell in cells if (found := fields.read_header(cell))} for cells in head)
    return max((len(required & some) for some in named), default=0)


def _run(data: bytes, sheet: str, rows: int, columns: int) -> bytes:
    command = [sys.executable, "-I", str(_PROGRAM), sheet, str(rows), str(columns)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise _refuse("The workbook takes too long to read.", "WORKBOOK_TOO_LARGE") from error
    except ValueError as error:
        raise _refuse("The name of the sheet cannot be used.", "SHEET_UNKNOWN") from error
    if done.returncode:
        reason = "The workbook is damaged, or takes too much memory to read (a stray value far below or to the right)."
        raise _refuse(reason, "WORKBOOK_DAMAGED")
    return done.stdout


def _explain(facts: dict[str, Any], sheet: str | None) -> problems.ListRefused:
    if facts["error"] == "ENCRYPTED":
        return _refuse("The workbook is protected by a password.", "WORKBOOK_ENCRYPTED")
    if facts["error"] == "NO_SHEET" and sheet:
        named = ", ".join(facts["sheets"])
        return problems.ListRefused(
            f"There is no visible sheet {problems.shorten(sheet)!r}.",
            code="SHEET_UNKNOWN",
            allowed=f"The sheets are: {named}.",
            path=("sheet",),
        )
    if facts["error"] == "NO_SHEET":
        return _refuse("The workbook has no visible sheet.", "LIST_EMPTY")
    return _refuse("The workbook is damaged.", "WORKBOOK_DAMAGED")


def _check_package(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = package.infolist()
    except BROKEN as error:
        raise _refuse("The workbook is damaged.", "WORKBOOK_DAMAGED") from error
    names = [member.filename for member in members]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _refuse("The workbook carries macros.", "WORKBOOK_HAS_MACROS")
    unpacked = sum(member.file_size for member in members)
    if len(members) > _MEMBERS or unpacked > max(_UNPACKED // 8, min(_UNPACKED, _RATIO * len(data))):
        raise _refuse("The workbook unpacks to too much.", "WORKBOOK_TOO_LARGE")
    if any(member.flag_bits & 1 for member in members):
        raise _refuse("The file is protected by a password.", "WORKBOOK_ENCRYPTED")
    if "xl/workbook.xml" not in names:
        raise _refuse(f"The file is {_name_package(names)}, not an Excel workbook.", "NOT_A_LIST")


def _name_package(names: list[str]) -> str:
    if "content.xml" in names:
        return "an OpenDocument file"
    if "xl/workbook.bin" in names:
        return "a binary workbook (.xlsb)"
    return next((what for folder, what in _OTHERS.items() if any(name.startswith(folder) for name in names)), "a ZIP")


def _check_compound(data: bytes) -> None:
    """Looks for the names of streams, which stand in the file's folder as UTF-16."""
    if _has_stream(data, "EncryptedPackage"):
        raise _refuse("The workbook is protected by a password.", "WORKBOOK_ENCRYPTED")
    if _has_stream(data, "_VBA_PROJECT_CUR"):
        raise _refuse("The workbook carries macros.", "WORKBOOK_HAS_MACROS")
    if not (_has_stream(data, "Workbook") or _has_stream(data, "Book")):
        raise _refuse("The file is an old Office document, but not an Excel workbook.", "NOT_A_LIST")


def _has_stream(data: bytes, name: str) -> bool:
    return name.encode("utf-16-le") + b"\0\0" in data


def _refuse(reason: str, code: str) -> problems.ListRefused:
    return problems.ListRefused(reason, code=code, allowed=_ALLOWED)
