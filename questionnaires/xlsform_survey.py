"""The survey sheet of an XLSForm: groups become sections, repeats become groups, and each other row a question."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from questionnaires import xlsform_rows, xlsform_terms
from questionnaires.construction import MAX_VALUES
from questionnaires.definition import KEY, SHORT_KEY, TIERS
from questionnaires.faults import Path
from questionnaires.xlsform import BOOLEAN_LIST, INTRO_SUFFIX, PERCENT, SECTION_PREFIX
from questionnaires.xlsform_rows import FormFaults, FormRow, make_key
from questionnaires.xlsform_terms import Asked, Unmapped

NUMBERS = {"integer": "integer", "int": "integer", "decimal": "decimal"}
PLAIN = {**NUMBERS, "date": "date", "text": "text", "string": "text"}
# Rows that ask nobody anything: leaving them out loses no question.
UNASKED = frozenset({"start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit"})
STARTS = {"begin_group": "group", "begin group": "group", "begin_repeat": "repeat", "begin repeat": "repeat"}
ENDS = {"end_group": "group", "end group": "group", "end_repeat": "repeat", "end repeat": "repeat"}
YES = frozenset({"yes", "true", "true()", "1"})
Document = dict[str, Any]
MAX_DIGITS = 9
LOOSE = "general"  # the key of the section of what stands outside of all groups


class SurveyReading:
    """Goes down the rows; `lists` has the keys of each list of choices."""

    def __init__(self, lists: dict[str, list[Document]], faults: FormFaults) -> None:
        self.lists, self.faults = lists, faults
        self.sections: list[Document] = []
        self.asked: dict[str, Asked] = {}
        self.keys: dict[str, int] = {}  # with the row of each
        self.values = 0  # that were copied from elsewhere in the form: few rows could ask for very many
        self.open: list[tuple[str, FormRow]] = []  # what was begun and not ended
        self.conditions: list[Document | None] = []
        self.section: Document | None = None
        self.repeat: Document | None = None

    def read(self, rows: Iterable[FormRow]) -> list[Document]:
        for row in rows:
            kind = " ".join(row.get("type").split())
            if kind in STARTS:
                self._begin(STARTS[kind], row)
            elif kind in ENDS:
                self._end(ENDS[kind], row)
            elif kind == "note":
                self._read_note(row)
            elif kind in UNASKED:
                self.faults.warn(row, f'"{kind}" asks nobody anything and is left out')
            elif kind:
                self._read_question(kind, row)
            else:
                self.faults.add(row, "the type is missing")
        for kind, row in self.open:
            self.faults.add(row, f"this {kind} is not ended")
        self._name_loose()
        return [section for section in self.sections if section["questions"]]

    def _name_loose(self) -> None:
        """Keys for the sections that nobody wrote down, which no group of the form has."""
        for section in (one for one in self.sections if not one["key"]):
            keys = itertools.chain([LOOSE], (f"{LOOSE}_{number}" for number in itertools.count(2)))
            section["key"] = next(key for key in keys if f"section {key}" not in self.keys)
            self.keys[f"section {section['key']}"] = 1

    def list_rows(self, sections: Iterable[Document]) -> dict[Path, int]:
        """The row of each section and question by its path."""
        rows: dict[Path, int] = {}
        for number, section in enumerate(sections):
            place: Path = ("sections", number)
            rows[place] = self.keys.get(f"section {section['key']}", 1)
            self._note_rows(place, section["questions"], rows)
        return rows

    def _note_rows(self, place: Path, questions: Iterable[Document], rows: dict[Path, int]) -> None:
        for number, question in enumerate(questions):
            below = (*place, "questions", number)
            rows[below] = self.keys[question["key"]]
            self._note_rows(below, question.get("questions", ()), rows)

    def _copy(self, values: list[Document]) -> list[Document]:
        """Choices or clauses once more; raises WorkbookRefused before they fill the memory."""
        self.values += len(values)
        if self.values > MAX_VALUES:
            raise xlsform_rows.form_too_large()
        return [dict(one) for one in values]

    def _begin(self, kind: str, row: FormRow) -> None:
        if kind == "repeat" and self.repeat is not None:
            self.faults.add(row, "a repeat inside a repeat does not map; allowed: one list of lines within a section")
        elif kind == "repeat":
            self._begin_repeat(row)
        elif not self.open:
            self._begin_section(row)
        elif row.get("label"):
            self.faults.warn(row, f'the heading "{row.get("label")[:60]}" inside a section is left out')
        self.open.append((kind, row))
        # A repeat carries its condition itself; that of a group holds for everything in it.
        self.conditions.append(self._read_relevant(row) if kind == "group" else None)

    def _begin_section(self, row: FormRow) -> None:
        name = row.get("name").removeprefix(SECTION_PREFIX)
        self.section = {
            "key": self._take_key(row, name, "section "),
            "title": row.get("label") or name,
            "questions": [],
        }
        if row.get("pillar"):
            self.section["pillar"] = row.get("pillar")
        self.sections.append(self.section)

    def _begin_repeat(self, row: FormRow) -> None:
        if row.get("count"):
            self.faults.warn(row, "the number of lines is left to the person who answers")
        made = self._start_question("group", row)
        least, most = _read_count(row.get("min_rows") or "0"), _read_count(row.get("max_rows") or "100")
        if least is None or most is None:
            self.faults.add(row, "min_rows and max_rows take whole numbers")
            least, most = 0, 100
        made |= {"repeat": {"min": least, "max": most}, "questions": []}
        self._put(made)
        self.repeat = made

    def _end(self, kind: str, row: FormRow) -> None:
        if not self.open or self.open[-1][0] != kind:
            self.faults.add(row, f"this ends a {kind} that is not open")
            return
        self.open.pop()
        self.conditions.pop()
        if kind == "repeat" and not any(one == "repeat" for one, _ in self.open):
            self.repeat = None
        if not self.open:
            self.section = None

    def _read_note(self, row: FormRow) -> None:
        if self.section is not None and row.get("name").endswith(INTRO_SUFFIX) and not self.section["questions"]:
            self.section["intro"] = row.get("label")
        else:
            self.faults.warn(row, f'the note "{row.get("label")[:60]}" is left out')

    def _read_question(self, kind: str, row: FormRow) -> None:
        words = kind.split(" ")
        if words[0] in ("select_one", "select_multiple") and len(words) > 1:
            made = self._read_select(words, row)
        elif kind in PLAIN:
            is_percent = kind == "decimal" and row.get("unit") == PERCENT
            made = self._start_question("percent" if is_percent else PLAIN[kind], row)
        else:
            allowed = ", ".join(["text", "integer", "decimal", "date", "select_one", "select_multiple", "note"])
            self.faults.add(row, f'the type "{kind[:60]}" does not map; allowed: {allowed}')
            return
        for column in ("calculation", "choice_filter", "default", "trigger", "repeat_count"):
            if row.get(column):
                self.faults.warn(row, f"the column {column} does not map and is left out")
        self._put(self._read_limits(made, row))

    def _read_select(self, words: list[str], row: FormRow) -> Document:
        name = words[1]
        if "or_other" in words:
            self.faults.warn(row, '"or_other" does not map; add a choice and a question of its own')
        if words[0] == "select_one" and name == BOOLEAN_LIST:
            return self._start_question("boolean", row)
        made = self._start_question("choice" if words[0] == "select_one" else "multi_choice", row)
        if name not in self.lists:
            self.faults.add(row, f'there is no list of choices "{name[:60]}"')
        elif name.startswith("set_"):
            made["options_ref"] = make_key(name.removeprefix("set_"), KEY)
        else:
            made["options"] = self._copy(self.lists[name])
        return made

    def _start_question(self, kind: str, row: FormRow) -> Document:
        key = self._take_key(row, row.get("name"), "")
        tier = row.get("tier") or "basic"
        if tier not in TIERS:
            self.faults.add(row, f'the tier "{tier[:60]}" is unknown; allowed: {", ".join(TIERS)}')
            tier = "basic"
        made: Document = {"key": key, "type": kind, "tier": tier, "kind": row.get("kind") or "fact"}
        made["title"] = row.get("label") or row.get("name")
        texts = {"help": "hint", "concept": "concept", "why": "why", "action": "action", "minutes": "minutes"}
        made |= {name: row.get(column) for name, column in texts.items() if row.get(column)}
        if kind in ("integer", "decimal") and row.get("unit"):
            made["unit"] = row.get("unit")
        for name in ("decimals", "meaning"):
            if row.get(name) and (count := _read_count(row.get(name))) is not None:
                made[name] = count
            elif row.get(name):
                self.faults.add(row, f"{name} takes a whole number")
        if row.get("required").casefold() in YES:
            made["required"] = True
        if row.get("not_applicable").casefold() in YES:
            help_ = row.get("not_applicable_help")
            made["not_applicable"] = {"allowed": True} | ({"help": help_} if help_ else {})
        condition = self._join_conditions(row)
        return made | ({"enable_when": condition} if condition else {})

    def _take_key(self, row: FormRow, name: str, space: str) -> str:
        """A key for a name; sections and questions may share one."""
        if not name:
            self.faults.add(row, "the name is missing")
        key = make_key(name, KEY)
        if key != name and name:
            self.faults.warn(row, f'the name "{name[:60]}" becomes the key {key}')
        if f"{space}{key}" in self.keys:
            self.faults.add(row, f"the key {key} is taken by an earlier row")
        self.keys.setdefault(f"{space}{key}", row.number)
        return key

    def _put(self, made: Document) -> None:
        """Where the row stands: in the open repeat, in the open section, or in one that nobody wrote down."""
        self.asked[made["key"]] = Asked(made["key"], made["type"])
        if self.repeat is not None:
            self.repeat["questions"].append(made)
            return
        if self.section is None:
            if not self.sections or self.sections[-1]["key"]:
                self.sections.append({"key": "", "title": LOOSE.title(), "questions": []})
            self.sections[-1]["questions"].append(made)
        else:
            self.section["questions"].append(made)

    def _read_limits(self, made: Document, row: FormRow) -> Document:
        if not row.get("constraint"):
            return made
        try:
            limits = dict(xlsform_terms.read_constraint(row.get("constraint")))
        except Unmapped as unmapped:
            self.faults.add(row, f"the constraint does not map: {unmapped}")
            return made
        alone = {make_key(one, SHORT_KEY, "o_") for one in limits.pop("exclusive", ())}
        for option in made.get("options", ()):
            if option["key"] in alone:
                option["exclusive"] = True
        fits = {"min", "max"} if made["type"] in ("integer", "decimal", "percent") else {"max_length"}
        if not set(limits) <= fits:
            self.faults.add(row, "the constraint does not map: it limits what this type does not have")
            return made
        return made | limits

    def _read_relevant(self, row: FormRow) -> Document | None:
        if not row.get("relevant"):
            return None
        try:
            return xlsform_terms.read_relevant(
                row.get("relevant"), self._find, lambda name: make_key(name, SHORT_KEY, "o_")
            )
        except Unmapped as unmapped:
            self.faults.add(row, f"the condition does not map: {unmapped}")
            return None

    def _find(self, name: str) -> Asked:
        key = make_key(name, KEY)
        if key not in self.asked:
            raise Unmapped(f"no question {name[:60]} comes before")
        return self.asked[key]

    def _join_conditions(self, row: FormRow) -> Document | None:
        """The row's own condition with those of the groups that it stands in, where all of them must hold."""
        held = [one for one in (*self.conditions, self._read_relevant(row)) if one]
        if len(held) < 2:
            return held[0] if held else None
        if any("any" in one and len(one["any"]) > 1 for one in held):
            self.faults.add(row, "the conditions of the row and of its group do not join: one of them uses or")
            return None
        return {"all": self._copy([clause for one in held for clauses in one.values() for clause in clauses])}


def _read_count(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else None
