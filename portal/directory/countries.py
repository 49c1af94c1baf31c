"""Countries: their codes, their UN M49 regions, and how any spelling of them is read."""

from __future__ import annotations

import csv
import difflib
import enum
import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from portal.directory import letters

_MAXIMUM_LENGTH = 120
_SUGGESTIONS = 3
_LIKENESS = 0.78  # of 1: below it is another word
# A flag is two signs that stand for the letters of its code.
_FLAG = re.compile("^[\U0001f1e6-\U0001f1ff]{2}$")
_FLAG_LETTERS = 0x1F1E6 - ord("A")
_DOTTED = re.compile(r"^(?:[A-Za-z]\.){2,3}$")
_PLATE = "plate"
_SHORT_ENDS = frozenset(("UK", "USA", "UAE", "PRC", "中国", "日本", "韩国", "越南", "泰国", "印度"))
_BEHIND = re.compile(r"[\s-]*\b\d[\d\s-]*$")
_ENDS = re.compile(r"[,;|/]+| - ")
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


class ShortWriting(enum.Enum):
    """Ways to write countries that are read only where a whole column is written so: alone "A" or "040" say nothing."""

    PLATE = "plate"
    NUMERIC = "numeric"


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


@functools.cache
def list_state_codes() -> dict[str, frozenset[str]]:
    """Two-letter codes of the states of some countries; many are codes of other countries as well."""
    return {row["iso2"]: frozenset(row["codes"].split()) for row in _read_packaged("state_codes.csv")}


def read_country(text: str, *, suggest: bool = True) -> CountryReading:
    """The country that a spelling means: a code, a name in any of the languages shipped, in any case.

    `suggest` looks for near names where the spelling is unknown; that costs some milliseconds.
    """
    shown = letters.clean(text[: 4 * _MAXIMUM_LENGTH])
    if _FLAG.match(shown):
        return CountryReading(shown, find_country("".join(chr(ord(sign) - _FLAG_LETTERS) for sign in shown)))
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


def read_end(text: str) -> CountryReading:
    """The country that an address ends in, as a part of the text; a text that is nothing else has none.

    Codes do not count: at the end of an address "CA" and "DE" are states, as Georgia may be.
    """
    shown = letters.clean(text[-4 * _MAXIMUM_LENGTH :])
    parts = [part for piece in _ENDS.split(shown) if (part := _BEHIND.sub("", piece).strip(" ."))]
    for count in (2, 1):
        end = ", ".join(parts[-count:])
        known = len(parts) > count and (len(end) > 3 or end in _SHORT_ENDS) and letters.compact(end) != "georgia"
        country = _find_by_spelling(" ".join(reversed(parts[-count:]))) if known else None
        if country:
            return CountryReading(shown, country, CountryReason.PART, f"{end!r} at the end of the address")
    return CountryReading(shown, None, CountryReason.MISSING, "the address does not end in a country")


def find_short_writing(values: Sequence[str]) -> ShortWriting | None:
    """How all values of a column are written, if not by name or code: car plates (D, A, I) or ISO 3166-1 numbers."""
    shown = {value.strip().upper() for value in values if not letters.is_blank(value.strip())}
    if shown and all(value in _index_numbers() for value in shown):
        return ShortWriting.NUMERIC
    plates = _index_plates()
    only_plates = any(value in plates and not find_country(value) for value in shown)
    if only_plates and all(value in plates or find_country(value) for value in shown):
        return ShortWriting.PLATE
    return None


def read_short(text: str, writing: ShortWriting | None) -> CountryReading | None:
    """The country of a car plate or an ISO 3166-1 number in a column of these, with a note; else None."""
    index = {ShortWriting.PLATE: _index_plates, ShortWriting.NUMERIC: _index_numbers}
    shown = text.strip()
    country = index[writing]().get(shown.upper()) if writing else None
    if country is None:
        return None
    return CountryReading(shown, country, CountryReason.NOTED, f"{shown!r} is read as {country.name}")


def suggest_countries(text: str) -> tuple[Country, ...]:
    """The countries whose names are nearest to a misspelling, nearest first."""
    key = letters.compact(text)
    _, folded = _index_names()
    fit = [name for name in folded if abs(len(name) - len(key)) <= 3]
    # The likeness of a close match depends on which of the two is looked for in the other.
    near = [
        name
        for name in difflib.get_close_matches(key, fit, n=8, cutoff=_LIKENESS)
        if difflib.SequenceMatcher(None, key, name).ratio() >= _LIKENESS
    ]
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
    if len(countries) > 1 and (one := _find_with_state(found)):
        return CountryReading(text, one, CountryReason.PART, f"{text!r} is read as {one.name}")
    if len(countries) > 1:
        return CountryReading(text, None, CountryReason.AMBIGUOUS, f"{text!r} names several countries", countries)
    if not countries:
        return None
    country = countries[0]
    if len(found) == len(parts):
        return CountryReading(text, country)
    return CountryReading(text, country, CountryReason.PART, f"{text!r} is read as {country.name}")


def _find_with_state(found: dict[str, Country]) -> Country | None:
    """The country of "United States - CA", where the other parts are codes of its states; "US-CA" may be either."""
    states = list_state_codes()
    for text, country in found.items():
        codes = states.get(country.iso2, frozenset())
        if len(text) > 2 and all(other in codes for other in found if other != text):
            return country
    return None


def _find_part(text: str) -> Country | None:
    note = _index_notes().get(letters.compact(text))
    if note and note.verdict in ("ambiguous", "region", "former"):
        return None
    return _find_by_spelling(text)


def _find_by_spelling(text: str) -> Country | None:
    exact, folded = _index_names()
    key = letters.compact(text)
    named = exact.get(_exact_key(text))
    # "U.S." is a name that is listed; "E.S." and "A.R.E." are short for something else than the code.
    code = _index_codes().get(key.upper()) if text.isascii() and not _DOTTED.match(text) else None
    # "NGA" is the code of Nigeria, and "Nga" is Russia in Vietnamese.
    if code and (text.isupper() or not named):
        return code
    bare = key.removeprefix("the").removeprefix("madein")
    return named or folded.get(key) or folded.get(bare)


def _exact_key(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    # The capital of the Turkish dotted i comes apart into an i and a dot.
    return "".join(filter(letters.is_word_character, folded)).replace("i\u0307", "i")


@functools.cache
def _index_codes() -> dict[str, Country]:
    return {code: country for country in list_countries() for code in (country.iso2, country.iso3)}


@functools.cache
def _index_numbers() -> dict[str, Country]:
    return {country.numeric.zfill(3): country for country in list_countries() if country.numeric}


@functools.cache
def _index_plates() -> dict[str, Country]:
    codes = _index_codes()
    plates = [row for row in _read_packaged("country_notes.csv") if row["verdict"] == _PLATE]
    return {row["spelling"]: codes[row["iso2"]] for row in plates}


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
        if row["verdict"] != _PLATE
    }


def _read_packaged(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("portal.directory").joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
