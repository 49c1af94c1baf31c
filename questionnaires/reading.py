"""Reads questionnaires, profiles and translations from YAML or published documents: strictly, all errors at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeVar

from questionnaires import construction, json_source, lint, profile_lint, source, translation_forms, translation_lint
from questionnaires.definition import LOCALE, QUESTIONNAIRE_KEY, VERSION, Definition, Tier
from questionnaires.difference import order_version
from questionnaires.faults import Fault, FaultList, Place, ReadingError, shorten
from questionnaires.profile import Profile
from questionnaires.texts import Version
from questionnaires.translation import Author, Overlay

T = TypeVar("T", Definition, Profile, Overlay)
TRANSLATIONS = "translations"
TextFormat = Literal["yaml", "json"]
FileReader = Callable[[Path, FaultList], Any]
# What turns a text into plain values; a further format is one more line here, and its name above.
TEXT_READERS: Mapping[TextFormat, Callable[[str, FaultList], Any]] = {
    "yaml": source.read_yaml,
    "json": json_source.read_json,
}


def read_questionnaire(
    path: Path,
    *,
    tier_caps: Mapping[Tier, int] | None = None,
    standards: Mapping[str, frozenset[str]] | None = None,
    read: FileReader = source.read_file,
) -> Definition:
    """Read one YAML file. Raises ReadingError with every error in it; warnings are only in `lint_folder`."""
    definition, faults = inspect_questionnaire(path, tier_caps=tier_caps, standards=standards, read=read)
    return _accept(definition, faults)


def read_profile(path: Path, definition: Definition, *, read: FileReader = source.read_file) -> Profile:
    """Read a scoring profile of `definition` from YAML. Raises ReadingError with every error in it."""
    profile, faults = inspect_profile(path, definition, read=read)
    return _accept(profile, faults)


def read_translation(
    path: Path, versions: Sequence[Version] | None = None, *, read: FileReader = source.read_file
) -> Overlay:
    """Read a translation of the questionnaire that has these versions. Raises ReadingError with every error in it.

    Without them only its shape is looked at.
    """
    overlay, faults = inspect_translation(path, versions, read=read)
    return _accept(overlay, faults)


def inspect_questionnaire(
    path: Path,
    *,
    tier_caps: Mapping[Tier, int] | None = None,
    standards: Mapping[str, frozenset[str]] | None = None,
    read: FileReader = source.read_file,
) -> tuple[Definition, FaultList]:
    """What could be read from a file, with all its errors and warnings."""

    def examine(definition: Definition, faults: FaultList) -> None:
        lint.lint_definition(definition, faults, tier_caps=tier_caps, standards=standards)
        expected = f"{definition.key}/{definition.version}.yaml"
        called = "/".join(path.absolute().parts[-2:])  # also where the folder is the one that the caller is in
        if called != expected and _is_named(definition.key, definition.version):
            faults.add(Place(), f"the file is called {called}; allowed: {expected}")
        _refuse_suffix(path, faults)

    return _inspect_file(Definition, path, examine, read)


def inspect_profile(
    path: Path,
    definition: Definition | None,
    asked: FaultList | None = None,
    *,
    read: FileReader = source.read_file,
) -> tuple[Profile, FaultList]:
    """What could be read from a profile's file, with all its errors and warnings.

    `asked` is what was found in the questionnaire: nothing is said of what could not be read there.
    """

    def examine(profile: Profile, faults: FaultList) -> None:
        header = profile.profile
        expected = f"{header.version}.profile-{header.number}.yaml"
        if path.name != expected and _is_named(header.questionnaire, header.version):
            faults.add(Place(), f"the file is called {path.name}; allowed: {expected}")
        _refuse_suffix(path, faults)
        if definition is None:
            faults.add(Place(), f"there is no questionnaire {profile.profile.version}.yaml beside the profile")
        else:
            profile_lint.lint_profile(profile, definition, faults, unread=_list_unread(definition, asked))

    return _inspect_file(Profile, path, examine, read)


def inspect_questionnaire_text(
    text: str, form: TextFormat, *, most_questions: int | None = None
) -> tuple[Definition, FaultList]:
    """What could be read from a text that no file came with, with all its errors and warnings.

    One with more than `most_questions` is looked at no further: that would take as long as its author likes.
    """

    faults = FaultList("text")
    return inspect_questionnaire_document(TEXT_READERS[form](text, faults), faults, most_questions=most_questions)


def inspect_questionnaire_document(
    document: object, faults: FaultList, *, most_questions: int | None = None
) -> tuple[Definition, FaultList]:
    """The same for a document that was made from another format, with what was found on the way to it."""

    def examine(definition: Definition, faults: FaultList) -> None:
        count = len(definition.questions)
        if most_questions is not None and count > most_questions:
            faults.add(Place(("sections",)), f"{count} questions; allowed: at most {most_questions}")
        else:
            lint.lint_definition(definition, faults)

    return _inspect(Definition, document, faults, examine)


def inspect_profile_text(
    text: str, form: TextFormat, definition: Definition, asked: FaultList | None = None
) -> tuple[Profile, FaultList]:
    """The same for a scoring profile of a definition, in which `asked` was found."""
    faults = FaultList("text")
    unread = _list_unread(definition, asked)

    def examine(profile: Profile, faults: FaultList) -> None:
        profile_lint.lint_profile(profile, definition, faults, unread=unread)

    return _inspect(Profile, TEXT_READERS[form](text, faults), faults, examine)


def _list_unread(definition: Definition, asked: FaultList | None) -> frozenset[str]:
    return frozenset() if asked is None else lint.list_unread(definition, asked)


def inspect_translation(
    path: Path, versions: Sequence[Version] | None, *, read: FileReader = source.read_file
) -> tuple[Overlay, FaultList]:
    """What could be read from a translation's file, with all its errors and warnings."""

    def examine(overlay: Overlay, faults: FaultList) -> None:
        if re.fullmatch(LOCALE, overlay.locale) and path.stem != overlay.locale:
            faults.add(Place(), f"the file is called {path.name}; allowed: {overlay.locale}.yaml")
        _refuse_suffix(path, faults)
        if versions is not None:
            translation_lint.lint_overlay(overlay, sort_versions(versions), faults)

    return _inspect_file(Overlay, path, examine, read)


def inspect_handed_translation(
    text: str, form: TextFormat, versions: Sequence[Version], locale: str, *, by: Author = "human", file: str = ""
) -> tuple[Overlay, FaultList]:
    """What could be read of a translation, or of a flat sheet of texts by path, made for the first of the versions.

    `by` says who wrote a sheet, which does not. Entries whose text was not filled in yet are left out.
    """
    faults = FaultList("text", file=file)
    found = translation_forms.unfold(TEXT_READERS[form](text, faults), faults, versions, locale, by)
    return inspect_handed_document(found, faults, versions, locale)


def inspect_handed_document(
    document: object, faults: FaultList, versions: Sequence[Version], locale: str
) -> tuple[Overlay, FaultList]:
    """The same for a document, with what was found on the way to it."""

    def examine(overlay: Overlay, faults: FaultList) -> None:
        translation_lint.lint_handed(overlay, versions, locale, faults)

    return _inspect(Overlay, translation_forms.leave_out_blank(document), faults, examine)


def inspect_versions(folder: Path) -> list[Version]:
    """What could be read of the versions in the folder of one questionnaire, the newest first, whatever is wrong."""
    definitions, profiles, _ = _inspect_files(sorted(folder.glob("*.yaml")), None, None)
    return sort_versions(_list_versions(definitions, profiles))


def sort_versions(versions: Iterable[Version]) -> list[Version]:
    """The newest first; those whose number cannot be read are left out."""
    numbered = [one for one in versions if re.fullmatch(VERSION, one[0].version)]
    return sorted(numbered, key=lambda one: order_version(one[0].version), reverse=True)


def definition_from_document(document: object) -> Definition:
    """A document from outside (parsed JSON) to a definition, with every rule of the lint. Raises ReadingError."""
    faults = FaultList(_name_document(document, "document"))
    return _accept(_build(Definition, document, faults, lint.lint_definition), faults)


def profile_from_document(document: object, definition: Definition) -> Profile:
    """A profile from outside (parsed JSON), with every rule of the lint. Raises ReadingError."""
    faults = FaultList(_name_document(document, "document"))

    def examine(profile: Profile, faults: FaultList) -> None:
        profile_lint.lint_profile(profile, definition, faults)

    return _accept(_build(Profile, document, faults, examine), faults)


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


def load_translation(document: object) -> Overlay:
    """A translation that was published before, back from its document. Raises ReadingError as above."""
    faults = FaultList(_name_document(document, "document"))
    return _accept(construction.construct(Overlay, document, faults), faults)


def lint_folder(
    folder: Path,
    *,
    tier_caps: Mapping[Tier, int] | None = None,
    standards: Mapping[str, frozenset[str]] | None = None,
) -> list[Fault]:
    """All errors and warnings of everything in a folder and its subfolders; empty when clean."""
    return _lint_files(list_files(folder), tier_caps, standards)


def lint_file(
    path: Path,
    *,
    tier_caps: Mapping[Tier, int] | None = None,
    standards: Mapping[str, frozenset[str]] | None = None,
) -> list[Fault]:
    """The same for one file: of a questionnaire with the profiles beside it, of a profile beside its questionnaire.

    A translation is held against every version beside its folder, whose own faults are not told.
    """
    if is_translation(path):
        return list(inspect_translation(path, inspect_versions(path.parent.parent))[1].faults)
    if not is_profile(path):
        profiles = path.parent.glob(f"{path.stem}.profile-*.yaml")
        return _lint_files([path, *sorted(profiles)], tier_caps, standards)
    asked = find_questionnaire(path)
    definition, found = inspect_questionnaire(asked) if asked.exists() else (None, None)
    return list(inspect_profile(path, definition, found)[1].faults)


def list_files(folder: Path) -> list[Path]:
    """Every file below a folder that is meant to be read, also those whose name ends wrongly."""
    return sorted(path for suffix in ("*.yaml", "*.yml") for path in folder.rglob(suffix))


def is_profile(path: Path) -> bool:
    return ".profile-" in path.name


def is_translation(path: Path) -> bool:
    return path.parent.name == TRANSLATIONS


def find_questionnaire(profile: Path) -> Path:
    """Where the questionnaire of a profile belongs."""
    return profile.with_name(f"{profile.name.split('.profile-')[0]}.yaml")


def _lint_files(
    files: Sequence[Path], tier_caps: Mapping[Tier, int] | None, standards: Mapping[str, frozenset[str]] | None
) -> list[Fault]:
    definitions, profiles, found = _inspect_files(files, tier_caps, standards)
    for path in (file for file in files if is_translation(file)):
        folder = path.parent.parent
        beside = {file: one for file, one in definitions.items() if file.parent == folder}
        found.extend(inspect_translation(path, _list_versions(beside, profiles))[1].faults)
    return found


def _inspect_files(
    files: Sequence[Path], tier_caps: Mapping[Tier, int] | None, standards: Mapping[str, frozenset[str]] | None
) -> tuple[dict[Path, Definition], dict[Path, Profile], list[Fault]]:
    """The questionnaires and profiles among the files, and what is wrong with them."""
    found: list[Fault] = []
    definitions: dict[Path, Definition] = {}
    profiles: dict[Path, Profile] = {}
    told: dict[Path, FaultList] = {}
    own = [file for file in files if not is_translation(file)]
    for path in (file for file in own if not is_profile(file)):
        definitions[path], told[path] = inspect_questionnaire(path, tier_caps=tier_caps, standards=standards)
        found.extend(told[path].faults)
    for path in (file for file in own if is_profile(file)):
        asked = find_questionnaire(path)
        profiles[path], faults = inspect_profile(path, definitions.get(asked), told.get(asked))
        found.extend(faults.faults)
    return definitions, profiles, found


def _list_versions(definitions: Mapping[Path, Definition], profiles: Mapping[Path, Profile]) -> list[Version]:
    """Each version with the newest of its profiles."""

    def find_newest(path: Path) -> Profile | None:
        own = [profile for file, profile in profiles.items() if find_questionnaire(file) == path]
        return max(own, key=lambda profile: profile.number, default=None)

    return [(definition, find_newest(path)) for path, definition in definitions.items()]


def _is_named(key: str, version: str) -> bool:
    """Whether key and version could be read, so that they say what a file should be called."""
    return bool(re.fullmatch(QUESTIONNAIRE_KEY, key) and re.fullmatch(VERSION, version))


def _refuse_suffix(path: Path, faults: FaultList) -> None:
    if path.suffix != ".yaml" and not any("the file is called" in fault.message for fault in faults.errors):
        faults.add(Place(), f"the file is called {path.name}; allowed: {path.stem}.yaml")


def _inspect_file(
    kind: type[T], path: Path, examine: Callable[[T, FaultList], None], read: FileReader
) -> tuple[T, FaultList]:
    faults = FaultList(path.name, file=str(path))
    return _inspect(kind, read(path, faults), faults, examine)


def _inspect(
    kind: type[T], raw: Any, faults: FaultList, examine: Callable[[T, FaultList], None]
) -> tuple[T, FaultList]:
    faults.name(_name_document(raw, faults.subject))
    if faults.errors and not raw:
        # Missing fields of a file that is not YAML at all say nothing new.
        return construction.construct(kind, {}, FaultList("")), faults
    return _build(kind, raw, faults, examine), faults


def _build(kind: type[T], raw: object, faults: FaultList, examine: Callable[[T, FaultList], None]) -> T:
    """What could be read, after every rule; nothing where there is too much to look at."""
    if construction.is_too_large(raw, faults):
        return construction.construct(kind, {}, FaultList(""))
    value = construction.construct(kind, raw, faults)
    examine(value, faults)
    return value


def _name_document(raw: object, otherwise: str) -> str:
    """The subject of each fault: "key version", or "profile n of key version", "translation x of key"."""
    if not isinstance(raw, Mapping):
        return otherwise
    match raw:
        case {"questionnaire": {"key": key, "version": version}}:
            return f"{_name(key)} {_name(version)}"
        case {"profile": {"questionnaire": key, "version": version, "number": number}}:
            return f"profile {_name(number)} of {_name(key)} {_name(version)}"
        case {"questionnaire": str(key), "locale": locale, "entries": _}:
            return f"translation {_name(locale)} of {_name(key)}"
    return otherwise


def _name(raw: object) -> str:
    """A part of a document's name as it stands there, if it can be part of a name at all."""
    written = isinstance(raw, str | Decimal) or (isinstance(raw, int) and raw.bit_length() <= construction.MAX_BITS)
    return shorten(str(raw)) if written else "?"


def _accept(value: T, faults: FaultList) -> T:
    if faults.errors:
        raise ReadingError(faults.errors)
    return value
