"""Files and mappings that are refused as a whole: each with a code, a reason and what is allowed."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import xlsxwriter

from portal import errors
from portal.directory.lists import columns, problems, rows, table, workbook

FOLDER = Path(__file__).parent / "files"
GOOD = b"name,country,address\nBirch Mill Ltd,PL,Rzeszow\nPine Mill Ltd,CZ,Brno\n"


def make_book(*, last: tuple[int, int] | None = None) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as made:
        sheet = made.add_worksheet("Data")
        sheet.write_row(0, 0, ["name", "country"])
        sheet.write_row(1, 0, ["Birch Mill Ltd", "PL"])
        if last:
            sheet.write(*last, "x")
    return target.getvalue()


def make_package(members: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return target.getvalue()


def add_member(name: str, content: bytes) -> bytes:
    target = io.BytesIO(make_book())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return target.getvalue()


def make_compound(*streams: str) -> bytes:
    names = b"".join(name.encode("utf-16-le").ljust(64, b"\0") for name in streams)
    return workbook.COMPOUND + b"\0" * 504 + names.ljust(1024, b"\0")


def damage_book() -> bytes:
    data = bytearray(make_book())
    at = data.index(b"xl/worksheets/sheet1.xml")
    data[at + 40 : at + 60] = b"\xff" * 20
    return bytes(data)


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "LIST_EMPTY"),
    "blank lines": (lambda: b"\n\n ; ; \n\n", "LIST_EMPTY"),
    "blank quoted cells": (lambda: b'"  ","  "\n', "LIST_EMPTY"),
    "too many bytes": (lambda: b"name,country\n" + b"x" * table.MAXIMUM_BYTES, "LIST_TOO_LARGE"),
    "too many rows": (lambda: b"Oak,PL\n" * (table.MAXIMUM_ROWS + 1), "LIST_TOO_LONG"),
    "too many columns": (lambda: b"name,country" + b",x" * table.MAXIMUM_COLUMNS, "LIST_TOO_WIDE"),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "NOT_A_LIST"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "NOT_A_LIST"),
    "a web page called .xls": (lambda: b"<html><table><tr><td>Oak</td></tr></table></html>", "NOT_A_LIST"),
    "an XML spreadsheet": (lambda: b'<?xml version="1.0"?><Workbook/>', "NOT_A_LIST"),
    "a compressed file": (lambda: b"\x1f\x8b\x08\x00" + b"\x01" * 60, "NOT_A_LIST"),
    "a program": (lambda: b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 60, "NOT_A_LIST"),
    "binary data": (lambda: bytes(range(1, 32)) * 40, "NOT_TEXT"),
    "a Word document": (lambda: make_package({"[Content_Types].xml": b"", "word/document.xml": b""}), "NOT_A_LIST"),
    "an OpenDocument table": (lambda: make_package({"mimetype": b"", "content.xml": b""}), "NOT_A_LIST"),
    "a binary workbook": (lambda: make_package({"xl/workbook.bin": b""}), "NOT_A_LIST"),
    "any ZIP": (lambda: make_package({"a.txt": b"hello"}), "NOT_A_LIST"),
    "macros": (lambda: add_member("xl/vbaProject.bin", b"x"), "WORKBOOK_HAS_MACROS"),
    "a bomb": (lambda: add_member("xl/media/image1.png", bytes(150_000_000)), "WORKBOOK_TOO_LARGE"),
    "a sheet of seventeen thousand million cells": (
        lambda: make_book(last=(1_048_575, 16_383)),
        "WORKBOOK_DAMAGED",
    ),
    "half a workbook": (lambda: make_book()[:900], "WORKBOOK_DAMAGED"),
    "a workbook with broken parts": (damage_book, "WORKBOOK_DAMAGED"),
    "a workbook without parts": (lambda: make_package({"xl/workbook.xml": b"<workbook/>"}), "WORKBOOK_DAMAGED"),
    "a workbook under a password": (lambda: make_compound("EncryptedPackage", "EncryptionInfo"), "WORKBOOK_ENCRYPTED"),
    "a workbook that Excel would ask a password for": ((FOLDER / "password.xlsx").read_bytes, "WORKBOOK_ENCRYPTED"),
    "an old workbook with macros": (lambda: make_compound("Workbook", "_VBA_PROJECT_CUR"), "WORKBOOK_HAS_MACROS"),
    "an old Word document": (lambda: make_compound("WordDocument"), "NOT_A_LIST"),
    "a damaged old workbook": (lambda: make_compound("Workbook"), "WORKBOOK_DAMAGED"),
}


@pytest.mark.parametrize(("make", "code"), FILES.values(), ids=FILES.keys())
def test_a_file_that_is_no_list_is_refused_with_the_reason(make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(problems.ListRefused) as refused:
        table.read_table(make())
    assert refused.value.code == code
    assert refused.value.reason
    assert refused.value.allowed
    assert refused.value.problems[0].code == code


def test_a_refusal_is_an_expected_failure_of_the_portal() -> None:
    assert issubclass(problems.ListRefused, errors.InvalidInput)


def test_a_list_may_begin_with_the_letters_of_a_program() -> None:
    opened = table.read_table(b"MZ Textiles Ltd;PK\nAB Textiles Ltd;PK\n")
    assert next(opened.read_records()) == (1, ["MZ Textiles Ltd", "PK"])


@pytest.mark.parametrize(
    ("options", "code", "path"),
    [
        ({"encoding": "klingon"}, "ENCODING_UNKNOWN", ("encoding",)),
        ({"encoding": "base64"}, "ENCODING_UNKNOWN", ("encoding",)),
        ({"delimiter": "x"}, "DELIMITER_UNKNOWN", ("delimiter",)),
        ({"delimiter": ""}, "DELIMITER_UNKNOWN", ("delimiter",)),
    ],
)
def test_a_wrong_option_is_refused_by_name(options: dict[str, str], code: str, path: tuple[str]) -> None:
    with pytest.raises(problems.ListRefused) as refused:
        table.read_table(GOOD, **options)
    assert (refused.value.code, refused.value.path) == (code, path)


@pytest.mark.parametrize("sheet", ["Nothing", "a\0b"])
def test_an_unknown_sheet_is_refused(sheet: str) -> None:
    with pytest.raises(problems.ListRefused) as refused:
        table.read_table(make_book(), sheet=sheet)
    assert refused.value.code == "SHEET_UNKNOWN"


MAPPINGS: dict[str, tuple[bytes, dict[str, columns.Mapped], str]] = {
    "an unknown field": (GOOD, {"turnover": "name"}, "FIELD_UNKNOWN"),
    "an unknown column": (GOOD, {"name": "Supplier"}, "COLUMN_UNKNOWN"),
    "a number beyond the last column": (GOOD, {"name": 4}, "COLUMN_UNKNOWN"),
    "column zero": (GOOD, {"name": 0}, "COLUMN_UNKNOWN"),
    "one column for two fields": (GOOD, {"name": "name", "local_name": 1}, "COLUMN_TAKEN"),
    "two columns for one field": (GOOD, {"country": ["name", "address"]}, "TOO_MANY_COLUMNS"),
    "a header that stands twice": (b"name,name,country\nA Mill,B Mill,PL\n", {"name": "name"}, "COLUMN_AMBIGUOUS"),
}


@pytest.mark.parametrize(("data", "mapping", "code"), MAPPINGS.values(), ids=MAPPINGS.keys())
def test_a_wrong_mapping_is_refused(data: bytes, mapping: dict[str, columns.Mapped], code: str) -> None:
    with pytest.raises(problems.ListRefused) as refused:
        columns.plan_columns(table.read_table(data), mapping=mapping)
    assert refused.value.code == code
    assert refused.value.path[0] == "mapping"
    assert refused.value.allowed


def test_a_header_line_that_is_not_there_is_refused() -> None:
    with pytest.raises(problems.ListRefused) as refused:
        columns.plan_columns(table.read_table(GOOD), header_line=999)
    assert refused.value.code == "HEADER_LINE_UNKNOWN"


@pytest.mark.parametrize(
    ("data", "default", "code"),
    [
        (b"name,city\nBirch Mill Ltd,Brno\n", None, "NO_COUNTRY_COLUMN"),
        (b"country,city\nPL,Brno\nCZ,Praha\n", None, "NO_NAME_COLUMN"),
        (b"name,city\nBirch Mill Ltd,Brno\n", "Atlantis", "COUNTRY_UNKNOWN"),
        (b"name,city\nBirch Mill Ltd,Brno\n", "", "COUNTRY_MISSING"),
    ],
)
def test_a_list_without_a_required_column_is_refused(data: bytes, default: str | None, code: str) -> None:
    opened = table.read_table(data)
    plan = columns.plan_columns(opened, mapping={"name": None} if code == "NO_NAME_COLUMN" else None)
    with pytest.raises(problems.ListRefused) as refused:
        list(rows.read_rows(opened, plan, default_country=default))
    assert refused.value.code == code
