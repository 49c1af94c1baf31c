"""Files are read strictly: YAML that readers disagree on is refused, and all errors come at once with their line."""

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest

from questionnaires import document, reading
from questionnaires.faults import FaultList, ReadingError
from questionnaires.source import read_yaml
from tests.questionnaires import samples


def read_faults(text: str) -> list[str]:
    faults = FaultList("text")
    read_yaml(text, faults)
    return [str(fault) for fault in faults.faults]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: no", "no"),
        ("a: on", "on"),
        ("a: 1.0.0", "1.0.0"),
        ("a: 2026-01-31", "2026-01-31"),
        ("a: 12:30", "12:30"),
        ("a: '1.10'", "1.10"),
        ("a: true", True),
        ("a: ~", None),
        ("a: 12", 12),
    ],
)
def test_yaml_1_2_leaves_texts_alone(text: str, value: object) -> None:
    faults = FaultList("text")
    assert read_yaml(text, faults) == {"a": value}
    assert faults.faults == []


def test_decimals_keep_their_digits() -> None:
    assert str(read_yaml("a: 1.10", FaultList("text"))["a"]) == "1.10"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", 'line 2: key "a" stands twice'),
        ("a: &x 1\nb: 2", "anchor &x in line 1"),
        ("a: &x 1\nb: *x", "alias *x in line 2"),
        ("a: {<<: {b: 1}}", "merge key <<"),
        ("a: !!python/object:os.system x", "tag python/object:os.system in line 1; allowed: no tags"),
        ("a: 1\nb: !!bool yes", "tag bool in line 2; allowed: no tags"),
        ("a: !!int '5'", "tag int in line 1"),
        ("a: !!str 5", "tag str in line 1"),
        ("a: ! 5", "tag ! in line 1"),
        ("!!map {a: !!seq [1]}", "tag seq in line 1"),
        ("a: !<tag:yaml.org,2002:bool> yes", "tag bool in line 1"),
        ("a: =", "'=' means value to some readers"),
        ("%YAML 1.1\n---\na: yes", "directive in line 1; allowed: none"),
        ("%YAML 1.0\n---\na: yes", "directive in line 1; allowed: none"),
        ("%YAML 1.2\n---\na: yes", "directive in line 1; allowed: none"),
        ("# yes\n\n...\n%FOO bar\n---\na: yes", "directive in line 4; allowed: none"),
        ("%TAG ! tag:x,2026:\n---\na: yes", "directive in line 1; allowed: none"),
        ("a: !mine [1]", "tag !mine"),
        ("? [1, 2]\n: 3", "a key is a list or mapping"),
        ("a: 010", "number 010 in a form that readers disagree on"),
        ("a: 1_000", "number 1_000"),
        ("a: 1e3", "number 1e3"),
        ("a: .inf", "number .inf"),
        ("a: 0x1F", "number 0x1F"),
        ("a: [1, 2", "not YAML in line"),
        ("a: 1\n---\nb: 2", "not YAML in line"),
        ("a: " + "[" * 21 + "]" * 21, "nested deeper than 20 levels"),
        ("a: " + "[" * 30 + "]" * 30, "nested deeper than 20 levels in line 1"),
        ("x" * 2_000_001, "the file has 2000001 characters"),
    ],
)
def test_refuses_what_readers_disagree_on(text: str, message: str) -> None:
    assert any(message in fault for fault in read_faults(text))


@pytest.mark.parametrize("text", ["[" * 8_000 + "]" * 8_000, "- " * 5_000, "{" * 5_000], ids=["lists", "rows", "maps"])
def test_what_is_nested_far_too_deep_is_not_read_to_its_end(text: str) -> None:
    began = time.monotonic()
    assert read_faults(f"a:\n  {text}") == ["text: nested deeper than 20 levels in line 2"]
    assert time.monotonic() - began < 10


def test_all_offences_of_the_yaml_at_once() -> None:
    assert len(read_faults("a: &x 1\na: 010\nb: *x\nc: !t 1\n")) >= 4


def test_reads_a_file(tmp_path: Path) -> None:
    path = samples.write_questionnaire(tmp_path, samples.QUESTIONNAIRE)
    definition = reading.read_questionnaire(path)
    profile = reading.read_profile(samples.write_profile(tmp_path, samples.PROFILE), definition)
    assert (definition.key, definition.version, profile.number) == ("sample", "1.0.0", 1)
    assert reading.lint_folder(tmp_path) == []


def test_file_and_published_document_are_the_same(tmp_path: Path) -> None:
    definition = reading.read_questionnaire(samples.write_questionnaire(tmp_path, samples.QUESTIONNAIRE))
    published = json.loads(json.dumps(document.write_document(definition)))
    assert reading.definition_from_document(published) == definition
    profile = reading.read_profile(samples.write_profile(tmp_path, samples.PROFILE), definition)
    published = json.loads(json.dumps(document.write_document(profile)))
    assert reading.profile_from_document(published, definition) == profile


def test_every_error_names_file_line_version_section_and_question(tmp_path: Path) -> None:
    text = samples.QUESTIONNAIRE.replace("options_ref: yes_partly_no", "options_ref: yes_partly", 1)
    path = samples.write_questionnaire(tmp_path, text)
    with pytest.raises(ReadingError) as caught:
        reading.read_questionnaire(path)
    line = next(n for n, found in enumerate(text.splitlines(), 1) if "key: fees_repaid" in found)
    assert str(caught.value.faults[0]) == (
        f"{path}:{line}: sample 1.0.0: section labour, question fees_repaid: "
        'unknown option set "yes_partly"; allowed: yes_partly_no'
    )


def test_profile_errors_name_the_profile(tmp_path: Path) -> None:
    definition = reading.read_questionnaire(samples.write_questionnaire(tmp_path, samples.QUESTIONNAIRE))
    path = samples.write_profile(tmp_path, samples.PROFILE.replace("partly: 50, ", "", 1))
    with pytest.raises(ReadingError) as caught:
        reading.read_profile(path, definition)
    assert 'profile 1 of sample 1.0.0: question fees_repaid: option "partly" has no points' in str(caught.value)


def test_all_errors_at_once(tmp_path: Path) -> None:
    text = (
        samples.QUESTIONNAIRE.replace("type: boolean", "type: bool", 1)
        .replace("min: 0", "min: zero", 1)
        .replace("key: sites", "key: Sites", 1)
        .replace("title: Pay", "titel: Pay", 1)
        .replace("op: gte", "op: ne", 1)
        .replace("purpose: self_assessment", "purpose: audit", 1)
    )
    with pytest.raises(ReadingError) as caught:
        reading.read_questionnaire(samples.write_questionnaire(tmp_path, text))
    told = str(caught.value)
    for part in (
        'type: "bool" is unknown; allowed: boolean, choice',
        'min: "zero" is not allowed; allowed: a number such as 12 or 0.5',
        'key: "Sites" is not allowed; allowed: the pattern',
        'unknown key "titel"; allowed: key, title',
        '"title" is missing',
        'op: "ne" is unknown; allowed: eq, in, gt',
        'purpose: "audit" is unknown; allowed: self_assessment, spot_check, pulse',
    ):
        assert part in told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"", "is missing"),
        (b"[1, 2]", "a list is not allowed; allowed: a mapping with format"),
        (b"just text", '"just text" is not allowed; allowed: a mapping'),
    ],
)
def test_files_that_are_no_questionnaires(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "1.0.0.yaml"
    path.write_bytes(content)
    with pytest.raises(ReadingError, match=message):
        reading.read_questionnaire(path)


def test_a_missing_file_is_an_error_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="cannot be read"):
        reading.read_questionnaire(tmp_path / "nothing.yaml")


def test_file_names_must_agree(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "2.0.0.yaml").write_text(samples.QUESTIONNAIRE)
    (folder / "2.0.0.profile-9.yaml").write_text(samples.PROFILE)
    (folder / "3.0.0.profile-1.yaml").write_text(samples.PROFILE)
    told = "\n".join(map(str, reading.lint_folder(tmp_path)))
    assert "the file is called other/2.0.0.yaml; allowed: sample/1.0.0.yaml" in told
    assert "the file is called 2.0.0.profile-9.yaml; allowed: 1.0.0.profile-1.yaml" in told
    assert "there is no questionnaire 1.0.0.yaml beside the profile" in told


def test_a_broken_name_does_not_say_what_the_file_should_be_called(tmp_path: Path) -> None:
    text = samples.QUESTIONNAIRE.replace("version: 1.0.0", "version: 1.0")
    told = "\n".join(map(str, reading.lint_file(samples.write_questionnaire(tmp_path, text))))
    assert 'version: "1.0" is not allowed' in told
    assert "the file is called" not in told
    empty = "\n".join(map(str, reading.lint_file(samples.write_questionnaire(tmp_path, ""))))
    assert '"questionnaire" is missing' in empty
    assert "the file is called" not in empty


def test_one_file_is_checked_as_in_its_folder(tmp_path: Path) -> None:
    file = samples.write_questionnaire(tmp_path, samples.QUESTIONNAIRE.replace("title: Pay", "titel: Pay"))
    profile = samples.write_profile(tmp_path, samples.PROFILE.replace("weight: 3", "weight: 0"))
    caps = {"micro": 6}
    found = reading.lint_folder(tmp_path, tier_caps=caps, standards={})
    assert reading.lint_file(file, tier_caps=caps, standards={}) == found
    assert any("holds 7 questions" in str(fault) for fault in found)
    alone = reading.lint_file(profile, tier_caps=caps, standards={})
    assert alone == [fault for fault in found if fault.file == str(profile)]
    assert "weight: 0" in str(alone[0])


def test_a_profile_alone_misses_its_questionnaire(tmp_path: Path) -> None:
    told = reading.lint_file(samples.write_profile(tmp_path, samples.PROFILE))
    assert [fault.message for fault in told] == ["there is no questionnaire 1.0.0.yaml beside the profile"]


def test_files_that_end_wrongly_are_told(tmp_path: Path) -> None:
    file = samples.write_questionnaire(tmp_path, samples.QUESTIONNAIRE)
    file = file.rename(file.with_suffix(".yml"))
    for found in (reading.lint_folder(tmp_path), reading.lint_file(file)):
        assert [fault.message for fault in found] == ["the file is called sample/1.0.0.yml; allowed: sample/1.0.0.yaml"]


@pytest.mark.parametrize(
    "number",
    [Decimal("NaN"), Decimal("Infinity"), Decimal("1E+1000000"), 10**5000, -(10**5000)],
    ids=["not a number", "infinite", "a long exponent", "many digits", "many digits below zero"],
)
def test_numbers_that_cannot_be_written_out_are_refused(number: object) -> None:
    raw = samples.make_document()
    raw["sections"][0]["questions"][0]["min"] = number
    raw["sections"][1]["questions"][0]["enable_when"]["all"][0]["value"] = number
    raw["sections"][1]["questions"][1]["meaning"] = number
    with pytest.raises(ReadingError) as caught:
        reading.definition_from_document(raw)
    told = str(caught.value)
    assert "min: " in told
    assert "cannot be compared with" in told
    assert len(told) < 2_000


def test_a_number_of_many_digits_in_a_file_is_told_shortly() -> None:
    (told,) = read_faults("a: " + "9" * 5_000)
    assert "in a form that readers disagree on" in told
    assert len(told) < 200


def test_a_document_nested_without_end_is_refused() -> None:
    raw = samples.make_document()
    inner = raw["sections"][0]["questions"][4]
    for _ in range(400):
        inner["questions"] = [{**inner, "questions": []}]
        inner = inner["questions"][0]
    with pytest.raises(ReadingError, match="nested deeper; allowed: 20 levels"):
        reading.definition_from_document(raw)


def test_a_document_with_floats_is_refused() -> None:
    raw = samples.make_document()
    raw["sections"][0]["questions"][0]["min"] = 0.5
    with pytest.raises(ReadingError, match=r'min: "0\.5" is not allowed'):
        reading.definition_from_document(raw)


@pytest.mark.parametrize("scrap", ["\x00", "\x1b[31m", "\x7f", "\ud800", "\r"])
def test_what_cannot_be_stored_is_refused_and_spelled_out(scrap: str, tmp_path: Path) -> None:
    raw = samples.make_document()
    raw["sections"][0]["title"] = f"Facts{scrap}here"
    with pytest.raises(ReadingError, match="characters that cannot be stored") as caught:
        reading.load_definition(raw)
    assert str(caught.value).isprintable()
    assert ascii(scrap[0])[1:-1] in str(caught.value)
    written = samples.QUESTIONNAIRE.replace("title: Facts", f"title: {json.dumps('Facts' + scrap)}")
    told = reading.inspect_questionnaire(samples.write_questionnaire(tmp_path, written))[1].errors
    assert "cannot be stored" in str(told[0])


def test_two_lines_and_a_tab_are_text() -> None:
    raw = samples.make_document()
    raw["sections"][0]["intro"] = "One.\n\tTwo."
    assert reading.definition_from_document(raw).sections[0].intro == "One.\n\tTwo."


@pytest.mark.parametrize("key", ["Yes", "yes no", "", "a\x00", "é"])
def test_keys_of_mappings_have_a_form_too(key: str) -> None:
    raw = samples.make_document()
    raw["option_sets"][key] = raw["option_sets"]["yes_partly_no"]
    with pytest.raises(ReadingError, match=r"option_sets: key .* is not allowed; allowed: the pattern"):
        reading.load_definition(raw)


def test_what_was_published_loads_under_rules_that_came_later() -> None:
    raw = samples.make_document()
    raw["sections"][0]["questions"][0].pop("why")
    with pytest.raises(ReadingError, match="why: is missing"):
        reading.definition_from_document(raw)
    assert reading.load_definition(raw).questions["headcount"].why == ""
    assert reading.load_profile(samples.make_profile_document()) == samples.make_profile()
    with pytest.raises(ReadingError, match="unknown key"):
        reading.load_definition({**raw, "extra": 1})
