"""A translation to fill in, for somebody who works offline: the file of an overlay with every source as a comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from questionnaires import texts
from questionnaires.definition import Tier
from questionnaires.texts import Version
from questionnaires.translating import write_comments, write_text
from questionnaires.translation import FELL_BACK, FORMAT, Entry, Overlay, judge_entry, settle_entries

# Filled in, in a language of long words, a part is still a text that can be handed in.
MOST_TEXTS = 1_000
MOST_CHARACTERS = 80_000


@dataclass(frozen=True)
class Template:
    """One of several parts, which are the same whatever is translated already."""

    text: str
    part: int
    parts: int


def write_template(
    overlay: Overlay | None, version: Version, tier: Tier, locale: str, *, everything: bool = False, part: int = 1
) -> Template:
    """What is missing or stale up to a tier, with the hash of each source; with `everything` also what is there.

    Parts are numbered from 1. Raises IndexError for one that there is not.
    """
    sources = texts.list_texts(*version)
    parts = list(_cut(sources, texts.list_within(sources, *version, tier)))
    if not 1 <= part <= len(parts):
        raise IndexError(f"there are {len(parts)} parts")
    entries = settle_entries(overlay, version[0])
    lines = [
        line for path in parts[part - 1] for line in _list_lines(entries.get(path), path, sources[path], everything)
    ]
    head = _list_head(version, locale, part, len(parts))
    body = ["entries:", *lines] if lines else ["entries: {}"]
    return Template("\n".join([*head, *body, ""]), part, len(parts))


def _cut(sources: Mapping[str, str], paths: Sequence[str]) -> Iterator[list[str]]:
    cut: list[str] = []
    size = 0
    for path in paths:
        size += len(sources[path])
        if cut and (len(cut) == MOST_TEXTS or size > MOST_CHARACTERS):
            yield cut
            cut, size = [], len(sources[path])
        cut.append(path)
    yield cut


def _list_head(version: Version, locale: str, part: int, parts: int) -> list[str]:
    header = version[0].questionnaire
    return [
        f"# {header.key} {header.version}, from {header.locale} to {locale}; part {part} of {parts}.",
        "# Write each translation behind its `text:`, in double quotes. What is left empty stays as it is.",
        "# `by` says who wrote it: put human where a human wrote it or looked it through. Leave `of` as it is.",
        f"format: {FORMAT}",
        f"questionnaire: {header.key}",
        f"locale: {locale}",
    ]


def _list_lines(entry: Entry | None, path: str, source: str, everything: bool) -> Iterator[str]:
    holds = judge_entry(entry, source) not in FELL_BACK
    if holds and not everything:
        return
    yield from (f"  {line}" for line in write_comments(entry, source))
    shown = entry if holds else None
    yield f"  {path}:"
    yield f"    of: {write_text(texts.hash_text(source))}"
    yield "    text:" if shown is None else f"    text: {write_text(shown.text)}"
    yield f"    by: {shown.by if shown else 'machine'}"
