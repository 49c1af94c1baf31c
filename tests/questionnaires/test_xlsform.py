"""XLSForm: pyxform takes it without a warning, it reads back the same, and foreign forms map row by row."""

import contextlib
import dataclasses
import re
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from questionnaires import catalogue, conditions, document, reading, xlsform, xlsform_reading, xlsform_terms
from questionnaires.definition import Definition, Question
from questionnaires.xlsform_reading import XlsForm
from questionnaires.xlsform_terms import Asked, Unmapped
from questionnaires.xlsx_cells import WorkbookRefused
from tests.questionnaires import generation, samples
from tests.questionnaires.forms import change_part, make_form

few = settings(max_examples=25, deadline=None)
PACKAGED = [pytest.param(*named, id="-".join(named)) for named in catalogue.name_packaged()]
LEFT = ("evidence", "maps_to", "request_limit", "indicator", "probe", "benchmark", "enable_when")


def convert_form(data: bytes) -> tuple[str, list[str]]:
    warnings: list[str] = []
    return convert(data, warnings=warnings, file_type=".xlsx").xform, warnings


def reduce_question(question: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in question.items() if key not in LEFT}
    return kept | {"questions": [reduce_question(one) for one in question.get("questions", [])]}


def reduce_definition(definition: Definition) -> dict[str, Any]:
    """What a form carries, the conditions apart."""
    written = document.write_document(definition)
    sections = [{**one, "questions": [reduce_question(q) for q in one["questions"]]} for one in written["sections"]]
    header = {key: value for key, value in written["questionnaire"].items() if key != "supersedes"}
    parts = {name: written.get(name) for name in ("format", "tiers", "pillars", "option_sets")}
    return {**parts, "questionnaire": header, "sections": sections}


def check_same_conditions(rng: Random, definition: Definition, other: Definition) -> None:
    """Both open the same questions, whatever is answered."""
    for _ in range(5):
        answers = generation.make_answers(rng, definition)
        values = {key[0]: one.value for key, one in answers.items()}
        for key, question in definition.questions.items():
            first, second = question.enable_when, other.questions[key].enable_when
            assert conditions.holds(definition, first, values.get) == conditions.holds(other, second, values.get), key


@pytest.mark.parametrize(("key", "version"), PACKAGED)
def test_packaged_questionnaires_go_out_and_come_back(key: str, version: str) -> None:
    definition = catalogue.read_packaged(key, version).definition
    data = xlsform.write_xlsform(definition)
    assert convert_form(data)[1] == []
    form = xlsform_reading.read_xlsform(data)
    assert form.faults == ()
    read = reading.definition_from_document(form.document)
    assert reduce_definition(read) == reduce_definition(definition)
    check_same_conditions(Random(key), definition, read)


@few
@given(st.integers(0, 2**32))
def test_random_questionnaires_go_out_and_come_back(seed: int) -> None:
    rng = Random(seed)
    definition = reading.definition_from_document(generation.make_documents(rng)[0])
    data = xlsform.write_xlsform(definition)
    assert convert_form(data)[1] == []
    form = xlsform_reading.read_xlsform(data)
    assert form.faults == ()
    read = reading.definition_from_document(form.document)
    assert reduce_definition(read) == reduce_definition(definition)
    check_same_conditions(rng, definition, read)


def test_the_form_says_what_the_questionnaire_says() -> None:
    xform, _ = convert_form(xlsform.write_xlsform(samples.make_definition()))
    assert 'nodeset="/data/section_facts/headcount" type="int" required="true()" constraint=". &gt;= 0 and' in xform
    assert "relevant=\" ../site_dorm  = 'true'\"" in xform
    assert "not(selected(., 'none') and count-selected(.) &gt; 1)" in xform
    assert '<repeat nodeset="/data/section_facts/sites">' in xform


def test_a_text_is_never_a_reference() -> None:
    definition = samples.make_definition()
    sections = list(definition.sections)
    first: Question = dataclasses.replace(sections[0].questions[0], title="=1+1 ${founded} <b>")
    sections[0] = dataclasses.replace(sections[0], questions=(first, *sections[0].questions[1:]))
    data = xlsform.write_xlsform(dataclasses.replace(definition, sections=tuple(sections)))
    xform, warnings = convert_form(data)
    assert warnings == []
    assert "=1+1 $ {founded} &lt;b&gt;" in xform


def read(*rows: Sequence[str], choices: Sequence[Sequence[str]] = ()) -> XlsForm:
    head = ("type", "name", "label", "relevant", "constraint", "required", "calculation")
    return xlsform_reading.read_xlsform(make_form([head, *rows], [("list_name", "name", "label"), *choices]))


def list_questions(form: XlsForm) -> list[dict[str, Any]]:
    return [question for section in form.document["sections"] for question in section["questions"]]


FOREIGN = make_form(
    [
        ("type", "name", "label::English (en)", "label::Español (es)", "hint::English (en)", "relevant", "required"),
        ("start", "start", "", "", "", "", ""),
        ("text", "firmName", "Name of the firm", "Nombre", "", "", "yes"),
        ("begin group", "People", "People", "Personas", "", "", ""),
        ("integer", "staff-count", "How many people?", "¿Cuántas personas?", "Everyone.", "", "true"),
        ("select_one yn", "dorm", "Is there a dormitory?", "¿Dormitorio?", "", "${staff-count} > 10", ""),
        ("begin_repeat", "sites", "Sites", "Centros", "", "${dorm} = '1'", ""),
        ("text", "site_name", "Name", "Nombre", "", "", ""),
        ("select_multiple risks", "site_risks", "Risks", "Riesgos", "", "", ""),
        (
            "date",
            "since",
            "Since",
            "Desde",
            "",
            "selected(${site_risks}, 'fire') or selected(${site_risks}, 'dust')",
            "",
        ),
        ("end_repeat", "", "", "", "", "", ""),
        ("end group", "", "", "", "", "", ""),
    ],
    [
        ("list_name", "name", "label::English (en)"),
        ("yn", "1", "Yes"),
        ("yn", "2", "No"),
        ("risks", "fire", "Fire"),
        ("risks", "dust", "Dust"),
    ],
    [
        ("form_title", "form_id", "version", "default_language"),
        ("Site survey", "site_survey_v2", "20260115", "English (en)"),
    ],
)


def test_a_foreign_form() -> None:
    form = xlsform_reading.read_xlsform(FOREIGN, publisher="weaver")
    assert form.errors == ()
    header = form.document["questionnaire"]
    assert (header["key"], header["version"], header["locale"]) == ("site-survey-v2", "1.0.0", "en")
    sections = form.document["sections"]
    assert [(one["key"], one["title"]) for one in sections] == [("general", "General"), ("people", "People")]
    name, staff, dorm, sites = list_questions(form)
    assert (name["key"], name["type"], name["required"]) == ("firm_name", "text", True)
    assert (staff["key"], staff["help"]) == ("staff_count", "Everyone.")
    assert dorm["enable_when"] == {"all": [{"q": "staff_count", "op": "gt", "value": "10"}]}
    assert dorm["options"] == [{"key": "o_1", "title": "Yes"}, {"key": "o_2", "title": "No"}]
    assert sites["enable_when"] == {"all": [{"q": "dorm", "op": "eq", "value": "o_1"}]}
    assert sites["questions"][2]["enable_when"] == {
        "all": [{"q": "site_risks", "op": "includes_any", "value": ["fire", "dust"]}]
    }
    warned = {(one.line, one.message.split(";")[0]) for one in form.faults}
    assert (2, '"start" asks nobody anything and is left out') in warned
    assert (5, 'the name "staff-count" becomes the key staff_count') in warned
    assert (None, 'the texts in "español (es)" are left out') in warned
    # What the lint still asks of an author is told by the reading itself.
    with pytest.raises(reading.ReadingError) as refused:
        reading.definition_from_document(form.document)
    assert all("why" in fault.message or "unit" in fault.message for fault in refused.value.faults)


ROW_FAULTS = [
    (("geopoint", "place", "Where?"), 'the type "geopoint" does not map'),
    (("calculate", "sum_up", "", "", "", "", "1 + 1"), 'the type "calculate" does not map'),
    (("select_one nowhere", "choice", "Which?"), 'there is no list of choices "nowhere"'),
    (("", "nothing", "What?"), "the type is missing"),
    (("text", "", "What?"), "the name is missing"),
    (("text", "staff", "Again?"), "the key staff is taken by an earlier row"),
    (("text", "late", "When?", "${later} = 'x'"), "the condition does not map: no question later comes before"),
    (("text", "wild", "What?", "${staff} != '3'"), "the condition does not map"),
    (("text", "wild", "What?", "not(${staff} = 3)"), "the condition does not map"),
    (("text", "wild", "What?", "${staff} = 3 and (${kind} = 'a' or ${staff} = 2)"), "the condition does not map"),
    (("text", "wild", "What?", "${staff} = 3 and ${kind} = 'a' or ${staff} = 2"), "all clauses are joined by and"),
    (("text", "wild", "What?", "jr:choice-name(${kind}, 'x')"), "the condition does not map"),
    (("integer", "odd", "What?", "", ". mod 2 = 1"), "the constraint does not map"),
    (("integer", "long", "What?", "", "string-length(.) <= 3"), "it limits what this type does not have"),
    (("end_group", "", ""), "this ends a group that is not open"),
    (("begin_group", "more", "More"), "this group is not ended"),
    (("text", "formula", "=1+1"), "a cell holds a formula"),
]


@pytest.mark.parametrize(("row", "message"), ROW_FAULTS)
def test_a_row_that_does_not_map_is_named(row: Sequence[str], message: str) -> None:
    before = [("integer", "staff", "People?"), ("select_one kinds", "kind", "Kind?")]
    form = read(*before, row, choices=[("kinds", "a", "A"), ("kinds", "b", "B")])
    found = [fault for fault in form.errors if message in fault.message]
    assert [(fault.line, fault.where) for fault in found] == [(4, "sheet survey, row 4")]
    assert "imported-form 1.0.0: sheet survey, row 4: " in str(found[0])
    assert {"staff", "kind"} <= {question["key"] for question in list_questions(form)}


def test_a_repeat_in_a_repeat_and_choices_without_names_are_named() -> None:
    form = read(
        ("begin_repeat", "sites", "Sites"),
        ("begin_repeat", "halls", "Halls"),
        ("text", "hall_name", "Name"),
        ("end_repeat", ""),
        ("end_repeat", ""),
        choices=[("kinds", "", "A"), ("kinds", "a", "A"), ("kinds", "a", "B")],
    )
    assert [(one.where, one.message.split(";")[0]) for one in form.errors] == [
        ("sheet choices, row 2", "list_name or name is missing"),
        ("sheet choices, row 4", "the key a is taken by an earlier choice of this list"),
        ("sheet survey, row 3", "a repeat inside a repeat does not map"),
    ]


def test_a_condition_of_a_group_holds_for_what_is_in_it() -> None:
    form = read(
        ("integer", "staff", "People?"),
        ("begin_group", "more", "More", "${staff} > 3"),
        ("text", "first_one", "First?"),
        ("text", "second_one", "Second?", "${first_one} != ''"),
        ("end_group", ""),
    )
    assert form.errors == ()
    _, first, second = list_questions(form)
    over = {"q": "staff", "op": "gt", "value": "3"}
    assert first["enable_when"] == {"all": [over]}
    assert second["enable_when"] == {"all": [over, {"q": "first_one", "op": "answered", "value": True}]}


def test_a_name_that_is_a_key_stays_as_it_is() -> None:
    data = make_form([("type", "name"), ("text", "remark")], settings_=[("form_id",), ("north-mills--code",)])
    assert xlsform_reading.read_xlsform(data).document["questionnaire"]["key"] == "north-mills--code"


def test_each_question_is_known_by_its_row() -> None:
    form = read(("text", "first", "?"), ("start", "start"), ("begin_repeat", "sites", "?"), ("text", "site_name", "?"))
    path = ("sections", 0, "questions")
    assert [form.rows[*path, 0], form.rows[*path, 1], form.rows[*path, 1, "questions", 0]] == [2, 4, 5]


@pytest.mark.parametrize("column", ["meaning", "decimals", "min_rows"])
def test_a_count_of_many_digits_is_refused(column: str) -> None:
    data = make_form([("type", "name", column), ("begin_repeat", "sites", "9" * 5_000), ("end_repeat", "")])
    (fault,) = xlsform_reading.read_xlsform(data).errors
    assert (fault.line, "whole number" in fault.message) == (2, True)


def test_few_rows_do_not_ask_for_very_many_values() -> None:
    choices = [("list_name", "name"), *(("many", f"o{one}") for one in range(1_000))]
    questions = [("select_one many", f"q{one}") for one in range(200)]
    groups = [("begin_group", f"g{one}", "${staff} > 1") for one in range(700)]
    asked = [("text", f"t{one}", "${staff} > 1") for one in range(200)]
    for rows in (questions, [("integer", "staff"), *groups, *asked]):
        with pytest.raises(WorkbookRefused) as refused:
            xlsform_reading.read_xlsform(make_form([("type", "name", "relevant"), *rows], choices))
        assert refused.value.code == "FORM_TOO_LARGE"


def test_a_form_that_is_wrong_everywhere_is_told_up_to_a_thousand_faults() -> None:
    form = read(*(("geopoint", f"p{one}", "?") for one in range(1_500)))
    assert len(form.errors) == 1_000


@pytest.mark.parametrize("data", [b"", b"type,name\n", make_form([]), make_form([("type", "name")])])
def test_what_is_no_form_is_refused(data: bytes) -> None:
    with pytest.raises(WorkbookRefused):
        xlsform_reading.read_xlsform(data)


def test_a_hostile_expression_is_refused_at_once() -> None:
    form = read(("integer", "staff", "?"), ("text", "deep", "?", "(" * 4_000 + "${staff} = 1" + ")" * 4_000))
    assert len(form.errors) <= 1


def test_conditions_within_conditions_are_not_gone_through_anew() -> None:
    expression = "${staff} = 1"
    while len(expression) < 1_950:
        expression = f"${{staff}} = 1 and ({expression})"
    asked: list[str] = []

    def find(name: str) -> Asked:
        asked.append(name)
        return Asked(name, "integer")

    with pytest.raises(Unmapped):
        xlsform_terms.read_relevant(expression, find, str)
    assert len(asked) < 5  # of more than a hundred brackets


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"]))
def test_a_spoiled_form_is_read_or_refused(seed: int, part: str) -> None:
    rng = Random(seed)

    def spoil(text: str) -> str:
        tokens = re.findall(r"<[^>]*>|[^<]+", text)
        for _ in range(rng.randint(1, 6)):
            odd = rng.choice(["", "(" * 300, "${x} = ", "begin_repeat", "end_group", "_xD800_", rng.choice(tokens)])
            tokens[rng.randrange(len(tokens))] = odd
        return "".join(tokens)

    with contextlib.suppress(WorkbookRefused, reading.ReadingError):
        reading.definition_from_document(xlsform_reading.read_xlsform(change_part(FOREIGN, part, spoil)).document)
