"""Printed forms: every script has its letters, texts of people are never markup, and the same form is the same file."""

import dataclasses
import struct
from functools import cache
from typing import Any, get_args

import pytest
import typst

from questionnaires import catalogue, printed, typesetting, wording
from questionnaires.answers import Answer, index_answers
from questionnaires.definition import Definition, EvidenceKind
from questionnaires.printed import Shown, _Form
from tests.questionnaires import samples
from tests.questionnaires.test_workbook import ANSWERS, answer

DEFINITION = samples.make_definition()
SUMMARY = {
    "total": "66.67",
    "band": "c",
    "coverage": "90",
    "pillars": [{"key": "labour", "score": "50"}, {"key": "safety", "score": None}],
}
HOSTILE = '#panic("boom") $ ] } \\ #import "x": * #read("/etc/passwd") *b* _i_ `r` <l> @x = h // c /* {page}'


def speak(definition: Definition, locale: str, title: str = "Sample") -> Definition:
    header = dataclasses.replace(definition.questionnaire, locale=locale, title=title)
    return dataclasses.replace(definition, questionnaire=header)


def count_pages(form: dict[str, Any]) -> int:
    template = (typesetting._find_folder() / "print" / "form.typ").read_bytes()
    fonts = typesetting._load_fonts(())
    inputs = {"form": typesetting.json.dumps(form)}
    pages = typst.compile(template, format="svg", font_paths=fonts, sys_inputs=inputs)
    return len(pages) if isinstance(pages, list) else 1


@cache
def list_characters(font: str) -> frozenset[int]:
    """The characters that a font has glyphs for, from its tables of formats 4 and 12."""
    data = (typesetting.find_fonts() / font).read_bytes()
    count = struct.unpack(">H", data[4:6])[0]
    records = [struct.unpack(">4sIII", data[12 + 16 * i : 28 + 16 * i]) for i in range(count)]
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    found: set[int] = set()
    for i in range(struct.unpack(">H", data[start + 2 : start + 4])[0]):
        table = start + struct.unpack(">I", data[start + 8 + 8 * i : start + 12 + 8 * i])[0]
        kind = struct.unpack(">H", data[table : table + 2])[0]
        if kind == 12:
            groups = struct.unpack(">I", data[table + 12 : table + 16])[0]
            for j in range(groups):
                first, last, _ = struct.unpack(">III", data[table + 16 + 12 * j : table + 28 + 12 * j])
                found.update(range(first, last + 1))
        elif kind == 4:
            segments = struct.unpack(">H", data[table + 6 : table + 8])[0] // 2
            ends = struct.unpack(f">{segments}H", data[table + 14 : table + 14 + 2 * segments])
            begin = table + 16 + 2 * segments
            starts = struct.unpack(f">{segments}H", data[begin : begin + 2 * segments])
            for first, last in zip(starts, ends, strict=True):
                found.update(range(first, last + 1))
    return frozenset(found)


def has_glyphs(text: str) -> set[str]:
    """The characters of a text that no font which ships has."""
    known = list_characters("DejaVuSans.ttf") | list_characters("DroidSansFallbackFull.ttf")
    return {one for one in text if ord(one) not in known and one not in "\n\u2068\u2069"}


def decode_all(encoding: str, leads: range) -> str:
    pairs = (bytes([lead, trail]) for lead in leads for trail in range(0xA1, 0xFF))
    return "".join(pair.decode(encoding, "ignore") for pair in pairs)


LETTERS = {
    "es fr": bytes(range(0xA1, 0x100)).decode("latin-1") + "œŒŸ€",
    "vi": bytes(range(0xC0, 0x100)).decode("cp1258").replace("\u0300", "") + "ắằẳẵặấầẩẫậếềểễệốồổỗộớờởỡợứừửữựỳỵỷỹđĐ",
    "ar": "".join(chr(code) for code in (*range(0x621, 0x63B), *range(0x641, 0x653), *range(0x660, 0x66A))) + "،؛؟٪٫٬",
    "zh-Hans": decode_all("gb2312", range(0xB0, 0xF8)),  # all 6,763 characters of the standard
    "marks": "☐☑“”«»–—…·≤✓",
}


@pytest.mark.parametrize("script", LETTERS)
def test_every_letter_of_the_six_languages_has_a_glyph(script: str) -> None:
    assert len(LETTERS[script]) > 10
    assert has_glyphs(LETTERS[script]) == set()


@pytest.mark.parametrize("language", wording.list_languages())
def test_every_word_of_forms_has_its_glyphs(language: str) -> None:
    assert has_glyphs("".join(wording._read_texts(language).values())) == set()


@pytest.mark.parametrize("language", wording.list_languages())
def test_forms_in_every_language(language: str) -> None:
    definition = speak(DEFINITION, language)
    shown = Shown(facts=[("Name", "纺织厂 مصنع Nhà máy dệt")], summary=SUMMARY, bands={"c": "C"})
    for pdf in (printed.print_blank(definition, "basic"), printed.print_answers(definition, "basic", ANSWERS, shown)):
        assert pdf.startswith(b"%PDF-")
        assert b"DejaVuSans" in pdf
    assert (b"DroidSansFallback" in printed.print_blank(definition, "basic")) == (language == "zh-Hans")
    assert b"DroidSansFallback" in printed.print_answers(definition, "basic", ANSWERS, shown)


def test_the_same_form_is_the_same_file() -> None:
    assert printed.print_blank(DEFINITION, "basic") == printed.print_blank(DEFINITION, "basic")


def test_texts_of_people_are_never_markup() -> None:
    hostile = speak(DEFINITION, "en", HOSTILE)
    answers = {
        **ANSWERS,
        **index_answers(
            [
                answer("remark", HOSTILE + "\n#pagebreak()" * 3),
                Answer(question="fees_repaid", state="not_applicable", reason=HOSTILE),
            ]
        ),
    }
    form = _Form(hostile, "basic", answers).write(Shown(facts=[(HOSTILE, HOSTILE)], summary=SUMMARY))
    assert printed.print_answers(hostile, "basic", answers, Shown(facts=[(HOSTILE, HOSTILE)])).startswith(b"%PDF-")
    plain = typesetting.json.loads(typesetting.json.dumps(form).replace("#pagebreak()", "xpagebreak()"))
    assert count_pages(form) == count_pages(plain)


def test_a_form_says_what_was_answered() -> None:
    form = _Form(DEFINITION, "basic", ANSWERS).write(Shown(summary=SUMMARY, bands={"c": "Good"}))
    asked = {one["title"]: one for section in form["sections"] for one in section["questions"]}
    assert (asked["People"]["number"], asked["People"]["answer"]) == ("1.", "12 person")
    assert asked["Temporary"]["state"] == "Not answered"
    assert asked["Are fees repaid?"]["state"] == "Does not apply: Nobody was recruited."
    assert [one["chosen"] for one in asked["Waste"]["options"]] == [True, True, False]
    assert [one["chosen"] for one in asked["Locked?"]["options"]] == [False, True]
    (site,) = asked["Sites"]["rows"]
    assert [one["answer"] for one in site["questions"]] == ["12 person", "", ""]
    alone = _Form(DEFINITION, "basic", index_answers([answer("headcount", "1")])).write(Shown())
    assert "Are fees repaid?" not in {one["title"] for section in alone["sections"] for one in section["questions"]}
    assert form["result"]["rows"] == [
        ["Total", "66.67"],
        ["Band", "Good"],
        ["Labor", "50"],
        ["Safety", "not rated"],
        ["Coverage", "90 %"],
    ]


def test_a_blank_form_has_room_and_says_when_a_question_is_asked() -> None:
    form = _Form(DEFINITION, "basic", None).write(Shown())
    asked = {one["title"]: one for section in form["sections"] for one in section["questions"]}
    assert asked["People"]["required"]
    assert asked["Remark"]["lines"] == printed.TEXT_LINES
    assert len(asked["Sites"]["rows"]) == printed.BLANK_ROWS
    assert asked["Are fees repaid?"]["others"] == ["We do not know", "Does not apply", "We decline to answer"]
    assert asked["Are fees repaid?"]["notes"][0] == "Only if “People” is at least 2 person."
    assert asked["Sites"]["others"] == ["There are none", "We do not know"]


def test_the_tier_says_what_is_printed() -> None:
    form = _Form(DEFINITION, "micro", None).write(Shown())
    titles = [one["title"] for section in form["sections"] for one in section["questions"]]
    assert "Sites" not in titles
    assert "People" in titles


@pytest.mark.parametrize(("key", "version"), [pytest.param(*one, id=one[0]) for one in catalogue.name_packaged()])
def test_packaged_questionnaires_are_printed(key: str, version: str) -> None:
    definition = catalogue.read_packaged(key, version).definition
    assert printed.print_blank(definition, definition.tier_keys[0]).startswith(b"%PDF-")


def test_a_word_that_is_longer_than_a_line_stays_on_the_paper() -> None:
    long, check_hash = "https://example.com/" + "a" * 5_000, "0f" * 32
    answers = index_answers([answer("remark", long)])
    form = _Form(DEFINITION, "basic", answers).write(Shown(facts=[("Check", check_hash)]))
    shown = next(q["answer"] for section in form["sections"] for q in section["questions"] if q["title"] == "Remark")
    assert max(map(len, shown.split("\u200b"))) == 65
    assert shown.replace("\u200b", "") == long
    assert form["facts"] == [["Check", check_hash]]
    assert count_pages(form) == 2  # 77 lines of it, where one ran over the edge


@pytest.mark.parametrize("language", wording.list_languages())
def test_kinds_of_documents_are_told_in_the_language_of_the_form(language: str) -> None:
    kinds = get_args(EvidenceKind)
    told = {wording._read_texts(language)[f"kind_{kind}"] for kind in kinds}
    assert len(told) == len(kinds)
    packaged = catalogue.read_packaged("responsible-sourcing", "1.0.0").definition
    form = _Form(speak(packaged, language), "micro", None).describe(Shown())
    notes = {note for section in form["sections"] for one in section["questions"] for note in one["notes"]}
    words = wording.Words(language)
    both = words.say("beside", first=words.say("kind_photo"), second=words.say("kind_record"))
    assert words.say("documents", kinds=both) in notes
