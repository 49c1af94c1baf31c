"""The questionnaires, scoring profiles and known standards that are packaged with the product."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from questionnaires import reading
from questionnaires.definition import Definition, Tier
from questionnaires.profile import Profile

# The most questions per tier that the packaged questionnaires may ask.
TIER_CAPS: Mapping[Tier, int] = {"micro": 15, "basic": 40, "standard": 90, "advanced": 160}


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
    found = list(_read_all(find_content_folder()))
    return tuple(sorted(found, key=lambda packaged: (packaged.definition.key, _order(packaged.definition.version))))


def read_packaged(key: str, version: str) -> Packaged:
    """One packaged version. Raises LookupError where there is none."""
    for packaged in list_packaged():
        if (packaged.definition.key, packaged.definition.version) == (key, version):
            return packaged
    known = ", ".join(f"{p.definition.key} {p.definition.version}" for p in list_packaged())
    raise LookupError(f"no packaged questionnaire {key} {version}; there are: {known}")


def read_standards() -> Mapping[str, frozenset[str]]:
    """References by key of the standard: what `maps_to` may name."""
    text = (find_content_folder() / "standards.csv").read_text(encoding="utf-8")
    known: dict[str, set[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        known.setdefault(row["standard"], set()).add(row["ref"])
    return {key: frozenset(refs) for key, refs in known.items()}


def _read_all(folder: Path) -> Iterator[Packaged]:
    standards = read_standards()
    for path in sorted(folder.glob("*/*.yaml")):
        if ".profile-" in path.name:
            continue
        definition = reading.read_questionnaire(path, tier_caps=TIER_CAPS, standards=standards)
        files = path.parent.glob(f"{definition.version}.profile-*.yaml")
        profiles = [reading.read_profile(file, definition) for file in files]
        yield Packaged(definition, tuple(sorted(profiles, key=lambda profile: profile.number)))


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
