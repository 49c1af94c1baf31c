"""The work on a translation: what there is left to do, taking texts in, writing the file, and how much is covered."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from questionnaires import texts
from questionnaires.definition import Tier
from questionnaires.texts import Version
from questionnaires.translation import FELL_BACK, FORMAT, Entry, Origin, Overlay, judge_entry, settle_entries
from questionnaires.translation_lint import gather_texts

_LINE_ENDS = re.compile("[\x85\u2028\u2029]")


@dataclass(frozen=True)
class Coverage:
    """How many texts of a version, up to a tier, are a human's, a machine's, stale or missing."""

    tier: Tier
    counts: Mapping[Origin, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def measure_coverage(overlay: Overlay | None, version: Version, tier: Tier) -> Coverage:
    """The coverage of one version; without an overlay everything is missing."""
    definition, profile = version
    sources = texts.list_texts(definition, profile)
    entries = settle_entries(overlay, definition)
    within = texts.list_within(sources, definition, profile, tier)
    return Coverage(tier, Counter(judge_entry(entries.get(path), sources[path]) for path in within))


def take_texts(
    overlay: Overlay | None, given: Mapping[str, Entry], versions: Sequence[Version], *, locale: str
) -> Overlay:
    """The overlay with the given entries by path, in the order of the document; other entries stay.

    A text that stands there already for the same source keeps its author where that is a human.
    """
    sources = gather_texts(versions)
    before = overlay or Overlay(format=FORMAT, questionnaire=versions[0][0].key, locale=locale, entries={})
    kept = settle_entries(overlay, versions[0][0])
    merged = merge_entries(before, given, hash_sources(versions, given), kept).overlay
    return replace(merged, entries={path: merged.entries[path] for path in sources if path in merged.entries})


@dataclass(frozen=True)
class Merged:
    """An overlay with what was given, and the paths at which what was there stayed, being of a newer version."""

    overlay: Overlay
    stayed: tuple[str, ...]


def hash_sources(versions: Sequence[Version], paths: Collection[str]) -> dict[str, tuple[str, ...]]:
    """By path the hashes of the texts that the versions have there, in the order of the versions."""
    found: dict[str, list[str]] = {path: [] for path in paths}
    for version in versions:
        told = texts.list_texts(*version)
        for path in found.keys() & told.keys():
            found[path].append(texts.hash_text(told[path]))
    return {path: tuple(hashes) for path, hashes in found.items()}


def merge_entries(
    overlay: Overlay, given: Mapping[str, Entry], sources: Mapping[str, Sequence[str]], kept: Mapping[str, Entry]
) -> Merged:
    """The overlay with the given entries by path in the place of those that were there; other entries stay.

    `kept` are those that were there, at the paths that a version has them at (`settle_entries`). `sources` are the
    hashes of the texts at each path, that of the newest version first: what holds for a newer version stays where what
    is given holds only for an older one, or for none.
    """
    entries, stayed = dict(overlay.entries), []
    for path, one in given.items():
        before = kept.get(path)
        if before is not None and _rank(before, sources[path]) < _rank(one, sources[path]):
            stayed.append(path)
        else:
            entries[path] = _keep_human(before, one)
    return Merged(replace(overlay, entries=entries), tuple(stayed))


def _rank(entry: Entry, hashes: Sequence[str]) -> int:
    """The place of the newest version that an entry holds for; behind all where there is none."""
    return hashes.index(entry.of) if entry.of in hashes else len(hashes)


def _keep_human(kept: Entry | None, given: Entry) -> Entry:
    if kept is None or kept.by != "human" or (kept.of, kept.text) != (given.of, given.text):
        return given
    return kept


def leave_out(overlay: Overlay, paths: Collection[str]) -> Overlay:
    """The overlay without the entries at these paths."""
    return replace(overlay, entries={path: one for path, one in overlay.entries.items() if path not in paths})


@dataclass(frozen=True)
class OpenText:
    """A text that has no translation that holds: its source, why, and the translation of another source, if any.

    `place` counts all texts of the version, so that it stays while others are translated.
    """

    place: int
    path: str
    source: str
    origin: Origin  # stale or missing
    former: str | None


def list_open(overlay: Overlay | None, version: Version, tier: Tier) -> list[OpenText]:
    """What is left to translate up to a tier, in the order of the document."""
    sources = texts.list_texts(*version)
    entries = settle_entries(overlay, version[0])
    places = {path: place for place, path in enumerate(sources)}
    found = []
    for path in texts.list_within(sources, *version, tier):
        entry = entries.get(path)
        origin = judge_entry(entry, sources[path])
        if origin in FELL_BACK:
            found.append(OpenText(places[path], path, sources[path], origin, entry.text if entry else None))
    return found


def write_overlay(overlay: Overlay) -> str:
    """The file of an overlay."""
    head = f"format: {overlay.format}\nquestionnaire: {overlay.questionnaire}\nlocale: {overlay.locale}\nentries:"
    if not overlay.entries:
        return f"{head} {{}}\n"
    lines = [
        f"  {path}:\n    of: {write_text(one.of)}\n    text: {write_text(one.text)}\n    by: {one.by}"
        for path, one in overlay.entries.items()
    ]
    return "\n".join([head, *lines, ""])


def write_worksheet(overlay: Overlay | None, version: Version, tier: Tier, *, everything: bool = False) -> str:
    """A flat file for a translator: the source of each text as a comment, and below it the text to fill in.

    It holds what is missing or stale, with the old translation beside; with `everything` also what is there.
    """
    return "".join(_list_lines(overlay, version, tier, everything=everything))


def _list_lines(overlay: Overlay | None, version: Version, tier: Tier, *, everything: bool) -> Iterator[str]:
    sources = texts.list_texts(*version)
    entries = settle_entries(overlay, version[0])
    for path in texts.list_within(sources, *version, tier):
        entry = entries.get(path)
        holds = judge_entry(entry, sources[path]) not in FELL_BACK
        if holds and not everything:
            continue
        yield from (f"{line}\n" for line in write_comments(entry, sources[path]))
        yield f"{path}: {write_text(entry.text)}\n\n" if entry is not None and holds else f"{path}:\n\n"


def write_comments(entry: Entry | None, source: str) -> Iterator[str]:
    """The source of a text as a comment, and below it the translation of another source."""
    yield f"# {_write_in_line(source)}"
    if judge_entry(entry, source) == "stale" and entry is not None:
        yield f"# was, for another source: {_write_in_line(entry.text)}"


def _write_in_line(text: str) -> str:
    """In a comment what some readers take for the end of a line would let the rest stand as content."""
    return _LINE_ENDS.sub(lambda found: ascii(found[0])[1:-1], write_text(text))


def write_text(text: str) -> str:
    """A text in double quotes: JSON's are YAML's."""
    return json.dumps(text, ensure_ascii=False)
