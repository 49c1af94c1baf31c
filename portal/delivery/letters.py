"""Letters in the reader's language; links are made when a letter is written and stand nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from portal import linkless
from portal.delivery.letter_texts import LetterTexts, list_placeholders
from portal.identity import tokens
from questionnaires import languages, messages

# What people typed or are called: in a text that is read from the right, each keeps its own direction.
ISOLATED = frozenset(
    {"organization", "record", "buyer", "questionnaire", "name", "purpose", "message", "reason", "before", "after"}
    | {"document", "by", "section", "words", "note", "supplier", "other", "reviewer", "offer_text", "subject"}
    | {"legal_basis", "person"}
)
# What another organization wrote, beside names: said on one line, and no address in it can be followed.
WRITTEN = frozenset({"purpose", "message", "legal_basis", "reason", "words", "offer_text", "note", "record", "subject"})
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


class Phrase(str):
    """Words of our own inside a letter, in English; the reader's language has its own for them."""

    __slots__ = ()


class Link(str):
    """An address inside a letter, which is copied as it is, whatever way its lines are read."""

    __slots__ = ()


Lines = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Letter:
    """One letter ready to be sent."""

    to: str
    subject: str
    body: str
    locale: str = "en"
    stop_link: str | None = None  # by which its reader stops letters of this kind, without signing in


@dataclass(frozen=True)
class Draft:
    """What a letter says: its kind, its address, languages that its reader knows (the best first), and its parts.

    A part may be a list of lines, each of several cells. `reader` is the person that may stop letters of this kind.
    """

    kind: str
    to: str
    locales: tuple[str | None, ...]
    parts: Mapping[str, str | Lines]
    reader: UUID | None = None
    about: str = "requests"  # or "results": which letters its reader stops


@dataclass(frozen=True)
class Occasion:
    """Why a letter is written: its kind, the ids that it rests on, and what its links are made of."""

    kind: str
    ids: Mapping[str, Any]
    public_url: str  # of what the portal itself serves: links with a token
    secret_key: str = field(default="", repr=False)
    letter_id: UUID | None = None
    client_url: str = ""

    @property
    def entry(self) -> str:
        """Where its reader goes on after signing in: the client that people use, or else the page at `/`."""
        return self.client_url or f"{self.public_url}/"

    def make_token(self) -> str:
        """The secret of the letter's single-use link: the same each time that the letter is written.

        So of a letter that came twice both links work. Without a key or an id it is a new one.
        """
        if not self.secret_key or self.letter_id is None:
            return tokens.make_token()
        return tokens.derive_token(self.secret_key, self.letter_id)


def write_letter(draft: Draft, texts: LetterTexts, *, stop_link: str | None = None) -> Letter:
    """Fill a text in. Line breaks never reach the subject.

    Raises KeyError for a kind or a part that is missing, and where a letter that can be stopped does not say how.
    """
    locale = texts.choose_locale(draft.kind, draft.locales)
    text = texts.find(draft.kind, locale)
    parts = {name: _say_part(name, value, texts, locale) for name, value in draft.parts.items()}
    if stop_link is not None:
        parts["stop"] = stop_link
    taken = set(list_placeholders(text))
    missing = taken - set(parts) | {"stop"} & set(parts) - taken
    if missing:
        raise KeyError(f"{draft.kind} needs {', '.join(sorted(missing))}")
    subject = " ".join(messages.fill_text(text.subject, parts).split())
    return Letter(draft.to, subject, messages.fill_text(text.body, parts), locale, stop_link)


def _say_part(name: str, value: str | Lines, texts: LetterTexts, locale: str) -> str:
    if isinstance(value, str):
        return _say(name, value, texts, locale)
    return "\n".join(" | ".join(_say("name", cell, texts, locale) for cell in line) for line in value)


def _say(name: str, value: str, texts: LetterTexts, locale: str) -> str:
    if isinstance(value, Link):
        return str(value)
    said = texts.say_phrase(value, locale) if isinstance(value, Phrase) else _tame(name, value)
    if name in ISOLATED and said and languages.find_direction(locale) == "rtl":
        return f"{_ISOLATE}{said}{_END_ISOLATE}"
    return said


def _tame(name: str, value: str) -> str:
    """What people typed, without links; names stay as they are called. A line break of ours behind it stays."""
    if name not in ISOLATED | WRITTEN:
        return value
    said = linkless.strip_links(value) if name in WRITTEN else linkless.strip_addresses(value)
    return linkless.fold(said) + ("\n" if value.endswith("\n") else "")
