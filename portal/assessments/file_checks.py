"""What a file really is, by its content: an allow-list of kinds, each looked at closely enough to refuse a bad one."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from portal.assessments import office_files, pdf_files, picture_files
from portal.assessments.refusals import Refused

CHUNK = 1 << 20
HEAD = 4096
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OFFICE = "application/vnd.openxmlformats-officedocument."
# The kind of a file, the ends of names that fit it, and how it is served.
EXTENSIONS = {
    "pdf": (".pdf",),
    "docx": (".docx",),
    "xlsx": (".xlsx",),
    "pptx": (".pptx",),
    "jpg": (".jpg", ".jpeg"),
    "png": (".png",),
    "heic": (".heic", ".heif"),
    "text": (".csv", ".txt"),
}
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": OFFICE + "wordprocessingml.document",
    ".xlsx": OFFICE + "spreadsheetml.sheet",
    ".pptx": OFFICE + "presentationml.presentation",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".csv": "text/csv",
    ".txt": "text/plain",
}
MACRO_EXTENSIONS = frozenset({".docm", ".dotm", ".xlsm", ".xltm", ".xlsb", ".xlam", ".pptm", ".potm", ".ppsm"})
OLD_EXTENSIONS = frozenset({".doc", ".xls", ".ppt"})
# What reads as text and is none of the two texts that are accepted.
OTHER_TEXTS = (
    "<!",
    "<html",
    "<svg",
    "<?",
    "<script",
    "<body",
    "<iframe",
    "{\\rtf",
    "%!ps",
    "#!",
    "begin:",
    "mime-version:",
)
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
CONTROL = bytes(sorted({*range(32), 127} - {9, 10, 12, 13}))
CONTROL_CHARACTERS = re.compile(f"[{re.escape(CONTROL.decode())}]")
# What makes a spreadsheet run a program or call another server when it opens a table.
FORMULA = re.compile(
    r"""(?:^|[,;\t\r\n])[ ]*"?[=+\-@][\w.:()+*/&"\\-]{0,100}?"""
    r"""(?:\|[^,;\t\r\n]{0,200}!|(?:HYPERLINK|WEBSERVICE|IMPORT[A-Z]{2,10}|DDE|CALL|EXEC|REGISTER)\()""",
    re.IGNORECASE,
)
OVERLAP = 256


@dataclass(frozen=True)
class Checked:
    """What a good file is."""

    kind: str
    media_type: str


def check_name(file_name: str) -> str:
    """The end of a file's name, in small letters; raises Refused for one that no accepted kind has."""
    extension = PurePosixPath(file_name.strip()).suffix.lower()
    if extension in MACRO_EXTENSIONS:
        raise Refused("MACROS")
    if extension in OLD_EXTENSIONS:
        raise Refused("OLD_FORMAT")
    if extension not in MEDIA_TYPES:
        raise Refused("TYPE_NOT_ALLOWED")
    return extension


def check_file(file: BinaryIO, file_name: str) -> Checked:
    """Look at a whole file, which must be seekable; raises Refused with the reason. Never opens what is inside."""
    size = file.seek(0, 2)
    if size == 0:
        raise Refused("EMPTY")
    kind = find_kind(file, size)
    extension = check_name(file_name)
    if extension not in EXTENSIONS[kind]:
        raise Refused("EXTENSION_MISMATCH")
    return Checked(kind, MEDIA_TYPES[extension])


def find_kind(file: BinaryIO, size: int) -> str:
    """The kind by content alone; raises Refused for a bad file or another kind."""
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(b"PK"):
        return office_files.find_office_kind(file, size)
    if office_files.is_archive(file, size):
        raise Refused("EMBEDDED_FILES")
    if head.startswith(b"%PDF-"):
        pdf_files.check_pdf(file, size)
        return "pdf"
    if head.startswith(OLE):
        raise Refused(_judge_old_office(file))
    if head.startswith(b"\xff\xd8\xff"):
        picture_files.check_jpeg(file)
        return "jpg"
    if head.startswith(b"\x89PNG"):
        picture_files.check_png(file, size)
        return "png"
    if head[4:8] == b"ftyp":
        picture_files.check_heic(file, size)
        return "heic"
    _check_text(file)
    return "text"


def _judge_old_office(file: BinaryIO) -> str:
    """A locked DOCX, XLSX or PPTX comes in the envelope of the old formats."""
    locked = "EncryptedPackage".encode("utf-16-le")
    return "ENCRYPTED" if any(locked in window for window in _read_windows(file)) else "OLD_FORMAT"


def _check_text(file: BinaryIO) -> None:
    file.seek(0)
    head = file.read(CHUNK)
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if head.startswith(mark)), None)
    # Without a mark the encoding is not known: any of bytes that no text of old or new encodings has.
    decoder = codecs.getincrementaldecoder(encoding or "latin-1")()
    tail, is_first = "", True
    try:
        for chunk in _read_chunks(file):
            window = decoder.decode(chunk)
            if is_first and window.lstrip("\ufeff \t\r\n").lower().startswith(OTHER_TEXTS):
                raise Refused("TYPE_NOT_ALLOWED")
            if CONTROL_CHARACTERS.search(window):
                raise Refused("TYPE_NOT_ALLOWED")
            if FORMULA.search(tail + window if not is_first else "\n" + window.lstrip("\ufeff")):
                raise Refused("ACTIVE_CONTENT")
            tail, is_first = window[-2 * OVERLAP :], False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Refused("CORRUPT") from None


def _read_chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _read_windows(file: BinaryIO) -> Iterator[bytes]:
    """Chunks that overlap, so that a short text on a border is seen whole in one of them."""
    tail = b""
    for chunk in _read_chunks(file):
        yield tail + chunk
        tail = chunk[-OVERLAP:]
