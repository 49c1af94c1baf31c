"""Translations: texts of another language laid over a questionnaire, each bound to the text it was made from.

One overlay serves every version of a questionnaire. An entry holds where the text at its path has the hash that it
names; anywhere else it is stale, and the source is shown. A question that was renamed has the entries of its former
key, as far as its texts stayed the same. Overlays are outside the content hash of a version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from questionnaires import texts
from questionnaires.definition import LOCALE, QUESTIONNAIRE_KEY, Definition
from questionnaires.languages import Direction, find_direction
from questionnaires.profile import Profile

FORMAT: Literal["translation/1"] = "translation/1"
MOST_ENTRIES = 20_000  # of four values each, which is near what a document may hold
QUESTIONS = "questions"
PATH = r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63}){0,5}"

Author = Literal["human", "machine"]
# Whose words are shown: of a translation, or those of the source, because it was chosen, an entry is stale, or none is.
Origin = Literal["source", "human", "machine", "stale", "missing"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
FELL_BACK: frozenset[Origin] = frozenset({"stale", "missing"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A translated text; `of` is the first 16 hexadecimal digits of the SHA-256 of the text it was made from."""

    of: str = field(metadata={"pattern": r"[0-9a-f]{16}"})
    text: str
    by: Author


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """All texts of a questionnaire that one language has, by path."""

    format: Literal["translation/1"]
    questionnaire: str = field(metadata={"pattern": QUESTIONNAIRE_KEY})
    locale: str = field(metadata={"pattern": LOCALE})
    entries: Mapping[str, Entry] = field(metadata={"keys": PATH, "most": MOST_ENTRIES})


@dataclass(frozen=True, kw_only=True)
class Translation:
    """A version in one language: definition and profile with the texts that hold, and where each text is from."""

    locale: str
    source_locale: str
    definition: Definition
    profile: Profile | None
    texts: Mapping[str, str]
    origins: Mapping[str, Origin]

    @property
    def direction(self) -> Direction:
        return find_direction(self.locale)

    @property
    def fell_back(self) -> tuple[str, ...]:
        """The paths that are shown in the source language."""
        return tuple(path for path, origin in self.origins.items() if origin in FELL_BACK)

    def say(self, path: str, source: str) -> str:
        """The text of a path, or the source where there is none that holds."""
        return self.texts.get(path, source)


def translate(definition: Definition, overlay: Overlay, profile: Profile | None = None) -> Translation:
    """Lay an overlay over a version, and over its profile. Raises ValueError where it is of another questionnaire."""
    if overlay.questionnaire != definition.key:
        raise ValueError(f"a translation of {overlay.questionnaire} says nothing of {definition.key}")
    held: dict[str, str] = {}
    origins: dict[str, Origin] = {}
    entries = settle_entries(overlay, definition)

    def change(path: str, source: str) -> str:
        entry = entries.get(path)
        origins[path] = judge_entry(entry, source)
        if entry is None or origins[path] in FELL_BACK:
            return source
        held[path] = entry.text
        return entry.text

    return Translation(
        locale=overlay.locale,
        source_locale=definition.questionnaire.locale,
        definition=texts.rewrite_definition(definition, change),
        profile=None if profile is None else texts.rewrite_profile(profile, change),
        texts=held,
        origins=origins,
    )


def tell_source(definition: Definition, profile: Profile | None = None) -> Translation:
    """A version in the language that it was written in."""
    locale, found = definition.questionnaire.locale, texts.list_texts(definition, profile)
    return Translation(
        locale=locale,
        source_locale=locale,
        definition=definition,
        profile=profile,
        texts=found,
        origins=dict.fromkeys(found, "source"),
    )


def settle_entries(overlay: Overlay | None, definition: Definition) -> Mapping[str, Entry]:
    """The entries that there are, each at the path that a version has it at."""
    if overlay is None:
        return {}
    former: dict[str, list[str]] = {}
    for key, old in _list_former(overlay, definition):
        former.setdefault(key, []).append(old)
    if not former:
        return overlay.entries
    carried: dict[str, Entry] = {}
    for path, source in texts.list_texts(definition).items():
        kind, _, place = path.partition(".")
        key, _, rest = place.partition(".")
        if kind != QUESTIONS or key not in former:
            continue
        found = (overlay.entries.get(f"{QUESTIONS}.{one}.{rest}") for one in (key, *former[key]))
        entry = next((one for one in found if one is not None and judge_entry(one, source) not in FELL_BACK), None)
        if entry is not None:
            carried[path] = entry
    return {**overlay.entries, **carried}


def _list_former(overlay: Overlay, definition: Definition) -> Iterator[tuple[str, str]]:
    """Keys of questions, each with a key that it may have had in an earlier version.

    A version says only what it renames itself; a question that was renamed before is known by its title.
    """
    yield from ((one.to, one.old) for one in definition.renamed if one.old not in definition.questions)
    titled: dict[str, list[str]] = {}
    for path, entry in overlay.entries.items():
        kind, _, place = path.partition(".")
        key, _, rest = place.partition(".")
        if kind == QUESTIONS and rest == "title" and key not in definition.questions:
            titled.setdefault(entry.of, []).append(key)
    if titled:
        for question in definition.questions.values():
            yield from ((question.key, old) for old in titled.get(texts.hash_text(question.title), ()))


def judge_entry(entry: Entry | None, source: str) -> Origin:
    """Whose words stand for a source text."""
    if entry is None:
        return "missing"
    return entry.by if entry.of == texts.hash_text(source) else "stale"
