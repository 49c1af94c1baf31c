"""Single cells of a list: what is checked and cleaned in each, whatever field it fills."""

from __future__ import annotations

import html
import re

from portal.directory import letters
from portal.directory.lists import decoding, words
from portal.directory.lists.words import Meaning

_ERRORS = re.compile(r"^#(?:N/?A|REF|NAME|VALUE|DIV/0|NUM|NULL|SPILL|CALC|BEZUG|WERT|NV)[!?]?$", re.IGNORECASE)
_FORMULA = re.compile(r"^(?:=|@[A-Za-z]+\(|[+-]\s*(?:[A-Za-z]{2,}\w*[!(|]|cmd))")
_DAMAGE = re.compile("[\ufffd\u25a1\u25af]|\\?{3,}|Ã[\u0080-\u00bf]|â€|Â[\u00a0-\u00bf]")
_DECIMAL = re.compile(r"^(\d+)\.0+$")
_ROUNDED = re.compile(r"^\d(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-f]{1,5});", re.IGNORECASE)
_FIGURE = re.compile(r"^[\d.,\s%]+$")
_DASHES = re.compile(r"^[-=_*.:–—\s]{3,}$")
_WORDS = re.compile(r"[^\W\d_]+")
_PAGE = re.compile(r"^[^\d]{0,10}\d+\s*(?:/|of|von|de|di|van|z|共)\s*\d+\D{0,5}$", re.IGNORECASE)
_DATE = re.compile(r"^(?:19|20)\d\d-\d\d-\d\d(?: 00:00:00)?$")


def read_cell(text: str) -> str:
    """A cell as one clean line; empty for an error of the spreadsheet and for every way to say "not available".

    Quotes that another program left around the text go, and signs written for a web page ("&amp;") are read.
    """
    shown = letters.clean(text)
    if len(shown) > 2 and shown[0] == shown[-1] == "'":
        shown = shown[1:-1].strip()
    if "&" in shown:
        shown = letters.clean(_ENTITY.sub(lambda match: html.unescape(match[0]), shown))
    return "" if letters.is_blank(shown) or (shown.startswith("#") and is_error(shown)) else shown


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
    return words.means(letters.compact(text).rstrip("0123456789"), Meaning.TOTALS)


def is_figure(text: str) -> bool:
    """Whether a cell holds an amount or a count alone."""
    return bool(_FIGURE.match(text.strip()))


def is_dashes(text: str) -> bool:
    """Whether a cell is a rule drawn below a header or above a total."""
    return bool(_DASHES.match(text))


def is_footer(text: str) -> bool:
    """Whether a text that stands alone in its row is a note, a source or a page number, and no supplier."""
    shown = letters.clean(text[:200])
    if shown.startswith("*") or _PAGE.match(shown):
        return True
    opening = shown.lstrip("([*# ")
    for match in reversed(list(_WORDS.finditer(opening))[:3]):
        rest = opening[match.end() :].lstrip(" .")
        # "Note: ..." is one, and "Note Printing Works" is none.
        if words.means(opening[: match.end()], Meaning.FOOTER):
            return not rest or rest[0] in ":：-–)]0123456789"
    return False


def is_date(text: str) -> bool:
    """Whether a cell is a day, as a workbook gives it."""
    return bool(_DATE.match(text))


def list_undecodable(text: str) -> str:
    """The bytes of a cell that did not fit the encoding, as "0x81 0x8d"; empty if all did."""
    return " ".join(f"0x{byte:02x}" for byte in decoding.find_undecodable(text)[:8])


def read_vendor_number(text: str) -> tuple[str, bool]:
    """A vendor number as text, leading zeros kept and "1234.0" read as 1234, and whether it was rounded beyond use."""
    shown = letters.clean(text).removeprefix("'").strip()
    decimal = _DECIMAL.match(shown)
    return (decimal[1] if decimal else shown), bool(_ROUNDED.match(shown))
