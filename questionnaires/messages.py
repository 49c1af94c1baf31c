"""The text of a problem in a language: stable codes and parameters in, a sentence out."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from typing import Any

from questionnaires import source
from questionnaires.answers import Problem
from questionnaires.faults import FaultList
from questionnaires.languages import choose_locale, list_fallbacks
from questionnaires.translation import Author

FALLBACK = "en"
# The keys of a file that are no codes of problems: who wrote its sentences, "human" where it says nothing; what stands
# for the English phrases that parameters of these names may hold; and the sentences of changes, see `reasons`.
WRITTEN_BY, PHRASES, CHANGES = "written_by", "phrases", "changes"
PHRASED = ("expected", "kinds")
SEPARATOR = ", "
_PARAMETER = re.compile(r"\{(\w+)\}")


@functools.cache
def list_locales() -> tuple[str, ...]:
    """The languages that have texts, sorted."""
    folder = resources.files("questionnaires") / "locales"
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


@functools.cache
def read_texts(locale: str) -> Mapping[str, str]:
    """Texts by code of one language that `list_locales` names."""
    return {code: str(text) for code, text in read_file(locale).items() if code not in (WRITTEN_BY, PHRASES, CHANGES)}


def read_author(locale: str) -> Author:
    """Who wrote the texts of one language that `list_locales` names."""
    return "machine" if read_file(locale).get(WRITTEN_BY) == "machine" else "human"


@functools.cache
def read_phrases(locale: str) -> Mapping[str, str]:
    """What stands for English phrases in one language that `list_locales` names."""
    return {str(english): str(phrase) for english, phrase in read_file(locale).get(PHRASES, {}).items()}


def choose_language(wanted: Iterable[str]) -> str:
    """The language that problems are told in to somebody who reads these, the most wanted first."""
    return choose_locale(wanted, list_locales(), FALLBACK)


def write_message(problem: Problem, locale: str = FALLBACK) -> str:
    """The sentence for a problem; a language without it falls back to what its readers know, then to English.

    Raises KeyError for a code that no language knows.
    """
    speaker = find_speaker(problem.code, locale)
    parameters = {name: _say_value(name, value, speaker) for name, value in problem.parameters.items()}
    return fill_text(read_texts(speaker)[problem.code], parameters)


def _say_value(name: str, value: str, locale: str) -> str:
    """A parameter as readers of a language know it: a phrase as a whole, or each of a list."""
    if name not in PHRASED:
        return value
    phrases = read_phrases(locale)
    if value in phrases:
        return phrases[value]
    return phrases.get(SEPARATOR, SEPARATOR).join(phrases.get(part, part) for part in value.split(SEPARATOR))


def fill_text(sentence: str, parameters: Mapping[str, str]) -> str:
    """Put parameters in: as plain text, never as a format, since they may hold what a person typed."""
    return _PARAMETER.sub(lambda match: parameters.get(match[1], match[0]), sentence)


def find_placeholders(sentence: str) -> frozenset[str]:
    """The names of the parameters that a text takes."""
    return frozenset(_PARAMETER.findall(sentence))


def find_speaker(code: str, locale: str, read: Callable[[str], Mapping[str, str]] = read_texts) -> str:
    """The language that the text of a code comes in to readers of `locale`, of the texts that `read` gives of one.

    Raises KeyError as above.
    """
    for candidate in (*list_fallbacks(locale), FALLBACK):
        if candidate in list_locales() and code in read(candidate):
            return candidate
    raise KeyError(code)


@functools.cache
def read_file(locale: str) -> Mapping[str, Any]:
    """Everything that is written in one language that `list_locales` names."""
    text = (resources.files("questionnaires") / "locales" / f"{locale}.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = source.read_own_yaml(text, FaultList(locale))
    return loaded
