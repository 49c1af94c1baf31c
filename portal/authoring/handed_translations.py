"""A translation as somebody handed it in: read strictly beside the event loop, everything that is wrong at once."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from portal import errors
from portal.authoring import house_rules, inspection
from questionnaires import reading, texts, translating, translation_lint
from questionnaires.faults import Fault, FaultList, Place
from questionnaires.reading import TextFormat
from questionnaires.texts import Version
from questionnaires.translation import FORMAT, Author, Overlay

MOST_TEXTS = 2_000  # of one call that names each by itself
STAYED = "this was not taken: the newer translation stays, which was made for a later text"


@dataclass(frozen=True)
class Text:
    """A translation of one text."""

    path: str
    text: str
    by: Author


@dataclass(frozen=True)
class Handed:
    """What was handed in without an error, with what is worth a look."""

    overlay: Overlay
    warnings: tuple[Fault, ...]
    sources: Mapping[str, Sequence[str]]  # the hashes of the texts at each path, that of the newest version first


@dataclass(frozen=True)
class Warned:
    """Something that is worth a look: at which path, in which line of a YAML text."""

    path: str
    line: int | None
    message: str


def check_locale(locale: str, version: Version) -> None:
    """Raise InvalidInput LOCALE for the language that a version was written in."""
    if locale == version[0].questionnaire.locale:
        words = f"{locale} is the language that this version was written in; any other can be translated to."
        raise errors.InvalidInput(words, code="LOCALE", path=("locale",))


async def inspect_text(
    content: str, form: TextFormat, versions: Sequence[Version], locale: str, by: Author = "human"
) -> Handed:
    """Read the file of a translation, or a flat sheet of texts that `by` wrote, made for the first of the versions.

    Raises InvalidInput FAULTY with every error, each with its path and line.
    """
    most = inspection.MOST_CHARACTERS[form]
    if len(content) > most:
        words = f"This has {len(content)} characters; at most {most:,} are allowed. Hand it in part by part."
        raise errors.InvalidInput(words, code="TOO_LONG", path=("text",))
    overlay, faults, sources = await _run(lambda: _read_text(content, form, versions, locale, by), versions)
    return _accept(overlay, [(("text", *fault.path), fault) for fault in faults.faults], sources)


async def inspect_texts(given: Sequence[Text], versions: Sequence[Version], locale: str) -> Handed:
    """The same for texts that are named one by one, each made from the text that the version has now."""
    if len(given) > MOST_TEXTS:
        words = f"These are {len(given)} texts; at most {MOST_TEXTS:,} can be handed in at once."
        raise errors.InvalidInput(words, code="TOO_MANY", path=("entries",))
    overlay, faults, sources = await _run(lambda: _read_texts(given, versions, locale), versions)
    places: dict[str, int] = {}
    for index, one in enumerate(given):
        places.setdefault(one.path, index)
    return _accept(overlay, [(_find_place(fault, places), fault) for fault in faults.faults], sources)


async def _run(
    read: Callable[[], tuple[Overlay, FaultList]], versions: Sequence[Version]
) -> tuple[Overlay, FaultList, Mapping[str, Sequence[str]]]:
    def run() -> tuple[Overlay, FaultList, Mapping[str, Sequence[str]]]:
        overlay, faults = read()
        sources = translating.hash_sources(reading.sort_versions(versions), overlay.entries)
        return overlay, faults, sources

    return await asyncio.get_running_loop().run_in_executor(inspection.READERS, run)


def _read_text(
    content: str, form: TextFormat, versions: Sequence[Version], locale: str, by: Author
) -> tuple[Overlay, FaultList]:
    overlay, faults = reading.inspect_handed_translation(content, form, versions, locale, by=by)
    house_rules.check_translation(overlay, faults)
    return overlay, faults


def _read_texts(given: Sequence[Text], versions: Sequence[Version], locale: str) -> tuple[Overlay, FaultList]:
    faults = FaultList("entries")
    sources = translation_lint.gather_texts(versions)
    entries: dict[str, object] = {}
    for index, one in enumerate(given):
        if one.path in entries:
            faults.add(Place((index,)), "path: it stands twice; allowed: once")
        if not one.text.strip():
            faults.add(Place((index,)), "text: it is empty; allowed: a text (removing has a mutation of its own)")
        entries[one.path] = {"of": texts.hash_text(sources.get(one.path, "")), "text": one.text, "by": one.by}
    header = {"format": FORMAT, "questionnaire": versions[0][0].key, "locale": locale}
    overlay, faults = reading.inspect_handed_document(header | {"entries": entries}, faults, versions, locale)
    house_rules.check_translation(overlay, faults)
    return overlay, faults


def _find_place(fault: Fault, places: dict[str, int]) -> tuple[str | int, ...]:
    """Where among the texts that were named: the path of a fault leads by their own paths."""
    match fault.path:
        case ("entries", str(path), *rest):
            beginning = path.removesuffix("...")  # a long one is named by how it begins
            index = places.get(path) or next(at for name, at in places.items() if name.startswith(beginning))
            return "entries", index, *(rest or ("text" if fault.message.startswith("text:") else "path",))
        case (int(index), *_):
            return "entries", index
    return ("entries",)


def _accept(
    overlay: Overlay, told: Sequence[tuple[tuple[str | int, ...], Fault]], sources: Mapping[str, Sequence[str]]
) -> Handed:
    problems = [
        errors.FieldProblem((path[0], *errors.write_keys(path[1:])), "FAULTY", _spell(fault))
        for path, fault in told
        if fault.severity == "error"
    ]
    if problems:
        raise errors.InvalidInput("Nothing of this was taken in.", problems=problems)
    return Handed(overlay, tuple(fault for _, fault in told), sources)


def list_warnings(handed: Handed, stayed: Collection[str]) -> list[Warned]:
    """What is worth a look; of a text that was not taken nothing else is said than that."""
    found, left, named = list[Warned](), frozenset(stayed), set[str]()
    for fault in handed.warnings:
        path = str(fault.path[1]) if len(fault.path) > 1 else ""
        if path not in left:
            found.append(Warned(path, fault.line, fault.message))
        elif path not in named:
            found.append(Warned(path, fault.line, STAYED))
        named.add(path)
    return found + [Warned(path, None, STAYED) for path in stayed if path not in named]


def _spell(fault: Fault) -> str:
    """What is wrong, behind its line and the words for its place."""
    line = f"line {fault.line}: " if fault.line else ""
    return f"{line}{fault.where}: {fault.message}" if fault.where else f"{line}{fault.message}"
