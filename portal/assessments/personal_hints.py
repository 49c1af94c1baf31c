"""A plain hint that a document may hold data of persons: a word in its name, numbers of identity, lists of addresses.

Numbers count only where their check digits are right. It sees text that stands in a file as text: no pictures and no
scans, and of a PDF what its fonts do not encode. So no hint says nothing, and a hint is one, not a verdict.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

MOST_TEXT = 2_000_000  # characters that are looked at
MOST_PART = 2_000_000  # bytes of one part of a file
MOST_PARTS = 300
MOST_UNPACKED = 20_000_000  # bytes of all parts together
LEAST_ADDRESSES = 5
CHUNK = 1 << 20
NAMES = re.compile(
    r"passport|passeport|pasaporte|\bid[ _-]?cards?\b|identity|identidad|identit[eé]|ausweis|birth[ _-]?cert"
    r"|payslip|payroll|salar(?:y|ies)|n[oó]mina|bulletins?[ _-]de[ _-](?:paie|salaire)|medical|m[eé]dico"
    r"|driv(?:er|ing)[ _-]?licen[cs]e"
    r"|hộ chiếu|căn cước|cccd|bảng lương|护照|身份证|工资|جواز|هوية|رواتب",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
CHINESE = re.compile(r"(?<!\w)\d{17}[\dXx](?!\w)")
BRAZILIAN = re.compile(r"(?<![\w.])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\w)")
SPANISH = re.compile(r"(?<!\w)[XYZ]?\d{7,8}-?[A-Z](?!\w)")
BANK = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
AMERICAN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
PASSPORT = re.compile(r"P[A-Z<][A-Z]{3}[A-Z<]{39}")
LINE_ENDS = re.compile(rb"</(?:w:p|a:p|w:tc|c|si|row)>|<w:(?:br|tab)[ /]")
TAGS = re.compile(rb"<[^<>]{0,4000}>")
PDF_STREAM = re.compile(rb"stream\r?\n")
PDF_TEXT = re.compile(
    rb"""\[((?:[^\[\]()]{0,20}+\((?:\\.|[^()\\]){0,500}+\)){1,200}+)[^\[\]()]{0,20}+\]\s{0,20}+TJ"""
    rb"""|(?<!\\)(\((?:\\.|[^()\\]){0,500}+\))\s{0,20}+(?:Tj|')""",
    re.DOTALL,
)
PDF_LITERAL = re.compile(rb"\(((?:\\.|[^()\\])*)\)", re.DOTALL)


def find_hints(file: BinaryIO, kind: str, file_name: str) -> list[str]:
    """Which of FILE_NAME, ID_NUMBERS and EMAIL_ADDRESSES a checked file of this kind gives rise to, in this order."""
    text = "\n".join(take(_list_texts(file, kind)))
    found = {
        "FILE_NAME": NAMES.search(file_name) is not None,
        "ID_NUMBERS": has_number(text),
        "EMAIL_ADDRESSES": has_addresses(text),
    }
    return [name for name, holds in found.items() if holds]


def take(texts: Iterator[str]) -> Iterator[str]:
    """As much of the texts as is looked at."""
    left = MOST_TEXT
    for text in texts:
        yield text[:left]
        left -= len(text)
        if left <= 0:
            return


def has_addresses(text: str) -> bool:
    """Whether a text names several addresses, as a list of persons does and a letterhead does not."""
    seen = set[str]()
    for found in ADDRESS.finditer(text):
        seen.add(found.group().lower())
        if len(seen) >= LEAST_ADDRESSES:
            return True
    return False


def has_number(text: str) -> bool:
    """Whether a text holds a number of identity or a bank account whose check digits are right."""
    return any(rule(found.group()) for pattern, rule in NUMBERS for found in pattern.finditer(text))


def is_chinese(number: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper() and "1900" <= number[6:10] <= "2100"


def is_brazilian(number: str) -> bool:
    digits = [int(one) for one in number if one.isdigit()]
    if len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum(digit * (length + 1 - place) for place, digit in enumerate(digits[:length]))
        if (total * 10 % 11) % 10 != digits[length]:
            return False
    return True


def is_spanish(number: str) -> bool:
    plain = number.replace("-", "")
    digits = plain[:-1].translate(str.maketrans("XYZ", "012"))
    return len(digits) == 8 and "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == plain[-1]


def is_bank(number: str) -> bool:
    plain = number.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1


NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (CHINESE, is_chinese),
    (BRAZILIAN, is_brazilian),
    (SPANISH, is_spanish),
    (BANK, is_bank),
    (AMERICAN, lambda number: True),
    (PASSPORT, lambda line: True),
)


def _list_texts(file: BinaryIO, kind: str) -> Iterator[str]:
    file.seek(0)
    if kind == "text":
        yield _decode(file.read(MOST_TEXT))
    elif kind in ("docx", "xlsx", "pptx"):
        yield from _list_office(file)
    elif kind == "pdf":
        yield from _list_pdf(file)


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8", "replace")


def _list_office(file: BinaryIO) -> Iterator[str]:
    """The words of the parts that hold some, with a line for each paragraph and cell."""
    with zipfile.ZipFile(file) as archive:
        names = [
            name for name in archive.namelist() if name.endswith(".xml") and not name.startswith(("docProps", "["))
        ]
        left = MOST_UNPACKED
        for name in names[:MOST_PARTS]:
            with archive.open(name) as part:
                content = part.read(min(MOST_PART, left))
            left -= len(content)
            yield TAGS.sub(b"", LINE_ENDS.sub(b"\n", content)).decode("utf-8", "replace")


def _list_pdf(file: BinaryIO) -> Iterator[str]:
    """What the pages of a PDF show, as far as it stands there letter by letter."""
    places = list[int]()
    tail, place = b"", 0
    while (chunk := file.read(CHUNK)) and len(places) < MOST_PARTS:
        window = tail + chunk
        places += [place - len(tail) + found.end() for found in PDF_STREAM.finditer(window)]
        tail, place = chunk[-7:], place + len(chunk)
    left = MOST_UNPACKED
    for start in dict.fromkeys(places[:MOST_PARTS]):
        file.seek(start)
        page = _unpack_page(file.read(MOST_PART))[: max(left, 0)]
        left -= len(page)
        yield _read_page(page)


def _unpack_page(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, MOST_PART)
    except zlib.error:
        return content.partition(b"endstream")[0]


def _read_page(page: bytes) -> str:
    shown = (found.group(1) or found.group(2) for found in PDF_TEXT.finditer(page))
    return "\n".join(b"".join(PDF_LITERAL.findall(one)).decode("latin-1") for one in shown)
