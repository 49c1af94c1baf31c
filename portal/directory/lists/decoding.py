"""The text of an uploaded file: which encoding it is in, and where its bytes do not fit that encoding."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import charset_normalizer

from portal.directory.lists import problems

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESSABLE = ["cp1252", "cp1250", "cp1254", "cp1251", "cp1253", "cp1256", "cp874"]
_GUESSABLE += ["gb18030", "big5", "cp932", "cp949"]
# The letters of the languages that are written in each of three encodings which share most of their bytes; the last
# alphabet of each is for lists in several of its languages. The first encoding wins where all fit equally.
_LATIN = {
    "cp1252": (
        "äöüß",
        "àâçèéêëîïôùûœæÿ",
        "áéíñóúü",
        "àáâãçéêíóôõú",
        "àèéìíòóù",
        "åäöæø",
        "àáâãäåæçèéêëìíîïñòóôõöøùúûüßœ",
    ),
    "cp1254": ("çğıöşüâî", "çğıöşüâîäßéè"),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž", "ąćęłńóśźżáčďéěíňřšťúůýžöőüűăâîşţđßä"),
}
# Encodings of DOS and of old Macs, by the alphabets of single languages: a guess must fit one of these alone.
_OLD = ("mac_roman", "cp850")
_OLD_ALPHABETS = _LATIN["cp1252"][:-1]
_USUAL_RUSSIAN = frozenset("оеаинтсрвл")
_FITS, _BETTER, _FEWEST = 0.95, 0.1, 3
# Signs that stand between letters; other signs there were letters in another encoding.
_BETWEEN = re.compile(r"(?<=[^\W\d_])[^\w\s'’‘´`·.,&/+@()\x00-\x7f-](?=[^\W\d_])")
_SAMPLE = 32_768
_ESCAPED = 0xDC00
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_ESCAPES = re.compile("[\udc00-\udcff]")
_ALLOWED = "A list may be UTF-8 or UTF-16 text, or text in the encoding that Excel writes for your language."


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Text, the encoding it was read in, and whether that encoding was a guess.

    A byte that does not fit stands in the text as the code point U+DC00 + byte (`find_undecodable` names it).
    """

    text: str
    encoding: str
    guessed: bool


def decode_text(data: bytes, *, encoding: str | None = None) -> DecodedText:
    """The text of a file; `encoding` is the buyer's own word for it. Raises ListRefused where there is none."""
    if encoding is not None:
        return _decode_named(data, encoding)
    for bom, name in _BOMS:
        if data.startswith(bom):
            return DecodedText(_decode(data[len(bom) :], name), name, guessed=False)
    wide = _find_utf_16(data[:_SAMPLE])
    if wide:
        return DecodedText(_decode(data, wide), wide, guessed=True)
    # Old programs fill the last block of a file with zeros or end it with Ctrl-Z.
    data = data.rstrip(b"\x00\x1a\r\n\t ") + b"\n" if data.endswith((b"\x00", b"\x1a")) else data
    _refuse_binary(data)
    return _decode_bytes(data)


def find_undecodable(text: str) -> tuple[int, ...]:
    """The bytes that did not fit the encoding, in the order of the text."""
    return tuple(ord(character) - _ESCAPED for character in _ESCAPES.findall(text))


def _decode_named(data: bytes, encoding: str) -> DecodedText:
    try:
        name = codecs.lookup(encoding).name
        for bom, bom_name in _BOMS:
            if data.startswith(bom) and bom_name.startswith(name.removesuffix("-sig")):
                return DecodedText(_decode(data[len(bom) :], bom_name), bom_name, guessed=False)
        return DecodedText(_decode(data, name), name, guessed=False)
    except (LookupError, UnicodeError, ValueError) as error:
        raise problems.ListRefused(
            f"The encoding {problems.shorten(encoding)!r} is not known.",
            code="ENCODING_UNKNOWN",
            allowed="Name one like utf-8, utf-16, windows-1252, cp850, koi8-r, gb18030, shift_jis, or leave it out.",
            path=("encoding",),
        ) from error


def _decode_bytes(data: bytes) -> DecodedText:
    try:
        return DecodedText(data.decode("utf-8"), "utf-8", guessed=False)
    except UnicodeDecodeError:
        marked = _decode(data, "utf-8")
    bad = len(_ESCAPES.findall(marked))
    # Bytes of UTF-8 hardly come together by chance: a file that is mostly UTF-8 is UTF-8 with some damage.
    whole = sum(1 for character in marked if character > "\x7f") - bad
    if whole >= 3 * bad:
        return DecodedText(marked, "utf-8", guessed=True)
    name = _guess_encoding(data)
    return DecodedText(_decode(data, name), name, guessed=True)


def _guess_encoding(data: bytes) -> str:
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    sample = data.split(b"\n", 1)[0][:_SAMPLE] + b"\n" + b"\n".join(lines)[:_SAMPLE].rpartition(b"\n")[0]
    if sample.isascii():
        sample = b"\n".join(lines)[:_SAMPLE]
    if _is_koi8(sample):
        return "koi8_r"
    # Two or three bytes are too few to tell a script; as letters of the West they are seen where they do not fit.
    few = sum(1 for byte in sample if byte > 0x7F) < _FEWEST
    guesses = charset_normalizer.from_bytes(sample, cp_isolation=_GUESSABLE, enable_fallback=False)
    best = None if few else guesses.best()
    if best is None or best.encoding in _LATIN:
        found = max(_LATIN, key=lambda encoding: _rate_latin(sample, encoding, _LATIN[encoding]))
        return _guess_old(sample, _rate_latin(sample, found, _LATIN[found])) or found
    return best.encoding


def _is_koi8(sample: bytes) -> bool:
    """Whether words of other letters than ASCII are Russian in KOI8-R: its usual letters are others in windows-1251."""
    words = [word for word in re.findall(rb"[A-Za-z\x80-\xff]{3,}", sample) if not word.isascii()]
    if sum(map(bytes.isascii, (bytes([byte]) for word in words for byte in word))) or len(words) < _FEWEST:
        return False
    usual, shifted = (b" ".join(words).decode(name, "replace").casefold() for name in ("koi8_r", "cp1251"))
    return _count_usual(usual) - _count_usual(shifted) > 0.25


def _count_usual(text: str) -> float:
    found = [character for character in text if character != " "]
    return sum(1 for character in found if character in _USUAL_RUSSIAN) / (len(found) or 1)


def _guess_old(sample: bytes, rated: float) -> str | None:
    """An encoding from before Windows, where only one fits and those of Windows leave letters between signs."""
    rates = {encoding: _rate_latin(sample, encoding, _OLD_ALPHABETS) for encoding in _OLD}
    first, second = sorted(_OLD, key=lambda encoding: -rates[encoding])
    few = sum(1 for byte in sample if byte > 0x7F) < _FEWEST
    clear = rates[first] >= max(_FITS, rated + _BETTER, rates[second] + _BETTER)
    return first if clear and not few else None


def _rate_latin(sample: bytes, encoding: str, alphabets: Sequence[str]) -> float:
    """How well the letters beyond ASCII fit the alphabet of one language of that encoding (1: all of them do)."""
    text = sample.decode(encoding, "replace").casefold()
    special = [character for character in text if character > "\u00a0"]
    counts = Counter(
        character for character in special if character.isalpha() or character in "\ufffd\u00b3\u00b9\u00bf"
    )
    total = counts.total() + len(_BETWEEN.findall(text)) or 1
    return max(sum(counts[letter] for letter in alphabet) / total for alphabet in alphabets)


def _find_utf_16(sample: bytes) -> str | None:
    """UTF-16 without its mark: delimiters and line ends are then pairs of a zero and an ASCII byte."""
    units = len(sample) // 2
    if units < 2:
        return None
    first, second = sample[0 : 2 * units : 2], sample[1 : 2 * units : 2]
    little, big = second.count(0) / units, first.count(0) / units
    if little > 0.05 and big < little / 4:
        return "utf-16-le"
    if big > 0.05 and little < big / 4:
        return "utf-16-be"
    return None


def _refuse_binary(data: bytes) -> None:
    odd = len(_NOT_TEXT.findall(data[:_SAMPLE]))
    if odd > 8 + len(data[:_SAMPLE]) // 200:
        raise problems.ListRefused("The file is not a text file.", code="NOT_TEXT", allowed=_ALLOWED)


def _decode(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors=_ERRORS)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(_ESCAPED + byte) for byte in bad), error.end


_ERRORS = "portal.escape"
codecs.register_error(_ERRORS, _escape)
