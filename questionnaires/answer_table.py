"""Answers as CSV, one line for each place: the same table goes out and comes back, whatever spreadsheet was between."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from questionnaires import filling, line_marks, wording
from questionnaires.answers import Answer, AnswerKey, Answers, Problem, check_saved, list_rows
from questionnaires.definition import NUMBERS, Definition, Question
from questionnaires.entering import Entry, EntryReader
from questionnaires.filling import Filled, FilledList, Stamp
from questionnaires.spellings import fold
from questionnaires.xlsx_cells import Cell, WorkbookRefused

COLUMNS = ("questionnaire", "section", "question", "row", "title", "unit", "state", "value", "reason", "handed_out")
NEEDED = ("questionnaire", "question", "state", "value")
DELIMITERS = ",;\t"
MAX_FILE = 5_000_000  # bytes
MAX_LINES = 50_000
# A spreadsheet takes a cell that begins so for a formula, and would run it; an apostrophe before it is taken off again.
_FORMULA = re.compile(r"'*\s*[=+\-@\t\r＝＋－＠]")
_GUARDED = re.compile(r"''*\s*[=+\-@\t\r＝＋－＠]")
# So would one that takes another mark, or a line break within a text, for the end of a cell.
_INNER = re.compile(r"""(?<=[;\t\r\n])(?=["']*[=+\-@＝＋－＠])""")
_INNER_GUARDED = re.compile(r"""(?<=[;\t\r\n])'(?=["']*[=+\-@＝＋－＠])""")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_TWO_MEANINGS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


@dataclass(frozen=True)
class Line:
    number: int  # as a person counts them, the header being 1
    cells: dict[str, str]


@dataclass(frozen=True)
class OpenedTable:
    """The lines of a table, all of one version, which is named as "responsible-sourcing 1.1.0"; empty without lines."""

    version: str
    lines: tuple[Line, ...]


def write_table(definition: Definition, answers: Answers, stamp: Stamp) -> bytes:
    """UTF-8 with a byte order mark; a line for each question of the tier, answered or not, and for each row."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for question, row in _list_places(definition, answers, stamp):
        section = definition.sections_by_question[question.key].title
        cells = [_name_version(stamp), section, question.key, row or "", question.title, question.unit or ""]
        answer = answers.get((question.key, row))
        cells += [*_write_answer(question, answer), line_marks.write_mark(stamp, (question.key, row), answer)]
        writer.writerow(guard(cell) for cell in cells)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def _name_version(stamp: Stamp) -> str:
    return f"{stamp.questionnaire} {stamp.version}"


def _list_places(definition: Definition, answers: Answers, stamp: Stamp) -> Iterator[tuple[Question, str | None]]:
    for question in filling.list_asked(definition, stamp.tier):
        yield question, None
        for row in list_rows(definition, question, answers) if question.type == "group" else ():
            yield question, row
            yield from ((child, row) for child in filling.list_children(question, stamp.tier))


def _write_answer(question: Question, answer: Answer | None) -> tuple[str, str, str]:
    if answer is None:
        return "", "", ""
    value = answer.value
    if value is None:
        return answer.state, "", answer.reason
    if value == () and question.type == "group":
        return "none", "", ""
    text = "|".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else value
    if question.type in NUMBERS and _TWO_MEANINGS.fullmatch(text):
        text += "0"  # 1.2340 can be read in one way only
    return answer.state, text, answer.reason


def guard(text: str) -> str:
    """A cell that no spreadsheet runs, nor a part of it where the spreadsheet of another country ends cells."""
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    guarded = _INNER.sub("'", text)
    return f"'{guarded}" if _FORMULA.match(guarded) else guarded


def unguard(text: str) -> str:
    """The text that was guarded."""
    return _INNER_GUARDED.sub("", text[1:] if _GUARDED.match(text) else text)


def open_table(data: bytes) -> OpenedTable:
    """The lines of a table. Raises WorkbookRefused for what is none, is too large, or is of several versions."""
    if len(data) > MAX_FILE:
        raise WorkbookRefused("TABLE_TOO_LARGE", f"A table may have {MAX_FILE} bytes at most.")
    rows = _split(_decode(data))
    header = [fold(cell) for cell in next(rows, [])]
    if not set(NEEDED) <= set(header):
        words = f"This is not a table of answers: its first line needs the columns {', '.join(NEEDED)}."
        raise WorkbookRefused("TABLE_FOREIGN", words)
    lines = tuple(_read_lines(rows, header))
    versions = sorted({line.cells.get("questionnaire", "").strip() for line in lines} - {""})
    if len(versions) > 1:
        words = f"The table has lines of several versions: {', '.join(one[:80] for one in versions[:5])}."
        raise WorkbookRefused("VERSIONS_MIXED", words)
    if lines and not versions:
        raise WorkbookRefused("TABLE_FOREIGN", "No line of the table names its questionnaire and version.")
    return OpenedTable(versions[0] if versions else "", lines)


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        words = "The table is not in UTF-8. Save it as “CSV UTF-8”, so that no letter is lost."
        raise WorkbookRefused("TABLE_ENCODING", words) from None
    if "\x00" in text:
        raise WorkbookRefused("TABLE_FOREIGN", "The file is not a table of answers.")
    return text


def _split(text: str) -> Iterator[list[str]]:
    """The cells of each line, whichever of comma, semicolon and tab the spreadsheet of a country puts between them."""
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        words = "The table is damaged: a cell does not end, or is too long."
        raise WorkbookRefused("TABLE_DAMAGED", words) from None


def _read_lines(rows: Iterator[list[str]], header: Sequence[str]) -> Iterator[Line]:
    for number, cells in enumerate(rows, 2):
        if number > MAX_LINES:
            raise WorkbookRefused("TABLE_TOO_LARGE", f"A table may have {MAX_LINES} lines at most.")
        if any(cell.strip() for cell in cells):
            yield Line(number, {name: unguard(cell) for name, cell in zip(header, cells, strict=False)})


def read_table(opened: OpenedTable, definition: Definition, stamp: Stamp, told: Definition | None = None) -> Filled:
    """What the lines say, read by the definition of their version; an empty line says nothing.

    An answer is taken away by the state "removed". Lines are known to be untouched by their marks; where none has one
    of this place, as in a table that a person made or that is of another year, all that is said is meant to stand.
    """
    reading = _TableReading(definition, stamp, told)
    for line in opened.lines:
        reading.read(line)
    return Filled(
        stamp=stamp,
        given=tuple(reading.found.given.values()),
        refused=tuple(reading.found.refused),
        before=reading.before or None,
        groups=filling.name_groups(definition),
    )


class _TableReading:
    def __init__(self, definition: Definition, stamp: Stamp, told: Definition | None) -> None:
        self.definition, self.stamp = definition, stamp
        self.before: dict[AnswerKey, str] = {}
        self.reader = EntryReader(definition, stamp.locale, names_keys=True, told=told)
        self.asked = {question.key: question for question in filling.list_asked(definition, stamp.tier)}
        for group in list(self.asked.values()):
            self.asked |= {child.key: child for child in filling.list_children(group, stamp.tier)}
        self.found = FilledList()
        self.removed = {fold(one) for one in wording.list_spellings("removed")} | {"removed"}

    def read(self, line: Line) -> None:
        place, key = f"line {line.number}", line.cells.get("question", "").strip()
        state, value = line.cells.get("state", ""), line.cells.get("value", "")
        row = line.cells.get("row", "").strip() or None
        mark = line_marks.read_mark(self.stamp, (key, row), line.cells.get("handed_out", ""))
        if mark is not None:
            self.before[key, row] = mark
        if not (state.strip() or value.strip()):
            return
        question = self.asked.get(key)
        if question is None:
            problem = Problem(code="place_unknown", question=key[:64], row_id=row, parameters={"value": key[:64]})
            self.found.refuse(place, problem)
        elif fold(state) in self.removed:
            self.found.add(place, None, (key, row))
        else:
            self.found.add(place, self._read_answer(line, question, row), (key, row))

    def _read_answer(self, line: Line, question: Question, row: str | None) -> Answer | Problem | None:
        """A row itself is there by its line; everything else is read as a person types it into a cell."""
        state = line.cells.get("state", "")
        if question.type == "group" and row is not None:
            is_there = fold(state) in ("", "value")
            kept, value = ("value", True) if is_there else ("unknown", None)
            return check_saved(self.definition, question.key, row_id=row, state=kept, value=value)
        cells = {
            "value": line.cells.get("value", ""),
            "state": "" if fold(state) == "value" else state,
            "reason": line.cells.get("reason", ""),
        }
        made = {name: Cell("text", text) for name, text in cells.items() if text.strip()}
        return self.reader.read(
            Entry(
                question=question,
                row_id=row,
                value=made.get("value"),
                state=made.get("state"),
                reason=made.get("reason"),
            )
        ).found
