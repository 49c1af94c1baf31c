"""Words of forms, workbooks and refused cells in a language; a language without its own falls back to English."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from questionnaires import languages, messages, source
from questionnaires.answers import Problem
from questionnaires.faults import FaultList

FALLBACK = "en"


@functools.cache
def list_languages() -> tuple[str, ...]:
    """The languages that forms have words in, sorted."""
    folder = resources.files("questionnaires") / "form_texts"
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


@functools.cache
def _read_texts(language: str) -> Mapping[str, str]:
    text = (resources.files("questionnaires") / "form_texts" / f"{language}.yaml").read_text(encoding="utf-8")
    return {str(key): str(words) for key, words in source.read_own_yaml(text, FaultList(language)).items()}


@dataclass(frozen=True)
class Words:
    """The words of one locale; `say` fills parameters in as plain text."""

    locale: str

    @functools.cached_property
    def language(self) -> str:
        """The language whose words are used: that of the locale, one that its readers read as well, or English."""
        known = list_languages()
        return next((one for one in languages.list_fallbacks(self.locale) if one in known), FALLBACK)

    @property
    def is_right_to_left(self) -> bool:
        return languages.find_direction(self.language) == "rtl"

    def say(self, key: str, **parameters: str) -> str:
        """The words under a key; raises KeyError for one that English lacks."""
        own = _read_texts(self.language)
        return messages.fill_text(own[key] if key in own else _read_texts(FALLBACK)[key], parameters)

    def explain(self, problem: Problem) -> str:
        """The sentence for what is wrong with an answer or with the cell that it stands in."""
        if problem.code in _read_texts(FALLBACK):
            return self.say(problem.code, **problem.parameters)
        return messages.write_message(problem, self.locale)


@functools.cache
def list_spellings(key: str) -> frozenset[str]:
    """How all languages say one thing, so that a person may answer in any of them."""
    return frozenset(_read_texts(language)[key] for language in list_languages() if key in _read_texts(language))
