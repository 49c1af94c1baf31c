"""Conditions as `enableWhen` of FHIR, or as a FHIRPath expression where a flat list of comparisons cannot say them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from questionnaires import fhir_terms
from questionnaires.definition import CHOICES, Clause, Condition, Definition, Value

EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
OPERATORS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "in": "=", "includes_any": "="}


def write_condition(
    definition: Definition, condition: Condition | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The comparisons, or else the extension that holds an expression; both empty without a condition."""
    if condition is None:
        return [], []
    if _is_flat(condition):
        written = [one for clause in condition.clauses for one in _write_clause(definition, clause)]
        return written, []
    joint = " and " if condition.all else " or "
    words = joint.join(_write_expression(definition, clause) for clause in condition.clauses)
    return [], [{"url": EXPRESSION, "valueExpression": {"language": "text/fhirpath", "expression": words}}]


def name_behavior(condition: Condition) -> str:
    """Whether all comparisons must hold or any: one clause with several values decides it alone."""
    if len(condition.clauses) == 1:
        return "all" if condition.clauses[0].op == "includes_all" else "any"
    return "all" if condition.all else "any"


def _is_flat(condition: Condition) -> bool:
    if len(condition.clauses) == 1:
        return True
    joint = ("includes_all",) if condition.all else ("in", "includes_any")
    return all(clause.op in joint or len(_list_values(clause)) == 1 for clause in condition.clauses)


def _list_values(clause: Clause) -> tuple[Value, ...]:
    return clause.value if isinstance(clause.value, tuple) else (clause.value,)


def _write_clause(definition: Definition, clause: Clause) -> list[dict[str, Any]]:
    if clause.op == "answered":
        return [{"question": clause.q, "operator": "exists", "answerBoolean": True}]
    operator = OPERATORS.get(clause.op, "=")
    return [
        {"question": clause.q, "operator": operator, **_write_value(definition, clause.q, value)}
        for value in _list_values(clause)
    ]


def _write_value(definition: Definition, key: str, value: Value) -> dict[str, Any]:
    question = definition.questions[key]
    match fhir_terms.name_type(question):
        case "boolean":
            return {"answerBoolean": value}
        case "integer" if Decimal(str(value)) == Decimal(str(value)).to_integral_value():
            return {"answerInteger": int(Decimal(str(value)))}
        case "integer" | "decimal":
            return {"answerDecimal": fhir_terms.write_number(Decimal(str(value)))}
        case "date":
            return {"answerDate": value}
        case "coding":
            return {"answerCoding": {"system": fhir_terms.name_options(definition, question), "code": value}}
    return {"answerString": value}


def _write_expression(definition: Definition, clause: Clause) -> str:
    question = definition.questions[clause.q]
    coded = ".code" if question.type in CHOICES else ""
    found = f"%resource.descendants().where(linkId='{clause.q}').answer.value{coded}"
    if clause.op == "answered":
        return f"{found}.exists()"
    literals = [_write_literal(definition, clause.q, value) for value in _list_values(clause)]
    operator = OPERATORS.get(clause.op, "=")
    joint = " and " if clause.op == "includes_all" else " or "
    return "(" + joint.join(f"{found}.where($this {operator} {one}).exists()" for one in literals) + ")"


def _write_literal(definition: Definition, key: str, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    kind = fhir_terms.name_type(definition.questions[key])
    if kind in ("integer", "decimal"):
        return str(value)
    return f"@{value}" if kind == "date" else "'" + json.dumps(str(value), ensure_ascii=False)[1:-1] + "'"
