"""Workbooks of several sheets, and cells that are merged down a column."""

import io
from collections.abc import Callable

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from portal.directory.lists import columns, rows, table

GOOD = [["Supplier", "Country"], ["Lotus Ltd", "Bangladesh"], ["Saigon JSC", "Vietnam"]]


def make_book(**sheets: Callable[[Worksheet], object]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as workbook:
        for name, fill in sheets.items():
            fill(workbook.add_worksheet(name))
    return target.getvalue()


def write(cells: list[list[str]]) -> Callable[[Worksheet], object]:
    return lambda sheet: [sheet.write_row(at, 0, row) for at, row in enumerate(cells)]


def read(data: bytes) -> list[rows.RowResult]:
    opened = table.read_table(data)
    return list(rows.read_rows(opened, columns.plan_columns(opened)))


def test_the_sheet_that_names_suppliers_and_countries_goes_before_a_longer_one() -> None:
    places = [["Code", "Country"], *([f"C{number}", "China"] for number in range(20))]
    opened = table.read_table(make_book(Cover=write([["List"]]), Countries=write(places), Suppliers=write(GOOD)))
    assert (opened.sheet, opened.sheets) == ("Suppliers", ("Cover", "Countries", "Suppliers"))


def test_of_two_lists_the_longer_is_read_and_the_other_named() -> None:
    opened = table.read_table(make_book(First=write(GOOD), Second=write([*GOOD, ["Padma Ltd", "BD"]])))
    assert (opened.sheet, opened.sheets) == ("Second", ("First", "Second"))


def test_a_country_merged_down_its_column_stands_for_each_row() -> None:
    def fill(sheet: Worksheet) -> None:
        write([["Country", "Supplier"], ["", "Lotus Ltd"], ["", "Padma Ltd"], ["Vietnam", "Saigon JSC"]])(sheet)
        sheet.merge_range(1, 0, 2, 0, "Bangladesh")
        sheet.write_row(5, 0, ["Total", 3])

    found = read(make_book(List=fill))
    assert [(row.kind, row.record and row.record.country) for row in found] == [
        (rows.RowKind.OK, "BD"),
        (rows.RowKind.OK, "BD"),
        (rows.RowKind.OK, "VN"),
        (rows.RowKind.SKIPPED, None),
    ]


def test_a_header_in_two_rows_is_read_with_its_merged_cells() -> None:
    def fill(sheet: Worksheet) -> None:
        below = ["", "Street", "City", "Country", "Name", "E-mail"]
        lotus = ["Lotus Ltd", "12 Mirpur Rd", "Dhaka", "Bangladesh", "Rina Akter", "rina@lotus.example"]
        write([[], below, lotus, ["Saigon JSC", "5 Le Loi", "HCMC", "Vietnam", "", ""]])(sheet)
        sheet.merge_range(0, 0, 1, 0, "Supplier")
        sheet.merge_range(0, 1, 0, 3, "Address")
        sheet.merge_range(0, 4, 0, 5, "Contact")

    first = read(make_book(List=fill))[0].record
    assert first
    assert (first.name, first.address, first.country) == ("Lotus Ltd", "12 Mirpur Rd, Dhaka", "BD")
    assert (first.contact_name, first.contact_email) == ("Rina Akter", "rina@lotus.example")
