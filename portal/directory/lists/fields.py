"""The fields that a supplier list may fill, and the headers by which people name them."""

from __future__ import annotations

import csv
import enum
import functools
import re
from importlib import resources
from typing import NamedTuple

from portal.directory import letters
from portal.directory.lists import words
from portal.directory.lists.words import Meaning


class Field(enum.StrEnum):
    """What a column may hold. Those from STREET to STATE are parts of the address."""

    NAME = "name"
    LOCAL_NAME = "local_name"
    ADDRESS = "address"
    STREET = "street"
    HOUSE_NUMBER = "house_number"
    DISTRICT = "district"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    STATE = "state"
    COUNTRY = "country"
    SECTOR = "sector"
    VENDOR_NUMBER = "vendor_number"
    CONTACT_NAME = "contact_name"
    CONTACT_EMAIL = "contact_email"
    CONTACT_LOCALE = "contact_locale"
    EXTERNAL_REFERENCE = "external_reference"


# The order in which an address is put together.
ADDRESS_PARTS = (
    Field.ADDRESS,
    Field.STREET,
    Field.HOUSE_NUMBER,
    Field.DISTRICT,
    Field.POSTAL_CODE,
    Field.CITY,
    Field.STATE,
)
REQUIRED = (Field.NAME, Field.COUNTRY)
MAXIMUM_LENGTHS = {
    Field.NAME: 300,
    Field.LOCAL_NAME: 300,
    Field.ADDRESS: 1000,
    Field.SECTOR: 500,
    Field.VENDOR_NUMBER: 64,
    Field.CONTACT_NAME: 200,
    Field.CONTACT_EMAIL: 254,
    Field.CONTACT_LOCALE: 35,
    Field.EXTERNAL_REFERENCE: 200,
}
IGNORED = "ignored"
# Fields that a mapping may give several columns, as a guess does: "Name 1" and "Name 2", parts of an address, first and
# last name.
JOINED = (Field.NAME, *ADDRESS_PARTS, Field.CONTACT_NAME)
# Ranks of headers: of names, a plain word for a site that may be a number or a yes, and a continuation ("Name 2");
# of contact names, the first and the last name.
WEAK, CONTINUED = 4, 5
GIVEN, FAMILY = 2, 3

_LONGEST_HEADER = 80
_PARTS = re.compile(r"[/|\n()\[\]:;*–—]+| - ")
_SCRIPTS = re.compile(r"([^\u0000-\u024f\u1e00-\u1eff]+(?:\s+[^\u0000-\u024f\u1e00-\u1eff]+)*)")
_TURNED = re.compile(r"\s(?:of|de|du|des|del|da|do|di|van|der)\s", re.IGNORECASE)
_CUSTOM = re.compile(r"__[ce]$")
_COUNTED = re.compile(r"^(.*\D)\s*\d{1,2}$", re.DOTALL)
_FEWEST_LETTERS = 3
_STEP = 0.02
_GENERAL = (Field.NAME, Field.ADDRESS)
EXACT, PART, END = 0.97, 0.9, 0.7


class Named(NamedTuple):
    """What a header names: a field (or "ignored"), how sure that is, and its rank among headers of that field."""

    field: str
    confidence: float
    rank: int


def read_header(text: str) -> Named | None:
    """The field (or "ignored") that a header names, with the confidence; None for a header that is not known.

    The whole header counts most, then one part of a header in two languages, then the words at its end
    ("Main supplier name") or, around an "of", at its beginning ("Country of the factory"). A word before it that
    stands for somebody or something else makes it "ignored" ("Bank country", "Buyer name").
    """
    shown = letters.clean(_CUSTOM.sub("", text[: 4 * _LONGEST_HEADER].strip()))
    if not shown or len(shown) > 2 * _LONGEST_HEADER:
        return None
    if found := _find(shown, EXACT):
        return found
    if found := _read_parts(text[: 4 * _LONGEST_HEADER]):
        return found
    if len(shown) > _LONGEST_HEADER:
        return None
    counted = _COUNTED.match(shown)
    if counted and (found := _find(counted[1], PART)):
        return found
    if found := _read_ends(shown):
        return found
    return Named(IGNORED, END, 1) if words.has(shown, Meaning.OTHER) else None


def make_header_key(text: str) -> str:
    """A header without case, accents, spaces and punctuation; "#" is "no"."""
    return letters.compact(text.replace("#", "no").replace("_", " "))


def _read_parts(text: str) -> Named | None:
    """The part of a header that says most: "Address - City" is the city, "City/State/Country" the country."""
    found: list[Named] = []
    parts = list(dict.fromkeys(_split_header(text)))
    for part in parts if len(parts) > 1 else ():
        named = _find(part, PART)
        if not found and (named is None or named.field == IGNORED) and words.has(part, Meaning.OTHER):
            return Named(IGNORED, END, 1)
        if named:
            found.append(named)
    country = next((one for one in found if one.field == Field.COUNTRY), None)
    telling = [one for one in found if one.field not in _GENERAL and one.field != IGNORED]
    return country or next(iter(telling or found), None)


def _read_ends(shown: str) -> Named | None:
    parts = re.findall(r"[^\s_.]+", letters.fold(words.part_camel_case(shown)))
    ends = [(parts[at:], parts[:at]) for at in range(1, len(parts))]
    beginnings = [(parts[:-at], parts[-at:]) for at in range(1, len(parts))]
    for some, others in beginnings + ends if _TURNED.search(shown) else ends:
        text = " ".join(some)
        if len(make_header_key(text)) >= _FEWEST_LETTERS and (found := _find(text, END)):
            about_others = any(words.means(word, Meaning.OTHER) for other in others for word in words.split(other))
            return Named(IGNORED, END, 1) if about_others else found
    return None


def _find(text: str, confidence: float) -> Named | None:
    known = _index_headers().get(make_header_key(text))
    return Named(known[0], round(confidence - _STEP * (known[1] - 1), 2), known[1]) if known else None


def _split_header(text: str) -> list[str]:
    pieces = [piece.strip() for piece in _PARTS.split(text)]
    return [part.strip() for piece in pieces for part in (piece, *_SCRIPTS.split(piece)) if part.strip()]


@functools.cache
def _index_headers() -> dict[str, tuple[str, int]]:
    text = resources.files("portal.directory.lists").joinpath("data", "headers.csv").read_text(encoding="utf-8")
    known: dict[str, tuple[str, int]] = {}
    for row in csv.DictReader(text.splitlines()):
        for header in row["headers"].split("|"):
            known.setdefault(make_header_key(header), (row["field"], int(row["rank"])))
    return known
