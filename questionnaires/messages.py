"""The text of a problem in a language: stable codes and parameters in, a sentence out."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from importlib import resources

from ruamel.yaml import YAML

from questionnaires.answers import Problem

FALLBACK = "en"
_PARAMETER = re.compile(r"\{(\w+)\}")


def list_locales() -> tuple[str, ...]:
    """The languages that have texts, sorted."""
    folder = resources.files("questionnaires") / "locales"
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")))


@functools.cache
def read_texts(locale: str) -> Mapping[str, str]:
    """Texts by code of one language that `list_locales` names."""
    text = (resources.files("questionnaires") / "locales" / f"{locale}.yaml").read_text(encoding="utf-8")
    return {str(code): str(sentence) for code, sentence in YAML(typ="safe", pure=True).load(text).items()}


def write_message(problem: Problem, locale: str = FALLBACK) -> str:
    """The sentence for a problem; a language without it falls back to its base language, then to English.

    Raises KeyError for a code that no language knows.
    """
    return fill_text(_find_text(problem.code, locale), problem.parameters)


def fill_text(sentence: str, parameters: Mapping[str, str]) -> str:
    """Put parameters in: as plain text, never as a format, since they may hold what a person typed."""
    return _PARAMETER.sub(lambda match: parameters.get(match[1], match[0]), sentence)


def _find_text(code: str, locale: str) -> str:
    known = list_locales()
    for candidate in (locale, locale.split("-")[0], FALLBACK):
        if candidate in known and code in read_texts(candidate):
            return read_texts(candidate)[code]
    raise KeyError(code)
