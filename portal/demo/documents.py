"""Small real files for the demo's evidence: a photo, a page of a document and a table, each made by code."""

import struct
import zlib
from collections.abc import Sequence
from datetime import date

from portal.demo import chance

WIDTH, HEIGHT = 96, 64  # pixels


def draw_photo(*about: object) -> bytes:
    """A PNG of bands of color, as different from supplier to supplier as photos are."""
    source = chance.draw("photo", *about)
    bands = [bytes(source.randrange(60, 220) for _ in range(3)) for _ in range(8)]
    rows = b"".join(b"\x00" + bands[y * len(bands) // HEIGHT] * WIDTH for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = _write_chunk(b"IHDR", header) + _write_chunk(b"IDAT", zlib.compress(rows)) + _write_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _write_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def write_page(lines: Sequence[str]) -> bytes:
    """A PDF of one page with these lines of plain text."""
    shown = "".join(f"({_escape(line)}) Tj T* " for line in lines)
    content = f"BT /F1 12 Tf 18 TL 72 770 Td {shown}ET".encode("ascii", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return _assemble(objects)


def _assemble(objects: Sequence[bytes]) -> bytes:
    """The objects with the table of where each begins."""
    whole, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    ending = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\n" % (size, table, size)
    return whole + ending + b"startxref\n%d\n%%%%EOF\n" % len(whole)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def write_pay_table(day: date, *about: object) -> bytes:
    """A CSV of three payslips without names, in a currency that does not exist."""
    source = chance.draw("pay", *about)
    lines = ["month,worker,hours,pay in demo coins"]
    for worker in ("A", "B", "C"):
        hours = source.randrange(150, 200)
        lines.append(f"{day:%Y-%m},{worker},{hours},{hours * source.randrange(11, 15)}")
    return ("\n".join(lines) + "\n").encode()
