"""What gives rise to a hint at data of persons, and what does not; every number here is made up."""

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.assessments import personal_hints
from tests.portal.assessments import files
from tests.portal.assessments.files import SHEET, SLIDES, WORD, make_office

PEOPLE = "\n".join(f"person{n}@workers.example" for n in range(5))


def hint(content: bytes | str, kind: str = "text", name: str = "list.csv") -> list[str]:
    return personal_hints.find_hints(io.BytesIO(content.encode() if isinstance(content, str) else content), kind, name)


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "11010519491231002x",
        "529.982.247-25",
        "12345678Z",
        "X1234567L",
        "GB82 WEST 1234 5698 7654 32",
        "DE89370400440532013000",
        "078-05-1120",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    ],
)
def test_numbers_of_identity_are_seen(number: str) -> None:
    assert hint(f"Name;Number\nSomebody;{number};\n") == ["ID_NUMBERS"]


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # a wrong check digit
        "529.982.247-26",
        "111.111.111-11",
        "12345678A",
        "GB83 WEST 1234 5698 7654 32",
        "Order 078-05-11204, lot 20260102-05-1120",
        "+84 90 123 45 67; 1.234.567,89; 2026-11-30",
        "Write to info@weavers.example or office@weavers.example",
        "",
    ],
)
def test_other_numbers_and_a_letterhead_are_not(text: str) -> None:
    assert hint(text) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Passport Nguyen.pdf", True),
        ("payslips_2025-03.pdf", True),
        ("Bảng lương tháng 3.pdf", True),
        ("护照.jpg", True),
        ("fire policy.pdf", False),
        ("incident card.pdf", False),
    ],
)
def test_names_of_files_speak(name: str, expected: bool) -> None:
    assert hint(b"", "jpg", name) == (["FILE_NAME"] if expected else [])


def test_addresses_are_seen_in_every_kind_of_text() -> None:
    words = PEOPLE.split("\n")
    paragraphs = "".join(f"<w:p><w:r><w:t>{one[:9]}</w:t></w:r><w:r><w:t>{one[9:]}</w:t></w:r></w:p>" for one in words)
    cells = "".join(f"<si><t>{one}</t></si>" for one in words)
    lines = "".join(f"<a:p><a:t>{one}</a:t></a:p>" for one in words)
    shown = "\n".join(f"[({one[:6]})-20({one[6:]})] TJ" for one in words).encode()
    plain = "\n".join(f"({one}) Tj" for one in words).encode()
    found = {
        "text": hint(PEOPLE),
        "wide": hint(("\ufeff" + PEOPLE).encode("utf-16-le")),
        "docx": hint(make_office(WORD, {"word/x.xml": paragraphs.encode()}), "docx"),
        "xlsx": hint(make_office(SHEET, {"xl/sharedStrings.xml": cells.encode()}), "xlsx"),
        "pptx": hint(make_office(SLIDES, {"ppt/slides/slide1.xml": lines.encode()}), "pptx"),
        "pdf": hint(files.pack_in_pdf(shown, b""), "pdf"),
        "pdf as it is": hint(files.make_pdf(b"4 0 obj << >>\nstream\n" + plain + b"\nendstream"), "pdf"),
    }
    assert {kind: hints for kind, hints in found.items() if hints != ["EMAIL_ADDRESSES"]} == {}
    assert hint("\n".join(PEOPLE.split("\n")[:4] * 9)) == []  # the same four again and again


@given(st.binary(max_size=2_000))
def test_any_page_gives_hints_or_none(content: bytes) -> None:
    assert set(hint(files.pack_in_pdf(content, b""), "pdf")) <= {"ID_NUMBERS", "EMAIL_ADDRESSES"}


@pytest.mark.parametrize(
    "part", [b"[(a", b"(a)", b"[([)", b"\\(", b"((", b"a@", b"a@b.", b"P<UTO", b"12-", b"GB82 WEST ", b"<x"]
)
def test_nothing_makes_it_take_long(part: bytes) -> None:
    started = time.perf_counter()
    hint(files.pack_in_pdf(part * (2_000_000 // len(part)), b""), "pdf")
    hint(part * (2_000_000 // len(part)))
    hint(make_office(WORD, {"word/x.xml": part * (2_000_000 // len(part))}), "docx")
    assert time.perf_counter() - started < 20
