"""The sentence of a change in a language: what changed, what that does to an answer, whether two years compare."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from questionnaires import messages


@functools.cache
def read_sentences(locale: str) -> Mapping[str, str]:
    """Sentences by code of one language that `messages.list_locales` names."""
    return {str(code): str(sentence) for code, sentence in messages.read_file(locale).get(messages.CHANGES, {}).items()}


def has_sentence(code: str) -> bool:
    """Whether a code is told here; others are of problems, which `messages` tells."""
    return code in read_sentences(messages.FALLBACK)


def write_sentence(code: str, locale: str = messages.FALLBACK) -> str:
    """The sentence for a code; a language without it falls back to what its readers know, then to English.

    Raises KeyError for a code that no language knows.
    """
    return read_sentences(find_speaker(code, locale))[code]


def find_speaker(code: str, locale: str) -> str:
    """The language that the sentence of a code comes in to readers of `locale`; raises KeyError as above."""
    return messages.find_speaker(code, locale, read_sentences)
