"""What a person entered for one question, as the answer it stands for or the reason why it stands for none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from questionnaires import canonical, filling, spellings, wording
from questionnaires.answers import Answer, Problem, check_saved, may_decline
from questionnaires.definition import CHOICES, NUMBERS, Definition, Option, Question
from questionnaires.spellings import Unclear
from questionnaires.xlsx_cells import Cell

CELL_LIMIT = 32_767  # characters that Excel keeps
STATES = ("unknown", "not_applicable", "declined")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The cells of one place: the answer itself, or a state with its reason; None where a cell is empty.

    `marks` are the cells beside the options of a multi_choice that is answered line by line.
    """

    question: Question
    row_id: str | None = None
    value: Cell | None = None
    marks: Mapping[str, Cell] | None = None
    state: Cell | None = None
    reason: Cell | None = None


@dataclass
class _Parts:
    """The part of an entry that is being read."""

    part: str = "value"


@dataclass(frozen=True)
class Entered:
    """What an entry stands for, and the part that it was said in, or that is wrong: value, state, reason, mark:key."""

    found: Answer | Problem | None
    part: str = "value"


@dataclass(frozen=True)
class EntryReader:
    """Reads entries of one version in one locale."""

    definition: Definition
    locale: str
    since_1904: bool = False
    told: Definition | None = None  # the same version in the language of the form, whose titles may be chosen as well
    names_keys: bool = False  # whether states are told by key, as a table has them, not in the words of a list

    def read(self, entry: Entry) -> Entered:
        """The answer of an entry, None where it is empty, or why it cannot be kept."""
        question, row = entry.question.key, entry.row_id
        reading = _Parts()
        try:
            return self._read(entry, reading)
        except Unclear as unclear:
            problem = Problem(code=unclear.code, question=question, row_id=row, parameters=unclear.parameters)
            return Entered(problem, reading.part)

    def _read(self, entry: Entry, reading: _Parts) -> Entered:
        value = self._read_value(entry, reading)
        reading.part = "reason"
        reason = None if entry.reason is None else show_cell(refuse_formula(entry.reason))
        reading.part = "state"
        state = self._read_state(entry)
        if state is not None and value is not None:
            raise Unclear("both_given", {"state": show_cell(entry.state)})
        if state is None and value is None:
            return Entered(None)
        if state is None and reason:
            reading.part = "reason"
            raise Unclear("reason_alone")
        given = () if state == "none" else value
        kept = "value" if state in (None, "none") else str(state)
        asked = entry.question.key
        found = check_saved(self.definition, asked, row_id=entry.row_id, state=kept, value=given, reason=reason)
        is_reason = isinstance(found, Problem) and found.code == "reason_too_long"
        return Entered(found, "reason" if is_reason else "value" if state is None else "state")

    def _read_state(self, entry: Entry) -> str | None:
        if entry.state is None or not (given := spellings.fold(show_cell(refuse_formula(entry.state)))):
            return None
        allowed = list_states(entry.question)
        for state in allowed:
            if given == state or given in {spellings.fold(one) for one in wording.list_spellings(state)}:
                return state
        raise self._refuse_state(entry.question, entry.state)

    def _refuse_state(self, question: Question, cell: Cell) -> Unclear:
        states = list_states(question)
        if self.names_keys:
            shown = (*(() if question.type == "group" else ("value",)), *states, "removed")
        else:
            shown = tuple(wording.Words(self.locale).say(state) for state in states)
        return Unclear("state_unclear", {"value": show_cell(cell)[:100], "allowed": ", ".join(shown)})

    def _read_value(self, entry: Entry, reading: _Parts) -> object:
        if entry.marks is not None:
            return self._read_marks(entry.marks, reading)
        if entry.value is None:
            return None
        cell = refuse_formula(entry.value)
        if not cell.text.strip():
            return None
        if cell.kind == "error":
            raise Unclear("cell_error", {"value": cell.text[:20]})
        return self._read_cell(entry.question, cell)

    def _read_marks(self, marks: Mapping[str, Cell], reading: _Parts) -> object:
        chosen = []
        for key, cell in marks.items():
            reading.part = f"mark:{key}"
            if read_mark(cell):
                chosen.append(key)
        return tuple(chosen) or None

    def _read_cell(self, question: Question, cell: Cell) -> object:
        if question.type in NUMBERS:
            return _read_number(question, cell)
        if question.type == "date":
            return self._read_date(cell)
        if question.type == "boolean":
            return cell.text == "1" if cell.kind == "boolean" else spellings.read_boolean(show_cell(cell))
        if question.type in CHOICES:
            return self._read_choice(question, show_cell(cell))
        if question.type == "group":
            raise self._refuse_state(question, cell)
        if len(cell.text) >= CELL_LIMIT:
            raise Unclear("text_cut", {"length": str(len(cell.text))})
        return show_cell(cell)

    def _read_date(self, cell: Cell) -> str:
        if cell.kind == "number":
            return spellings.read_serial(_take_number(cell), since_1904=self.since_1904)
        return spellings.read_date(cell.text, self.locale)

    def _read_choice(self, question: Question, text: str) -> object:
        titles = filling.title_options(self.definition, question)
        shown = titles
        if self.told is not None:
            shown = filling.title_options(self.told, self.told.questions[question.key])
            titles = titles | shown
        if question.type == "choice":
            return find_option(titles, text, shown)
        # In one cell, the keys or titles stand one below the other, or between bars.
        parts = [part for line in text.splitlines() for part in line.split("|") if part.strip()]
        return tuple(find_option(titles, part, shown) for part in parts) or None


def find_option(titles: Mapping[str, Option], text: str, shown: Iterable[str]) -> str:
    """The key of the option that a text names by title or key; raises Unclear with the titles that are `shown`."""
    for title, option in titles.items():
        if text.strip() == title:
            return option.key
    wanted = spellings.fold(text)
    found = {o.key for title, o in titles.items() if wanted in (spellings.fold(title), o.key)}
    if len(found) != 1:
        raise Unclear("choice_unclear", {"value": text[:100], "allowed": "; ".join(shown)})
    return found.pop()


def list_states(question: Question) -> tuple[str, ...]:
    """What may be said where there is no answer; of a group also that there are none."""
    allowed = ["none"] if question.type == "group" else []
    allowed.append("unknown")
    allowed += ["not_applicable"] if question.allows_not_applicable else []
    allowed += ["declined"] if may_decline(question) else []
    return tuple(allowed)


def refuse_formula(cell: Cell) -> Cell:
    """A cell as it is; raises Unclear for a formula, whatever its last result was."""
    if cell.is_formula:
        raise Unclear("formula")
    return cell


def read_mark(cell: Cell) -> bool:
    refuse_formula(cell)
    if cell.kind == "error":
        raise Unclear("cell_error", {"value": cell.text[:20]})
    return spellings.read_mark(cell.text)


def show_cell(cell: Cell | None) -> str:
    """A cell as a text: a whole number without decimals, truth values as spreadsheets show them."""
    if cell is None:
        return ""
    if cell.kind == "boolean":
        return "TRUE" if cell.text == "1" else "FALSE"
    if cell.kind == "number":
        try:
            return canonical.write_decimal(cell.number) + ("%" if cell.is_percent else "")
        except InvalidOperation:
            return cell.text
    return cell.text


def _take_number(cell: Cell) -> Decimal:
    try:
        return cell.number
    except InvalidOperation:
        raise Unclear("number_unclear", {"value": cell.text[:40]}) from None


def _read_number(question: Question, cell: Cell) -> str:
    if cell.kind == "number":
        number = _take_number(cell)
        if cell.is_percent and question.type != "percent":
            number /= 100
        return canonical.write_decimal(number)
    text = show_cell(cell)
    if question.type == "integer":
        return spellings.read_whole_number(text, unit=question.unit)
    return spellings.read_number(text, unit=question.unit, is_percent=question.type == "percent")
