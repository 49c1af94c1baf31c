"""Numbers, dates and choices as people write them: local marks, the digits of any script, and never a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from questionnaires import canonical, wording

# Where the day stands first in every date; English has both orders, so that it names none.
DAY_FIRST = frozenset({"es", "fr", "vi", "ar", "de", "it", "pt", "tr", "id", "ru", "pl", "nl"})
MARKS = frozenset({"x", "✓", "✔", "☑", "√", "×", "1", "true", "v"})
NO_MARKS = frozenset({"0", "false", "-", "☐"})
LONGEST_NUMBER = 60
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’_\u200e\u200f\u061c]+")
_PLAIN = re.compile(r"([+-]?)(\d[\d.,]*|[.,]\d+)")
_FLAT_DATE = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})")
_ISO_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]00:00(:00(\.0+)?)?Z?")
_CHINESE_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?")
_TRANSLATED = str.maketrans(
    {"٫": ".", "٬": ",", "،": ",", "−": "-", "–": "-", "＋": "+", "٪": "%", "％": "%", "。": "."}
)


class Unclear(Exception):
    """A text that is none of what is asked, or two things at once: a code of the form texts with its parameters."""

    def __init__(self, code: str, parameters: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters or {}


def fold(text: str) -> str:
    """A text as it is compared: width, case, spaces and invisible marks apart."""
    plain = unicodedata.normalize("NFKC", text)
    return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split()).casefold()


def read_number(text: str, *, unit: str | None = None, is_percent: bool = False) -> str:
    """The canonical spelling of a number written by hand; raises Unclear where it is none, or could be two."""
    given = _use_plain_digits(unicodedata.normalize("NFKC", text).translate(_TRANSLATED)).strip()
    bare = _take_unit(given, unit, is_percent=is_percent)
    found = _PLAIN.fullmatch(_SPACES.sub("", bare)) if len(given) <= LONGEST_NUMBER else None
    if found is None:
        raise Unclear("number_unclear", {"value": text[:LONGEST_NUMBER]})
    sign, digits = found.groups()
    return canonical.write_decimal(Decimal(sign + _settle_marks(sign, digits, text)))


def _take_unit(text: str, unit: str | None, *, is_percent: bool) -> str:
    words = text.rstrip("0123456789.,") if text[:1].isalpha() else text.lstrip("+-0123456789.,' \u00a0\u202f")
    if not words or (is_percent and words in ("%", "percent")):
        return text.removesuffix(words) if words else text
    if unit is not None and fold(words) in (fold(unit), fold(f"{unit}s"), fold(f"{unit}.")):
        return text.removesuffix(words)
    if unit is not None and text != words and any(character.isalpha() or character == "%" for character in words):
        raise Unclear("unit_unclear", {"value": text, "unit": unit})
    return text


def _settle_marks(sign: str, digits: str, text: str) -> str:
    """Digits with a point as decimal mark, whichever of point and comma was meant to be it."""
    marks = [character for character in digits if character in ".,"]
    if not marks:
        return digits
    whole, _, rest = digits.rpartition(marks[-1])
    if len(set(marks)) == 2:
        if marks.count(marks[-1]) == 1 and _is_grouped(whole):
            return f"{_drop_marks(whole)}.{rest or '0'}"
    elif len(marks) > 1:
        if _is_grouped(digits):
            return _drop_marks(digits)
    elif len(rest) == 3 and re.fullmatch(r"[1-9]\d{0,2}", whole):
        own = sign.removeprefix("+")
        first, second = f"{own}{whole}{rest}", f"{own}{whole}.{rest}"
        raise Unclear("number_ambiguous", {"value": text[:LONGEST_NUMBER], "first": first, "second": second})
    else:
        return f"{whole or '0'}.{rest or '0'}"
    raise Unclear("number_unclear", {"value": text[:LONGEST_NUMBER]})


def _is_grouped(digits: str) -> bool:
    """Groups of three, or of two before the last as in India, all with one mark."""
    return re.fullmatch(r"\d{1,3}([.,]\d{2,3})*([.,])\d{3}", digits) is not None and len({*digits} & {*".,"}) == 1


def _drop_marks(digits: str) -> str:
    return digits.replace(".", "").replace(",", "")


def _use_plain_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in text)


def read_whole_number(text: str, *, unit: str | None = None) -> str:
    """As read_number, but one mark before three digits can only stand for thousands."""
    try:
        return read_number(text, unit=unit)
    except Unclear as unclear:
        if unclear.code == "number_ambiguous":
            return unclear.parameters["first"]
        raise


def read_date(text: str, locale: str) -> str:
    """The ISO form of a date written by hand; raises Unclear where day and month could be swapped."""
    given = _use_plain_digits(unicodedata.normalize("NFKC", text).translate(_TRANSLATED))
    plain = "".join(c for c in given if unicodedata.category(c) != "Cf").strip()
    moment = _ISO_MOMENT.fullmatch(plain)
    plain = moment[1] if moment else plain
    if found := _CHINESE_DATE.fullmatch(plain.replace(" ", "")):
        return _make_date(text, *found.groups())
    found = _FLAT_DATE.fullmatch(plain.replace(" ", ""))
    if found is None:
        raise Unclear("date_unclear", {"value": text[:LONGEST_NUMBER]})
    first, mark, middle, last = found.groups()
    if len(first) == 4:
        return _make_date(text, first, middle, last)
    if len(last) != 4:
        raise Unclear("date_unclear", {"value": text[:LONGEST_NUMBER]})
    if int(first) > 12 or mark == "." or locale.split("-")[0] in DAY_FIRST or int(first) == int(middle):
        return _make_date(text, last, middle, first)
    if int(middle) > 12:
        return _make_date(text, last, first, middle)
    first_reading, second_reading = _make_date(text, last, middle, first), _make_date(text, last, first, middle)
    raise Unclear("date_ambiguous", {"value": text, "first": first_reading, "second": second_reading})


def _make_date(text: str, year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise Unclear("date_unclear", {"value": text[:LONGEST_NUMBER]}) from None


def read_serial(number: Decimal, *, since_1904: bool) -> str:
    """The day of a spreadsheet's number; the older count holds a 29 February 1900 that never was."""
    days = int(number)
    if not 1 <= days <= 2_958_465:
        raise Unclear("date_unclear", {"value": canonical.write_decimal(number)[:LONGEST_NUMBER]})
    start = date(1904, 1, 1) if since_1904 else date(1899, 12, 30 if days > 60 else 31)
    try:
        return (start + timedelta(days=days)).isoformat()
    except OverflowError:
        raise Unclear("date_unclear", {"value": str(days)}) from None


def read_boolean(text: str) -> bool:
    """Yes or no in any of the languages of forms."""
    given = fold(text)
    if given in {fold(one) for one in wording.list_spellings("yes")} | {"true"}:
        return True
    if given in {fold(one) for one in wording.list_spellings("no")} | {"false"}:
        return False
    raise Unclear("boolean_unclear", {"value": text[:100]})


def read_mark(text: str) -> bool:
    """Whether a line of a list of options is marked; an empty text is not."""
    given = fold(text)
    if given in MARKS:
        return True
    if not given or given in NO_MARKS:
        return False
    try:
        return read_boolean(text)
    except Unclear:
        raise Unclear("mark_unclear", {"value": text[:100]}) from None
