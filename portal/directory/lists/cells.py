"""Single cells of a list: what is checked and cleaned in each, whatever field it fills."""

from __future__ import annotations

import re

from portal.directory import letters
from portal.directory.lists import decoding

_ERRORS = re.compile(r"^#(?:N/?A|REF|NAME|VALUE|DIV/0|NUM|NULL|SPILL|CALC|BEZUG|WERT|NV)[!?]?$", re.IGNORECASE)
_FORMULA = re.compile(r"^(?:=|@[A-Za-z]+\(|[+-]\s*(?:[A-Za-z]{2,}\w*[!(|]|cmd))")
_DAMAGE = re.compile("[\ufffd\u25a1\u25af]|\\?{3,}|Ã[\u0080-\u00bf]|â€|Â[\u00a0-\u00bf]")
_DECIMAL = re.compile(r"^(\d+)\.0+$")
_ROUNDED = re.compile(r"^\d(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
_TOTALS_IN_WORDS = """
total|totals|grand total|subtotal|sub total|sum|count|total suppliers|summe|gesamt|gesamtsumme|anzahl|total général
somme|nombre|suma|total general|soma|totale|somma|totaal|razem|ogółem|toplam|genel toplam|合计|总计|共计|合計|総計|计
tổng|tổng cộng|المجموع|الإجمالي|итого|всего|합계|jumlah
"""
_TOTALS = frozenset(map(letters.compact, re.split(r"[|\n]", _TOTALS_IN_WORDS.strip())))


def read_cell(text: str) -> str:
    """A cell as one clean line; empty for an error of the spreadsheet and for every way to say "not available"."""
    shown = letters.clean(text)
    return "" if letters.is_blank(shown) or is_error(shown) else shown


def is_error(text: str) -> bool:
    """Whether a cell shows an error of the spreadsheet (#N/A, #REF!, ...)."""
    return bool(_ERRORS.match(text.strip()))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might take the text for a formula; it is kept as text, and never computed here."""
    return bool(_FORMULA.match(text))


def is_damaged(text: str) -> bool:
    """Whether the text looks as if letters were lost or garbled on its way here."""
    return bool(_DAMAGE.search(text))


def is_totals(text: str) -> bool:
    """Whether a cell is the label of a row of totals ("Total:", "Summe", "合计", "Total 12 suppliers")."""
    key = letters.compact(text).rstrip("0123456789")
    return key in _TOTALS


def list_undecodable(text: str) -> str:
    """The bytes of a cell that did not fit the encoding, as "0x81 0x8d"; empty if all did."""
    return " ".join(f"0x{byte:02x}" for byte in decoding.find_undecodable(text)[:8])


def read_vendor_number(text: str) -> tuple[str, bool]:
    """A vendor number as text, leading zeros kept and "1234.0" read as 1234, and whether it was rounded beyond use."""
    shown = letters.clean(text).removeprefix("'").strip()
    decimal = _DECIMAL.match(shown)
    return (decimal[1] if decimal else shown), bool(_ROUNDED.match(shown))
