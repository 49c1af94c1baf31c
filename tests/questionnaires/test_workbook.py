"""Answer workbooks: what is written reads back equal, and each thing that a person may do to a cell has its outcome."""

import contextlib
import io
import re
import struct
import time
import tracemalloc
import zipfile
from random import Random

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import filling, reading, wording, xlsx
from questionnaires.answers import Answer, Answers, index_answers
from questionnaires.definition import Definition, Tier, contains
from questionnaires.xlsx_cells import WorkbookRefused
from tests.portal.assessments.files import spoil_lzma
from tests.questionnaires import forms, generation, samples
from tests.questionnaires.forms import SHEET, formula_cell, number_cell, put, text_cell

DEFINITION = samples.make_definition()
few = settings(max_examples=30, deadline=None)


def answer(question: str, value: object, row: str | None = None) -> Answer:
    return Answer(question=question, row_id=row, state="value", value=value)  # type: ignore[arg-type]


ANSWERS = index_answers(
    [
        answer("headcount", "12"),
        answer("founded", "1999-12-31"),
        answer("remark", "=cmd|' /C calc'!A0"),
        answer("waste", ("paper", "metal")),
        answer("exits_locked", False),
        Answer(question="fees_repaid", state="not_applicable", reason="Nobody was recruited."),
        answer("sites", True, "r1"),
        answer("site_people", "12", "r1"),
        answer("site_dorm", True, "r1"),
    ]
)


def keep_tier(definition: Definition, answers: Answers, tier: Tier) -> Answers:
    """The answers that a workbook of a tier can hold."""

    def is_asked(key: str) -> bool:
        parent = definition.parents.get(key)
        asked = [definition.questions[key], *([parent] if parent else [])]
        return all(contains(tier, question.tier) for question in asked)

    return {key: one for key, one in answers.items() if is_asked(key[0])}


@few
@given(st.integers(0, 2**32), st.sampled_from(wording.list_languages()))
def test_what_is_written_reads_back_equal(seed: int, locale: str) -> None:
    rng = Random(seed)
    definition = reading.definition_from_document(generation.make_documents(rng)[0])
    tier, answers = rng.choice(definition.tier_keys), generation.make_answers(rng, definition)
    filled = forms.read_back(forms.write(definition, answers, tier, locale), definition)
    assert filled.refused == ()
    assert filled.stamp == forms.make_stamp(definition, tier, locale)
    read = index_answers(one.answer for one in filled.given if one.answer is not None)
    assert read == keep_tier(definition, answers, tier)
    assert filling.find_changes(filled, answers) == ()


@few
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1, max_size=300))
def test_any_text_reads_back_equal(text: str) -> None:
    if not text.strip():
        return
    answers = index_answers([answer("remark", text.strip())])
    filled = forms.read_back(forms.write(DEFINITION, answers), DEFINITION)
    assert filled.refused == ()
    assert filling.find_changes(filled, answers) == ()
    read = {one.key: one.answer for one in filled.given}
    assert read["remark", None] == answers["remark", None]


def test_other_programs_read_the_same_cells() -> None:
    data = forms.write(DEFINITION, ANSWERS)
    other = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    for sheet in xlsx.read_book(data).sheets.values():
        rows = other.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        for line, cells in sheet.rows.items():
            for column, cell in cells.items():
                shown = rows[line - 1][column - 1]
                assert str(shown) == cell.text if cell.kind == "text" else shown, (sheet.name, line, column)


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_another_program_may_save_it_again(locale: str) -> None:
    data = forms.write(DEFINITION, ANSWERS, locale=locale)
    book = openpyxl.load_workbook(io.BytesIO(data))
    answers, sites = book.worksheets[:2]
    lists = {
        name: [row[0].value for row in next(book["_lists"][place] for _, place in one.destinations)]
        for name, one in book.defined_names.items()
        if name.startswith("list_")
    }
    rules = {str(rule.sqref): lists[rule.formula1] for rule in answers.data_validations.dataValidation}
    words = wording.Words(locale)
    assert rules[forms.find_cell(data, "exits_locked")] == [words.say("yes"), words.say("no")]
    assert rules[forms.find_cell(data, "fees_repaid")] == ["Yes", "Partly", "No"]
    assert rules[forms.find_cell(data, "sites", 7)] == [words.say("none"), words.say("unknown")]
    assert bool(answers.sheet_view.rightToLeft) == (locale == "ar")
    answers[forms.find_cell(data, "headcount")] = 13
    sites["B6"] = 4
    target = io.BytesIO()
    book.save(target)
    filled = forms.read_back(target.getvalue(), DEFINITION)
    assert filled.refused == ()
    assert [(one.key[0], one.new and one.new.value) for one in filling.find_changes(filled, ANSWERS)] == [
        ("headcount", "13"),
        ("sites", True),
        ("site_people", "4"),
    ]


def test_no_cell_that_we_write_is_or_becomes_a_formula() -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"]
    for text in texts:
        data = forms.write(DEFINITION, index_answers([answer("remark", text)]))
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            sheet, styles = package.read(SHEET).decode(), package.read("xl/styles.xml").decode()
        assert "<f>" not in sheet
        name = forms.find_cell(data, "remark")
        style = int(sheet.split(f'<c r="{name}" s="')[1].split('"')[0])
        forms_of_cells = styles.split("<cellXfs")[1].split("<xf ")[1:]
        # A cell that is a text, and stays one when somebody edits it.
        assert 'quotePrefix="1"' in forms_of_cells[style]
        assert 'numFmtId="49"' in forms_of_cells[style]


def fill(changes: dict[str, str], answers: Answers | None = None, locale: str = "en") -> filling.Filled:
    """The workbook of some answers with other cells beside these questions."""
    data = forms.write(DEFINITION, answers or {}, locale=locale)
    return forms.read_back(put(data, {forms.find_cell(data, key): cell for key, cell in changes.items()}), DEFINITION)


TYPED = [
    ("headcount", number_cell("12"), "12"),
    ("headcount", text_cell("1.234"), "1234"),
    ("headcount", text_cell("١٢"), "12"),
    ("headcount", text_cell("12 person"), "12"),
    ("trained", number_cell("0.30000000000000004"), "0.3"),
    ("trained", number_cell("1E-3"), "0.001"),
    ("trained", text_cell("85,5 %"), "85.5"),
    ("founded", number_cell("36525"), "1999-12-31"),
    ("founded", text_cell("31/12/1999"), "1999-12-31"),
    ("founded", text_cell("1999年12月31日"), "1999-12-31"),
    ("founded", 't="d"><v>1999-12-31T00:00:00</v>', "1999-12-31"),
    ("exits_locked", text_cell("Yes"), True),
    ("exits_locked", 't="b"><v>0</v>', False),
    ("fees_repaid", text_cell("Partly"), "partly"),
    ("fees_repaid", text_cell(" PARTLY "), "partly"),
    ("fees_repaid", text_cell("partly"), "partly"),
    ("remark", number_cell("12"), "12"),
    ("waste:paper", text_cell("X"), ("paper",)),
    ("waste:metal", number_cell("1"), ("metal",)),
]


@pytest.mark.parametrize(("key", "cell", "value"), TYPED)
def test_cells_as_people_type_them(key: str, cell: str, value: object) -> None:
    filled = fill({key: cell})
    assert filled.refused == ()
    changes = filling.find_changes(filled, {})
    assert [(one.key[0], one.new and one.new.value) for one in changes] == [(key.split(":")[0], value)]


REFUSED = [
    ("headcount", formula_cell("5+7", "12"), "formula"),
    ("headcount", '><f t="shared" si="0"/><v>12</v>', "formula"),
    ("headcount", '><f t="array" ref="A1:Z99">5+7</f><v>12</v>', "formula"),
    ("remark", '><f>HYPERLINK("http://example.com")</f>', "formula"),
    ("waste:paper", 't="str"><f>"x"</f><v>x</v>', "formula"),
    ("headcount", text_cell("a dozen"), "number_unclear"),
    ("headcount", number_cell("12.5"), "not_whole"),
    ("headcount", number_cell("1E300"), "number_unclear"),
    ("headcount", number_cell("nan"), "number_unclear"),
    ("headcount", text_cell("3 sites"), "unit_unclear"),
    ("headcount", 't="e"><v>#REF!</v>', "cell_error"),
    ("trained", text_cell("1.234"), "number_ambiguous"),
    ("founded", text_cell("03/04/2026"), "date_ambiguous"),
    ("founded", text_cell("soon"), "date_unclear"),
    ("founded", number_cell("-5"), "date_unclear"),
    ("exits_locked", text_cell("perhaps"), "boolean_unclear"),
    ("fees_repaid", text_cell("Sometimes"), "choice_unclear"),
    ("waste:paper", text_cell("a bit"), "mark_unclear"),
    ("waste", text_cell("Paper"), "marks_below"),
    ("waste", formula_cell("1+1", "2"), "marks_below"),
    ("remark", text_cell("a" * 10_001), "text_too_long"),
    ("remark", text_cell("a" * 32_767), "text_cut"),
]


@pytest.mark.parametrize(("key", "cell", "code"), REFUSED)
def test_a_cell_that_cannot_be_used_is_named_and_the_others_count(key: str, cell: str, code: str) -> None:
    data = forms.write(DEFINITION, {})
    good = "temporary" if "array" not in cell else None
    changes = {forms.find_cell(data, key): cell} | ({forms.find_cell(data, good): number_cell("3")} if good else {})
    filled = forms.read_back(put(data, changes), DEFINITION)
    refused = [one for one in filled.refused if one.problem.question == key.split(":")[0]]
    assert [(one.problem.code, one.place) for one in refused] == [(code, f"Answers!{forms.find_cell(data, key)}")]
    assert wording.Words("en").explain(refused[0].problem)
    if good:
        assert [one.key[0] for one in filling.find_changes(filled, {})] == [good]


STATES = [
    ("fees_repaid", {7: "We do not know"}, ("unknown", "")),
    ("fees_repaid", {7: "No lo sabemos"}, ("unknown", "")),
    ("fees_repaid", {7: "declined"}, ("declined", "")),
    ("fees_repaid", {7: "Does not apply", 8: "Nobody was hired."}, ("not_applicable", "Nobody was hired.")),
    ("sites", {7: "There are none"}, ("value", "")),
    ("headcount", {7: "Does not apply"}, "state_unclear"),
    ("headcount", {6: "12", 7: "We do not know"}, "both_given"),
    ("headcount", {6: "12", 8: "because"}, "reason_alone"),
    ("fees_repaid", {7: "Later"}, "state_unclear"),
]


@pytest.mark.parametrize(("key", "texts", "expected"), STATES)
def test_states(key: str, texts: dict[int, str], expected: object) -> None:
    data = forms.write(DEFINITION, {})
    data = put(data, {forms.find_cell(data, key, column): text_cell(text) for column, text in texts.items()})
    filled = forms.read_back(data, DEFINITION)
    if isinstance(expected, str):
        assert [one.problem.code for one in filled.refused] == [expected]
        assert filled.refused[0].place.startswith("Answers!")
    else:
        (change,) = filling.find_changes(filled, {})
        assert change.new is not None
        assert (change.new.state, change.new.reason) == expected


def test_choices_by_the_titles_of_a_language() -> None:
    filled = fill({"exits_locked": text_cell("có")}, locale="vi")
    (change,) = filling.find_changes(filled, {})
    assert change.new == answer("exits_locked", True)


def test_what_was_not_touched_never_undoes_what_happened_meanwhile() -> None:
    data = forms.write(DEFINITION, ANSWERS)
    now = {**ANSWERS, ("headcount", None): answer("headcount", "40"), ("trained", None): answer("trained", "9")}
    assert filling.find_changes(forms.read_back(data, DEFINITION), now) == ()
    data = put(data, {forms.find_cell(data, "headcount"): number_cell("13")})
    (change,) = filling.find_changes(forms.read_back(data, DEFINITION), now)
    assert (change.old, change.new) == (answer("headcount", "40"), answer("headcount", "13"))


def test_an_emptied_cell_removes_the_answer() -> None:
    data = forms.write(DEFINITION, ANSWERS)
    data = put(data, {forms.find_cell(data, "founded"): ">"})
    (change,) = filling.find_changes(forms.read_back(data, DEFINITION), ANSWERS)
    assert (change.key, change.new) == (("founded", None), None)


def test_a_column_that_was_put_between_moves_nothing() -> None:
    def move(text: str) -> str:
        return re.sub(r'r="([F-H])(\d+)"', lambda found: f'r="{chr(ord(found[1]) + 1)}{found[2]}"', text)

    data = forms.change_part(forms.write(DEFINITION, ANSWERS), SHEET, move)
    filled = forms.read_back(data, DEFINITION)
    assert (filled.refused, filling.find_changes(filled, ANSWERS)) == ((), ())
    assert {one.place[:9] for one in filled.given if one.place.startswith("Answers")} == {"Answers!G", "Answers!H"}


def test_a_column_that_was_taken_out_is_missed() -> None:
    data = put(forms.write(DEFINITION, ANSWERS), {"F1": text_cell("mine")})
    with pytest.raises(WorkbookRefused) as refused:
        forms.read_back(data, DEFINITION)
    assert refused.value.code == "COLUMN_MISSING"


def change_line(data: bytes, line: int, values: dict[str, str]) -> bytes:
    """Fill cells of a line of the sheet of sites."""
    changes = {f"{forms.find_column(data, 'Sites', key)}{line}": cell for key, cell in values.items()}
    return put(data, changes, "xl/worksheets/sheet2.xml")


def test_a_new_line_is_a_new_row_once_however_often_it_is_sent() -> None:
    data = change_line(forms.write(DEFINITION, ANSWERS), 6, {"site_people": number_cell("3")})
    first = filling.find_changes(forms.read_back(data, DEFINITION), ANSWERS)
    assert [one.key[0] for one in first] == ["sites", "site_people"]
    row = first[0].key[1]
    assert row is not None
    applied = {**ANSWERS, **{one.key: one.new for one in first if one.new is not None}}
    assert filling.find_changes(forms.read_back(data, DEFINITION), applied) == ()
    again = filling.find_changes(forms.read_back(forms.write(DEFINITION, applied), DEFINITION), applied)
    assert again == ()


def test_a_row_that_was_removed_elsewhere_comes_back_where_something_in_it_changed() -> None:
    data = forms.write(DEFINITION, ANSWERS)
    now = {key: one for key, one in ANSWERS.items() if key[1] is None}
    assert filling.find_changes(forms.read_back(data, DEFINITION), now) == ()
    data = change_line(data, 5, {"site_people": number_cell("13")})
    changes = filling.find_changes(forms.read_back(data, DEFINITION), now)
    assert [(one.key, one.new and one.new.value) for one in changes] == [
        (("sites", "r1"), True),
        (("site_people", "r1"), "13"),
    ]


def test_a_cleared_line_removes_its_row() -> None:
    data = change_line(forms.write(DEFINITION, ANSWERS), 5, {"site_people": ">", "site_dorm": ">"})
    changes = filling.find_changes(forms.read_back(data, DEFINITION), ANSWERS)
    assert {one.key for one in changes} == {("sites", "r1"), ("site_people", "r1"), ("site_dorm", "r1")}
    assert all(one.new is None for one in changes)


def test_a_copied_line_is_a_row_of_its_own() -> None:
    data = change_line(forms.write(DEFINITION, ANSWERS), 6, {"site_people": number_cell("3")})
    data = put(data, {"A6": text_cell("r1")}, "xl/worksheets/sheet2.xml")
    changes = filling.find_changes(forms.read_back(data, DEFINITION), ANSWERS)
    assert "r1" not in {one.key[1] for one in changes}
    assert len({one.key[1] for one in changes}) == 1


def test_a_refused_cell_of_a_line_is_named_on_its_sheet() -> None:
    data = change_line(forms.write(DEFINITION, ANSWERS), 5, {"site_people": formula_cell("6*2", "12")})
    filled = forms.read_back(data, DEFINITION)
    column = forms.find_column(data, "Sites", "site_people")
    assert [(one.place, one.problem.code) for one in filled.refused] == [(f"Sites!{column}5", "formula")]
    assert filling.find_changes(filled, ANSWERS) == ()


def test_a_percent_as_spreadsheets_keep_it() -> None:
    data = forms.write(DEFINITION, {})
    name = forms.find_cell(data, "trained")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        style = package.read("xl/styles.xml").decode().split("<cellXfs")[1].split("</cellXfs>")[0].count("<xf ")
    percent = '<xf numFmtId="9" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    data = forms.change_part(data, "xl/styles.xml", lambda text: text.replace("</cellXfs>", percent))
    data = put(data, {name: number_cell("0.85")})
    data = forms.change_part(
        data, SHEET, lambda t: re.sub(rf'<c r="{name}"( s="\d+")?', f'<c r="{name}" s="{style}"', t)
    )
    (change,) = filling.find_changes(forms.read_back(data, DEFINITION), {})
    assert change.new == answer("trained", "85")


def drop_parts(data: bytes, *names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if name not in names:
                new.writestr(name, old.read(name))
    return target.getvalue()


def make_bomb(part: str, content: bytes, times: int) -> bytes:
    target = io.BytesIO(forms.write(DEFINITION, {}))
    bomb = io.BytesIO()
    with zipfile.ZipFile(target) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        with new.open(part, "w") as opened:
            opened.write(b'<?xml version="1.0"?><worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>')
            for _ in range(times):
                opened.write(content)
    return bomb.getvalue()


def write_directory_of(entries: int) -> bytes:
    return b"PK\x03\x04" + b"\0" * 26 + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, entries, entries, 46, 30, 0)


def flip(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 255]) + data[position + 1 :]


GOOD = forms.write(DEFINITION, ANSWERS)
BAD = {
    "empty": (b"", "NOT_A_WORKBOOK"),
    "csv": (b"a,b,c", "NOT_A_WORKBOOK"),
    "pdf": (b"%PDF-1.7", "NOT_A_WORKBOOK"),
    "old or locked": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "WORKBOOK_OLD"),
    "cut off": (GOOD[:-300], "WORKBOOK_DAMAGED"),
    "a bit flipped": (flip(GOOD, GOOD.find(SHEET.encode()) + 200), "WORKBOOK_DAMAGED"),
    "no workbook inside": (drop_parts(GOOD, "xl/workbook.xml"), "NOT_A_WORKBOOK"),
    "no types": (drop_parts(GOOD, "[Content_Types].xml"), "NOT_A_WORKBOOK"),
    "packed by nothing there is": (spoil_lzma(GOOD), "WORKBOOK_DAMAGED"),
    "no links": (drop_parts(GOOD, "xl/_rels/workbook.xml.rels"), "WORKBOOK_DAMAGED"),
    "no texts": (drop_parts(GOOD, "xl/sharedStrings.xml"), "WORKBOOK_DAMAGED"),
    "not XML": (forms.change_part(GOOD, SHEET, lambda t: t.replace("<row", "<r<w", 1)), "WORKBOOK_DAMAGED"),
    "a document type": (
        forms.change_part(
            GOOD, SHEET, lambda t: t.replace("<worksheet", '<!DOCTYPE a [<!ENTITY b "c">]><worksheet', 1)
        ),
        "WORKBOOK_DAMAGED",
    ),
    "stamp gone": (
        forms.change_part(GOOD, "xl/workbook.xml", lambda t: t.replace('name="_portal"', 'name="x"')),
        "WORKBOOK_FOREIGN",
    ),
    "sheets gone": (
        drop_parts(GOOD, SHEET, "xl/worksheets/sheet2.xml"),
        "SHEETS_MISSING",
    ),
    "too many entries": (write_directory_of(60_000), "WORKBOOK_TOO_LARGE"),
    "too many bytes": (b"PK\x03\x04" + bytes(xlsx.MAX_FILE), "WORKBOOK_TOO_LARGE"),
    "a cell far away": (
        forms.change_part(GOOD, SHEET, lambda t: t.replace("<sheetData>", '<sheetData><c r="A999999"><v>1</v></c>')),
        "WORKBOOK_TOO_LARGE",
    ),
    "formulas over many cells": (
        forms.change_part(
            GOOD,
            SHEET,
            lambda t: t.replace("<sheetData>", "<sheetData>" + '<c r="Y1"><f t="array" ref="Y1:Z9">1</f></c>' * 101),
        ),
        "WORKBOOK_TOO_LARGE",
    ),
    "a bomb of spaces": (make_bomb(SHEET, b" " * 1_000_000, 200), "WORKBOOK_TOO_LARGE"),
    "a bomb of elements": (make_bomb(SHEET, b"<c/>" * 100_000, 40), "WORKBOOK_TOO_LARGE"),
    "a bomb of cells": (make_bomb(SHEET, b"<c><v>1</v></c>" * 50_000, 40), "WORKBOOK_TOO_LARGE"),
    "a bomb of texts": (
        make_bomb("xl/sharedStrings.xml", b"<si><t>" + b"a" * 1_000_000 + b"</t></si>", 200),
        "WORKBOOK_TOO_LARGE",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_workbook_of_ours_is_refused_quickly(name: str) -> None:
    data, code = BAD[name]
    begun = time.process_time()
    with pytest.raises(WorkbookRefused) as refused:
        forms.read_back(data, DEFINITION)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("name", ["a bomb of spaces", "a bomb of cells", "a bomb of texts"])
def test_a_bomb_does_not_fill_the_memory(name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(WorkbookRefused):
            forms.read_back(BAD[name][0], DEFINITION)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def read_or_refuse(data: bytes) -> None:
    with contextlib.suppress(WorkbookRefused):
        forms.read_back(data, DEFINITION)


@pytest.mark.parametrize("place", [0, 100, 2**31, 2**32 - 1])
def test_a_directory_that_says_a_wrong_place_is_refused(place: int) -> None:
    end = GOOD.rindex(b"PK\x05\x06")
    spoiled = GOOD[: end + 16] + place.to_bytes(4, "little") + GOOD[end + 20 :]
    with pytest.raises(WorkbookRefused) as refused:
        forms.read_back(spoiled, DEFINITION)
    assert refused.value.code == "WORKBOOK_DAMAGED"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_a_spoiled_file_is_read_or_refused(seed: int) -> None:
    rng = Random(seed)
    data = bytearray(GOOD)
    for _ in range(rng.randint(1, 8)):
        start = rng.randrange(len(data))
        data[start : start + rng.choice([0, 1, 1, 4, 200])] = rng.randbytes(rng.choice([0, 1, 1, 4]))
    read_or_refuse(bytes(data))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]))
def test_a_spoiled_part_is_read_or_refused(seed: int, part: str) -> None:
    rng = Random(seed)

    def spoil(text: str) -> str:
        tokens = re.findall(r"<[^>]*>|[^<]+", text)
        for _ in range(rng.randint(1, 6)):
            place = rng.randrange(len(tokens))
            tokens[place] = rng.choice(
                ["", tokens[place] * 2, rng.choice(tokens), "<f>1</f>", "_xD800__x0000_", "9" * 400]
            )
        return "".join(tokens)

    read_or_refuse(forms.change_part(GOOD, part, spoil))
