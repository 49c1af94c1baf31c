"""Overlays: an entry holds for the text it was made from, all else falls back and is told; the work on a file."""

import dataclasses
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import (
    catalogue,
    characters,
    document,
    json_schema,
    messages,
    reading,
    reasons,
    texts,
    translating,
    translation,
    translation_lint,
    translation_template,
)
from questionnaires.definition import Definition
from questionnaires.faults import FaultList, ReadingError
from questionnaires.profile import Profile
from questionnaires.texts import Version
from questionnaires.translation import Author, Entry, Overlay
from tests.portal.assessments import sample

LOCALES = ("ar", "es", "fr", "vi", "zh-Hans")
SHIPPED = {  # how many texts a version has at least, up to basic
    "responsible-sourcing": 600,
    "site-environment": 390,
    "purchasing-practice": 250,
    "spot-check": 240,
    "pulse-of-suppliers": 90,
    "pulse-of-buyers": 90,
}
PACKAGED = [(one.definition, one.profiles[-1] if one.profiles else None) for one in catalogue.list_packaged()]
VERSION = (sample.make_definition(), sample.make_profile())
ALL = texts.list_texts(*VERSION)


@pytest.mark.parametrize(("definition", "profile"), PACKAGED, ids=lambda one: getattr(one, "version", ""))
def test_every_text_of_what_ships_has_a_path_and_can_be_replaced(
    definition: Definition, profile: Profile | None
) -> None:
    assert texts.rewrite_definition(definition, lambda path, text: text) == definition
    found = texts.list_texts(definition, profile)
    assert all(len(path) < 300 and text for path, text in found.items())
    turned = texts.rewrite_definition(definition, lambda path, text: f"{path}~{text}")
    again = texts.list_texts(turned, None)
    units = {path for path in again if path.endswith(".unit")}
    assert units == {f"questions.{key}.unit" for key, one in definition.questions.items() if one.unit}
    for path, text in again.items():
        assert text == (found[path] if path in units else f"{path}~{found[path]}")
    # Nothing that a person reads is left: no other text of the document holds a space.
    assert [one for one in list_strings(document.write_document(turned)) if " " in one and "~" not in one] == []
    assert {one.unit for one in turned.questions.values()} == {one.unit for one in definition.questions.values()}


def list_strings(value: object) -> list[str]:
    if isinstance(value, dict):
        # Clauses of standards are called the same in every language.
        return [text for key, one in value.items() if key != "maps_to" for text in list_strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in list_strings(one)]
    return [value] if isinstance(value, str) else []


def test_texts_are_replaced_and_each_says_whose_it_is() -> None:
    stale = Entry(of=texts.hash_text("Another title"), text="¡Viejo!", by="human")
    human = Entry(of=texts.hash_text("Founded"), text="Fundada", by="human")
    overlay = sample.make_overlay(
        **{
            "questions.headcount.title": stale,
            "questions.founded.title": human,
            "profile.critical.locked.title": None,
        }
    )
    told = translation.translate(VERSION[0], overlay, VERSION[1])
    asked, profile = told.definition.questions, told.profile
    assert (told.locale, told.source_locale, told.direction) == ("es", "en", "ltr")
    assert asked["headcount"].title == "People"
    assert asked["founded"].title == "Fundada"
    assert told.definition.option_sets["yes_partly_no"][1].title == "¡Partly!"
    assert asked["fees_repaid"].not_applicable is not None and asked["site_people"].title == "¡People here!"
    assert asked["fees_repaid"].not_applicable.help == "¡Nobody was recruited.!"
    assert asked["headcount"].unit == "person"
    assert told.say("questions.headcount.unit", "person") == "¡person!"
    assert profile is not None
    assert [one.title for one in profile.bands] == ["¡D!", "¡C!", "¡A!"]
    assert (profile.critical[0].title, profile.critical[0].explanation) == ("Locked exits", "¡People die.!")
    assert told.fell_back == ("questions.headcount.title", "profile.critical.locked.title")
    assert told.origins["questions.headcount.title"] == "stale"
    assert told.origins["profile.critical.locked.title"] == "missing"
    assert told.origins["questions.founded.title"] == "human"
    assert told.origins["title"] == "machine"
    assert set(told.origins) == set(ALL)


@given(st.sets(st.sampled_from(sorted(ALL))), st.sets(st.sampled_from(sorted(ALL))))
def test_what_holds_is_shown_and_all_else_is_the_source(changed: set[str], removed: set[str]) -> None:
    old = {path: Entry(of="0" * 16, text="Viejo", by="human") for path in changed}
    told = translation.translate(VERSION[0], sample.make_overlay(**old | dict.fromkeys(removed)), VERSION[1])
    assert set(told.fell_back) == changed | removed
    for path, text in texts.list_texts(told.definition, told.profile).items():
        held = path not in changed | removed and not path.endswith(".unit")
        assert text == (f"¡{ALL[path]}!" if held else ALL[path])


def test_the_version_itself_stays_what_it_is() -> None:
    before = document.hash_content(VERSION[0])
    told = translation.translate(VERSION[0], sample.make_overlay(), VERSION[1])
    assert document.hash_content(VERSION[0]) == before
    assert document.hash_content(told.definition) != before
    source = translation.tell_source(*VERSION)
    assert (source.definition, source.fell_back, set(source.origins.values())) == (VERSION[0], (), {"source"})
    assert source.texts == ALL


def test_an_overlay_of_another_questionnaire_is_refused() -> None:
    with pytest.raises(ValueError, match="says nothing of sample"):
        translation.translate(VERSION[0], dataclasses.replace(sample.make_overlay(), questionnaire="other"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "sample"
    (place / "translations").mkdir(parents=True)
    (place / "1.0.0.yaml").write_text(sample.QUESTIONNAIRE)
    (place / "1.0.0.profile-1.yaml").write_text(sample.PROFILE)
    return place


def write(folder: Path, text: str, name: str = "es.yaml") -> Path:
    path = folder / "translations" / name
    path.write_text(text)
    return path


ODD = ['"', "\\", "Ω: #", "- a", "{b}", "'", "no", "1.10", "\t|\n>", "工人", "عمال", "\u2028"]


@given(
    st.lists(st.one_of(st.sampled_from(ODD), st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Z"]))))
)
def test_a_file_gives_back_what_was_written(pieces: list[str]) -> None:
    kept = {path: ("x" + "".join(pieces)).strip() for path in list(ALL)[:3]}
    made = translating.take_texts(None, write_entries(kept, "human"), [VERSION], locale="es")
    read = document_of(translating.write_overlay(made))
    assert read == made
    assert reading.load_translation(document.write_document(made)) == made


def document_of(text: str) -> Overlay:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "es.yaml"
        path.write_text(text, encoding="utf-8", newline="")
        return reading.read_translation(path)


def test_the_document_fits_the_published_schema() -> None:
    validator = jsonschema.Draft202012Validator(json_schema.write_schema(Overlay))
    content = document.write_document(sample.make_overlay())
    validator.validate(content)
    content["entries"]["Not A Path"] = content["entries"].pop("title")
    assert not validator.is_valid(content)


def test_all_errors_of_a_file_at_once_each_with_its_line(folder: Path) -> None:
    path = write(
        folder,
        "format: translation/1\nquestionnaire: sample\nlocale: es\nentries:\n"
        "  questions.headcount.title: {of: XYZ, text: Personas, by: machine}\n"
        "  questions.founded.title: {of: 0123456789abcdef, text: '', by: nobody}\n"
        "  Not A Path: {of: 0123456789abcdef, text: a, by: human}\n"
        "  questions.gone.title: {of: 0123456789abcdef, text: a, by: human, note: b}\n",
    )
    with pytest.raises(ReadingError) as refused:
        reading.read_translation(path, [VERSION])
    found = [(fault.line, str(fault)) for fault in refused.value.faults]
    expected = [
        (5, "entry questions.headcount.title: of: "),
        (6, "entry questions.founded.title: text: "),
        (6, "entry questions.founded.title: by: "),
        (7, 'entries: key "Not A Path" is not allowed'),
        (8, 'entry questions.gone.title: unknown key "note"'),
        (8, "entry questions.gone.title: no version of the questionnaire has a text at this path"),
    ]
    for (line, said), (wanted, words) in zip(found, expected, strict=True):
        assert said.startswith(f"{path}:{line}: translation es of sample: {words}")
        assert line == wanted


def test_lint_names_what_is_stale_missing_or_unfit(folder: Path) -> None:
    long = "questions.fees_repaid.action"
    odd = {
        "questions.headcount.title": Entry(of="0" * 16, text="Viejo", by="human"),
        "questions.founded.title": None,
        long: Entry(of=texts.hash_text(ALL[long]), text=ALL[long], by="machine"),
        "description": Entry(of=texts.hash_text(ALL["description"]), text="Para {todos}", by="machine"),
        "questions.trained.why": Entry(of=texts.hash_text(ALL["questions.trained.why"]), text="x" * 200, by="machine"),
        "questions.area.title": Entry(of=texts.hash_text("Area"), text="Á\u202erea", by="machine"),
    }
    path = write(folder, translating.write_overlay(sample.make_overlay(**odd)))
    faults = reading.lint_file(path)
    assert faults == [one for one in reading.lint_folder(folder.parent) if one.file == str(path)]
    said = {fault.where: (fault.severity, fault.message) for fault in faults}
    assert said["entry questions.headcount.title"][0] == "warning"
    assert '"People"' in said["entry questions.headcount.title"][1]
    assert "it is the source itself" in said[f"entry {long}"][1]
    assert "{todos}" in said["entry description"][1]
    assert "200 characters for 6" in said["entry questions.trained.why"][1]
    assert said["entry questions.area.title"] == (
        "error",
        "text: hidden characters U+202E; allowed: what is seen",
    )
    assert "1 of 50 texts up to the tier basic have no entry: questions.founded.title" in said[""][1]
    assert len(said) == 6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"questionnaire": "other"}, "allowed: sample"),
        ({"locale": "en"}, "is the language of the source"),
        ({"locale": "fr"}, "allowed: fr.yaml"),
    ],
)
def test_a_file_that_is_of_something_else(folder: Path, change: dict[str, str], words: str) -> None:
    path = write(folder, translating.write_overlay(dataclasses.replace(sample.make_overlay(), **change)))
    assert any(words in fault.message for fault in reading.lint_file(path) if fault.severity == "error")


def test_texts_are_taken_in_and_humans_are_kept() -> None:
    written = write_entries({"title": "Muestra", "description": "Para pruebas."}, "human")
    first = translating.take_texts(None, written, [VERSION], locale="es")
    written = write_entries({"title": "Muestra", "description": "De prueba."}, "machine")
    again = translating.take_texts(first, written, [VERSION], locale="es")
    assert {path: (one.text, one.by) for path, one in again.entries.items()} == {
        "title": ("Muestra", "human"),
        "description": ("De prueba.", "machine"),
    }
    written = write_entries({"description": "De prueba."}, "human")
    seen = translating.take_texts(again, written, [VERSION], locale="es")
    assert seen.entries["description"].by == "human"
    newer = dataclasses.replace(
        VERSION[0], questionnaire=dataclasses.replace(VERSION[0].questionnaire, version="1.0.1", title="Specimen")
    )
    assert translating.measure_coverage(again, (newer, None), "micro").counts["stale"] == 1
    written = {"title": Entry(of=texts.hash_text("Specimen"), text="Muestra", by="machine")}
    renewed = translating.take_texts(again, written, [(newer, None), VERSION], locale="es")
    assert renewed.entries["title"] == Entry(of=texts.hash_text("Specimen"), text="Muestra", by="machine")


def test_a_worksheet_that_is_filled_in_leaves_nothing_to_do() -> None:
    half = sample.make_overlay(**dict.fromkeys(list(ALL)[5:]), title=Entry(of="0" * 16, text="Viejo", by="human"))
    sheet = translating.write_worksheet(half, VERSION, "standard")
    assert '# was, for another source: "Viejo"\ntitle:\n' in sheet
    assert "\ndescription:" not in sheet
    filled = "".join(f"{line} Texto\n" if line.endswith(":") else f"{line}\n" for line in sheet.splitlines())
    done = translating.take_texts(half, read_sheet(filled), [VERSION], locale="es")
    assert translating.write_worksheet(done, VERSION, "standard") == ""
    assert translating.measure_coverage(done, VERSION, "standard").counts == {
        "human": len(ALL) - 4,
        "machine": 4,
    }
    everything = translating.write_worksheet(done, VERSION, "standard", everything=True)
    assert set(read_sheet(everything)) == set(ALL)
    assert "for another source" not in everything
    assert read_sheet(sheet) == {}


def write_entries(given: Mapping[str, str], by: Author) -> dict[str, Entry]:
    return {path: Entry(of=texts.hash_text(ALL[path]), text=text, by=by) for path, text in given.items()}


def read_sheet(content: str, version: Version = VERSION) -> Mapping[str, Entry]:
    read, faults = reading.inspect_handed_translation(content, "yaml", [version], "es", by="human")
    assert faults.errors == []
    return read.entries


def rename(version: str, old: str, to: str, declared: str = "") -> Version:
    """The sample with its first question under another key, as a later version."""
    text = sample.QUESTIONNAIRE.replace("version: 1.0.0", f"version: {version}").replace(old, to)
    return sample.make_definition(text + declared), None


def test_a_renamed_question_keeps_the_translations_of_texts_that_stayed() -> None:
    renamed = rename("1.1.0", "headcount", "people", "renamed: [{from: headcount, to: people}]\n")
    later = rename("1.2.0", "headcount", "people")  # which says nothing of what an earlier one renamed
    again = rename("1.3.0", "headcount", "crew", "renamed: [{from: people, to: crew}]\n")
    overlay = sample.make_overlay()
    for version, key in ((VERSION, "headcount"), (renamed, "people"), (later, "people"), (again, "crew")):
        told = translation.translate(version[0], overlay)
        assert told.fell_back == (), key
        assert told.definition.questions[key].title == "¡People!"
        assert told.say(f"questions.{key}.unit", "person") == "¡person!"
        assert translating.measure_coverage(overlay, version, "standard").counts["missing"] == 0
        assert translating.list_open(overlay, version, "standard") == []
        assert translating.write_worksheet(overlay, version, "standard") == ""
        template = translation_template.write_template(overlay, version, "standard", "es")
        assert template.text.endswith("entries: {}\n")
        faults = FaultList("")
        translation_lint.lint_overlay(overlay, [version, VERSION], faults)
        assert faults.faults == [], key
    why = rename("1.1.0", "headcount", "people", "renamed: [{from: headcount, to: people}]\n")[0]
    section = why.sections[0]
    reworded = dataclasses.replace(section.questions[0], title="Staff")
    sections = (dataclasses.replace(section, questions=(reworded, *section.questions[1:])), *why.sections[1:])
    told = translation.translate(dataclasses.replace(why, sections=sections), overlay)
    assert told.fell_back == ("questions.people.title",)
    assert told.definition.questions["people"].why == "¡Size.!"


def test_what_a_person_wrote_under_a_former_key_stays_a_persons() -> None:
    renamed = rename("1.1.0", "headcount", "people", "renamed: [{from: headcount, to: people}]\n")
    written = Entry(of=texts.hash_text("People"), text="Personas", by="human")
    overlay = sample.make_overlay(**{"questions.headcount.title": written})
    same = dataclasses.replace(written, by="machine")
    merged = translating.take_texts(overlay, {"questions.people.title": same}, [renamed, VERSION], locale="es")
    assert merged.entries["questions.people.title"].by == "human"


def test_a_template_in_parts_is_every_text_once_whatever_is_there_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation_template, "MOST_TEXTS", 15)
    half = sample.make_overlay(**dict.fromkeys(list(ALL)[::2]))
    paths: dict[bool, list[str]] = {True: [], False: []}
    for everything in paths:
        for part in range(1, 5):
            made = translation_template.write_template(
                half, VERSION, "standard", "es", everything=everything, part=part
            )
            assert (made.part, made.parts) == (part, 4)
            raw = made.text.replace("text:\n", 'text: "x"\n')
            read, faults = reading.inspect_handed_translation(raw, "yaml", [VERSION], "es")
            assert faults.errors == []
            paths[everything] += read.entries
    assert paths == {True: list(ALL), False: list(ALL)[::2]}
    with pytest.raises(IndexError, match="4 parts"):
        translation_template.write_template(half, VERSION, "standard", "es", part=5)
    monkeypatch.setattr(translation_template, "MOST_CHARACTERS", 1)
    assert translation_template.write_template(half, VERSION, "standard", "es").parts == len(ALL)


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\n"])
def test_a_source_never_ends_the_comment_that_it_stands_in(end: str) -> None:
    header = dataclasses.replace(VERSION[0].questionnaire, title=f"Sample{end}format: other{end}")
    version = (dataclasses.replace(VERSION[0], questionnaire=header), None)
    made = translation_template.write_template(None, version, "standard", "es")
    filled = made.text.replace("text:\n", 'text: "Muestra"\n', 1)
    read, faults = reading.inspect_handed_translation(filled, "yaml", [version], "es")
    assert faults.faults == []
    assert read.entries == {"title": Entry(of=texts.hash_text(header.title), text="Muestra", by="machine")}
    sheet = translating.write_worksheet(None, version, "standard")
    assert read_sheet(sheet, version) == {}


def test_a_translation_may_have_more_texts_than_a_list_has_items() -> None:
    entry = {"of": "0" * 16, "text": "x", "by": "human"}
    entries = {f"questions.q{number}.title": entry for number in range(translation.MOST_ENTRIES + 1)}
    content = {"format": "translation/1", "questionnaire": "sample", "locale": "es", "entries": entries}
    with pytest.raises(ReadingError, match="at most 20000"):
        reading.load_translation(content)
    entries.popitem()
    assert len(reading.load_translation(content).entries) == translation.MOST_ENTRIES


def test_a_flat_file_is_refused_with_all_its_faults() -> None:
    sheet = "title: 12\nquestions.gone.title: a\ndescription: [b]\n"
    _, faults = reading.inspect_handed_translation(sheet, "yaml", [VERSION], "es", file="es.yaml")
    assert sorted((fault.line, fault.file) for fault in faults.errors) == [(line, "es.yaml") for line in (1, 2, 3)]
    _, faults = reading.inspect_handed_translation("- a\n- b\n", "yaml", [VERSION], "es")
    assert faults.errors != []


def test_every_form_of_a_translation_says_the_same() -> None:
    overlay = sample.make_overlay()
    sheet = translating.write_worksheet(overlay, VERSION, "standard", everything=True)
    template = translation_template.write_template(overlay, VERSION, "standard", "es", everything=True).text
    as_json = json.dumps({path: one.text for path, one in overlay.entries.items()})
    for content in (sheet, template, translating.write_overlay(overlay)):
        read, faults = reading.inspect_handed_translation(content, "yaml", [VERSION], "es", by="machine")
        assert (faults.errors, read) == ([], overlay), content[:80]
    read, faults = reading.inspect_handed_translation(as_json, "json", [VERSION], "es", by="machine")
    assert (faults.errors, read) == ([], overlay)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("key", "texts"), SHIPPED.items())
def test_what_ships_covers_micro_and_basic_of_the_current_version_whole(key: str, texts: int, locale: str) -> None:
    versions = catalogue.list_versions(key)
    overlay, faults = reading.inspect_translation(catalogue.name_translations(key)[locale], versions)
    assert faults.faults == []
    for version in versions:
        counts = translating.measure_coverage(overlay, version, "basic").counts
        assert counts["stale"] == counts["missing"] == 0
        assert counts["machine"] + counts["human"] >= texts
    told = translation.translate(versions[0][0], overlay, versions[0][1])
    assert told.direction == ("rtl" if locale == "ar" else "ltr")
    for path, one in overlay.entries.items():
        assert list(characters.find_hidden(one.text)) == [], path


def test_every_language_is_translated_to() -> None:
    assert {one.definition.key for one in catalogue.list_packaged()} == set(SHIPPED)
    assert {tuple(catalogue.name_translations(key)) for key in SHIPPED} == {LOCALES}
    assert messages.list_locales() == tuple(sorted((*LOCALES, "en")))


@pytest.mark.parametrize("locale", LOCALES)
def test_problems_are_told_in_every_language_with_the_same_parameters(locale: str) -> None:
    english = messages.read_texts("en")
    told = messages.read_texts(locale)
    assert set(told) == set(english)
    assert messages.read_author(locale) == "machine"
    for code, sentence in english.items():
        assert messages.find_placeholders(told[code]) == messages.find_placeholders(sentence), code
        assert told[code] != sentence, code
    assert messages.read_author("en") == "human"


@pytest.mark.parametrize("locale", LOCALES)
def test_changes_are_told_in_every_language(locale: str) -> None:
    english = reasons.read_sentences("en")
    told = reasons.read_sentences(locale)
    assert list(told) == list(english)
    assert len(set(told.values())) == len(set(english.values()))
    for code, sentence in told.items():
        assert sentence.strip() == sentence and sentence[-1] in ".。", code
        assert sentence != english[code], code
        assert list(translation_lint.find_misfits(english[code], sentence)) == [], code
        assert list(characters.find_hidden(sentence)) == [], code


@pytest.mark.parametrize(
    ("locale", "spoken"), [("es-MX", "es"), ("zh-CN", "zh-Hans"), ("zh-TW", "en"), ("de", "en"), ("../en", "en")]
)
def test_who_has_no_sentence_for_a_change_is_given_english(locale: str, spoken: str) -> None:
    assert reasons.find_speaker("option_added", locale) == spoken
    assert reasons.write_sentence("option_added", locale) == reasons.read_sentences(spoken)["option_added"]
    with pytest.raises(KeyError):
        reasons.write_sentence("not_whole", locale)  # of a problem, which is told elsewhere


def test_misfits() -> None:
    assert list(translation_lint.find_misfits("Total", "Total")) == []
    assert list(translation_lint.find_misfits("How many people work for you in total?", "总共有多少人为您工作？")) == []
    assert list(translation_lint.find_misfits("1,200 of 12", "1200 trong 12")) == []
    assert list(translation_lint.find_misfits("1,200 of 12", "من ١٬٢٠٠ إلى ١٢")) == []
    assert list(translation_lint.find_misfits("1,200 of 12", "对1,200人中的12人，一共1个")) == []
    (lost,) = translation_lint.find_misfits("48 hours in 7 days", "84 horas en 7 días")
    assert lost.endswith("not in it: 48")
    (short,) = translation_lint.find_misfits("Ask two people from different shifts about it.", "问")
    assert "is it the whole text" in short
