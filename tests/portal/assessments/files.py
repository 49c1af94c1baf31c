"""Files for tests, good and bad, made byte by byte so that none of them is kept anywhere."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
MAIN = {WORD: "word/document.xml", SHEET: "xl/workbook.xml", SLIDES: "ppt/presentation.xml"}


def make_pdf(body: bytes = b"", trailer: bytes = b"<< /Size 1 >>") -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n" + body + b"trailer " + trailer + b"\nstartxref\n9\n%%EOF\n"
    )


def make_zip(entries: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


def make_office(kind: str = WORD, more: Mapping[str, bytes] | None = None, types: str = "", head: str = "") -> bytes:
    part = MAIN.get(kind, "word/document.xml")
    listed = (
        f'<?xml version="1.0"?>{head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{part}" ContentType="{kind}"/>{types}</Types>'
    )
    return make_zip({"[Content_Types].xml": listed.encode(), part: b"<document/>", **(more or {})})


def pack_in_pdf(objects: bytes, head: bytes = b"/Type /ObjStm ") -> bytes:
    """A PDF whose dictionaries lie in an object stream, where they cannot be read without unpacking."""
    packed = zlib.compress(objects)
    stream = b"5 0 obj << " + head + b"/Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    return make_pdf(stream + packed + b"\nendstream endobj\n")


def make_relations(kind: str, target: str) -> bytes:
    """Relations of a part to something that is elsewhere."""
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        f'{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    ).encode()


def make_png_with_bad_data() -> bytes:
    """A PNG whose header is good and whose points were changed on the way."""
    made = bytearray(make_png())
    made[made.index(b"IDAT") + 6] ^= 0xFF
    return bytes(made)


def spoil_lzma(archive: bytes) -> bytes:
    """The same archive packed by LZMA, which says of each entry that it is packed as nothing can be."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        content = make_zip({name: packed.read(name) for name in packed.namelist()}, zipfile.ZIP_LZMA)
    size, settings = content[content.find(b"\x05\x00\x5d") - 2 :][:4], b"\x5d"
    assert size[2:] == b"\x05\x00"
    return content.replace(size + settings, size + b"\xff")


def make_locked_zip() -> bytes:
    """An archive whose entries say that they need a password."""
    content = bytearray(make_office())
    place = 0
    while (place := content.find(b"PK\x01\x02", place)) >= 0:
        content[place + 8] |= 1
        place += 4
    place = 0
    while (place := content.find(b"PK\x03\x04", place)) >= 0:
        content[place + 6] |= 1
        place += 4
    return bytes(content)


def make_liar(entries: int) -> bytes:
    """An archive that says it has more entries than anybody should read."""
    content = bytearray(make_office())
    end = content.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", content, end + 8, entries, entries)
    return bytes(content)


def make_overlapping() -> bytes:
    """An archive whose directory names the same bytes many times under different names."""
    content = make_office(more={"big.xml": bytes(1_000_000)})
    start, end = content.find(b"PK\x01\x02"), content.rfind(b"PK\x05\x06")
    directory = content[start:end]
    places = [place for place in range(len(directory)) if directory.startswith(b"PK\x01\x02", place)]
    entry = directory[places[-1] :]
    copies = [entry.replace(b"big.xml", f"b{n:02}.xml".encode()) for n in range(60)]
    whole = directory + b"".join(copies)
    count = len(places) + len(copies)
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(whole), start, 0)
    return content[:start] + whole + tail


def make_png(width: int = 8, height: int = 8, *, end: bool = True, good: bool = True) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content) if good else 0
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(8) for _ in range(8)))
    last = chunk(b"IEND", b"") if end else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + last


def make_jpeg(width: int = 8, height: int = 8, *, frame: bool = True, end: bool = True) -> bytes:
    app = b"\xff\xe0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0"
    size = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
    data = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + bytes(20)
    return b"\xff\xd8" + app + (size if frame else b"") + data + (b"\xff\xd9" if end else b"")


def make_heic(width: int = 8, height: int = 8, brand: bytes = b"heic", *, sized: bool = True, cut: int = 0) -> bytes:
    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content) + 8) + name + content

    size = box(b"ispe", bytes(4) + struct.pack(">II", width, height)) if sized else b""
    meta = box(b"meta", bytes(4) + box(b"iprp", box(b"ipco", size)))
    whole = box(b"ftyp", brand + bytes(4) + brand) + meta + box(b"mdat", bytes(64))
    return whole[: len(whole) - cut]


def make_ole(locked: bool = False) -> bytes:
    name = "EncryptedPackage" if locked else "WordDocument"
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + name.encode("utf-16-le") + bytes(512)
