"""Reads questionnaires and scoring profiles from YAML or published documents: strictly, all errors at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from questionnaires import construction, lint, profile_lint, source
from questionnaires.definition import QUESTIONNAIRE_KEY, VERSION, Definition, Tier
from questionnaires.faults import Fault, FaultList, Place, ReadingError
from questionnaires.profile import Profile

T = TypeVar("T", Definition, Profile)


def read_questionnaire(
    path: Path,
    *,
    tier_caps: Mapping[Tier, int] | None = None,
    standards: Mapping[str, frozenset[str]] | None = None,
) -> Definition:
    """Read one YAML file. Raises ReadingError with every error in it; warnings are only in `lint_folder`."""
    definition, faults = inspect_questionnaire(path, tier_caps=tier_caps, standards=standards)
    return _accept(definition, faults)


def read_profile(path: Path, definition: Definition) -> Profile:
    """Read a scoring profile of `definition` from YAML. Raises ReadingError with every error in it."""
    profile, faults = inspect_profile(path, definition)
    return _accept(profile, faults)


def inspect_questionnaire(
    path: Path,
    *,
    tier_caps: Mapping[Tier, int] | None = None,
    standards: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Definition, FaultList]:
    """What could be read from a file, with all its errors and warnings."""

    def examine(definition: Definition, faults: FaultList) -> None:
        lint.lint_definition(definition, faults, tier_caps=tier_caps, standards=standards)
        expected = f"{definition.key}/{definition.version}.yaml"
        if f"{path.parent.name}/{path.name}" != expected and _is_named(definition.key, definition.version):
            faults.add(Place(), f"the file is called {path.parent.name}/{path.name}; allowed: {expected}")
        _refuse_suffix(path, faults)

    return _inspect_file(Definition, path, examine)


def inspect_profile(path: Path, definition: Definition | None) -> tuple[Profile, FaultList]:
    """What could be read from a profile's file, with all its errors and warnings."""

    def examine(profile: Profile, faults: FaultList) -> None:
        header = profile.profile
        expected = f"{header.version}.profile-{header.number}.yaml"
        if path.name != expected and _is_named(header.questionnaire, header.version):
            faults.add(Place(), f"the file is called {path.name}; allowed: {expected}")
        _refuse_suffix(path, faults)
        if definition is None:
            faults.add(Place(), f"there is no questionnaire {profile.profile.version}.yaml beside the profile")
        else:
            profile_lint.lint_profile(profile, definition, faults)

    return _inspect_file(Profile, path, examine)


def definition_from_document(document: object) -> Definition:
    """A document from outside (parsed JSON) to a definition, with every rule of the lint. Raises ReadingError."""
    faults = FaultList(_name_document(document, "document"))
    definition = construction.construct(Definition, document, faults)
    lint.lint_definition(definition, faults)
    return _accept(definition, faults)


def profile_from_document(document: object, definition: Definition) -> Profile:
    """A profile from outside (parsed JSON), with every rule of the lint. Raises ReadingError."""
    faults = FaultList(_name_document(document, "document"))
    profile = construction.construct(Profile, document, faults)
    profile_lint.lint_profile(profile, definition, faults)
    return _accept(profile, faults)


def load_definition(document: object) -> Definition:
    """What was published before, back from its document: a rule that came later does not shut it out.

    Raises ReadingError only where the document has not the shape of the format.
    """
    faults = FaultList(_name_document(document, "document"))
    return _accept(construction.construct(Definition, document, faults), faults)


def load_profile(document: object) -> Profile:
    """A scoring profile that was published before, back from its document. Raises ReadingError as above."""
    faults = FaultList(_name_document(document, "document"))
    return _accept(construction.construct(Profile, document, faults), faults)


def lint_folder(
    folder: Path,
    *,
    tier_caps: Mapping[Tier, int] | None = None,
    standards: Mapping[str, frozenset[str]] | None = None,
) -> list[Fault]:
    """All errors and warnings of every questionnaire and profile in a folder and its subfolders; empty when clean."""
    return _lint_files(list_files(folder), tier_caps, standards)


def lint_file(
    path: Path,
    *,
    tier_caps: Mapping[Tier, int] | None = None,
    standards: Mapping[str, frozenset[str]] | None = None,
) -> list[Fault]:
    """The same for one file: of a questionnaire with the profiles beside it, of a profile beside its questionnaire."""
    if not is_profile(path):
        beside = path.parent.glob(f"{path.stem}.profile-*.yaml")
        return _lint_files([path, *sorted(beside)], tier_caps, standards)
    asked = find_questionnaire(path)
    definition = inspect_questionnaire(asked)[0] if asked.exists() else None
    return list(inspect_profile(path, definition)[1].faults)


def list_files(folder: Path) -> list[Path]:
    """Every file below a folder that is meant to be read, also those whose name ends wrongly."""
    return sorted(path for suffix in ("*.yaml", "*.yml") for path in folder.rglob(suffix))


def is_profile(path: Path) -> bool:
    return ".profile-" in path.name


def find_questionnaire(profile: Path) -> Path:
    """Where the questionnaire of a profile belongs."""
    return profile.with_name(f"{profile.name.split('.profile-')[0]}.yaml")


def _lint_files(
    files: Sequence[Path], tier_caps: Mapping[Tier, int] | None, standards: Mapping[str, frozenset[str]] | None
) -> list[Fault]:
    found: list[Fault] = []
    definitions: dict[Path, Definition] = {}
    for path in (file for file in files if not is_profile(file)):
        definition, faults = inspect_questionnaire(path, tier_caps=tier_caps, standards=standards)
        definitions[path] = definition
        found.extend(faults.faults)
    for path in (file for file in files if is_profile(file)):
        found.extend(inspect_profile(path, definitions.get(find_questionnaire(path)))[1].faults)
    return found


def _is_named(key: str, version: str) -> bool:
    """Whether key and version could be read, so that they say what a file should be called."""
    return bool(re.fullmatch(QUESTIONNAIRE_KEY, key) and re.fullmatch(VERSION, version))


def _refuse_suffix(path: Path, faults: FaultList) -> None:
    if path.suffix != ".yaml" and not any("the file is called" in fault.message for fault in faults.errors):
        faults.add(Place(), f"the file is called {path.name}; allowed: {path.stem}.yaml")


def _inspect_file(kind: type[T], path: Path, examine: Callable[[T, FaultList], None]) -> tuple[T, FaultList]:
    faults = FaultList(path.name, file=str(path))
    raw = _read_text(path, faults)
    faults.subject = _name_document(raw, path.name)
    unreadable = len(faults.errors)
    value = construction.construct(kind, raw, faults)
    if unreadable and not raw:
        # Missing fields of a file that is not YAML at all say nothing new.
        del faults.faults[unreadable:]
    else:
        examine(value, faults)
    return value, faults


def _read_text(path: Path, faults: FaultList) -> Any:
    try:
        return source.read_yaml(path.read_text(encoding="utf-8"), faults)
    except UnicodeDecodeError as error:
        faults.add(Place(), f"byte {error.start} is not UTF-8; allowed: text in UTF-8")
    except OSError as error:
        faults.add(Place(), f"cannot be read: {error.strerror}")
    return {}


def _name_document(raw: object, otherwise: str) -> str:
    """The subject of each fault: "key version", or "profile n of key version"."""
    if not isinstance(raw, Mapping):
        return otherwise
    match raw:
        case {"questionnaire": {"key": key, "version": version}}:
            return f"{key} {version}"
        case {"profile": {"questionnaire": key, "version": version, "number": number}}:
            return f"profile {number} of {key} {version}"
    return otherwise


def _accept(value: T, faults: FaultList) -> T:
    if faults.errors:
        raise ReadingError(faults.errors)
    return value
