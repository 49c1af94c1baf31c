"""Answers as a FHIR R5 QuestionnaireResponse; what is not a value keeps its reason in the standard's own codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from questionnaires import fhir, fhir_terms, filling
from questionnaires.answers import Answer, Answers, list_rows
from questionnaires.definition import Definition, Question, Tier

ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
REASONS = {"unknown": "asked-unknown", "not_applicable": "not-applicable", "declined": "asked-declined"}
# Our own two, documented here: the reason in words, and that a list was looked at and is empty.
REASON = f"{fhir_terms.OWN}:reason"
NONE = f"{fhir_terms.OWN}:there-are-none"


def write_response(
    definition: Definition,
    answers: Answers,
    *,
    tier: Tier,
    status: Literal["in-progress", "completed"],
    authored: datetime,
) -> dict[str, Any]:
    """The QuestionnaireResponse to the Questionnaire of the same tier; places without an answer are left out."""
    sections = []
    for section in definition.sections:
        questions = fhir.list_questions(section, tier)
        items = [item for question in questions for item in _write_items(definition, question, answers, tier)]
        if items:
            sections.append({"linkId": f"section.{section.key}", "text": section.title, "item": items})
    return {
        "resourceType": "QuestionnaireResponse",
        "language": definition.questionnaire.locale,
        "questionnaire": f"{fhir_terms.name_questionnaire(definition)}|{definition.version}",
        "status": status,
        "authored": authored.isoformat(),
        "item": sections,
    }


def _write_items(definition: Definition, question: Question, answers: Answers, tier: Tier) -> Iterator[dict[str, Any]]:
    answer = answers.get((question.key, None))
    if question.type != "group":
        yield from _write_item(definition, question, answer)
        return
    rows = list_rows(definition, question, answers)
    if answer is not None and (answer.state != "value" or not rows):
        yield {**_start_item(question), "extension": _explain(answer)}
        return
    for row in rows:
        yield _write_row(definition, question, row, answers, tier)


def _write_row(definition: Definition, group: Question, row: str, answers: Answers, tier: Tier) -> dict[str, Any]:
    """One repetition; the element's id is the row's."""
    children = filling.list_children(group, tier)
    items = [one for child in children for one in _write_item(definition, child, answers.get((child.key, row)))]
    return {"id": row, **_start_item(group)} | ({"item": items} if items else {})


def _write_item(definition: Definition, question: Question, answer: Answer | None) -> Iterator[dict[str, Any]]:
    if answer is None:
        return
    if answer.state != "value":
        yield {**_start_item(question), "extension": _explain(answer)}
    else:
        values = answer.value if isinstance(answer.value, tuple) else (answer.value,)
        yield {**_start_item(question), "answer": [_write_value(definition, question, value) for value in values]}


def _start_item(question: Question) -> dict[str, Any]:
    return {"linkId": question.key, "text": question.title}


def _explain(answer: Answer) -> list[dict[str, Any]]:
    if answer.state == "value":
        return [{"url": NONE, "valueBoolean": True}]
    reason = [{"url": REASON, "valueString": answer.reason}] if answer.reason else []
    return [{"url": ABSENT, "valueCode": REASONS[answer.state]}, *reason]


def _write_value(definition: Definition, question: Question, value: Any) -> dict[str, Any]:
    match fhir_terms.name_type(question):
        case "boolean":
            return {"valueBoolean": value}
        case "integer" if abs(int(value)) <= fhir_terms.LARGEST_INTEGER:
            return {"valueInteger": int(value)}
        case "integer" | "decimal":
            return {"valueDecimal": fhir_terms.write_number(Decimal(value))}
        case "date":
            return {"valueDate": value}
        case "coding":
            titles = {option.key: option.title for option in definition.options(question)}
            system = fhir_terms.name_options(definition, question)
            return {"valueCoding": {"system": system, "code": value, "display": titles.get(value, value)}}
    return {"valueString": value}
