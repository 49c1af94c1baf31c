"""The texts of letters by language: the packaged ones, and over them those of the operator's own folder."""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from portal import errors
from questionnaires import languages, messages, source
from questionnaires.faults import FaultList, Place
from questionnaires.translation import Author

FALLBACK = "en"
WRITTEN_BY, PHRASES = "written_by", "phrases"
PARTS = ("subject", "body")
# A letter without its link is of no use, nobody is kept from stopping one, and a request may be answered without
# signing in: a text of one's own keeps what ours has of these.
NEEDED = ("link", "stop", "declined", "not_us", "wrong_contact")
_BRACES = re.compile(r"[{}]")
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class LetterText:
    """One letter in one language, with names in braces where something is filled in."""

    subject: str
    body: str
    written_by: Author


@dataclass(frozen=True)
class LetterTexts:
    """Every letter by kind and language, and by language what stands for English phrases inside letters."""

    letters: Mapping[str, Mapping[str, LetterText]]
    phrases: Mapping[str, Mapping[str, str]]

    def choose_locale(self, kind: str, wanted: Iterable[str | None]) -> str:
        """The language that a letter comes in to somebody who reads these; English where it has none of them."""
        return languages.choose_locale([one for one in wanted if one], self.letters[kind].keys(), FALLBACK)

    def find(self, kind: str, locale: str) -> LetterText:
        """A letter in a language that `choose_locale` gave."""
        return self.letters[kind][locale]

    def say_phrase(self, phrase: str, locale: str) -> str:
        """A phrase in a language; in English where that has no word for it."""
        return self.phrases.get(locale, {}).get(phrase, phrase)


def list_placeholders(text: LetterText) -> list[str]:
    """The names that are filled in, in either part, sorted."""
    return sorted(messages.find_placeholders(text.subject) | messages.find_placeholders(text.body))


@functools.cache
def read_packaged() -> LetterTexts:
    """The letters that ship."""
    folder = resources.files("portal.delivery") / "locales"
    names = sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))
    texts = LetterTexts({}, {})
    for locale in sorted(names, key=lambda name: name != FALLBACK):  # the others are held against English
        faults = FaultList(locale)
        read = source.read_own_yaml((folder / f"{locale}.yaml").read_text(encoding="utf-8"), faults)
        texts = _add_language(texts, locale, read, faults)
        _refuse([str(fault) for fault in faults.faults], "packaged letters")
    return texts


@functools.cache
def read_texts(folder: Path | None) -> LetterTexts:
    """The letters of an installation: those of a folder's files, named like es.yaml, stand over those that ship.

    A file names what it changes only; a language that does not ship needs subject and body. Raises SetupError with
    every fault, each with file, line and place.
    """
    texts = read_packaged()
    if folder is None:
        return texts
    try:
        files = sorted(one for one in folder.iterdir() if one.suffix in (".yaml", ".yml"))
    except OSError as error:
        raise errors.SetupError(f"PORTAL_LETTERS_FOLDER: {folder} cannot be read: {error.strerror}.") from error
    said = []
    for file in files:
        faults = FaultList("letters", file=file.name)
        if file.suffix != ".yaml" or languages.spell_tag(file.stem) != file.stem:
            faults.add(Place(), "the file is named after no language; allowed: a name like es.yaml or zh-Hans.yaml")
        else:
            texts = _add_language(texts, file.stem, source.read_file(file, faults), faults)
        said += [str(fault) for fault in faults.faults]
    _refuse(said, str(folder))
    return texts


def _refuse(said: list[str], place: str) -> None:
    if said:
        raise errors.SetupError("\n".join([f"The letters in {place} cannot be used:", *said]))


def _add_language(texts: LetterTexts, locale: str, read: Any, faults: FaultList) -> LetterTexts:
    """The texts with those of one file over them; what no letter takes is added to the faults and left out."""
    if not isinstance(read, dict):
        faults.add(Place(), "this is no list of letters; allowed: letters by kind")
        return texts
    author = read.pop(WRITTEN_BY, "human")
    if author not in ("human", "machine"):
        faults.add(_enter(Place(), WRITTEN_BY), "this is no author; allowed: human, machine")
    phrases = _read_phrases(read.pop(PHRASES, {}), texts.phrases.get(FALLBACK), faults)
    letters = {kind: dict(known) for kind, known in texts.letters.items()}
    for kind, given in read.items():
        if texts.letters and kind not in texts.letters:
            faults.add(_enter(Place(), kind), f"there is no such letter; allowed: {', '.join(texts.letters)}")
            continue
        known = letters.setdefault(kind, {})
        text = _read_letter(_enter(Place(), kind), given, known.get(locale), author, faults)
        if text is not None:
            _check_text(_enter(Place(), kind), text, texts.letters.get(kind, {}).get(FALLBACK, text), faults)
            known[locale] = text
    return LetterTexts(letters, {**texts.phrases, locale: {**texts.phrases.get(locale, {}), **phrases}})


def _read_phrases(given: Any, known: Mapping[str, str] | None, faults: FaultList) -> dict[str, str]:
    place = _enter(Place(), PHRASES)
    if not isinstance(given, dict):
        faults.add(place, "this is no list of phrases; allowed: English phrases with what stands for each")
        return {}
    for phrase, said in given.items():
        if known is not None and phrase not in known:
            faults.add(_enter(place, phrase), f"there is no such phrase; allowed: {', '.join(known)}")
        elif not isinstance(said, str) or not said.strip():
            faults.add(_enter(place, phrase), "this is no text; allowed: words")
    return {phrase: said for phrase, said in given.items() if isinstance(said, str)}


def _read_letter(place: Place, given: Any, known: LetterText | None, author: Author, faults: FaultList) -> Any:
    """A letter as a file gives it, its other part as it was known; None where that is no letter."""
    if not isinstance(given, dict):
        faults.add(place, f"this is no letter; allowed: {', '.join(PARTS)}")
        return None
    parts = {} if known is None else {"subject": known.subject, "body": known.body}
    before = len(faults.faults)
    for part, text in given.items():
        if part not in PARTS:
            faults.add(_enter(place, part), f"a letter has no such part; allowed: {', '.join(PARTS)}")
        elif not isinstance(text, str) or not text.strip():
            faults.add(_enter(place, part), "this is no text; allowed: words")
        else:
            parts[part] = text
    missing = [part for part in PARTS if part not in parts]
    if missing and len(faults.faults) == before:
        faults.add(place, f"it lacks {' and '.join(missing)}, which nothing that ships has in this language")
    return None if len(faults.faults) > before else LetterText(**parts, written_by=author)


def _check_text(place: Place, text: LetterText, english: LetterText, faults: FaultList) -> None:
    """Whether a text takes what the English letter takes, in either part, and keeps what is needed of it."""
    known = list_placeholders(english)
    for part in PARTS:
        words: str = getattr(text, part)
        for name in sorted(messages.find_placeholders(words).difference(known)):
            faults.add(_enter(place, part), f"{{{name}}} is none of its placeholders; allowed: {_list_names(known)}")
        if _BRACES.search(_PLACEHOLDER.sub("", words)):
            faults.add(_enter(place, part), f"a brace stands alone; allowed: placeholders, {_list_names(known)}")
    for name in NEEDED:
        if name in known and name not in messages.find_placeholders(text.body):
            faults.add(_enter(place, "body"), f"{{{name}}} is missing, without which the letter must not go")


def _enter(place: Place, key: Any) -> Place:
    return place.enter(key, str(key))


def _list_names(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names) or "none"
