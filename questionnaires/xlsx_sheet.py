"""One sheet of a workbook while it streams by: texts, cells, and which of them are formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from questionnaires.xlsx_cells import Cell, Kind, WorkbookRefused, too_large

MAX_CELLS = 150_000  # of all sheets
MAX_ROW = 100_000
MAX_COLUMN = 1_000
MAX_ARRAYS = 100  # formulas over many cells, of one sheet: each cell is held against all of them
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass
class Shared:
    """What cells of all sheets refer to: texts, and which formats show percent; with the count of cells so far."""

    strings: list[str] = field(default_factory=list)
    percents: list[bool] = field(default_factory=list)
    cells: int = 0


class Texts:
    """Collects the text of one string: its runs, but neither phonetic guides nor what stands between elements."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.inside: list[str] = []

    def enter(self, name: str, _: Mapping[str, str]) -> None:
        self.inside.append(name)

    def leave(self, _: str) -> None:
        self.inside.pop()

    def add(self, characters: str) -> None:
        if self.inside and self.inside[-1] in ("t", "v") and "rPh" not in self.inside:
            self.parts.append(characters)

    def take(self) -> str:
        text = _CODED.sub(_decode, "".join(self.parts))
        self.parts.clear()
        return text


def _decode(found: re.Match[str]) -> str:
    """A control character that XML cannot hold; neither NUL nor half a character, which nothing else holds either."""
    code = int(found[1], 16)
    return found[0] if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)


class SheetReading:
    """Takes the elements of a sheet one by one; `rows` holds what they say."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.texts = Texts()
        self.rows: dict[int, dict[int, Cell]] = {}
        self.row = self.column = 0
        self.attributes: Mapping[str, str] = {}
        self.is_formula = False
        self.arrays: list[tuple[int, int, int, int]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.texts.enter(name, attributes)
        if name == "row":
            self.row = read_int(attributes.get("r")) or self.row + 1
            self.column = 0
        elif name == "c":
            self._start_cell(attributes)
        elif name == "f":
            self.is_formula = True
            if attributes.get("t") in ("array", "dataTable") and "ref" in attributes:
                self._note_array(attributes["ref"])

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        place = _read_reference(attributes.get("r", ""))
        self.row, self.column = place or (self.row, self.column + 1)
        self.attributes, self.is_formula = attributes, False
        self.texts.take()

    def _note_array(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, end = _read_reference(first), _read_reference(last or first)
        if len(self.arrays) >= MAX_ARRAYS:
            raise too_large()
        if start and end:
            self.arrays.append((*start, *end))

    def end(self, name: str) -> None:
        self.texts.leave(name)
        if name != "c":
            return
        text = self.texts.take()
        cell = self._make_cell(text)
        if cell is None:
            return
        self.shared.cells += 1
        if self.shared.cells > MAX_CELLS or self.row > MAX_ROW or self.column > MAX_COLUMN:
            raise too_large()
        self.rows.setdefault(self.row, {})[self.column] = cell

    def _make_cell(self, text: str) -> Cell | None:
        kinds: Mapping[str, Kind] = {"b": "boolean", "e": "error", "d": "date", "n": "number"}
        stored = self.attributes.get("t", "n")
        kind = kinds.get(stored, "text")
        if stored == "s" and text:
            position = read_int(text, otherwise=-1)
            if not 0 <= position < len(self.shared.strings):
                raise WorkbookRefused("WORKBOOK_DAMAGED", "The workbook names a text that it does not hold.")
            text = self.shared.strings[position]
        is_formula = self.is_formula or self._is_in_array()
        if not text and not is_formula:
            return None
        style = read_int(self.attributes.get("s"))
        is_percent = kind == "number" and style < len(self.shared.percents) and self.shared.percents[style]
        return Cell(kind, text, is_formula, is_percent)

    def _is_in_array(self) -> bool:
        return any(a <= self.row <= c and b <= self.column <= d for a, b, c, d in self.arrays)


def _read_reference(text: str) -> tuple[int, int] | None:
    found = _REFERENCE.fullmatch(text.replace("$", ""))
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def read_int(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else otherwise
