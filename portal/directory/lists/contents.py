"""What the values of a column look like: the ground for a guess where its header says nothing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.directory import countries, letters, sectors
from portal.directory.lists import contacts, names, words
from portal.directory.lists.fields import Field
from portal.directory.lists.words import Meaning

_CODE = re.compile(r"^[A-Za-z]{0,6}[-_./ ]?\d[\w./-]{0,18}$")
_SERIAL = 3
_PHONE = re.compile(r"^[+(]?[\d\s()./-]{7,}$")
_DATE = re.compile(
    r"^(?:(?:19|20)\d\d[01]\d[0-3]\d|(?:19|20)\d\d[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./](?:19|20)?\d\d)(?: .*)?$"
)
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_LETTERS_FIRST = re.compile(r"^[A-Za-z]{1,6}[-_./ ]?\d")
# What is shorter may be a postal code, what is longer a telephone number or a bank account.
_SHORTEST_NUMBER, _LONGEST_NUMBER = 6, 10


@dataclass(frozen=True, slots=True)
class Finding:
    """A field that a column's values would fit, the confidence (0 to 1) and the reason in words."""

    field: Field
    confidence: float
    reason: str


def judge_column(values: Sequence[str]) -> tuple[Finding, ...]:
    """The fields that the values would fit, the most confident first; `values` are a sample of the column."""
    filled = [shown for value in values if not letters.is_blank(shown := letters.clean(value[:400]))]
    if not filled or is_answers(filled):
        return ()
    found = [finding for judge in _JUDGES if (finding := judge(filled))]
    return tuple(sorted(found, key=lambda finding: -finding.confidence))


def is_answers(values: Sequence[str]) -> bool:
    """Whether all values are answers to a question or salutations: "No" is not Norway then, nor "Ms" Montserrat."""
    filled = [value for value in values if value.strip()]
    return bool(filled) and all(words.means(value, Meaning.ANSWER) for value in set(filled))


def is_latin(values: Sequence[str]) -> bool | None:
    """Whether most letters of the values are Latin; None where there is no letter."""
    found = [character for value in values for character in letters.fold(value[:200]) if character.isalpha()]
    return sum(1 for character in found if character < "\u0250") * 2 >= len(found) if found else None


def carry_legal_forms(values: Sequence[str]) -> bool:
    """Whether the values are names of companies rather than of persons: a fifth of them carry a legal form."""
    filled = [value for value in values if value.strip()]
    return bool(filled) and _measure(filled, lambda value: names.find_legal_form(value[:120]) is not None) >= 0.2


def is_value(text: str, field: Field) -> bool:
    """Whether a cell by itself is plainly a value of that field (and so no header)."""
    if field is Field.COUNTRY:
        return countries.read_country(text, suggest=False).country is not None
    return field is Field.CONTACT_EMAIL and bool(contacts.find_emails(text))


def _judge_emails(values: list[str]) -> Finding | None:
    share = _measure(values, lambda value: "@" in value and bool(contacts.find_emails(value)))
    return _find(Field.CONTACT_EMAIL, share, 0.5, 0.95, "of the values are e-mail addresses")


def _judge_countries(values: list[str]) -> Finding | None:
    share = _measure(values, _is_country)
    distinct = {value.upper() for value in values}
    # One code for all may be anything, and codes of states are codes of countries as well.
    states = countries.list_state_codes().values()
    if all(len(value) < 3 for value in distinct) and (len(distinct) < 2 or any(distinct <= some for some in states)):
        return None
    # A language column reads "de, fr, it" in small letters.
    if all(len(value) < 3 and value.islower() for value in values):
        share *= 0.5
    return _find(Field.COUNTRY, share, 0.6, 0.95, "of the values are countries")


def _judge_locales(values: list[str]) -> Finding | None:
    share = _measure(values, lambda value: contacts.read_locale(value) is not None)
    return _find(Field.CONTACT_LOCALE, share, 0.8, 0.6, "of the values are languages")


def _judge_sectors(values: list[str]) -> Finding | None:
    share = _measure(values, lambda value: bool(sectors.read_sector(value).sectors))
    return _find(Field.SECTOR, share, 0.5, 0.85, "of the values are sectors")


def _judge_numbers(values: list[str]) -> Finding | None:
    codes = [value for value in values if _CODE.match(value) and not _PHONE.match(value.replace("-", "+"))]
    share = measure_codes(values)
    distinct = len(set(values)) / len(values)
    if distinct < 0.95 or _counts_rows(values) or not (codes or share == 1):
        return None
    return _find(Field.VENDOR_NUMBER, share, 0.9, 0.6, "of the values are codes, each of them once")


def measure_codes(values: Sequence[str]) -> float:
    """The share of codes ("100234", "V-017") among the values; a date is none."""
    return _measure(values, lambda value: bool(_CODE.match(value)) and not _DATE.match(value)) if values else 0.0


def have_shape_of_codes(values: Sequence[str]) -> bool:
    """Whether values look like numbers that were given out, and not like amounts, counts, years or dates."""
    filled = [value.strip() for value in values if value.strip()]
    if not filled or any(_DATE.match(value) for value in filled) or all(_YEAR.match(value) for value in filled):
        return False
    lengths = {len(value) for value in filled}
    digits = all(value.isdecimal() for value in filled)
    if digits and (max(lengths) > _LONGEST_NUMBER or all(value.endswith("00") for value in filled)):
        return False
    fixed = len(filled) > 1 and len(lengths) == 1 and lengths.pop() >= _SHORTEST_NUMBER
    leading = digits and any(value.startswith("0") and len(value) > 2 for value in filled)
    return (digits and fixed) or leading or all(_LETTERS_FIRST.match(value) for value in filled)


def _judge_names(values: list[str]) -> Finding | None:
    forms = _measure(values, lambda value: len(value) < 120 and names.find_legal_form(value) is not None)
    if forms >= 0.2:
        return Finding(Field.NAME, 0.6 + 0.3 * forms, f"{forms:.0%} of the values carry a legal form (Ltd, GmbH, ...)")
    worded = _measure(values, lambda value: 2 < len(value) < 100 and any(map(str.isalpha, value)) and "@" not in value)
    distinct = len(set(values)) / len(values)
    return Finding(Field.NAME, 0.4 * distinct, "the values are words, nearly each once") if worded > 0.9 else None


def _judge_addresses(values: list[str]) -> Finding | None:
    share = _measure(
        values,
        lambda value: len(value) > 12 and any(map(str.isdigit, value)) and " " in value and not _PHONE.match(value),
    )
    commas = _measure(values, lambda value: "," in value and len(value) > 15)
    places = measure_places(values)
    return _find(Field.ADDRESS, max(share, commas, places), 0.5, 0.7, "of the values look like addresses")


def measure_places(values: Sequence[str]) -> float:
    """The share of values that name a place and end in a country ("12 Mill Road, Dhaka, Bangladesh")."""
    filled = [value for value in values if value.strip()]
    return _measure(filled, lambda value: countries.read_end(value).country is not None) if filled else 0.0


def measure_regions(values: Sequence[str]) -> float:
    """The share of values that are parts of the world ("APAC", "South Asia"), and so no part of an address."""
    filled = [value for value in values if value.strip()]
    region = countries.CountryReason.REGION
    return (
        _measure(filled, lambda value: countries.read_country(value, suggest=False).reason is region) if filled else 0
    )


_JUDGES: tuple[Callable[[list[str]], Finding | None], ...] = (
    _judge_emails,
    _judge_countries,
    _judge_locales,
    _judge_sectors,
    _judge_numbers,
    _judge_names,
    _judge_addresses,
)


def _is_country(value: str) -> bool:
    reading = countries.read_country(value, suggest=False)
    # "Dhaka, Bangladesh" is an address that says the country as well.
    return reading.country is not None and not (reading.reason is countries.CountryReason.PART and "," in value)


def _counts_rows(values: list[str]) -> bool:
    if len(values) < _SERIAL or not all(value.isdecimal() and len(value) < 7 for value in values):
        return False
    numbers = [int(value) for value in values]
    return numbers[0] <= 1 and all(after - before == 1 for before, after in itertools.pairwise(numbers))


def _measure(values: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, values)) / len(values)


def _find(field: Field, share: float, least: float, most: float, what: str) -> Finding | None:
    return Finding(field, round(share * most, 2), f"{share:.0%} {what}") if share >= least else None
