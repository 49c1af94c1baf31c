"""What is wrong with a translation: entries that serve no text, old ones, missing ones, and texts that look unfit."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from questionnaires import characters, texts
from questionnaires.definition import Definition, Tier
from questionnaires.faults import FaultList, Place
from questionnaires.profile import Profile
from questionnaires.texts import Version
from questionnaires.translation import PATH, Entry, Overlay, judge_entry, settle_entries

# What a translation has to cover; the higher tiers are answered by firms that can read the source.
COVERED: Tier = "basic"
NAMED = 5
# A text of some words that stands there unchanged was forgotten; a single one, as "Total", may be the same.
LONG = 30
# Chinese takes a third of the letters of English, and a language of long words twice as many.
LEAST_SHARE, MOST_SHARE, MARGIN = 0.1, 3, 40
# What is longer than this is no translation in any language.
LONGEST_SHARE, LONGEST_MARGIN = 10, 200
_PLACEHOLDER = re.compile(r"\{\w*\}")
_NUMBER = re.compile("[0-9]+")
_THOUSANDS = re.compile("(?<=[0-9])[., \u00a0\u2009\u202f\u066c](?=[0-9]{3}(?![0-9]))")


def lint_overlay(overlay: Overlay, versions: Sequence[Version], faults: FaultList) -> None:
    """Add every error and warning; `versions` are those of the questionnaire, the newest first."""
    if not versions:
        faults.add(Place(), f"there is no version of {overlay.questionnaire} beside the folder of translations")
        return
    definition, profile = versions[0]
    if overlay.questionnaire != definition.key:
        faults.add(Place(), f"questionnaire: {overlay.questionnaire} is another one; allowed: {definition.key}")
        return
    if overlay.locale == definition.questionnaire.locale:
        faults.add(Place(), f"locale: {overlay.locale} is the language of the source; allowed: any other")
    known = gather_texts(versions)
    for path, entry in overlay.entries.items():
        place = Place(("entries", path), (f"entry {path}",))
        if path in known:
            _lint_entry(path, entry, known[path], place, faults)
        elif re.fullmatch(PATH, path):
            faults.add_finding(place, "no version of the questionnaire has a text at this path")
    _lint_coverage(overlay, definition, profile, faults)


def lint_handed(overlay: Overlay, versions: Sequence[Version], locale: str, faults: FaultList) -> None:
    """The same for what is handed in for one version, the first of `versions`, in a locale that was named beside it.

    Nobody looks through it before suppliers read it: what a person could only warn of is an error here where it would
    break a text. Nothing is said of what is missing, since the rest may follow.
    """
    definition = versions[0][0]
    for name, told, meant in (
        ("questionnaire", overlay.questionnaire, definition.key),
        ("locale", overlay.locale, locale),
    ):
        if told != meant and (name,) not in faults.broken:
            faults.add(Place((name,)), f"{name}: {told} is not the one that was named; allowed: {meant}")
    known = gather_texts(versions)
    for path, entry in overlay.entries.items():
        place = Place(("entries", path), (f"entry {path}",))
        if path in known:
            _lint_entry(path, entry, known[path], place, faults, is_handed=True)
        elif re.fullmatch(PATH, path):
            faults.add_finding(place, f"no version of {definition.key} has a text at this path")


def gather_texts(versions: Sequence[Version]) -> Mapping[str, str]:
    """The text at each path, of the first version that has one there."""
    found: dict[str, str] = {}
    for definition, profile in versions:
        found = texts.list_texts(definition, profile) | found
    return found


def _lint_entry(
    path: str, entry: Entry, source: str, place: Place, faults: FaultList, *, is_handed: bool = False
) -> None:
    if path.endswith("title") and (hidden := sorted(set(characters.find_hidden(entry.text)))):
        names = ", ".join(f"U+{ord(one):04X}" for one in hidden)
        faults.add_finding(place, f"text: hidden characters {names}; allowed: what is seen")
    if judge_entry(entry, source) == "stale":
        faults.add_finding(place, f'the source is another one now, "{source[:80]}"; the source is shown', "warning")
        return
    most = LONGEST_SHARE * len(source) + LONGEST_MARGIN
    if is_handed and len(entry.text) > most:
        faults.add_finding(place, f"text: {len(entry.text)} characters; allowed: at most {most} for this source")
        return
    for message in _find_wrong_placeholders(source, entry.text):
        faults.add_finding(place, message, "error" if is_handed else "warning")
    for message in _find_oddities(source, entry.text):
        faults.add_finding(place, message, "warning")


def find_misfits(source: str, text: str) -> Iterator[str]:
    """Why a text looks as if it were no translation of its source."""
    yield from _find_wrong_placeholders(source, text)
    yield from _find_oddities(source, text)


def _find_wrong_placeholders(source: str, text: str) -> Iterator[str]:
    wanted, held = (sorted(_PLACEHOLDER.findall(one)) for one in (source, text))
    if wanted != held:
        yield f"text: it has the placeholders {', '.join(held) or 'none'}; allowed: {', '.join(wanted) or 'none'}"


def _find_oddities(source: str, text: str) -> Iterator[str]:
    if text == source and len(source) >= LONG and " " in source:
        yield "text: it is the source itself; translate it, or leave the entry out"
    if lost := _list_figures(source) - _list_figures(text):
        yield f"text: figures of the source are not in it: {', '.join(sorted(lost.elements()))}"
    if len(text) > MOST_SHARE * len(source) + MARGIN:
        yield f"text: {len(text)} characters for {len(source)} of the source; is it only this text?"
    if len(text) < LEAST_SHARE * len(source):
        yield f"text: {len(text)} characters for {len(source)} of the source; is it the whole text?"


def _list_figures(text: str) -> Counter[str]:
    """The numbers in a text in plain digits, whatever the script and the marks between thousands."""
    digits = "".join(str(unicodedata.digit(one)) if one.isdecimal() else one for one in text)
    return Counter(_NUMBER.findall(_THOUSANDS.sub("", digits)))


def _lint_coverage(overlay: Overlay, definition: Definition, profile: Profile | None, faults: FaultList) -> None:
    tier = COVERED if COVERED in definition.tier_keys else definition.tier_keys[-1]
    wanted = texts.list_within(texts.list_texts(definition, profile), definition, profile, tier)
    entries = settle_entries(overlay, definition)
    missing = [path for path in wanted if path not in entries]
    if missing:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        named = ", ".join(missing[:NAMED])
        faults.add(
            Place(("entries",)),
            f"{len(missing)} of {len(wanted)} texts up to the tier {tier} have no entry: {named}{more}",
            "warning",
        )
