"""Office files are archives: which kind, by their list of content types, and whether anything bad is packed inside."""

import itertools
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from portal.assessments.refusals import Refused
from questionnaires.xlsx import BROKEN

MAX_ENTRIES = 5_000
MAX_DIRECTORY = 2_000_000  # bytes
MAX_UNPACKED = 400_000_000  # bytes, of everything inside together
FREE_UNPACKED = 20_000_000  # bytes; up to here any ratio is harmless
MAX_RATIO = 150
MAX_DEPTH = 1  # a document may hold the spreadsheet of a chart, and that one no further archive
MAX_CONTENT_TYPES = 1_000_000  # bytes
CHUNK = 1 << 18
CONTENT_TYPES = "[Content_Types].xml"
PREFIX = "application/vnd.openxmlformats-officedocument."
MAIN_TYPES = {
    PREFIX + "wordprocessingml.document.main+xml": "docx",
    PREFIX + "spreadsheetml.sheet.main+xml": "xlsx",
    PREFIX + "presentationml.presentation.main+xml": "pptx",
}
MACRO_TYPES = ("macroenabled", "vbaproject", "vbadata", "macrosheet")
MACRO_NAMES = ("vbaproject.bin", "vbadata.xml", "/macrosheets/", "/dialogsheets/")
MACRO_ENDS = (".docm", ".dotm", ".xlsm", ".xltm", ".xlsb", ".xlam", ".pptm", ".potm", ".ppsm")
ARCHIVE = b"PK\x03\x04"
PROGRAMS = (b"\xd0\xcf\x11\xe0", b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"#!")
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
# A template, an object or a frame that is fetched from elsewhere, and a field that starts a program.
REMOTE = re.compile(
    rb"""relationships/(?:attachedTemplate|oleObject|frame|subDocument|aFChunk)"[^<>]{0,2000}TargetMode\s*=\s*["']External"""
    rb"""|TargetMode\s*=\s*["']External["'][^<>]{0,2000}relationships/(?:attachedTemplate|oleObject|frame|subDocument)\b"""
    rb"""|<(?:\w+:)?ddeLink\b|\bDDEAUTO\b"""
)
OVERLAP = 4096
END_OF_DIRECTORY = b"PK\x05\x06"
LARGE_DIRECTORY = b"PK\x06\x07"
LONGEST_END = 22 + 65_535


@dataclass
class Budget:
    """What is left to unpack, over everything inside and inside of that."""

    packed: int
    entries: int = 0
    unpacked: int = 0

    def take_entries(self, count: int) -> None:
        self.entries += count
        if self.entries > MAX_ENTRIES:
            raise Refused("ZIP_BOMB")

    def take(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > MAX_UNPACKED or self.unpacked > max(FREE_UNPACKED, MAX_RATIO * self.packed):
            raise Refused("ZIP_BOMB")


def find_office_kind(file: BinaryIO, size: int) -> str:
    """docx, xlsx or pptx; raises Refused for any other archive, and for one that is broken, locked or dangerous."""
    return _check_archive(file, size, Budget(packed=size), depth=0)


def is_archive(file: BinaryIO, size: int) -> bool:
    """Whether a program that unpacks archives would take the file for one, whatever else it is."""
    file.seek(max(0, size - LONGEST_END))
    tail = file.read()
    end = tail.rfind(END_OF_DIRECTORY)
    return (
        end >= 0
        and len(tail) - end >= 22
        and len(tail) - end - 22 == int.from_bytes(tail[end + 20 : end + 22], "little")
    )


def _check_archive(file: BinaryIO, size: int, budget: Budget, *, depth: int) -> str:
    _check_directory(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_entries(entries, size, budget)
            kind = _find_kind(archive, {entry.filename for entry in entries})
            for entry in entries:
                _check_entry(archive, entry, budget, depth)
            return kind
    except BROKEN:
        raise Refused("CORRUPT") from None


def _check_directory(file: BinaryIO, size: int) -> None:
    """Look at the directory's own size before the library reads it whole."""
    file.seek(max(0, size - LONGEST_END))
    tail = file.read()
    end = tail.rfind(END_OF_DIRECTORY)
    if end < 0 or len(tail) - end < 22:
        raise Refused("CORRUPT")
    if LARGE_DIRECTORY in tail[max(0, end - 20) : end]:
        raise Refused("ZIP_BOMB")
    entries = int.from_bytes(tail[end + 10 : end + 12], "little")
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    if entries > MAX_ENTRIES or directory > MAX_DIRECTORY:
        raise Refused("ZIP_BOMB")


def _check_entries(entries: list[zipfile.ZipInfo], size: int, budget: Budget) -> None:
    budget.take_entries(len(entries))
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("ENCRYPTED")
    # Entries that share their bytes unpack to far more than there is.
    if sum(entry.compress_size for entry in entries) > size:
        raise Refused("ZIP_BOMB")
    if len({entry.filename for entry in entries}) < len(entries):
        raise Refused("CORRUPT")
    for name in (entry.filename.lower() for entry in entries):
        if any(part in f"/{name}" for part in MACRO_NAMES) or name.endswith(MACRO_ENDS):
            raise Refused("MACROS")
        if "activex" in name:
            raise Refused("ACTIVE_CONTENT")
        if name.startswith("/") or ".." in name.replace("\\", "/").split("/"):
            raise Refused("CORRUPT")


def _find_kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    if CONTENT_TYPES not in names:
        raise Refused("TYPE_NOT_ALLOWED")
    parts = _read_content_types(archive)
    if any(word in kind.lower() for kind, _ in parts for word in MACRO_TYPES):
        raise Refused("MACROS")
    found = [(MAIN_TYPES[kind], part) for kind, part in parts if kind in MAIN_TYPES]
    if not found:
        raise Refused("TYPE_NOT_ALLOWED")
    kind, part = found[0]
    if len(found) > 1 or part.lstrip("/") not in names:
        raise Refused("CORRUPT")
    return kind


def _read_content_types(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Each content type with the part that has it; the parser is given no document type and so no entities."""
    with archive.open(CONTENT_TYPES) as opened:
        content = opened.read(MAX_CONTENT_TYPES + 1)
    if len(content) > MAX_CONTENT_TYPES:
        raise Refused("ZIP_BOMB")
    found: list[tuple[str, str]] = []

    def note(name: str, attributes: dict[str, str]) -> None:
        if "ContentType" in attributes:
            found.append((attributes["ContentType"], attributes.get("PartName", "")))

    def refuse(*_: object) -> None:
        raise Refused("CORRUPT")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = note
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        raise Refused("CORRUPT") from None
    return found


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget, depth: int) -> None:
    """Unpack an entry without keeping it, which also compares its checksum; an archive inside is looked at as well."""
    chunks = _unpack(archive, entry, budget)
    first = next(chunks, b"")
    if first.startswith(PROGRAMS):
        raise Refused("EMBEDDED_FILES")
    if not first.startswith(ARCHIVE):
        _check_part(entry.filename.lower(), first, chunks)
        return
    if depth >= MAX_DEPTH:
        raise Refused("ZIP_BOMB")
    with tempfile.SpooledTemporaryFile(max_size=1_000_000) as inner:
        inner.write(first)
        for chunk in chunks:
            inner.write(chunk)
        try:
            _check_archive(inner, inner.tell(), budget, depth=depth + 1)  # type: ignore[arg-type]  # seekable binary
        except Refused as refused:
            raise Refused("EMBEDDED_FILES" if refused.code == "TYPE_NOT_ALLOWED" else refused.code) from None


def _check_part(name: str, first: bytes, chunks: Iterator[bytes]) -> None:
    """Look at XML, which declares no entities here, and fetches and starts nothing; other parts are only counted."""
    is_xml, tail = name.endswith((".xml", ".rels", ".vml")), b""
    if is_xml and DECLARATION.search(first[:4096].replace(b"\0", b"")):
        raise Refused("CORRUPT")
    for chunk in itertools.chain((first,), chunks):
        if is_xml and REMOTE.search(tail + chunk):
            raise Refused("ACTIVE_CONTENT")
        tail = chunk[-OVERLAP:]


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    with archive.open(entry) as opened:
        while chunk := opened.read(CHUNK):
            budget.take(len(chunk))
            yield chunk
