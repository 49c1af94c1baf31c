"""Delimited text: which character parts the columns, and the records with the line that each begins in."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

DELIMITERS = ",;\t|"
_SAMPLE_RECORDS = 60
_SAMPLE_LINES = 400
# An address may have line breaks; a quote that is open for longer was never closed.
_MAXIMUM_LINES = 40
_WHOLE_LINE = re.compile(r'^"((?:[^"]|"")*)"[;,\t]*\s*$')
# What programs write to keep Excel from making a number of a text: ="00123".
_KEPT_AS_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)
_SEPARATOR_LINE = re.compile(r"^\ufeff?\"?sep=(.)\"?\s*$", re.IGNORECASE)

Record = tuple[int, list[str]]


class _QuoteLeftOpen(Exception):
    """A quoted cell goes on for more lines than any address has."""


def split_lines(text: str) -> list[str]:
    """The lines of a text with their ends, as an editor counts them (\\n, \\r\\n and \\r)."""
    return list(io.StringIO(text, newline=""))


def unwrap_lines(lines: list[str]) -> list[str]:
    """The lines without the quotes around each, if every line is one quoted cell that holds a whole record."""
    filled = [line for line in lines if line.strip()]
    sample = [match[1].replace('""', '"') for line in filled[:_SAMPLE_LINES] if (match := _WHOLE_LINE.match(line))]
    if len(sample) < 2 or len(sample) < len(filled[:_SAMPLE_LINES]) or not _have_equal_cells(sample):
        return lines
    return [match[1].replace('""', '"') + "\n" if (match := _WHOLE_LINE.match(line)) else line for line in lines]


def _have_equal_cells(lines: list[str]) -> bool:
    delimiter = find_delimiter(lines)
    return len({line.count(delimiter) for line in lines}) == 1 and delimiter in lines[0]


def find_delimiter(lines: list[str]) -> str:
    """The character that parts the columns: the one by which most records have the same number of cells.

    A first line "sep=;" (Excel's) is obeyed. Where no character parts anything it is the comma.
    """
    named = _SEPARATOR_LINE.match(lines[0]) if lines else None
    if named:
        return named[1]
    sample = lines[:_SAMPLE_LINES]
    return max(DELIMITERS, key=lambda delimiter: (_rate_delimiter(sample, delimiter), -DELIMITERS.index(delimiter)))


def read_records(lines: list[str], delimiter: str) -> Iterator[Record]:
    """Each record with the number of its first line (from 1); empty lines and a "sep=" line are left out.

    A quote that never closes costs its own line only: the line is read as it stands and reading goes on below it.
    """
    start = 1 if lines and _SEPARATOR_LINE.match(lines[0]) else 0
    while start < len(lines):
        source = _LineSource(lines, start)
        reader = csv.reader(source, delimiter=delimiter)
        try:
            for cells in reader:
                source.check_record(delimiter)
                if any(cells):
                    yield start + 1, [_unwrap(cell) for cell in cells] if '="' in lines[start] else cells
                start = source.begin_record()
            break
        except (_QuoteLeftOpen, csv.Error):
            yield start + 1, _split_plainly(lines[start], delimiter)
            start += 1


def _unwrap(cell: str) -> str:
    kept = _KEPT_AS_TEXT.match(cell)
    return kept[1] if kept else cell


def _split_plainly(line: str, delimiter: str) -> list[str]:
    return [cell.strip('"') for cell in line.rstrip("\r\n").split(delimiter)]


class _LineSource:
    """Lines for csv.reader that know where the record at hand began, and refuse to let it swallow the file."""

    def __init__(self, lines: list[str], start: int) -> None:
        self._lines = lines
        self._next = start
        self._begun = start

    def __iter__(self) -> _LineSource:
        return self

    def __next__(self) -> str:
        ended = self._next >= len(self._lines)
        # csv.reader asks for a further line inside a record only while a quote is open.
        if self._next - self._begun >= _MAXIMUM_LINES or (ended and self._next > self._begun):
            raise _QuoteLeftOpen
        if ended:
            raise StopIteration
        self._next += 1
        return self._lines[self._next - 1]

    def check_record(self, delimiter: str) -> None:
        """Raises csv.Error if a record of several lines has text after a closing quote: it was two stray quotes."""
        if self._next - self._begun > 1:
            for _ in csv.reader(self._lines[self._begun : self._next], delimiter=delimiter, strict=True):
                pass

    def begin_record(self) -> int:
        """Notes that a record ended; answers the index of the line that the next one begins in."""
        self._begun = self._next
        return self._begun


def _rate_delimiter(lines: list[str], delimiter: str) -> float:
    widths: Counter[int] = Counter()
    for number, (_, cells) in enumerate(read_records(lines, delimiter)):
        if number >= _SAMPLE_RECORDS:
            break
        widths[len(cells)] += 1
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0
    # Title rows and short rows have other widths; the bulk of a table has one. More columns win between equals.
    width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    return count / widths.total() + min(width, 20) / 200
