"""Pictures, by their headers alone: how many points they have, and whether they are whole."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from portal.assessments.refusals import Refused

MAX_PIXELS = 100_000_000
MAX_SIDE = 30_000
MAX_PARTS = 100_000
CHUNK = 1 << 20
# Markers that start a frame: C0 to CF without tables (C4), reserved (C8) and conditioning (CC).
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
BOXES_AROUND_SIZE = frozenset({b"meta", b"iprp", b"ipco"})


def check_size(width: int, height: int) -> None:
    """Raise Refused for a picture without points or with far too many."""
    if width < 1 or height < 1:
        raise Refused("CORRUPT")
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise Refused("TOO_MANY_PIXELS")


def check_jpeg(file: BinaryIO) -> None:
    """Raise Refused for a JPEG that is too large or has no frame or no end."""
    file.seek(2)
    for marker, length in _list_segments(file):
        if marker in FRAMES:
            frame = file.read(min(length, 5))
            if len(frame) < 5:
                raise Refused("CORRUPT")
            check_size(int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
            break
    else:
        raise Refused("CORRUPT")
    if not _holds(file, b"\xff\xd9"):
        raise Refused("CORRUPT")


def _list_segments(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Markers with the length of what follows, up to the picture's data; the file stands at what follows."""
    for _ in range(MAX_PARTS):
        start = file.read(2)
        while start[:1] == b"\xff" and start[1:] == b"\xff":  # fill bytes
            start = b"\xff" + file.read(1)
        if len(start) < 2 or start[0] != 0xFF or start[1] in (0xD9, 0xDA):
            return
        if start[1] in BARE:
            continue
        length = int.from_bytes(file.read(2), "big") - 2
        if length < 0:
            return
        place = file.tell()
        yield start[1], length
        file.seek(place + length)


def _holds(file: BinaryIO, mark: bytes) -> bool:
    tail = b""
    while chunk := file.read(CHUNK):
        if mark in tail + chunk:
            return True
        tail = chunk[-1:]
    return False


def check_png(file: BinaryIO, size: int) -> None:
    """Raise Refused for a PNG that is too large, damaged in its header, or cut off."""
    file.seek(0)
    if file.read(8) != b"\x89PNG\r\n\x1a\n":
        raise Refused("CORRUPT")
    header = file.read(25)
    if header[:8] != b"\0\0\0\rIHDR" or zlib.crc32(header[4:21]).to_bytes(4, "big") != header[21:]:
        raise Refused("CORRUPT")
    check_size(int.from_bytes(header[8:12], "big"), int.from_bytes(header[12:16], "big"))
    place, kinds = 33, set[bytes]()
    for _ in range(MAX_PARTS):
        file.seek(place)
        start = file.read(8)
        place += 12 + int.from_bytes(start[:4], "big")
        if len(start) < 8 or place > size:
            break
        if not _is_intact(file, start[4:], int.from_bytes(start[:4], "big")):
            raise Refused("CORRUPT")
        kinds.add(start[4:])
        if start[4:] == b"IEND":
            break
    if not {b"IDAT", b"IEND"} <= kinds:
        raise Refused("CORRUPT")


def _is_intact(file: BinaryIO, name: bytes, length: int) -> bool:
    """Whether a part of a PNG, at whose content the file stands, has the checksum that follows it."""
    check = zlib.crc32(name)
    while length and (content := file.read(min(length, CHUNK))):
        check, length = zlib.crc32(content, check), length - len(content)
    return check.to_bytes(4, "big") == file.read(4)


def check_heic(file: BinaryIO, size: int) -> None:
    """Raise Refused for a HEIC that is too large or cut off, and for other files of the same family, such as films."""
    file.seek(0)
    length = int.from_bytes(file.read(4), "big")
    if not 16 <= length <= min(size, 4096):
        raise Refused("CORRUPT")
    listed = file.read(length - 4)[4:]
    brands = {listed[:4], *(listed[place : place + 4] for place in range(8, len(listed), 4))}
    if not brands & HEIC_BRANDS:
        raise Refused("TYPE_NOT_ALLOWED")
    sizes = list(_list_sizes(file, 0, size, [MAX_PARTS]))
    if not sizes:
        raise Refused("CORRUPT")
    for width, height in sizes:
        check_size(width, height)


def _list_sizes(file: BinaryIO, place: int, end: int, left: list[int]) -> Iterator[tuple[int, int]]:
    """Width and height of every picture described; `left` bounds how many boxes are looked at."""
    while place + 8 <= end:
        left[0] -= 1
        file.seek(place)
        start = file.read(16)
        length, inner = int.from_bytes(start[:4], "big"), place + 8
        if length == 1:
            length, inner = int.from_bytes(start[8:16], "big"), place + 16
        elif length == 0:
            length = end - place
        if length < inner - place or place + length > end or left[0] < 0:
            raise Refused("CORRUPT")
        name = start[4:8]
        if name == b"ispe":
            file.seek(inner + 4)
            content = file.read(8)
            yield int.from_bytes(content[:4], "big"), int.from_bytes(content[4:], "big")
        elif name in BOXES_AROUND_SIZE:
            yield from _list_sizes(file, inner + (4 if name == b"meta" else 0), place + length, left)
        place += length
