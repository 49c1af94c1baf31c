"""XLSForm to a document of our format, as far as the two say the same; each row that does not map is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires import xlsform, xlsform_rows, xlsx, xlsx_cells
from questionnaires.definition import KEY, QUESTIONNAIRE_KEY, SHORT_KEY, TIERS, VERSION
from questionnaires.faults import Fault, Path
from questionnaires.xlsform_rows import FormFaults, FormRow, make_key
from questionnaires.xlsform_survey import YES, Document, SurveyReading

PURPOSE = "self_assessment"
MAX_ROWS = 3_000


@dataclass(frozen=True, kw_only=True)
class XlsForm:
    """The document that could be made, for `reading.definition_from_document`, and every row that does not map.

    Where an error is among the faults, a part of the form is missing from the document. `rows` has the row of the
    sheet survey that each section and question came from, by its path in the document.
    """

    document: dict[str, Any]
    faults: tuple[Fault, ...]
    rows: Mapping[Path, int]

    @property
    def errors(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if fault.severity == "error")


def read_xlsform(data: bytes, *, publisher: str = "imported") -> XlsForm:
    """Read the sheets survey, choices and settings of an .xlsx; `publisher` stands where the form names none.

    Raises WorkbookRefused for a file that is no workbook, is too large, or has no survey.
    """
    book = xlsx.read_book(data)
    faults = FormFaults()
    settings = next(iter(xlsform_rows.read_sheet(book, "settings", "", faults)), FormRow("settings", 2, {}))
    language = _choose_language(book, settings, faults)
    header = _read_header(settings, language, publisher, faults)
    survey = xlsform_rows.read_sheet(book, "survey", language, faults)
    if len(survey) > MAX_ROWS:
        raise xlsform_rows.form_too_large()
    if not survey:
        raise xlsx_cells.WorkbookRefused(
            "NOT_A_FORM", "The workbook has no sheet “survey” with rows, so it is no XLSForm."
        )
    lists = _read_choices(xlsform_rows.read_sheet(book, "choices", language, faults), faults)
    reading = SurveyReading(lists, faults)
    sections = reading.read(survey)
    tiers, pillars = _read_own(book, "tiers", faults), _read_own(book, "pillars", faults)
    document = {
        "format": "questionnaire/1",
        "questionnaire": header,
        "tiers": tiers or _list_tiers(sections),
        "pillars": pillars,
        "sections": sections,
        "option_sets": _keep_sets(lists),
    }
    return XlsForm(document=document, faults=tuple(faults.faults), rows=reading.list_rows(sections))


def _choose_language(book: xlsx_cells.Book, settings: FormRow, faults: FormFaults) -> str:
    known = xlsform_rows.list_languages(book)
    wanted = settings.get("default_language").casefold()
    chosen = wanted if wanted in known else known[0] if known else settings.get("default_language")
    for other in known:
        if other != chosen:
            faults.warn(None, f'the texts in "{other[:60]}" are left out; hand them in as a translation')
    return chosen


def _read_header(settings: FormRow, language: str, publisher: str, faults: FormFaults) -> Document:
    name = settings.get("form_id") or settings.get("form_title") or "imported-form"
    key = name if re.fullmatch(QUESTIONNAIRE_KEY, name) else re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    key = key if re.fullmatch(QUESTIONNAIRE_KEY, key) else f"form-{key}"[:64].strip("-")
    version = settings.get("version")
    if not re.fullmatch(VERSION, version):
        faults.warn(settings, f'the version "{version[:60]}" is not MAJOR.MINOR.PATCH; 1.0.0 stands for it')
        version = "1.0.0"
    title = settings.get("form_title") or name
    faults.subject = f"{key} {version}"
    return {
        "key": key,
        "publisher": settings.get("publisher") or publisher,
        "version": version,
        "locale": settings.get("locale") or xlsform_rows.find_locale(language) or "en",
        "purpose": settings.get("purpose") or PURPOSE,
        "title": title,
        "description": settings.get("description") or title,
    }


def _read_choices(rows: list[FormRow], faults: FormFaults) -> dict[str, list[Document]]:
    lists: dict[str, list[Document]] = {}
    taken: set[tuple[str, str]] = set()
    for row in rows:
        name = row.get("list_name")
        if not name or not row.get("name"):
            faults.add(row, "list_name or name is missing")
            continue
        key = make_key(row.get("name"), SHORT_KEY, "o_")
        if key != row.get("name"):
            faults.warn(row, f'the choice "{row.get("name")[:60]}" becomes the key {key}')
        options = lists.setdefault(name, [])
        if (name, key) in taken:
            faults.add(row, f"the key {key} is taken by an earlier choice of this list")
            continue
        taken.add((name, key))
        option: Document = {"key": key, "title": row.get("label") or row.get("name")}
        option |= {"help": row.get("help")} if row.get("help") else {}
        options.append(option | ({"exclusive": True} if row.get("exclusive").casefold() in YES else {}))
    return lists


def _keep_sets(lists: dict[str, list[Document]]) -> Document:
    prefix = xlsform.SET_PREFIX
    return {make_key(name.removeprefix(prefix), KEY): held for name, held in lists.items() if name.startswith(prefix)}


def _read_own(book: xlsx_cells.Book, name: str, faults: FormFaults) -> list[Document]:
    """Tiers or pillars from a sheet of our own export."""
    rows = xlsform_rows.read_sheet(book, f"portal_{name}", "", faults)
    columns = ("key", "title", "description")
    return [{column: row.get(column) for column in columns if row.get(column)} for row in rows]


def _list_tiers(sections: list[Document]) -> list[Document]:
    """The tiers that the questions name, lowest first."""
    asked = [question for section in sections for question in section["questions"]]
    named = {one["tier"] for question in asked for one in (question, *question.get("questions", ()))}
    return [{"key": tier, "title": tier.title()} for tier in TIERS if tier in named]
