"""FHIR R5: fhir.resources validates what is written, every answer keeps its place, and known examples stand."""

import json
import operator
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from fhir.resources.questionnaire import Questionnaire
from fhir.resources.questionnaireresponse import QuestionnaireResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import catalogue, conditions, fhir, fhir_conditions, fhir_response, fhir_terms, reading
from questionnaires.answers import Answers
from questionnaires.definition import Clause, Condition, Definition
from tests.questionnaires import generation, samples
from tests.questionnaires.test_workbook import ANSWERS, keep_tier

DEFINITION = samples.make_definition()
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
few = settings(max_examples=30, deadline=None)


def write(definition: Definition) -> dict[str, Any]:
    return fhir.write_questionnaire(definition, content_hash="0" * 64)


def walk(items: list[Any]) -> list[Any]:
    return [one for item in items for one in (item, *walk(item.get("item", [])))]


def respond(definition: Definition, answers: Answers, tier: Any) -> dict[str, Any]:
    return fhir_response.write_response(definition, answers, tier=tier, status="completed", authored=NOW)


@pytest.mark.parametrize(("key", "version"), catalogue.name_packaged())
def test_packaged_questionnaires_validate(key: str, version: str) -> None:
    definition = catalogue.read_packaged(key, version).definition
    written = write(definition)
    Questionnaire.model_validate_json(fhir_terms.write_json(written))
    links = [item["linkId"] for item in walk(written["item"])]
    assert len(links) == len(set(links))
    assert set(definition.questions) <= set(links)


@few
@given(st.integers(0, 2**32))
def test_random_questionnaires_and_answers_validate_and_no_answer_is_lost(seed: int) -> None:
    rng = Random(seed)
    definition = reading.definition_from_document(generation.make_documents(rng)[0])
    tier, answers = rng.choice(definition.tier_keys), generation.make_answers(rng, definition)
    asked = fhir.write_questionnaire(definition, content_hash="0" * 64, tier=tier)
    if asked["item"]:
        Questionnaire.model_validate_json(fhir_terms.write_json(asked))
    response = respond(definition, answers, tier)
    if response["item"]:
        QuestionnaireResponse.model_validate_json(fhir_terms.write_json(response))
    links = {item["linkId"] for item in walk(asked["item"])}
    written = [item["linkId"] for item in walk(response["item"])]
    assert set(written) <= links
    kept = [key for key, one in keep_tier(definition, answers, tier).items() if key[0] in links]
    groups = {q.key for q in definition.questions.values() if q.type == "group"}
    assert sum(link in definition.questions and link not in groups for link in written) == sum(
        key not in groups for key, _ in kept
    ), (written, kept)


def find(document: dict[str, Any], link: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in walk(document["item"]) if item["linkId"] == link)
    return found


def test_a_golden_questionnaire() -> None:
    written = write(DEFINITION)
    assert find(written, "fees_repaid") == {
        "linkId": "fees_repaid",
        "text": "Are fees repaid?",
        "type": "coding",
        "enableWhen": [{"question": "headcount", "operator": ">=", "answerInteger": 2}],
        "answerOption": [
            {
                "valueCoding": {
                    "system": "urn:supplier-portal:options:sample:yes_partly_no",
                    "code": code,
                    "display": title,
                }
            }
            for code, title in (("yes", "Yes"), ("partly", "Partly"), ("no", "No"))
        ],
    }
    structure = "http://hl7.org/fhir/StructureDefinition"
    unit = {"system": "urn:supplier-portal:unit", "code": "person", "display": "person"}
    assert find(written, "headcount")["extension"] == [
        {"url": f"{structure}/minValue", "valueInteger": 0},
        {"url": f"{structure}/maxValue", "valueInteger": 9000},
        {"url": f"{structure}/questionnaire-unit", "valueCoding": unit},
    ]
    assert find(written, "sites")["repeats"] is True
    assert (
        find(written, "waste")["answerOption"][2]["extension"][0]["url"] == f"{structure}/questionnaire-optionExclusive"
    )


def test_a_golden_response() -> None:
    written = respond(DEFINITION, ANSWERS, "basic")
    assert find(written, "headcount")["answer"] == [{"valueInteger": 12}]
    assert find(written, "founded")["answer"] == [{"valueDate": "1999-12-31"}]
    assert [one["valueCoding"]["code"] for one in find(written, "waste")["answer"]] == ["paper", "metal"]
    assert find(written, "fees_repaid") == {
        "linkId": "fees_repaid",
        "text": "Are fees repaid?",
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "not-applicable"},
            {"url": "urn:supplier-portal:reason", "valueString": "Nobody was recruited."},
        ],
    }
    site = find(written, "sites")
    assert (site["id"], [item["linkId"] for item in site["item"]]) == ("r1", ["site_people", "site_dorm"])


def clause(q: str, op: Any, *values: str) -> Clause:
    return Clause(q=q, op=op, value=values if len(values) != 1 else values[0])


def test_conditions_that_are_flat_and_those_that_are_not() -> None:
    paper, few_people = clause("waste", "includes_any", "paper", "metal"), clause("headcount", "lt", "10")
    flat, expression = fhir_conditions.write_condition(DEFINITION, Condition(any=(paper, few_people)))
    assert ([one["operator"] for one in flat], expression) == (["=", "=", "<"], [])
    flat, expression = fhir_conditions.write_condition(DEFINITION, Condition(all=(paper, few_people)))
    assert flat == []
    assert expression[0]["valueExpression"]["expression"] == (
        "(%resource.descendants().where(linkId='waste').answer.value.code.where($this = 'paper').exists()"
        " or %resource.descendants().where(linkId='waste').answer.value.code.where($this = 'metal').exists())"
        " and (%resource.descendants().where(linkId='headcount').answer.value.where($this < 10).exists())"
    )
    assert fhir_conditions.name_behavior(Condition(all=(paper,))) == "any"
    assert fhir_conditions.name_behavior(Condition(any=(clause("waste", "includes_all", "paper", "metal"),))) == "all"


def holds_as_fhir(question: dict[str, Any], values: dict[str, Any]) -> bool:
    """What a program makes of flat `enableWhen`, after the words of the standard."""

    def met(clause: dict[str, Any]) -> bool:
        given = values.get(clause["question"])
        if given is None:
            return False
        kind, wanted = next((name, one) for name, one in clause.items() if name.startswith("answer"))
        if clause["operator"] == "exists":
            return bool(wanted)
        if kind in ("answerInteger", "answerDecimal"):
            return SIGNS[clause["operator"]](Decimal(given), Decimal(str(wanted)))
        one = wanted["code"] if kind == "answerCoding" else wanted
        return any(SIGNS[clause["operator"]](value, one) for value in (given if isinstance(given, tuple) else (given,)))

    found = [met(clause) for clause in question["enableWhen"]]
    return all(found) if question.get("enableBehavior", "all") == "all" else any(found)


SIGNS: dict[str, Any] = {"=": operator.eq, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_flat_conditions_mean_the_same(seed: int) -> None:
    rng = Random(seed)
    definition = reading.definition_from_document(generation.make_documents(rng)[0])
    asked = {item["linkId"]: item for item in walk(write(definition)["item"])}
    for _ in range(5):
        answers = generation.make_answers(rng, definition)
        values = {key[0]: one.value for key, one in answers.items() if one.state == "value" and one.value != ()}
        for key, question in definition.questions.items():
            if "enableWhen" in asked.get(key, {}):
                expected = conditions.holds(definition, question.enable_when, values.get)
                assert holds_as_fhir(asked[key], values) == expected, (question.enable_when, values)


def test_decimals_keep_every_digit() -> None:
    data = fhir_terms.write_json({"a": Decimal("0.10000000000000000001"), "b": [1, True, None, "é\n"]})
    assert data == '{"a":0.10000000000000000001,"b":[1,true,null,"é\\n"]}'.encode()
    assert json.loads(data)["b"] == [1, True, None, "é\n"]
