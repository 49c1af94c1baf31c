"""Characters that are not seen and change what is: two titles that look alike, or one that reads backwards."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from questionnaires.construction import LABELS, field_key
from questionnaires.faults import FaultList, Place

_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Persian and the scripts of India write words with these two; beside letters such as ours they join nothing.
_JOINERS = "\u200c\u200d"


def lint_titles(document: Any, faults: FaultList) -> None:
    """Refuse hidden characters in every title of a questionnaire or a profile."""
    for place, title in _list_titles(document, Place()):
        if found := sorted(set(find_hidden(title))):
            names = ", ".join(f"U+{ord(one):04X}" for one in found)
            faults.add_finding(place, f"title: hidden characters {names}; allowed: what is seen")


def find_hidden(text: str) -> Iterator[str]:
    """Characters without width, and those that turn the direction; a joiner between letters it can join is none."""
    for match in _HIDDEN.finditer(text):
        around = (text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1])
        if match[0] not in _JOINERS or not all(map(_is_joined, around)):
            yield match[0]


def _is_joined(neighbor: str) -> bool:
    return neighbor > "\u0590" and unicodedata.category(neighbor)[0] in "LM"


def _list_titles(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """The titles in a dataclass and its parts, with the words that errors of reading use for the same place."""
    for field in dataclasses.fields(value):
        part, inside = getattr(value, field.name), place.enter(field_key(field))
        if field.name == "title":
            yield place, part
        elif dataclasses.is_dataclass(part):
            yield from _list_titles(part, inside)
        elif isinstance(part, dict):
            for key, items in part.items():
                if isinstance(items, tuple):
                    yield from _list_parts(items, inside.enter(key))
        elif isinstance(part, tuple):
            yield from _list_parts(part, inside)


def _list_parts(parts: tuple[Any, ...], place: Place) -> Iterator[tuple[Place, str]]:
    for index, part in enumerate(parts):
        if dataclasses.is_dataclass(part):
            key = getattr(part, "key", "") or f"number {index + 1}"
            label = LABELS.get(type(part).__name__)
            yield from _list_titles(part, place.enter(index, f"{label} {key}" if label else None))
