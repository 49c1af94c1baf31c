"""Words of forms: every language has every word, with the same parameters."""

import re
from decimal import Decimal

import pytest

from questionnaires import spellings, wording
from questionnaires.answers import Problem
from questionnaires.wording import Words

PARAMETER = re.compile(r"\{(\w+)\}")


def test_the_six_languages_are_there() -> None:
    assert set(wording.list_languages()) == {"en", "es", "fr", "zh-Hans", "vi", "ar"}


@pytest.mark.parametrize("language", wording.list_languages())
def test_every_language_has_every_word_with_its_parameters(language: str) -> None:
    own, english = wording._read_texts(language), wording._read_texts("en")
    assert set(own) == set(english)
    assert own["written_by"] in ("human", "machine")
    for key, words in own.items():
        assert words.strip() == words
        assert set(PARAMETER.findall(words)) <= set(PARAMETER.findall(english[key])), key


@pytest.mark.parametrize(
    ("locale", "language"), [("es-MX", "es"), ("xx", "en"), ("zh-Hans", "zh-Hans"), ("../../x", "en")]
)
def test_a_locale_falls_back(locale: str, language: str) -> None:
    assert Words(locale).language == language


def test_problems_of_cells_and_of_answers_are_explained() -> None:
    words = Words("vi")
    assert (
        words.explain(Problem(code="formula", question="q")) == "Ô này chứa công thức. Hãy viết trực tiếp câu trả lời."
    )
    assert words.explain(Problem(code="decline_not_allowed", question="q"))
    assert Words("ar").is_right_to_left
    assert not words.is_right_to_left


@pytest.mark.parametrize("language", wording.list_languages())
@pytest.mark.parametrize("written", ["1.234", "12,345", "-1.234"])
def test_what_a_number_with_two_meanings_is_to_be_written_as_can_be_read(language: str, written: str) -> None:
    with pytest.raises(spellings.Unclear) as refused:
        spellings.read_number(written)
    words = Words(language).say("number_ambiguous", **refused.value.parameters)
    advised = re.findall(r"-?\d+(?:\.\d+)?", words)[-2:]
    plain = Decimal(written.replace(",", "."))
    assert [Decimal(spellings.read_number(one)) for one in advised] == [plain * 1000, plain]
