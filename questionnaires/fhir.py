"""Questionnaires as FHIR R5 (https://hl7.org/fhir/R5/questionnaire.html); nothing is read back.

What has no place of its own in the standard goes into its published extensions: units, limits, exclusive options,
repetitions; a condition that flat `enableWhen` cannot say is a FHIRPath expression of SDC.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from questionnaires import fhir_conditions, filling
from questionnaires.answers import MAX_TEXT
from questionnaires.definition import Definition, Option, Question, Section, Tier, contains
from questionnaires.fhir_terms import OWN, STRUCTURE, name_options, name_questionnaire, name_type, write_number

Json: TypeAlias = dict[str, Any]
ITEM_CONTROL = "http://hl7.org/fhir/questionnaire-item-control"
UNITS = "http://unitsofmeasure.org"


def write_questionnaire(definition: Definition, *, content_hash: str, tier: Tier | None = None) -> Json:
    """The Questionnaire of one tier, or of the highest one; texts are those of the definition."""
    header = definition.questionnaire
    asked = tier or definition.tier_keys[-1]
    return {
        "resourceType": "Questionnaire",
        "language": header.locale,
        "url": name_questionnaire(definition),
        "identifier": [{"system": f"{OWN}:content-hash", "value": content_hash}],
        "version": header.version,
        "name": "".join(part.title() for part in header.key.split("-")),
        "title": header.title,
        "status": "active",
        "subjectType": ["Organization"],
        "publisher": header.publisher,
        "description": header.description,
        "item": list(_write_sections(definition, asked)),
    }


def list_questions(section: Section, tier: Tier) -> tuple[Question, ...]:
    """The questions of a section at a tier; a group without questions there is none."""
    held = [question for question in section.questions if contains(tier, question.tier)]
    return tuple(q for q in held if q.type != "group" or filling.list_children(q, tier))


def _write_sections(definition: Definition, tier: Tier) -> Iterator[Json]:
    for section in definition.sections:
        questions = list_questions(section, tier)
        if questions:
            intro = [_write_note(f"section.{section.key}.intro", section.intro)] if section.intro else []
            items = [*intro, *(_write_item(definition, question, tier) for question in questions)]
            yield {"linkId": f"section.{section.key}", "text": section.title, "type": "group", "item": items}


def _write_note(link: str, text: str, control: str = "") -> Json:
    coding = {"coding": [{"system": ITEM_CONTROL, "code": control}]}
    extension = [{"url": f"{STRUCTURE}/questionnaire-itemControl", "valueCodeableConcept": coding}] if control else []
    return _drop_empty({"extension": extension, "linkId": link, "text": text, "type": "display"})


def _write_item(definition: Definition, question: Question, tier: Tier) -> Json:
    help_ = [_write_note(f"{question.key}.help", question.help, "help")] if question.help else []
    children = [_write_item(definition, child, tier) for child in filling.list_children(question, tier)]
    clauses, expression = fhir_conditions.write_condition(definition, question.enable_when)
    return _drop_empty(
        {
            "extension": [*_list_extensions(question), *expression],
            "linkId": question.key,
            "code": [{"system": f"{OWN}:concept", "code": question.concept}] if question.concept else [],
            "text": question.title,
            "type": name_type(question),
            "enableWhen": clauses,
            "enableBehavior": _name_behavior(question, clauses),
            "required": question.required or None,
            "repeats": question.type in ("multi_choice", "group") or None,
            "maxLength": min(question.max_length or MAX_TEXT, MAX_TEXT) if question.type == "text" else None,
            "answerOption": [_write_option(definition, question, one) for one in definition.options(question)],
            "item": [*help_, *children],
        }
    )


def _name_behavior(question: Question, clauses: list[Json]) -> str | None:
    if len(clauses) < 2 or question.enable_when is None:
        return None
    return fhir_conditions.name_behavior(question.enable_when)


def _write_option(definition: Definition, question: Question, option: Option) -> Json:
    exclusive = (
        [{"url": f"{STRUCTURE}/questionnaire-optionExclusive", "valueBoolean": True}] if option.exclusive else []
    )
    coding = {"system": name_options(definition, question), "code": option.key, "display": option.title}
    return _drop_empty({"extension": exclusive, "valueCoding": coding})


def _list_extensions(question: Question) -> Iterator[Json]:
    kind = "valueInteger" if name_type(question) == "integer" else "valueDecimal"
    for name, limit in (("minValue", question.min), ("maxValue", question.max)):
        if limit is not None:
            yield {"url": f"{STRUCTURE}/{name}", kind: write_number(limit)}
    places = 0 if question.type == "integer" else question.decimals
    if places is not None and name_type(question) == "decimal":
        yield {"url": f"{STRUCTURE}/maxDecimalPlaces", "valueInteger": places}
    if question.type == "percent":
        yield _write_unit({"system": UNITS, "code": "%", "display": "%"})
    elif question.unit:
        yield _write_unit({"system": f"{OWN}:unit", "code": question.unit, "display": question.unit})
    if question.repeat is not None:
        yield {"url": f"{STRUCTURE}/questionnaire-minOccurs", "valueInteger": question.repeat.min}
        yield {"url": f"{STRUCTURE}/questionnaire-maxOccurs", "valueInteger": question.repeat.max}


def _write_unit(coding: Json) -> Json:
    return {"url": f"{STRUCTURE}/questionnaire-unit", "valueCoding": coding}


def _drop_empty(value: Json) -> Json:
    return {key: item for key, item in value.items() if item not in (None, [], "")}
