"""PDF files: whether one is whole, and whether its dictionaries ask for a password, run something or carry files.

Dictionaries stand in the open, or packed in object streams, which are unpacked as far as a limit; nothing else is.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from portal.assessments.refusals import Refused

CHUNK = 1 << 20
OVERLAP = 128
MOST_STREAMS = 20_000
MOST_UNPACKED = 4_000_000  # bytes of one object stream; an honest one has some 100 kB
MOST_UNPACKED_ALL = 64_000_000  # bytes of all of them, which bounds the time
ENCRYPTION = re.compile(rb"/Encrypt\s*(?:<<|\d+\s+\d+\s+R)")
ACTIVE = re.compile(rb"/(?:JavaScript|Launch|RichMedia)[\s/<(\[\]>]")
EMBEDDED = re.compile(rb"/EmbeddedFiles?[\s/<(\[\]>]")
PACKED = re.compile(rb"/ObjStm[\s/<(\[\]>]")
STREAM = re.compile(rb"stream\r?\n")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def check_pdf(file: BinaryIO, size: int) -> None:
    """Raise Refused for a PDF that is cut off, locked, active, or carries other files."""
    file.seek(max(0, size - 2048))
    if b"%%EOF" not in file.read():
        raise Refused("CORRUPT")
    packed = set[int]()
    for place, window in _read_windows(file):
        check_names(window)
        packed |= {place + found.start() for found in PACKED.finditer(window)}
        if len(packed) > MOST_STREAMS:
            raise Refused("CORRUPT")
    left = MOST_UNPACKED_ALL
    starts = (_find_stream(file, place) for place in sorted(packed))
    for start in dict.fromkeys(one for one in starts if one is not None):  # several marks may share one
        content = _unpack(file, start)
        left -= len(content)
        if left < 0:
            raise Refused("ZIP_BOMB")
        check_names(content)


def check_names(content: bytes) -> None:
    """Raise Refused for a name of what is not taken, also one that is spelled with escapes."""
    if b"#" in content:
        content = ESCAPED.sub(lambda found: bytes([int(found.group(1), 16)]), content)
    if ENCRYPTION.search(content):
        raise Refused("ENCRYPTED")
    if ACTIVE.search(content):
        raise Refused("ACTIVE_CONTENT")
    if EMBEDDED.search(content):
        raise Refused("EMBEDDED_FILES")


def _find_stream(file: BinaryIO, place: int) -> int | None:
    """Where the stream begins whose dictionary has a name at a place."""
    file.seek(place)
    found = STREAM.search(file.read(4096))
    return None if found is None else place + found.end()


def _unpack(file: BinaryIO, start: int) -> bytes:
    """The objects of the stream that begins there; nothing where it is not packed by Flate."""
    unpacker, made = zlib.decompressobj(), bytearray()
    file.seek(start)
    try:
        while not unpacker.eof and (chunk := unpacker.unconsumed_tail or file.read(CHUNK)):
            made += unpacker.decompress(chunk, MOST_UNPACKED + 1 - len(made))
            if len(made) > MOST_UNPACKED:
                raise Refused("ZIP_BOMB")
    except zlib.error:
        return bytes(made)
    return bytes(made)


def _read_windows(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Chunks with where they begin, which overlap, so that a name on a border is seen whole in one of them."""
    file.seek(0)
    tail, place = b"", 0
    while chunk := file.read(CHUNK):
        yield place - len(tail), tail + chunk
        place += len(chunk)
        tail = chunk[-OVERLAP:]
