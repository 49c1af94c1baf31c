"""Every code has a sentence in English, every parameter finds its place, and a person's text is never a format."""

import re
from pathlib import Path
from typing import get_args

import pytest

from questionnaires import answers, gaps, messages, nesting, reopening, submission
from questionnaires.answers import Problem
from questionnaires.definition import EvidenceKind

CODE = re.compile(r'(?:code=|refuse\(|_problem\(item, |yield )"(\w+)"(.*)')


def list_codes() -> set[str]:
    sources = [Path(module.__file__).read_text() for module in (answers, gaps, nesting, reopening, submission)]
    return {match[1] for source in sources for match in CODE.finditer(source)}


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert len(list_codes()) > 20
    assert list_codes() == set(messages.read_texts("en"))


@pytest.mark.parametrize("locale", messages.list_locales())
def test_sentences_are_whole(locale: str) -> None:
    for code, sentence in messages.read_texts(locale).items():
        assert sentence.strip() == sentence, code
        assert sentence[-1] in ".?!。", code


def test_fills_in_parameters() -> None:
    problem = Problem(code="above_max", question="share", parameters={"value": "101", "max": "100"})
    assert messages.write_message(problem) == "101 is more than 100, the most that is possible here."


def test_what_a_person_typed_is_not_a_format() -> None:
    problem = Problem(
        code="unknown_option", question="q", parameters={"value": "{allowed} {0.__class__}", "allowed": "a"}
    )
    assert messages.write_message(problem) == '"{allowed} {0.__class__}" is not an option here. Allowed: a.'


@pytest.mark.parametrize("locale", ["en", "en-GB", "xx", "../../etc/passwd"])
def test_falls_back_to_english(locale: str) -> None:
    problem = Problem(code="not_whole", question="q", parameters={"value": "1.5"})
    assert messages.write_message(problem, locale) == "1.5 is not a whole number."


@pytest.mark.parametrize(
    ("locale", "spoken"), [("es-MX", "es"), ("zh-CN", "zh-Hans"), ("zh-TW", "en"), ("ar-EG", "ar"), ("de", "en")]
)
def test_falls_back_to_what_its_readers_know(locale: str, spoken: str) -> None:
    problem = Problem(code="not_whole", question="q", parameters={"value": "1.5"})
    assert messages.find_speaker("not_whole", locale) == spoken
    assert messages.write_message(problem, locale) == messages.write_message(problem, spoken)
    assert (messages.write_message(problem, locale) == messages.write_message(problem)) is (spoken == "en")


@pytest.mark.parametrize("locale", [locale for locale in messages.list_locales() if locale != "en"])
def test_phrases_in_parameters_are_told_too(locale: str) -> None:
    phrases = set(messages.read_phrases(locale)) - {messages.SEPARATOR}
    assert phrases == {*get_args(EvidenceKind), *answers.EXPECTED.values(), answers.A_ROW, answers.NO_ROWS, "none"}
    said = messages.write_message(
        Problem(code="wrong_type", question="q", parameters={"expected": "true or false"}), locale
    )
    assert "true" not in said and "false" not in said
    kinds = Problem(code="evidence_missing", question="q", parameters={"kinds": "record, photo, hologram"})
    said = messages.write_message(kinds, locale)
    assert "record" not in said and messages.read_phrases(locale)["photo"] in said and "hologram" in said
    typed = Problem(code="unknown_option", question="q", parameters={"value": "record", "allowed": "photo"})
    assert "record" in messages.write_message(typed, locale)


def test_an_unknown_code_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        messages.write_message(Problem(code="nonsense", question="q"))
