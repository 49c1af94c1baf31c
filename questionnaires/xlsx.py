"""A hardened reader of Excel workbooks (.xlsx): what each cell holds, and which cells are formulas; none is evaluated.

Reading libraries give the last result of a formula as if a person had typed it, so the parts are read here: packed
sizes, elements, cells and texts are counted while they stream, document types and entities are refused.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from questionnaires.xlsx_cells import Book, Sheet, WorkbookRefused, too_large
from questionnaires.xlsx_sheet import Shared, SheetReading, Texts, read_int

MAX_FILE = 5_000_000  # bytes
MAX_ENTRIES = 2_000
MAX_UNPACKED = 40_000_000  # bytes, of all parts that are read
MAX_ELEMENTS = 600_000
MAX_TEXT = 20_000_000  # characters
MAX_SHEETS = 100
CHUNK = 1 << 16
_ROOT = "xl/workbook.xml"
_TYPES = "[Content_Types].xml"
_PERCENT_FORMATS = frozenset({9, 10})
# What broken archives of XML raise; whoever opens one expects all of it.
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError, OSError, KeyError, OverflowError,
    expat.ExpatError,
    ValueError,  # a place before the beginning of the file
)  # fmt: skip

Start = Callable[[str, Mapping[str, str]], None]


def read_book(data: bytes) -> Book:
    """Every sheet of a workbook. Raises WorkbookRefused for what is none, is locked, is too large, or is damaged."""
    _check_start(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _Package(package).read()
    except WorkbookRefused:
        raise
    except BROKEN:
        raise WorkbookRefused(
            "WORKBOOK_DAMAGED", "The workbook is damaged. Save it again, or use another copy."
        ) from None


def _check_start(data: bytes) -> None:
    if len(data) > MAX_FILE:
        raise too_large()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        words = "The file is an old or a locked workbook. Save it as an Excel workbook (.xlsx) without a password."
        raise WorkbookRefused("WORKBOOK_OLD", words)
    if not data.startswith(b"PK\x03\x04"):
        raise WorkbookRefused("NOT_A_WORKBOOK", "The file is not an Excel workbook (.xlsx).")
    # The directory is looked at before the library reads it whole.
    end = data.rfind(b"PK\x05\x06")
    if end >= 0 and int.from_bytes(data[end + 10 : end + 12], "little") > MAX_ENTRIES:
        raise too_large()


@dataclass
class _Package:
    package: zipfile.ZipFile
    unpacked: int = 0
    elements: int = 0
    characters: int = 0
    shared: Shared = field(default_factory=Shared)

    def read(self) -> Book:
        names = set(self.package.namelist())
        self._check_names(names)
        sheets, since_1904 = self._read_workbook()
        targets = self._read_targets()
        if "xl/sharedStrings.xml" in names:
            self._read_strings("xl/sharedStrings.xml")
        if "xl/styles.xml" in names:
            self._read_styles("xl/styles.xml")
        read = {
            name: self._read_sheet(name, targets[link])
            for name, link in sheets.items()
            if targets.get(link) in names and "/worksheets/" in targets[link]
        }
        return Book(read, since_1904)

    def _check_names(self, names: set[str]) -> None:
        if any(info.flag_bits & 1 for info in self.package.infolist()):
            raise WorkbookRefused("WORKBOOK_LOCKED", "The workbook is locked by a password. Save it without one.")
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise WorkbookRefused("WORKBOOK_HAS_MACROS", "The workbook carries macros. Save it as .xlsx.")
        if _ROOT not in names or _TYPES not in names:
            raise WorkbookRefused("NOT_A_WORKBOOK", "The file is not an Excel workbook. Save it as .xlsx.")

    def _parse(self, part: str, start: Start, end: Callable[[str], None], text: Callable[[str], None]) -> None:
        """Stream a part through the parser; raises WorkbookRefused as soon as it holds too much."""

        def begin(name: str, attributes: Mapping[str, str]) -> None:
            self.elements += 1
            if self.elements > MAX_ELEMENTS:
                raise too_large()
            plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()} if attributes else attributes
            start(name.rpartition(" ")[2], plain)

        def note(characters: str) -> None:
            self.characters += len(characters)
            if self.characters > MAX_TEXT:
                raise too_large()
            text(characters)

        def refuse(*_: object) -> None:
            raise WorkbookRefused("WORKBOOK_DAMAGED", "The workbook holds a document type, which no workbook does.")

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = begin
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
        parser.CharacterDataHandler = note
        parser.StartDoctypeDeclHandler = refuse
        with self.package.open(part) as opened:
            while chunk := opened.read(CHUNK):
                self.unpacked += len(chunk)
                if self.unpacked > MAX_UNPACKED:
                    raise too_large()
                parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _read_workbook(self) -> tuple[dict[str, str], bool]:
        sheets: dict[str, str] = {}
        flags: list[bool] = []

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if name == "sheet":
                sheets[attributes.get("name", "")] = attributes.get("id", "")
            elif name == "workbookPr":
                flags.append(attributes.get("date1904", "0") in ("1", "true"))

        self._parse(_ROOT, start, _pass, _pass)
        if len(sheets) > MAX_SHEETS:
            raise too_large()
        return sheets, any(flags)

    def _read_targets(self) -> dict[str, str]:
        targets: dict[str, str] = {}

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                path = attributes.get("Target", "")
                targets[attributes.get("Id", "")] = (
                    path.lstrip("/") if path.startswith("/") else posixpath.normpath(f"xl/{path}")
                )

        self._parse("xl/_rels/workbook.xml.rels", start, _pass, _pass)
        return targets

    def _read_strings(self, part: str) -> None:
        texts = Texts()

        def end(name: str) -> None:
            if name == "si":
                self.shared.strings.append(texts.take())
            texts.leave(name)

        self._parse(part, texts.enter, end, texts.add)

    def _read_styles(self, part: str) -> None:
        """Which cell formats show percent: a cell that shows 85% holds 0.85."""
        custom: set[int] = set()
        inside: list[str] = []

        def start(name: str, attributes: Mapping[str, str]) -> None:
            inside.append(name)
            number = read_int(attributes.get("numFmtId"))
            if name == "numFmt" and "%" in re.sub(r'"[^"]*"|\\.', "", attributes.get("formatCode", "")):
                custom.add(number)
            elif name == "xf" and "cellXfs" in inside:
                self.shared.percents.append(number in _PERCENT_FORMATS or number in custom)

        def end(_: str) -> None:
            inside.pop()

        self._parse(part, start, end, _pass)

    def _read_sheet(self, name: str, part: str) -> Sheet:
        reading = SheetReading(self.shared)
        self._parse(part, reading.start, reading.end, reading.texts.add)
        return Sheet(name, reading.rows)


def _pass(*_: object) -> None:
    """What is not looked at."""
