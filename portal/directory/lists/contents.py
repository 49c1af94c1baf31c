"""What the values of a column look like: the ground for a guess where its header says nothing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.directory import countries, letters, sectors
from portal.directory.lists import contacts, names
from portal.directory.lists.fields import Field

_CODE = re.compile(r"^[A-Za-z]{0,6}[-_./ ]?\d[\w./-]{0,18}$")
_SERIAL = 3
_PHONE = re.compile(r"^[+(]?[\d\s()./-]{7,}$")


@dataclass(frozen=True, slots=True)
class Finding:
    """A field that a column's values would fit, the confidence (0 to 1) and the reason in words."""

    field: Field
    confidence: float
    reason: str


def judge_column(values: Sequence[str]) -> tuple[Finding, ...]:
    """The fields that the values would fit, the most confident first; `values` are a sample of the column."""
    filled = [shown for value in values if not letters.is_blank(shown := letters.clean(value[:400]))]
    if not filled:
        return ()
    found = [finding for judge in _JUDGES if (finding := judge(filled))]
    return tuple(sorted(found, key=lambda finding: -finding.confidence))


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
    share = len([value for value in values if _CODE.match(value)]) / len(values)
    distinct = len(set(values)) / len(values)
    if distinct < 0.95 or _counts_rows(values) or not (codes or share == 1):
        return None
    return _find(Field.VENDOR_NUMBER, share, 0.9, 0.6, "of the values are codes, each of them once")


def _judge_names(values: list[str]) -> Finding | None:
    forms = _measure(values, lambda value: len(value) < 120 and names.find_legal_form(value) is not None)
    if forms >= 0.2:
        return Finding(Field.NAME, 0.6 + 0.3 * forms, f"{forms:.0%} of the values carry a legal form (Ltd, GmbH, ...)")
    worded = _measure(values, lambda value: 2 < len(value) < 100 and any(map(str.isalpha, value)) and "@" not in value)
    distinct = len(set(values)) / len(values)
    return Finding(Field.NAME, 0.4 * distinct, "the values are words, nearly each once") if worded > 0.9 else None


def _judge_addresses(values: list[str]) -> Finding | None:
    share = _measure(values, lambda value: len(value) > 12 and any(map(str.isdigit, value)) and " " in value)
    commas = _measure(values, lambda value: "," in value and len(value) > 15)
    return _find(Field.ADDRESS, max(share, commas), 0.5, 0.7, "of the values look like addresses")


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
    return countries.read_country(value, suggest=False).country is not None


def _counts_rows(values: list[str]) -> bool:
    if len(values) < _SERIAL or not all(value.isdecimal() and len(value) < 7 for value in values):
        return False
    numbers = [int(value) for value in values]
    return numbers[0] <= 1 and all(after - before == 1 for before, after in itertools.pairwise(numbers))


def _measure(values: list[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, values)) / len(values)


def _find(field: Field, share: float, least: float, most: float, what: str) -> Finding | None:
    return Finding(field, round(share * most, 2), f"{share:.0%} {what}") if share >= least else None
