"""Words that tell what a header or a cell is about, whatever field it stands in: answers, placeholders, footers, ..."""

from __future__ import annotations

import csv
import enum
import functools
import re
from importlib import resources

from portal.directory import letters


class Meaning(enum.StrEnum):
    """What a word says: of a header, that it is about something else or a number; of a cell, that it holds no value."""

    OTHER = "other"
    NUMBER = "number"
    ANSWER = "answer"
    PLACEHOLDER = "placeholder"
    FOOTER = "footer"
    TOTALS = "totals"


_ZEROS = re.compile(r"^0+(?:[.,]0+)?$")
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"#|№|[^\W_]+")


def make_key(text: str) -> str:
    """A word or phrase without case, accents, spaces and punctuation; "#" and "№" stay."""
    return letters.compact(text) or text.strip()


def part_camel_case(text: str) -> str:
    """A header with a space between words written together: "BillingCountry" is "Billing Country"."""
    return _CAMEL.sub(" ", text)


def split(text: str) -> list[str]:
    """The words of a header as keys."""
    return [make_key(word) for word in _WORD.findall(part_camel_case(text))]


def means(text: str, meaning: Meaning) -> bool:
    """Whether the whole text is a word or phrase of that meaning."""
    return make_key(text) in _index()[meaning]


def has(text: str, meaning: Meaning) -> bool:
    """Whether a header has a word of that meaning; at its end where its script has no spaces."""
    known = _index()[meaning]
    if any(word in known for word in split(text)):
        return True
    key = letters.compact(text)
    return bool(_NO_SPACES.search(key)) and key.endswith(tuple(word for word in known if not word.isascii()))


def is_placeholder(text: str) -> bool:
    """Whether a cell says only that there is no value: "NA", "TBC", "000000", "xxx", signs without a letter."""
    shown = text.strip()
    signs = not any(map(str.isalnum, shown))
    return signs or bool(_ZEROS.match(shown)) or means(shown, Meaning.PLACEHOLDER)


@functools.cache
def _index() -> dict[Meaning, frozenset[str]]:
    text = resources.files("portal.directory.lists").joinpath("data", "words.csv").read_text(encoding="utf-8")
    found: dict[Meaning, set[str]] = {meaning: set() for meaning in Meaning}
    for row in csv.DictReader(text.splitlines()):
        found[Meaning(row["meaning"])].update(map(make_key, row["words"].split("|")))
    return {meaning: frozenset(keys) for meaning, keys in found.items()}
