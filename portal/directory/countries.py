"""Countries: their codes, their UN M49 regions, and how any spelling of them is read."""

from __future__ import annotations

import csv
import difflib
import enum
import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from portal.directory import letters

_MAXIMUM_LENGTH = 120
_SUGGESTIONS = 3
_PARTS = re.compile(r"[,/;|()\[\]:–—-]+")


class CountryReason(enum.StrEnum):
    """Why a spelling gives no country, or a country with a note."""

    MISSING = "COUNTRY_MISSING"
    UNKNOWN = "COUNTRY_UNKNOWN"
    AMBIGUOUS = "COUNTRY_AMBIGUOUS"
    DISSOLVED = "COUNTRY_DISSOLVED"
    REGION = "COUNTRY_IS_A_REGION"
    NOTED = "COUNTRY_READ_AS"
    PART = "COUNTRY_PART"


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory of ISO 3166-1, and Kosovo under the user-assigned XK; a region it has none of is ""."""

    iso2: str
    iso3: str
    numeric: str
    name: str
    region: str
    subregion: str
    intermediate_region: str


@dataclass(frozen=True, slots=True)
class CountryReading:
    """What a spelling was read as: a country (perhaps with a note), or none with the reason and what is near."""

    text: str
    country: Country | None
    reason: CountryReason | None = None
    note: str = ""
    suggestions: tuple[Country, ...] = ()


@dataclass(frozen=True, slots=True)
class _Note:
    verdict: str
    countries: tuple[Country, ...]
    text: str


@functools.cache
def list_countries() -> tuple[Country, ...]:
    """All countries, in the order of their ISO 3166-1 alpha-2 codes."""
    return tuple(Country(**row) for row in _read_packaged("countries.csv"))


def find_country(code: str) -> Country | None:
    """The country of an alpha-2 or alpha-3 code, in either case."""
    return _index_codes().get(code.strip().upper())


def read_country(text: str, *, suggest: bool = True) -> CountryReading:
    """The country that a spelling means: a code, a name in any of the languages shipped, in any case.

    `suggest` looks for near names where the spelling is unknown; that costs some milliseconds.
    """
    shown = letters.clean(text[: 4 * _MAXIMUM_LENGTH])
    if letters.is_blank(shown):
        return CountryReading(shown, None, CountryReason.MISSING, "the country is missing")
    if len(shown) > _MAXIMUM_LENGTH:
        return CountryReading(shown[:_MAXIMUM_LENGTH], None, CountryReason.UNKNOWN, "too long for a country")
    return (
        _read_note(shown)
        or _read_whole(shown)
        or _read_parts(shown)
        or CountryReading(
            shown,
            None,
            CountryReason.UNKNOWN,
            f"{shown!r} is not a country that is known here",
            suggest_countries(shown) if suggest else (),
        )
    )


def suggest_countries(text: str) -> tuple[Country, ...]:
    """The countries whose names are nearest to a misspelling, nearest first."""
    key = letters.compact(text)
    _, folded = _index_names()
    near = difflib.get_close_matches(key, [name for name in folded if abs(len(name) - len(key)) <= 3], n=8, cutoff=0.72)
    return tuple(dict.fromkeys(folded[name] for name in near))[:_SUGGESTIONS]


def _read_whole(text: str) -> CountryReading | None:
    country = _find_by_spelling(text)
    return CountryReading(text, country) if country else None


def _read_note(text: str) -> CountryReading | None:
    note = _index_notes().get(letters.compact(text))
    # "Áo" is Austria and "AO" Angola: a note on a plain spelling is not one on an accented one of two or three letters.
    if note is None or (len(text) < 4 and not text.isascii()):
        return None
    first = note.countries[0] if note.countries else None
    if note.verdict == "noted":
        return CountryReading(text, first, CountryReason.NOTED, f"{text!r}: {note.text}")
    if note.verdict == "part" and first:
        text_of_note = f"{text!r} is a part of {first.name}, and is read as {first.name}"
        return CountryReading(text, first, CountryReason.PART, text_of_note)
    reason = {"ambiguous": CountryReason.AMBIGUOUS, "former": CountryReason.DISSOLVED}.get(note.verdict)
    return CountryReading(text, None, reason or CountryReason.REGION, f"{text!r}: {note.text}", note.countries)


def _read_parts(text: str) -> CountryReading | None:
    """Reads "China (CN)", "VN - Vietnam", "Tanzania, United Republic of" and "Shenzhen, China"."""
    parts = [part.strip() for part in _PARTS.split(text) if part.strip()]
    if len(parts) < 2:
        return None
    turned = _find_by_spelling(" ".join(reversed(parts)))
    if turned:
        return CountryReading(text, turned)
    found = {part: country for part in parts if (country := _find_part(part))}
    countries = tuple(dict.fromkeys(found.values()))
    if len(countries) > 1:
        return CountryReading(text, None, CountryReason.AMBIGUOUS, f"{text!r} names several countries", countries)
    if not countries:
        return None
    country = countries[0]
    if len(found) == len(parts):
        return CountryReading(text, country)
    return CountryReading(text, country, CountryReason.PART, f"{text!r} is read as {country.name}")


def _find_part(text: str) -> Country | None:
    note = _index_notes().get(letters.compact(text))
    if note and note.verdict in ("ambiguous", "region", "former"):
        return None
    return _find_by_spelling(text)


def _find_by_spelling(text: str) -> Country | None:
    exact, folded = _index_names()
    key = letters.compact(text)
    named = exact.get(_exact_key(text))
    code = _index_codes().get(key.upper()) if text.isascii() else None
    # "NGA" is the code of Nigeria, and "Nga" is Russia in Vietnamese.
    if code and (text.isupper() or not named):
        return code
    article = key.removeprefix("the")
    return named or folded.get(key) or folded.get(article)


def _exact_key(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    # The capital of the Turkish dotted i comes apart into an i and a dot.
    return "".join(filter(letters.is_word_character, folded)).replace("i\u0307", "i")


@functools.cache
def _index_codes() -> dict[str, Country]:
    return {code: country for country in list_countries() for code in (country.iso2, country.iso3)}


@functools.cache
def _index_names() -> tuple[dict[str, Country], dict[str, Country]]:
    """Names as they are spelled, and names folded; a folded name that reads like a code of another is left out."""
    codes = _index_codes()
    exact: dict[str, Country] = {}
    folded: dict[str, Country] = {}
    for row in _read_packaged("country_names.csv"):
        country = codes[row["iso2"]]
        exact.setdefault(_exact_key(row["name"]), country)
        key = letters.compact(row["name"])
        if row["name"].isascii() or not key.isascii() or (len(key) > 2 and codes.get(key.upper(), country) == country):
            folded.setdefault(key, country)
    return exact, folded


@functools.cache
def _index_notes() -> dict[str, _Note]:
    codes = _index_codes()
    return {
        letters.compact(row["spelling"]): _Note(
            row["verdict"], tuple(codes[code] for code in row["iso2"].split()), row["note"]
        )
        for row in _read_packaged("country_notes.csv")
    }


def _read_packaged(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("portal.directory").joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
