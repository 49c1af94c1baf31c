"""The two kinds of sheets of an answer workbook: one of questions, and one of lines for each group."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from questionnaires import filling
from questionnaires.answers import Answer, list_rows
from questionnaires.definition import Question
from questionnaires.workbook_cells import (
    HEAD,
    MARK,
    MOST_LINES,
    PARTS,
    CellWriter,
    Column,
    is_chosen,
    list_columns,
    make_row_id,
)


class AnswersSheet:
    """One line for each question; a multi_choice has one more for each option."""

    def __init__(self, cells: CellWriter, sheet: Worksheet, group_sheets: dict[str, str]) -> None:
        self.cells, self.sheet, self.group_sheets = cells, sheet, group_sheets
        self.line = HEAD

    def write(self) -> None:
        cells, sheet = self.cells, self.sheet
        header = cells.definition.questionnaire
        for column, width in enumerate((6, 48, 60, 16, 40, 26, 40), 1):
            sheet.set_column(column, column, width)
        sheet.write_string(1, 1, f"{header.title} ({header.key} {header.version})", cells.formats["title"])
        sheet.write_string(2, 1, cells.words.say("intro"), cells.formats["plain"])
        for column, key in enumerate(("number", "question", "help", "unit", "answer", "state", "reason"), 1):
            sheet.write_string(self.line, column, cells.words.say(key), cells.formats["head"])
        for part, column in PARTS.items():
            sheet.write_string(0, column, part)  # found by these again, also where a column was put between
        self._write_sections()
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})

    def _write_sections(self) -> None:
        number = 0
        asked = {question.key for question in filling.list_asked(self.cells.definition, self.cells.stamp.tier)}
        for section in self.cells.definition.sections:
            questions = [question for question in section.questions if question.key in asked]
            if questions:
                self.line += 1
                self.sheet.write_string(self.line, 1, section.title, self.cells.formats["section"])
            for question in questions:
                number += 1
                self.line += 1
                self._write_question(question, number)

    def _write_question(self, question: Question, number: int) -> None:
        cells, sheet, line = self.cells, self.sheet, self.line
        answer = cells.answers.get((question.key, None))
        if answer is not None:
            cells.written.append(answer)
        plain = cells.formats["text_plain"]
        sheet.write_string(line, 0, question.key)
        sheet.write_number(line, 1, number, cells.formats["plain"])
        sheet.write_string(line, 2, question.title + (" *" if question.required else ""), plain)
        sheet.write_string(line, 3, cells.explain(question), plain)
        sheet.write_string(line, 4, cells.hint(question), plain)
        cells.write_state(sheet, line, 6, question, answer)
        cells.add_states(sheet, line, 6, question)
        cells.write_reason(sheet, line, 7, answer)
        if question.type == "group":
            words = cells.words.say("see_sheet", sheet=self.group_sheets[question.key])
            sheet.write_string(line, 5, words, plain)
        elif question.type == "multi_choice":
            sheet.write_blank(line, 5, None, plain)
            self._write_options(question, answer)
        else:
            cells.write_answer(sheet, line, 5, question, answer)
            cells.add_choices(sheet, line, 5, question)

    def _write_options(self, question: Question, answer: Answer | None) -> None:
        cells = self.cells
        for title, option in filling.title_options(cells.definition, question).items():
            self.line += 1
            self.sheet.write_string(self.line, 0, f"{question.key}:{option.key}")
            self.sheet.write_string(self.line, 2, f"– {title}", cells.formats["option"])
            self.sheet.write_string(self.line, 3, option.help, cells.formats["text_plain"])
            self.sheet.write_string(self.line, 5, MARK if is_chosen(answer, option.key) else "", cells.formats["state"])
            cells.add_choices(self.sheet, self.line, 5, question)


class RowsSheet:
    """One line for each row of a group, with empty ones to fill in."""

    def __init__(self, cells: CellWriter, sheet: Worksheet, group: Question) -> None:
        self.cells, self.sheet, self.group = cells, sheet, group
        self.columns = tuple(list_columns(cells.definition, filling.list_children(group, cells.stamp.tier)))

    def write(self) -> None:
        cells, sheet = self.cells, self.sheet
        sheet.write_string(1, 1, self.group.title, cells.formats["title"])
        sheet.write_string(2, 1, cells.words.say("rows_intro"), cells.formats["plain"])
        rows = list_rows(cells.definition, self.group, cells.answers)
        most = MOST_LINES if self.group.repeat is None else min(self.group.repeat.max, MOST_LINES)
        lines = max(len(rows), min(most, len(rows) + 30))
        last = HEAD + lines
        for number, column in enumerate(self.columns, 1):
            sheet.write_string(0, number, column.key)
            sheet.write_string(HEAD, number, self._title(column), cells.formats["head"])
            sheet.set_column(number, number, 28 if column.part == "value" else 22)
            if column.part == "value":
                cells.add_choices(sheet, HEAD + 1, number, column.question, last)
            elif column.part == "state":
                cells.add_states(sheet, HEAD + 1, number, column.question, last)
        for offset in range(lines):
            row = rows[offset] if offset < len(rows) else None
            self._write_row(HEAD + 1 + offset, row)

    def _title(self, column: Column) -> str:
        if column.part != "value":
            return f"{column.question.title} – {self.cells.words.say(column.part)}"
        if column.option is not None:
            options = self.cells.definition.options(column.question)
            return f"{column.question.title} – {next(o.title for o in options if o.key == column.option)}"
        hint = self.cells.hint(column.question)
        return f"{column.question.title} ({hint})" if hint else column.question.title

    def _write_row(self, line: int, row: str | None) -> None:
        cells, sheet = self.cells, self.sheet
        sheet.write_string(line, 0, row or make_row_id(cells.stamp, self.group.key, str(line)))
        if row is not None:
            self._note_written(row)
        for number, column in enumerate(self.columns, 1):
            answer = None if row is None else cells.answers.get((column.question.key, row))
            if column.part == "state":
                cells.write_state(sheet, line, number, column.question, answer)
            elif column.part == "reason":
                cells.write_reason(sheet, line, number, answer)
            elif column.option is not None:
                mark = MARK if is_chosen(answer, column.option) else ""
                sheet.write_string(line, number, mark, cells.formats["state"])
            else:
                cells.write_answer(sheet, line, number, column.question, answer)

    def _note_written(self, row: str) -> None:
        """The row itself counts as handed out also where only answers in it are stored."""
        cells = self.cells
        cells.written.append(Answer(question=self.group.key, row_id=row, state="value", value=True))
        for child in filling.list_children(self.group, cells.stamp.tier):
            answer = cells.answers.get((child.key, row))
            if answer is not None:
                cells.written.append(answer)
