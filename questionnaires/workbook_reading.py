"""Answer workbooks that come back: the version they were made of, and what each cell says or why it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from questionnaires import filling, workbook_cells, xlsx, xlsx_cells
from questionnaires.answers import Answer, AnswerKey, Problem
from questionnaires.definition import Definition, Question, Tier
from questionnaires.entering import Entry, EntryReader
from questionnaires.filling import Filled, FilledList, Stamp
from questionnaires.workbook_cells import ANSWERS_ROLE, FIRST_DIGEST, HEAD, PARTS, ROWS_ROLE
from questionnaires.xlsx_cells import Book, Cell, Sheet, WorkbookRefused

Cells = Mapping[int, Cell]


@dataclass(frozen=True)
class Opened:
    """A workbook of ours with the stamp that names its version."""

    book: Book
    stamp: Stamp


def open_workbook(data: bytes) -> Opened:
    """Read the file and its stamp. Raises WorkbookRefused for anything but a workbook that was downloaded here."""
    book = xlsx.read_book(data)
    hidden = book.sheets.get(workbook_cells.STAMP_SHEET)
    facts = {} if hidden is None else {_text(c, 1): _text(c, 2) for r, c in hidden.rows.items() if r < FIRST_DIGEST}
    if facts.get("format") != workbook_cells.FORMAT:
        words = "This is not a workbook for answers. Download the one of this assessment and fill that in."
        raise WorkbookRefused("WORKBOOK_FOREIGN", words)
    number, tier = facts.get("change_number", ""), facts.get("tier", "")
    if tier not in get_args(Tier) or not number.isdecimal() or len(number) > 15:
        raise WorkbookRefused("WORKBOOK_DAMAGED", "The hidden sheet of the workbook was changed. Download it again.")
    names = ("questionnaire", "version", "content_hash", "assessment", "locale", "overlay")
    texts = {name: facts.get(name, "") for name in names}
    return Opened(book, Stamp(**texts, tier=tier, change_number=int(number)))  # type: ignore[arg-type]  # checked


def read_workbook(opened: Opened, definition: Definition, told: Definition | None = None) -> Filled:
    """What the cells say, read by the definition that the stamp names; `told` is the same in the workbook's language.

    Raises WorkbookRefused where a sheet stands there twice, or none that was handed out is left.
    """
    return _Reading(opened, definition, told).run()


class _Reading:
    def __init__(self, opened: Opened, definition: Definition, told: Definition | None) -> None:
        self.book, self.stamp, self.definition = opened.book, opened.stamp, definition
        self.reader = EntryReader(definition, opened.stamp.locale, opened.book.since_1904, told)
        self.before = dict(_list_digests(opened.book))
        self.found = FilledList()
        self.asked = {question.key for question in filling.list_asked(definition, opened.stamp.tier)}

    def run(self) -> Filled:
        roles: dict[str, Sheet] = {}
        for sheet in self.book.sheets.values():
            role = _text(sheet.rows.get(1, {}), 1)
            if role == ANSWERS_ROLE or role.startswith(ROWS_ROLE):
                if role in roles:
                    words = f"The sheets “{roles[role].name}” and “{sheet.name}” are copies. Remove one of them."
                    raise WorkbookRefused("SHEET_TWICE", words)
                roles[role] = sheet
        if not roles:
            raise WorkbookRefused("SHEETS_MISSING", "The sheets with answers are gone. Download the workbook again.")
        for role, sheet in roles.items():
            if role == ANSWERS_ROLE:
                self._read_answers(sheet)
            else:
                self._read_group(sheet, role.removeprefix(ROWS_ROLE))
        return Filled(
            stamp=self.stamp,
            given=tuple(self.found.given.values()),
            refused=tuple(self.found.refused),
            before=self.before,
            groups=filling.name_groups(self.definition),
        )

    def _read_answers(self, sheet: Sheet) -> None:
        columns = _find_columns(sheet)
        if missing := sorted(PARTS.keys() - columns.keys()):
            words = f"The sheet “{sheet.name}” has lost the column for the {missing[0]}. Download the workbook again."
            raise WorkbookRefused("COLUMN_MISSING", words)
        marks = _collect_marks(sheet, columns["value"])
        for line, cells in sorted(sheet.rows.items()):
            key = _text(cells, 1)
            if line <= HEAD + 1 or not key or ":" in key:
                continue
            question = self.definition.questions.get(key)
            if question is None or key not in self.asked:
                place = f"{sheet.name}!{xlsx_cells.name_cell(line, columns['value'])}"
                self.found.refuse(place, Problem(code="place_unknown", question=key, parameters={"value": key[:64]}))
                continue
            places = {part: (line, column) for part, column in columns.items()}
            self._read_line(sheet, cells, question, places, marks.get(key, {}))

    def _read_line(
        self,
        sheet: Sheet,
        cells: Cells,
        question: Question,
        places: dict[str, tuple[int, int]],
        marks: Mapping[str, tuple[int, int]],
    ) -> None:
        """One question; what cannot be used is named by the cell that it stands in."""
        held = {part: cells.get(column) for part, (_, column) in places.items()}
        is_multi = question.type == "multi_choice"
        if is_multi and (stray := held["value"]) is not None and (stray.is_formula or stray.text.strip()):
            self.found.refuse(
                f"{sheet.name}!{xlsx_cells.name_cell(*places['value'])}",
                Problem(code="marks_below", question=question.key, parameters={"value": stray.text.strip()[:64]}),
            )
        entry = Entry(
            question=question,
            value=None if is_multi or question.type == "group" else held["value"],
            marks={key: sheet.rows[line][column] for key, (line, column) in marks.items()} if is_multi else None,
            state=held["state"],
            reason=held["reason"],
        )
        self.take(sheet, entry, places | {f"mark:{key}": place for key, place in marks.items()})

    def take(self, sheet: Sheet, entry: Entry, places: Mapping[str, tuple[int, int]]) -> None:
        """Note what an entry says, at the cell that it is said in."""
        entered = self.reader.read(entry)
        row, column = places.get(entered.part) or next(iter(places.values()))
        key = (entry.question.key, entry.row_id)
        self.found.add(f"{sheet.name}!{xlsx_cells.name_cell(row, column)}", entered.found, key)

    def _read_group(self, sheet: Sheet, key: str) -> None:
        group = self.definition.questions.get(key)
        if group is None or key not in self.asked:
            place = f"{sheet.name}!A1"
            self.found.refuse(place, Problem(code="place_unknown", question=key, parameters={"value": key[:64]}))
            return
        columns = {_text({1: cell}, 1): number for number, cell in sheet.rows.get(1, {}).items() if number > 1}
        _LineReading(self, sheet, group, columns, filling.list_children(group, self.stamp.tier)).run()


class _LineReading:
    """The lines of one group."""

    def __init__(
        self,
        reading: _Reading,
        sheet: Sheet,
        group: Question,
        columns: Mapping[str, int],
        children: tuple[Question, ...],
    ) -> None:
        self.reading, self.sheet, self.group, self.columns, self.children = reading, sheet, group, columns, children
        self.seen: set[str] = set()
        self.inputs = frozenset(columns.values())

    def run(self) -> None:
        before = {row for key, row in self.reading.before if key == self.group.key and row is not None}
        children = {child.key for child in self.group.questions}
        with_answers = {row for key, row in self.reading.before if key in children}
        for line, cells in sorted(self.sheet.rows.items()):
            if line <= HEAD + 1:
                continue
            own = _text(cells, 1)
            is_filled = any(
                cells[number].text.strip() or cells[number].is_formula for number in self.inputs & set(cells)
            )
            if is_filled:
                self._read_row(line, cells, own)
            elif own in before and own not in with_answers:
                self._keep_row(line, own)  # it held nothing before either
        for row in sorted(before - self.seen):
            self._remove(row)

    def _read_row(self, line: int, cells: Cells, own: str) -> None:
        reading = self.reading
        is_new = not own or own in self.seen or not own.replace("-", "").replace("_", "").isalnum() or len(own) > 64
        row = workbook_cells.make_row_id(reading.stamp, self.group.key, f"line {line}") if is_new else own
        self._keep_row(line, row)
        for child in self.children:
            self._read_child(line, cells, row, child)

    def _keep_row(self, line: int, row: str) -> None:
        self.seen.add(row)
        place = f"{self.sheet.name}!{xlsx_cells.name_cell(line, 2)}"
        there = Answer(question=self.group.key, row_id=row, state="value", value=True)
        self.reading.found.add(place, there, there.key)

    def _read_child(self, line: int, cells: Cells, row: str, child: Question) -> None:
        options = {o.key: self.columns.get(f"{child.key}:{o.key}") for o in self.reading.definition.options(child)}
        named = {"value": child.key, "state": f"{child.key}#state", "reason": f"{child.key}#reason"}
        places = {part: (line, self.columns[key]) for part, key in named.items() if key in self.columns}
        is_multi = child.type == "multi_choice"
        held = {option: column for option, column in options.items() if column is not None} if is_multi else {}
        if not places and not held:
            return  # the column was taken out: nothing is said of it
        places |= {f"mark:{option}": (line, column) for option, column in held.items()}
        cell = {part: cells.get(column) for part, (_, column) in places.items()}
        marks = {option: found for option in held if (found := cell.get(f"mark:{option}")) is not None}
        entry = Entry(
            question=child,
            row_id=row,
            value=cell.get("value"),
            marks=marks if is_multi else None,
            state=cell.get("state"),
            reason=cell.get("reason"),
        )
        self.reading.take(self.sheet, entry, places)

    def _remove(self, row: str) -> None:
        keys = {self.group.key, *(child.key for child in self.group.questions)}
        for key, held in self.reading.before:
            if held == row and key in keys:
                self.reading.found.add(self.sheet.name, None, (key, row))


def _find_columns(sheet: Sheet) -> dict[str, int]:
    """The columns of the answers by their hidden keys."""
    held = {_text({1: cell}, 1): number for number, cell in sheet.rows.get(1, {}).items()}
    return {part: held[part] for part in PARTS if part in held}


def _collect_marks(sheet: Sheet, column: int) -> dict[str, dict[str, tuple[int, int]]]:
    """Where the cells beside the options of each multi_choice stand that hold something."""
    marks: dict[str, dict[str, tuple[int, int]]] = {}
    for line, cells in sorted(sheet.rows.items()):
        question, colon, option = _text(cells, 1).partition(":")
        if colon and line > HEAD + 1 and column in cells:
            marks.setdefault(question, {})[option] = (line, column)
    return marks


def _list_digests(book: Book) -> Iterator[tuple[AnswerKey, str]]:
    for line, cells in book.sheets[workbook_cells.STAMP_SHEET].rows.items():
        if line >= FIRST_DIGEST:
            yield (_text(cells, 1), _text(cells, 2) or None), _text(cells, 3)


def _text(cells: Cells, column: int) -> str:
    found = cells.get(column)
    return "" if found is None or found.is_formula else found.text.strip()
