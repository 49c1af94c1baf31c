"""What maps from a form at the edges of what does: conditions, sections, keys, languages and sizes."""

from collections.abc import Sequence
from typing import Any

import pytest

from questionnaires import xlsform_reading
from questionnaires.xlsform_reading import MAX_ROWS
from questionnaires.xlsx_cells import WorkbookRefused
from tests.questionnaires.forms import make_form
from tests.questionnaires.test_xlsform import list_questions, read

CHOICES = [("kinds", "a", "A"), ("kinds", "b", "B")]
BEFORE = [
    ("select_one kinds", "kind", "Kind?"),
    ("select_multiple kinds", "risks", "Risks?"),
    ("select_one boolean", "dorm", "Dormitory?"),
    ("text", "firm", "Firm?"),
]


def clause(q: str, op: str, value: Any) -> dict[str, Any]:
    return {"q": q, "op": op, "value": value}


@pytest.mark.parametrize(
    ("relevant", "condition"),
    [
        ("${kind} = 'a' and ${kind} = 'b'", {"all": [clause("kind", "eq", "a"), clause("kind", "eq", "b")]}),
        ("${kind} = 'a' or ${kind} = 'b'", {"all": [clause("kind", "in", ["a", "b"])]}),
        (
            "selected(${risks}, 'a') and selected(${risks}, 'b')",
            {"all": [clause("risks", "includes_all", ["a", "b"])]},
        ),
        (
            "${dorm} = 'true' or ${dorm} = 'false'",
            {"any": [clause("dorm", "eq", True), clause("dorm", "eq", False)]},
        ),
        ("${firm} = \"Tom's and Ann's\"", {"all": [clause("firm", "eq", "Tom's and Ann's")]}),
    ],
)
def test_conditions_keep_their_meaning(relevant: str, condition: dict[str, Any]) -> None:
    form = read(*BEFORE, ("text", "last", "?", relevant), choices=CHOICES)
    assert form.errors == ()
    assert list_questions(form)[-1]["enable_when"] == condition


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("text", "last", "?", "${risks} = 'a'"), "compare risks by selected()"),
        (("integer", "last", "?", "", ". >= 1 or . <= 5"), "limits are joined by and"),
        (("end_repeat", ""), "this ends a repeat that is not open"),
    ],
)
def test_what_would_mean_something_else_is_named(row: Sequence[str], message: str) -> None:
    form = read(*BEFORE, ("begin_group", "more", "More"), row, ("end_group", ""), choices=CHOICES)
    assert [(fault.line, message in fault.message) for fault in form.errors] == [(7, True)]


def test_what_follows_a_repeat_in_a_repeat_is_in_the_outer_one() -> None:
    form = read(
        ("begin_repeat", "sites", "Sites"),
        ("begin_repeat", "halls", "Halls"),
        ("end_repeat", ""),
        ("text", "site_name", "Name"),
        ("end_repeat", ""),
    )
    (sites,) = list_questions(form)
    assert [one["key"] for one in sites["questions"]] == ["site_name"]


def test_questions_outside_of_groups_are_in_sections_of_their_own() -> None:
    form = read(
        ("text", "first", "?"),
        ("begin_group", "people", "People"),
        ("text", "people", "?"),
        ("end_group", ""),
        ("text", "last", "?"),
        ("text", "very_last", "?"),
    )
    assert form.errors == ()
    held = [(one["key"], [question["key"] for question in one["questions"]]) for one in form.document["sections"]]
    assert held == [("general", ["first"]), ("people", ["people"]), ("general_2", ["last", "very_last"])]


def test_a_group_may_be_called_as_the_section_of_what_is_outside() -> None:
    form = read(("text", "first", "?"), ("begin_group", "general", "Own"), ("text", "second", "?"), ("end_group", ""))
    assert form.errors == ()
    assert [one["key"] for one in form.document["sections"]] == ["general_2", "general"]


def test_two_groups_of_one_name_are_named() -> None:
    group = [("begin_group", "people", "People"), ("text", "first", "?"), ("end_group", "")]
    form = read(*group, group[0], ("text", "second", "?"), group[2])
    assert [(one.line, "the key people is taken" in one.message) for one in form.errors] == [(5, True)]


def test_an_introduction_stands_before_the_questions() -> None:
    form = read(
        ("begin_group", "people", "People"),
        ("note", "people_intro", "Read this."),
        ("text", "first", "?"),
        ("note", "late_intro", "Too late."),
        ("end_group", ""),
    )
    assert form.document["sections"][0]["intro"] == "Read this."
    assert [(one.line, "Too late." in one.message) for one in form.faults if "note" in one.message] == [(5, True)]


def test_a_unit_of_percent_is_a_percent_in_decimals_alone() -> None:
    data = make_form([("type", "name", "unit", "required"), ("integer", "a", "%", "YES"), ("decimal", "b", "%", "no")])
    first, second = list_questions(xlsform_reading.read_xlsform(data))
    assert (first["type"], first["unit"], first["required"]) == ("integer", "%", True)
    assert (second["type"], "unit" in second, "required" in second) == ("percent", False, False)


def test_the_header_is_what_the_form_says() -> None:
    survey = [("type", "name", "label::Español (es)", "label::Français (fr)"), ("text", "firm", "Nombre", "Nom")]
    settings = [("form_id", "publisher", "default_language"), ("7 mills", "weaver", "Français (fr)")]
    form = xlsform_reading.read_xlsform(make_form(survey, (), settings), publisher="mills")
    header = form.document["questionnaire"]
    assert (header["key"], header["publisher"], header["locale"]) == ("form-7-mills", "weaver", "fr")
    assert list_questions(form)[0]["title"] == "Nom"


def test_a_text_in_another_language_only_is_taken_from_the_first() -> None:
    head = ("type", "name", "label::en", "hint::es", "hint::fr")
    (question,) = list_questions(xlsform_reading.read_xlsform(make_form([head, ("text", "a", "Name", "Uno", "Deux")])))
    assert (question["title"], question["help"]) == ("Name", "Uno")


def test_tiers_are_those_that_questions_in_groups_name_as_well() -> None:
    head = ("type", "name", "tier")
    rows = [("begin_repeat", "sites", "basic"), ("text", "site_name", "standard"), ("end_repeat", "", "")]
    form = xlsform_reading.read_xlsform(make_form([head, *rows]))
    assert [one["key"] for one in form.document["tiers"]] == ["basic", "standard"]


def test_a_long_name_becomes_a_key_of_64_letters() -> None:
    (question,) = list_questions(read(("text", "N" + "a" * 80, "?")))
    assert question["key"] == "n" + "a" * 63


def test_as_many_rows_as_are_read() -> None:
    rows = [("type", "name"), *(("note", f"n{one}") for one in range(MAX_ROWS))]
    assert len(xlsform_reading.read_xlsform(make_form(rows)).faults) == 1_000
    with pytest.raises(WorkbookRefused) as refused:
        xlsform_reading.read_xlsform(make_form([*rows, ("note", "more")]))
    assert refused.value.code == "FORM_TOO_LARGE"
