"""Workbooks, tables and FHIR at the edges of what they hold: names of sheets, sizes, lists that are empty."""

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from questionnaires import answer_table, fhir, fhir_conditions, fhir_response, fhir_terms, xlsx
from questionnaires.answers import Answer, index_answers
from questionnaires.definition import Clause, Condition, Definition, Question
from questionnaires.xlsx_cells import WorkbookRefused
from tests.questionnaires import forms, samples

DEFINITION = samples.make_definition()
SITES = DEFINITION.questions["sites"]


def name_groups(*titles: str) -> Definition:
    """The sample with a group for each title."""
    groups = [
        dataclasses.replace(
            SITES,
            key=f"group_{number}",
            title=title,
            questions=tuple(
                dataclasses.replace(one, key=f"{one.key}_{number}", enable_when=None) for one in SITES.questions
            ),
        )
        for number, title in enumerate(titles)
    ]
    return put_first(DEFINITION, *DEFINITION.sections[0].questions, *groups)


def put_first(definition: Definition, *questions: Question) -> Definition:
    first, *others = definition.sections
    return dataclasses.replace(definition, sections=(dataclasses.replace(first, questions=questions), *others))


def test_every_group_has_a_sheet_that_a_spreadsheet_can_name() -> None:
    long = "How many people work in each of your halls?"
    definition = name_groups(long, long.upper(), long, "History", "_PORTAL", "[a]:*", "'", "🏭" * 20, "Answers")
    data = forms.write(definition, {}, "basic")
    names = list(xlsx.read_book(data).sheets)
    assert len({name.casefold() for name in names}) == len(names) == 13
    assert all(1 <= len(name.encode("utf-16-le")) <= 62 for name in names)
    assert forms.read_back(data, definition).refused == ()


def test_a_table_of_as_many_lines_as_are_read() -> None:
    head = b"questionnaire,question,state,value\n"
    line = b"sample 1.0.0,headcount,,12\n"
    assert len(answer_table.open_table(head + line * (answer_table.MAX_LINES - 1)).lines) == 49_999
    with pytest.raises(WorkbookRefused) as refused:
        answer_table.open_table(head + line * answer_table.MAX_LINES)
    assert refused.value.code == "TABLE_TOO_LARGE"


def test_a_table_has_the_questions_of_its_tier_in_each_row() -> None:
    later = dataclasses.replace(SITES.questions[0], key="later", tier="standard")
    group = dataclasses.replace(SITES, questions=(*SITES.questions, later))
    definition = put_first(DEFINITION, *DEFINITION.sections[0].questions[:-1], group)
    rows = index_answers([Answer(question="sites", row_id="r1", state="value", value=True)])
    table = answer_table.write_table(definition, rows, forms.make_stamp(definition, "basic")).decode()
    assert "site_people" in table
    assert "later" not in table


def test_a_nul_in_a_table_is_no_text() -> None:
    with pytest.raises(WorkbookRefused) as refused:
        answer_table.open_table(b"questionnaire,question,state,value\nsample 1.0.0,remark,,a\0b\n")
    assert refused.value.code == "TABLE_FOREIGN"


def respond(*answers: Answer) -> list[dict[str, Any]]:
    written = fhir_response.write_response(
        DEFINITION, index_answers(answers), tier="basic", status="completed", authored=datetime(2026, 1, 1, tzinfo=UTC)
    )
    return [item for section in written["item"] for item in section["item"]]


def test_an_empty_list_says_that_there_are_none() -> None:
    (item,) = respond(Answer(question="sites", state="value", value=()))
    assert item["extension"] == [{"url": fhir_response.NONE, "valueBoolean": True}]


def test_a_questionnaire_of_a_tier_asks_what_that_tier_asks() -> None:
    written = fhir.write_questionnaire(DEFINITION, content_hash="0" * 64, tier="micro")
    asked = {item["linkId"] for section in written["item"] for item in section["item"]}
    assert "headcount" in asked
    assert "sites" not in asked


def test_all_of_several_options_stays_all_of_them_in_an_expression() -> None:
    both = Clause(q="waste", op="includes_all", value=("paper", "metal"))
    few = Clause(q="headcount", op="lt", value="10")
    _, (extension,) = fhir_conditions.write_condition(DEFINITION, Condition(any=(both, few)))
    expression = extension["valueExpression"]["expression"]
    assert expression.count(" and ") == expression.count(" or ") == 1


@pytest.mark.parametrize(("low", "kind"), [("-2147483647", "integer"), ("-2147483648", "decimal")])
def test_whole_numbers_beyond_32_bits_are_decimals(low: str, kind: str) -> None:
    question = dataclasses.replace(DEFINITION.questions["headcount"], min=Decimal(low))
    assert fhir_terms.name_type(question) == kind
