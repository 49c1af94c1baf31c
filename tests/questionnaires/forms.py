"""Workbooks for tests: written by us and then changed as a person would, or made up part by part."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence

import xlsxwriter

from questionnaires import workbook, workbook_reading, xlsx, xlsx_cells
from questionnaires.answers import Answers
from questionnaires.definition import Definition, Tier
from questionnaires.document import hash_content
from questionnaires.filling import Filled, Stamp

SHEET = "xl/worksheets/sheet1.xml"


def make_stamp(definition: Definition, tier: Tier, locale: str = "en") -> Stamp:
    return Stamp(
        questionnaire=definition.key,
        version=definition.version,
        content_hash=hash_content(definition),
        tier=tier,
        assessment="0193",
        change_number=7,
        locale=locale,
    )


def read_back(data: bytes, definition: Definition) -> Filled:
    return workbook_reading.read_workbook(workbook_reading.open_workbook(data), definition)


def find_cell(data: bytes, key: str, column: int = 6) -> str:
    """Where the answer to a question stands, as "F9"."""
    for sheet in xlsx.read_book(data).sheets.values():
        for line, cells in sheet.rows.items():
            if 1 in cells and cells[1].text == key:
                return xlsx_cells.name_cell(line, column)
    raise LookupError(key)


def find_column(data: bytes, sheet: str, key: str) -> str:
    """The letters of a column by its hidden key."""
    heads = xlsx.read_book(data).sheets[sheet].rows[1]
    number = next(number for number, cell in heads.items() if cell.text == key)
    return re.sub(r"\d", "", xlsx_cells.name_cell(1, number))


def change_part(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The same workbook with one part rewritten."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()) if name == part else content)
    return target.getvalue()


def put(data: bytes, changes: dict[str, str], part: str = SHEET) -> bytes:
    """Replace cells by their name; each value is the whole inside of `<c r="..." ...>` with its attributes."""

    def change(text: str) -> str:
        for name, content in changes.items():
            style = re.search(rf'<c r="{name}"( s="\d+")?', text)
            given = style[1] or "" if style else ""
            made = f'<c r="{name}"{given} {content}</c>'
            text, count = re.subn(rf'<c r="{name}"( s="\d+")?( t="\w+")?(/>|>.*?</c>)', lambda _: made, text)  # noqa: B023
            assert count == 1, name
        return text

    return change_part(data, part, change)


def text_cell(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f't="inlineStr"><is><t xml:space="preserve">{escaped}</t></is>'


def number_cell(number: str) -> str:
    return f"><v>{number}</v>"


def formula_cell(formula: str, result: str) -> str:
    return f"><f>{formula}</f><v>{result}</v>"


def write(definition: Definition, answers: Answers, tier: Tier = "basic", locale: str = "en") -> bytes:
    return workbook.write_workbook(definition, answers, make_stamp(definition, tier, locale))


def make_form(
    survey: Sequence[Sequence[str]], choices: Sequence[Sequence[str]] = (), settings_: Sequence[Sequence[str]] = ()
) -> bytes:
    """An XLSForm of these rows."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": True}) as book:
        for name, rows in (("survey", survey), ("choices", choices), ("settings", settings_)):
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)
    return target.getvalue()
