"""CSV of answers: reads back equal, also as the spreadsheets of other countries save it, and starts no formula."""

import csv
import io
import re
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import answer_table, filling, reading
from questionnaires.answers import Answer, Answers, index_answers
from questionnaires.definition import Definition, Tier
from questionnaires.filling import Filled
from questionnaires.wording import Words
from questionnaires.xlsx_cells import WorkbookRefused
from tests.questionnaires import forms, generation, samples
from tests.questionnaires.test_workbook import ANSWERS, answer, keep_tier

DEFINITION = samples.make_definition()
few = settings(max_examples=40, deadline=None)


def write(definition: Definition, answers: Answers, tier: Tier = "basic") -> bytes:
    return answer_table.write_table(definition, answers, forms.make_stamp(definition, tier))


def read(data: bytes, definition: Definition = DEFINITION, tier: Tier = "basic", locale: str = "en") -> Filled:
    return answer_table.read_table(
        answer_table.open_table(data), definition, forms.make_stamp(definition, tier, locale)
    )


def make(*lines: str, version: str = "sample 1.0.0") -> bytes:
    """A table of lines "question,row,state,value,reason"."""
    return "\n".join(["questionnaire,question,row,state,value,reason", *(f"{version},{one}" for one in lines)]).encode()


@few
@given(st.integers(0, 2**32))
def test_what_is_written_reads_back_equal(seed: int) -> None:
    rng = Random(seed)
    definition = reading.definition_from_document(generation.make_documents(rng)[0])
    tier, answers = rng.choice(definition.tier_keys), generation.make_answers(rng, definition)
    filled = read(write(definition, answers, tier), definition, tier)
    assert filled.refused == ()
    read_back = index_answers(one.answer for one in filled.given if one.answer is not None)
    assert read_back == keep_tier(definition, answers, tier)
    assert filling.find_changes(filled, answers) == ()


@few
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1, max_size=100))
def test_any_text_reads_back_equal_and_starts_no_formula(text: str) -> None:
    if not text.strip():
        return
    answers = index_answers([answer("remark", text.strip())])
    data = write(DEFINITION, answers)
    for line in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        for cell in line:
            assert not cell.lstrip().startswith(tuple("=+@＝＋－＠")), cell
            assert not cell.startswith("-") or cell.removeprefix("-").replace(".", "").isdigit(), cell
    for part in re.split(r"[;\t\r\n]", data.decode("utf-8-sig")):
        assert not part.lstrip('"').startswith(tuple("=+-@＝＋－＠")), part
    assert filling.find_changes(read(data), answers) == ()


@given(st.text(st.sampled_from("=-;\t\n\r'\" a1"), max_size=12))
def test_every_guard_is_undone(text: str) -> None:
    assert answer_table.unguard(answer_table.guard(text)) == text


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "-3", "'-3", "- a", "+49 30", "@x", "'a", "\t=1".strip()])
def test_the_guard_is_undone(text: str) -> None:
    assert answer_table.unguard(answer_table.guard(text)) == text


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")])
def test_as_spreadsheets_of_other_countries_save_it(delimiter: str, encoding: str) -> None:
    target = io.StringIO()
    rows = csv.reader(io.StringIO(write(DEFINITION, ANSWERS).decode("utf-8-sig"), newline=""))
    csv.writer(target, delimiter=delimiter).writerows(rows)
    assert filling.find_changes(read(target.getvalue().encode(encoding)), ANSWERS) == ()


def test_a_golden_table() -> None:
    lines = write(DEFINITION, ANSWERS).decode("utf-8-sig").splitlines()
    assert lines[0] == "questionnaire,section,question,row,title,unit,state,value,reason,handed_out"
    assert lines[1] == "sample 1.0.0,Facts,headcount,,People,person,value,12,,"
    assert "sample 1.0.0,Facts,remark,,Remark,,value,'=cmd|' /C calc'!A0,," in lines
    assert "sample 1.0.0,Facts,sites,r1,Sites,,value,true,," in lines
    assert "sample 1.0.0,Facts,site_beds,r1,Beds,bed,,,," in lines
    assert "sample 1.0.0,Pay,fees_repaid,,Are fees repaid?,,not_applicable,,Nobody was recruited.," in lines
    assert "sample 1.0.0,Safety,waste,,Waste,,value,paper|metal,," in lines
    assert len(lines) == 14


LINES = [
    ("headcount,,,12,", "headcount", "12"),
    ("headcount,,value,١٢,", "headcount", "12"),
    ("trained,,,'-3,", "trained", "-3"),
    ("exits_locked,,,Sí,", "exits_locked", True),
    ("fees_repaid,,,Partly,", "fees_repaid", "partly"),
    ("waste,,,Paper|metal,", "waste", ("paper", "metal")),
    ("exits_locked,,value,false,", "exits_locked", False),
    ("sites,hall_b,,true,", "sites", True),
    ("site_people,hall_b,,4,", "site_people", "4"),
    ("sites,,none,,", "sites", ()),
]


@pytest.mark.parametrize(("line", "key", "value"), LINES)
def test_lines_as_people_write_them(line: str, key: str, value: object) -> None:
    filled = read(make(line))
    assert filled.refused == ()
    (change,) = filling.find_changes(filled, {})
    assert change.new == Answer(question=key, row_id=change.key[1], state="value", value=value)  # type: ignore[arg-type]


def write_marked(answers: Answers, place: str = "mill 2025") -> list[list[str]]:
    stamp = replace(forms.make_stamp(DEFINITION, "basic"), place=place)
    data = answer_table.write_table(DEFINITION, answers, stamp).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(data, newline="")))


def read_marked(rows: list[list[str]], place: str = "mill 2025") -> Filled:
    target = io.StringIO()
    csv.writer(target, delimiter=";").writerows(rows)
    opened = answer_table.open_table(target.getvalue().encode())
    stamp = replace(forms.make_stamp(DEFINITION, "basic"), place=place)
    return answer_table.read_table(opened, DEFINITION, stamp)


def find_line(rows: list[list[str]], key: str, row: str = "") -> list[str]:
    return next(one for one in rows if one[2:4] == [key, row])


@few
@given(st.integers(0, 2**32))
def test_an_untouched_table_changes_no_answer_whatever_stands_now(seed: int) -> None:
    rng = Random(seed)
    definition = reading.definition_from_document(generation.make_documents(rng)[0])
    stamp = replace(forms.make_stamp(definition, "basic"), place="mill 2025")
    handed, now = generation.make_answers(rng, definition), generation.make_answers(rng, definition)
    opened = answer_table.open_table(answer_table.write_table(definition, handed, stamp))
    assert filling.find_changes(answer_table.read_table(opened, definition, stamp), now) == ()


def test_a_touched_line_remembers_what_it_was_handed_out_with() -> None:
    rows = write_marked(ANSWERS)
    find_line(rows, "headcount")[7] = "20"
    find_line(rows, "remark")[6:8] = ["removed", ""]
    filled = read_marked(rows)
    changes = filling.find_changes(filled, {})
    assert [(one.key[0], one.new and one.new.value) for one in changes] == [("headcount", "20")]
    assert filled.before is not None
    assert filled.before["headcount", None] == filling.digest_answer(answer("headcount", "12"))
    assert {one.key[0] for one in filling.find_changes(filled, ANSWERS)} == {"headcount", "remark"}


def test_a_table_that_was_handed_out_empty_remembers_that() -> None:
    filled = read_marked(write_marked({}))
    assert filled.before is not None
    assert set(filled.before.values()) == {""}


def test_a_line_that_was_copied_to_another_row_is_meant_to_stand() -> None:
    rows = write_marked(ANSWERS)
    rows.append([*find_line(rows, "sites", "r1")])
    rows[-1][3] = "hall_b"
    (change,) = filling.find_changes(read_marked(rows), ANSWERS)
    assert change.key == ("sites", "hall_b")


def test_a_table_of_another_year_or_without_marks_is_all_meant_to_stand() -> None:
    rows = write_marked(ANSWERS)
    for filled in (read_marked(rows, "mill 2026"), read_marked([one[:-1] for one in rows])):
        assert filled.before is None
        assert {one.key for one in filling.find_changes(filled, {})} == {one.key for one in filled.given}


def test_no_spreadsheet_takes_a_mark_for_a_number() -> None:
    marks = [one[-1] for one in write_marked(ANSWERS)[1:]]
    assert all(re.fullmatch("x[0-9a-f]{8}([0-9a-f]{16})?", one) for one in marks)
    assert len(set(marks)) == len(marks)


def test_an_answer_is_removed_in_words_and_an_empty_line_says_nothing() -> None:
    filled = read(make("headcount,,removed,,", "founded,,,,", "remark,,Đã xóa,,"))
    changes = filling.find_changes(filled, ANSWERS)
    assert [(one.key[0], one.new) for one in changes] == [("headcount", None), ("remark", None)]


REFUSED = [
    ("nobody,,,1,", "place_unknown"),
    ("headcount,,,12.5,", "not_whole"),
    ("trained,,,1.234,", "number_ambiguous"),
    ("site_people,,,4,", "row_missing"),
    ("headcount,r1,,4,", "row_not_expected"),
    ("site_people,a b,,4,", "row_malformed"),
    ("headcount,,declined,,", "state_unclear"),
    ("headcount,,unknown,4,", "both_given"),
    ("waste,,,Paper|Wood,", "choice_unclear"),
    ("sites,r1,unknown,,", "row_state"),
]


@pytest.mark.parametrize(("line", "code"), REFUSED)
def test_a_line_that_cannot_be_used_is_named_and_the_others_count(line: str, code: str) -> None:
    filled = read(make(line, "temporary,,,3,"))
    assert [(one.place, one.problem.code) for one in filled.refused] == [("line 2", code)]
    assert [one.key[0] for one in filled.given] == ["temporary"]


STATES = [
    ("headcount,,declined,,", "“declined” is not possible here. Choose one of these: value, unknown, removed."),
    ("fees_repaid,,later,,", "“later” is not possible here. Choose one of these: value, unknown, not_applicable"),
    ("sites,,,several,", "“several” is not possible here. Choose one of these: none, unknown"),
]


@pytest.mark.parametrize(("line", "words"), STATES)
def test_a_state_that_is_not_possible_is_answered_with_those_that_are(line: str, words: str) -> None:
    (refused,) = read(make(line)).refused
    assert Words("en").explain(refused.problem).startswith(words)
    key, values = line.partition(",")[0], {"headcount": "12", "fees_repaid": "partly"}
    for state in refused.problem.parameters["allowed"].split(", "):
        value = values[key] if state == "value" else ""
        assert read(make(f"{key},,{state},{value},")).refused == ()


def test_the_second_line_for_a_place_is_refused() -> None:
    filled = read(make("headcount,,,12,", "headcount,,,13,"))
    assert [(one.place, one.problem.code) for one in filled.refused] == [("line 3", "twice")]
    assert filled.given[0].answer == answer("headcount", "12")


BAD = [
    (b"", "TABLE_FOREIGN"),
    (b"a,b,c\n1,2,3", "TABLE_FOREIGN"),
    (b"PK\x03\x04\x00\x00", "TABLE_FOREIGN"),
    (make("headcount,,,1,", version=""), "TABLE_FOREIGN"),
    (make("headcount,,,1,") + b"\nsample 2.0.0,headcount,,,2,", "VERSIONS_MIXED"),
    ("questionnaire,question,state,value\né".encode("latin-1"), "TABLE_ENCODING"),
    (make('remark,,,"' + "a" * 200_000 + '",'), "TABLE_DAMAGED"),
    (b"a" * (answer_table.MAX_FILE + 1), "TABLE_TOO_LARGE"),
    (make(*["headcount,,,1,"] * answer_table.MAX_LINES), "TABLE_TOO_LARGE"),
]


@pytest.mark.parametrize(("data", "code"), BAD, ids=range(len(BAD)))
def test_what_is_no_table_of_answers_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(WorkbookRefused) as refused:
        read(data)
    assert refused.value.code == code
