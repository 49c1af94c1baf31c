"""The questionnaires, scoring profiles and known standards that are packaged with the product."""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from questionnaires import reading, source
from questionnaires.definition import VERSION, Definition, Tier
from questionnaires.difference import order_version
from questionnaires.profile import Profile
from questionnaires.texts import Version
from questionnaires.translation import Overlay

# The most questions per tier that the packaged questionnaires may ask.
TIER_CAPS: Mapping[Tier, int] = {"micro": 15, "basic": 40, "standard": 90, "advanced": 160}

_FILE = re.compile(rf"(?P<version>{VERSION})(\.profile-(?P<number>[1-9][0-9]{{0,8}}))?\.yaml")


@dataclass(frozen=True)
class Packaged:
    """One packaged version and its scoring profiles, lowest number first."""

    definition: Definition
    profiles: tuple[Profile, ...]


def find_content_folder() -> Path:
    """Where the packaged files are; the package is installed as plain files."""
    return Path(str(resources.files("questionnaires"))) / "content"


@functools.cache
def list_packaged() -> tuple[Packaged, ...]:
    """Every packaged version, by key and then by version. Raises ReadingError where a file is faulty."""
    return tuple(read_packaged(key, version) for key, version in name_packaged())


@functools.cache
def read_packaged(key: str, version: str) -> Packaged:
    """One packaged version. Raises LookupError where there is none, ReadingError where its file is faulty."""
    if (key, version) not in name_packaged():
        known = ", ".join(f"{key} {version}" for key, version in name_packaged())
        raise LookupError(f"no packaged questionnaire {key} {version}; there are: {known}")
    path = find_content_folder() / key / f"{version}.yaml"
    read = source.read_own_file
    definition = reading.read_questionnaire(path, tier_caps=TIER_CAPS, standards=read_standards(), read=read)
    numbers = sorted(name_packaged()[key, version])
    files = [path.with_name(f"{version}.profile-{number}.yaml") for number in numbers]
    return Packaged(definition, tuple(reading.read_profile(file, definition, read=read) for file in files))


@functools.cache
def name_packaged() -> Mapping[tuple[str, str], frozenset[int]]:
    """Key and version of every packaged questionnaire, in order, by the files' names, with its profiles' numbers."""
    named = [(path.parent.name, _FILE.fullmatch(path.name)) for path in find_content_folder().glob("*/*.yaml")]
    files = [(key, name["version"], name["number"]) for key, name in named if name is not None]
    versions = [(key, version) for key, version, number in files if number is None]
    return {
        place: frozenset(int(number) for *of, number in files if number is not None and tuple(of) == place)
        for place in sorted(versions, key=lambda place: (place[0], order_version(place[1])))
    }


def name_translations(key: str) -> Mapping[str, Path]:
    """The file of each language that a packaged questionnaire is translated to, by locale."""
    folder = find_content_folder() / key / reading.TRANSLATIONS
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def list_versions(key: str) -> list[Version]:
    """The packaged versions of a questionnaire, the newest first, each with its newest profile."""
    packaged = [read_packaged(known, version) for known, version in name_packaged() if known == key]
    return reading.sort_versions((one.definition, one.profiles[-1] if one.profiles else None) for one in packaged)


@functools.cache
def read_translation(key: str, locale: str) -> Overlay:
    """A packaged translation, not held against the versions: that is for the lint, before it ships.

    Raises LookupError where there is none, ReadingError where its file is faulty.
    """
    files = name_translations(key)
    if locale not in files:
        raise LookupError(f"no packaged translation of {key} to {locale}; there are: {', '.join(files) or 'none'}")
    return reading.read_translation(files[locale], read=source.read_own_file)


def read_standards() -> Mapping[str, frozenset[str]]:
    """References by key of the standard: what `maps_to` may name."""
    text = (find_content_folder() / "standards.csv").read_text(encoding="utf-8")
    known: dict[str, set[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        known.setdefault(row["standard"], set()).add(row["ref"])
    return {key: frozenset(refs) for key, refs in known.items()}
