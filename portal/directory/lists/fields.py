"""The fields that a supplier list may fill, and the headers by which people name them."""

from __future__ import annotations

import csv
import enum
import functools
import re
from importlib import resources

from portal.directory import letters


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

_LONGEST_HEADER = 80
_PARTS = re.compile(r"[/|\n()\[\]:;*–—]+| - ")
_SCRIPTS = re.compile(r"([^\u0000-\u024f\u1e00-\u1eff]+(?:\s+[^\u0000-\u024f\u1e00-\u1eff]+)*)")
_TURNED = re.compile(r"\s(?:of|de|du|des|del|da|do|di|van|der)\s", re.IGNORECASE)
_FEWEST_LETTERS = 3
EXACT, PART, END = 0.97, 0.9, 0.7


def read_header(text: str) -> tuple[str, float] | None:
    """The field (or "ignored") that a header names, with the confidence; None for a header that is not known.

    The whole header counts most, then one part of a header in two languages, then the words at its end
    ("Main supplier name") or, around an "of", at its beginning ("Country of the factory").
    """
    shown = letters.clean(text[: 4 * _LONGEST_HEADER])
    if not shown or len(shown) > _LONGEST_HEADER:
        return None
    known = _index_headers()
    if field := known.get(make_header_key(shown)):
        return field, EXACT
    for part in _split_header(text[: 4 * _LONGEST_HEADER]):
        if field := known.get(make_header_key(part)):
            return field, PART
    words = letters.fold(shown).split()
    ends = [words[at:] for at in range(1, len(words))]
    beginnings = [words[:-at] for at in range(1, len(words))]
    for some in beginnings + ends if _TURNED.search(shown) else ends:
        key = make_header_key(" ".join(some))
        if len(key) >= _FEWEST_LETTERS and (field := known.get(key)):
            return field, END
    return None


def make_header_key(text: str) -> str:
    """A header without case, accents, spaces and punctuation; "#" is "no"."""
    return letters.compact(text.replace("#", "no").replace("_", " "))


def _split_header(text: str) -> list[str]:
    pieces = [piece.strip() for piece in _PARTS.split(text)]
    return [part.strip() for piece in pieces for part in (piece, *_SCRIPTS.split(piece)) if part.strip()]


@functools.cache
def _index_headers() -> dict[str, str]:
    text = resources.files("portal.directory.lists").joinpath("data", "headers.csv").read_text(encoding="utf-8")
    known: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines()):
        for header in row["headers"].split("|"):
            known.setdefault(make_header_key(header), row["field"])
    return known
