"""Names and types that questionnaires, conditions and responses share when they are written as FHIR R5."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from questionnaires.definition import NUMBERS, Definition, Question

STRUCTURE = "http://hl7.org/fhir/StructureDefinition"
OWN = "urn:supplier-portal"
LARGEST_INTEGER = 2**31 - 1
TYPES = {"boolean": "boolean", "choice": "coding", "multi_choice": "coding", "date": "date", "text": "text"}


def name_questionnaire(definition: Definition) -> str:
    return f"{OWN}:questionnaire:{definition.key}"


def name_options(definition: Definition, question: Question) -> str:
    """The code system of a question's options."""
    return f"{OWN}:options:{definition.key}:{question.options_ref or question.key}"


def name_type(question: Question) -> str:
    """The item type; whole numbers beyond 32 bits have none but decimal."""
    if question.type in NUMBERS:
        limits = (question.min, question.max)
        fits = all(limit is not None and abs(limit) <= LARGEST_INTEGER for limit in limits)
        return "integer" if question.type == "integer" and fits else "decimal"
    return TYPES.get(question.type, "group")


def write_number(number: Decimal) -> int | Decimal:
    """A JSON number without losing a digit; whole ones as integers."""
    return int(number) if number == number.to_integral_value() else number


def write_json(value: object) -> bytes:
    """UTF-8 JSON in which decimals keep every digit, as the standard asks."""
    return _write(value).encode()


def _write(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key))}:{_write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_write(item) for item in value) + "]"
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
