"""Questionnaires as XLSForm (https://xlsform.org), the spreadsheet that ODK and Kobo collect answers by.

What XLSForm has no column for travels in columns and sheets of our own, which its tools leave alone. Not carried:
evidence, mappings to standards, request limits, indicators, probes and checks; a form collects values only, so that
"we do not know" and its kind are left to the portal.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import xlsxwriter

from questionnaires import canonical, xlsform_terms
from questionnaires.definition import Definition, Option, Question, Section
from questionnaires.wording import Words
from questionnaires.workbook import MADE

SURVEY = (
    "type", "name", "label", "hint", "required", "relevant", "constraint", "constraint_message",
    "tier", "kind", "unit", "decimals", "concept", "meaning", "minutes", "why", "action",
    "not_applicable", "not_applicable_help", "pillar", "min_rows", "max_rows",
)  # fmt: skip
CHOICES = ("list_name", "name", "label", "exclusive", "help")
SETTINGS = ("form_title", "form_id", "version", "publisher", "purpose", "locale", "description")
TYPES = {"integer": "integer", "decimal": "decimal", "percent": "decimal", "date": "date", "text": "text"}
BOOLEAN_LIST = "boolean"
SET_PREFIX, OWN_PREFIX = "set_", "own_"
SECTION_PREFIX, INTRO_SUFFIX = "section_", "_intro"
PERCENT = "%"
Row = dict[str, str]


def write_xlsform(definition: Definition) -> bytes:
    """The whole questionnaire at its highest tier, as an Excel workbook."""
    header = definition.questionnaire
    settings = {
        "form_title": header.title,
        "form_id": header.key,
        "version": header.version,
        "publisher": header.publisher,
        "purpose": header.purpose,
        "locale": header.locale,
        "description": header.description,
    }
    sheets: dict[str, tuple[tuple[str, ...], Iterable[Mapping[str, str]]]] = {
        "survey": (SURVEY, _list_survey(definition)),
        "choices": (CHOICES, _list_choices(definition)),
        "settings": (SETTINGS, [settings]),
        "portal_tiers": (("key", "title", "description"), _list_texts(definition.tiers)),
        "portal_pillars": (("key", "title", "description"), _list_texts(definition.pillars)),
    }
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": MADE})
        for name, (columns, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            for column, title in enumerate(columns):
                sheet.write_string(0, column, title)
            for line, row in enumerate(rows, 1):
                for column, key in enumerate(columns):
                    if row.get(key):
                        sheet.write_string(line, column, row[key])
    return target.getvalue()


def _list_texts(parts: Iterable[Any]) -> list[Row]:
    return [{"key": one.key, "title": one.title, "description": one.description} for one in parts]


def _list_survey(definition: Definition) -> Iterator[Row]:
    for section in definition.sections:
        yield from _list_section(definition, section)


def _list_section(definition: Definition, section: Section) -> Iterator[Row]:
    name = f"{SECTION_PREFIX}{section.key}"
    yield {"type": "begin_group", "name": name, "label": write_text(section.title), "pillar": section.pillar or ""}
    if section.intro:
        yield {"type": "note", "name": f"{name}{INTRO_SUFFIX}", "label": write_text(section.intro)}
    for question in section.questions:
        yield _write_question(definition, question)
        if question.type == "group":
            yield from (_write_question(definition, child) for child in question.questions)
            yield {"type": "end_repeat", "name": question.key}
    yield {"type": "end_group", "name": name}


def _write_question(definition: Definition, question: Question) -> Row:
    constraint, message = xlsform_terms.write_constraint(definition, question)
    allowed = question.not_applicable
    return {
        "type": _name_type(question),
        "name": question.key,
        "label": write_text(question.title),
        "hint": write_text(question.help),
        "required": "yes" if question.required else "",
        "relevant": xlsform_terms.write_relevant(definition, question.enable_when),
        "constraint": constraint,
        "constraint_message": write_text(message),
        "tier": question.tier,
        "kind": question.kind,
        "unit": PERCENT if question.type == "percent" else question.unit or "",
        "decimals": "" if question.decimals is None else str(question.decimals),
        "concept": question.concept or "",
        "meaning": "" if question.meaning == 1 else str(question.meaning),
        "minutes": canonical.write_decimal(question.minutes),
        "why": question.why,
        "action": question.action,
        "not_applicable": "yes" if allowed is not None and allowed.allowed else "",
        "not_applicable_help": allowed.help if allowed is not None else "",
        "min_rows": "" if question.repeat is None else str(question.repeat.min),
        "max_rows": "" if question.repeat is None else str(question.repeat.max),
    }


def _name_type(question: Question) -> str:
    if question.type == "group":
        return "begin_repeat"
    if question.type == "boolean":
        return f"select_one {BOOLEAN_LIST}"
    if question.type in ("choice", "multi_choice"):
        way = "select_one" if question.type == "choice" else "select_multiple"
        return f"{way} {name_list(question)}"
    return TYPES[question.type]


def name_list(question: Question) -> str:
    return f"{SET_PREFIX}{question.options_ref}" if question.options_ref else f"{OWN_PREFIX}{question.key}"


def _list_choices(definition: Definition) -> Iterator[Row]:
    words = Words(definition.questionnaire.locale)
    if any(question.type == "boolean" for question in definition.questions.values()):
        yield {"list_name": BOOLEAN_LIST, "name": "true", "label": words.say("yes")}
        yield {"list_name": BOOLEAN_LIST, "name": "false", "label": words.say("no")}
    for key, options in definition.option_sets.items():
        yield from (_write_choice(f"{SET_PREFIX}{key}", option) for option in options)
    for question in definition.questions.values():
        yield from (_write_choice(name_list(question), option) for option in question.options)


def _write_choice(name: str, option: Option) -> Row:
    exclusive = "yes" if option.exclusive else ""
    label = write_text(option.title)
    return {"list_name": name, "name": option.key, "label": label, "exclusive": exclusive, "help": option.help}


def write_text(text: str) -> str:
    """A text in which nothing is taken for a reference to another question."""
    return text.replace("${", "$ {")
