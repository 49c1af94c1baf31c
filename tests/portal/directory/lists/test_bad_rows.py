"""Rows that cannot be imported, or only with a warning: each is named and the others are kept."""

import pytest

from portal.directory.lists import columns, rows, table

HEADER = "Supplier name,Country,Vendor no,E-mail,Address,Sector,Language\n"
BEFORE = "Birch Mill Ltd,PL,100,info@birch.example,Rzeszow,Textiles,pl\n"
AFTER = "Pine Mill Ltd,CZ,101,info@pine.example,Brno,Textiles,cs\n"


def read(line: str, encoding: str = "utf-8") -> list[rows.RowResult]:
    opened = table.read_table((HEADER + BEFORE + line + "\n" + AFTER).encode(encoding, "surrogateescape"))
    return list(rows.read_rows(opened, columns.plan_columns(opened)))


BAD = {
    "no name": (",PL,1,,,,", "NAME_MISSING", "Supplier name"),
    "a dash for a name": ("-,PL,1,,,,", "NAME_MISSING", "Supplier name"),
    "not available for a name": ("#N/A,PL,1,,,,", "NAME_MISSING", "Supplier name"),
    "a name of signs": ("***!!,PL,1,,,,", "NAME_UNREADABLE", "Supplier name"),
    "a name without end": ("A" * 301 + ",PL,1,,,,", "TOO_LONG", "Supplier name"),
    "no country": ("Elm Mill,,1,,,,", "COUNTRY_MISSING", "Country"),
    "not available for a country": ("Elm Mill,n/a,1,,,,", "COUNTRY_MISSING", "Country"),
    "a short row": ("Elm Mill", "COUNTRY_MISSING", "Country"),
    "no such country": ("Elm Mill,Atlantis,1,,,,", "COUNTRY_UNKNOWN", "Country"),
    "a misspelled country": ("Elm Mill,Bangaldesh,1,,,,", "COUNTRY_UNKNOWN", "Country"),
    "a number for a country": ("Elm Mill,616,1,,,,", "COUNTRY_UNKNOWN", "Country"),
    "a country without end": (f"Elm Mill,{'x' * 500},1,,,,", "COUNTRY_UNKNOWN", "Country"),
    "two countries of that name": ("Elm Mill,Congo,1,,,,", "COUNTRY_AMBIGUOUS", "Country"),
    "two countries in a cell": ("Elm Mill,Poland / Czechia,1,,,,", "COUNTRY_AMBIGUOUS", "Country"),
    "a code that means two countries": ("Elm Mill,US-CA,1,,,,", "COUNTRY_AMBIGUOUS", "Country"),
    "a country that is no more": ("Elm Mill,Yugoslavia,1,,,,", "COUNTRY_DISSOLVED", "Country"),
    "a continent": ("Elm Mill,Europe,1,,,,", "COUNTRY_IS_A_REGION", "Country"),
    "a vendor number without end": (f"Elm Mill,PL,{'9' * 65},,,,", "TOO_LONG", "Vendor no"),
    "a vendor number taken": ("Elm Mill,PL,100,,,,", "VENDOR_NUMBER_TAKEN", "Vendor no"),
    "a vendor number taken in another country": ("Birch Mill Ltd,DE,100,,,,", "VENDOR_NUMBER_TAKEN", "Vendor no"),
    "a comma inside a name": ("Elm Mill Co., Ltd.,PL,1,,,,", "ROW_SHIFTED", "Supplier name"),
    "an address without end": (f"Elm Mill,PL,1,,{'Street ' * 200},,", "TOO_LONG", "Address"),
    "a sector without end": (f"Elm Mill,PL,1,,,{'word ' * 120},", "TOO_LONG", "Sector"),
    "bytes that do not fit": ("Elm M\udc81ll é é é,PL,1,,,,", "UNDECODABLE", "Supplier name"),
}


@pytest.mark.parametrize(("line", "code", "column"), BAD.values(), ids=BAD.keys())
def test_a_bad_row_is_named_and_the_others_are_kept(line: str, code: str, column: str) -> None:
    before, bad, after = read(line)
    assert (before.kind, after.kind) == (rows.RowKind.OK, rows.RowKind.OK)
    assert (bad.kind, bad.line, bad.record) == (rows.RowKind.BAD, 3, None)
    problem = bad.problems[0]
    assert (problem.code, problem.column, problem.line) == (code, column, 3)
    assert problem.text
    assert problem.allowed
    assert len(problem.value) <= 80


WARNED = {
    "no e-mail address": ("Elm Mill,PL,1,call us,,,", "EMAIL_MALFORMED", "contact_email", None),
    "an address without a host": ("Elm Mill,PL,1,info@elm,,,", "EMAIL_MALFORMED", "contact_email", None),
    "dots in a row": ("Elm Mill,PL,1,a..b@elm.example,,,", "EMAIL_MALFORMED", "contact_email", None),
    "two addresses": (
        "Elm Mill,PL,1,a@elm.example; b@elm.example,,,",
        "EMAIL_SEVERAL",
        "contact_email",
        "a@elm.example",
    ),
    "a language of no people": ("Elm Mill,PL,1,,,,Elvish", "LOCALE_UNKNOWN", "contact_locale", None),
    "a rounded number": ("Elm Mill,PL,1.23457E+11,,,,", "VENDOR_NUMBER_ROUNDED", "vendor_number", None),
    "a number made a date": ("Elm Mill,PL,2024-03-04,,,,", "VENDOR_NUMBER_DATED", "vendor_number", None),
    "a formula": ('"=HYPERLINK(""http://x"")",PL,1,,,,', "LOOKS_LIKE_FORMULA", "name", '=HYPERLINK("http://x")'),
    "an error for an address": ("Elm Mill,PL,1,,#REF!,,", "SPREADSHEET_ERROR", "address", None),
    "a box for a letter": ("Elm M□ll,PL,1,,,,", "TEXT_DAMAGED", "name", "Elm M□ll"),
    "letters read twice": ("Elm MÃ¼ll,PL,1,,,,", "TEXT_DAMAGED", "name", "Elm MÃ¼ll"),
    "a country and a state": ("Elm Mill,Georgia,1,,,,", "COUNTRY_READ_AS", "country", "GE"),
    "a code that looks like nothing": ("Elm Mill,NA,1,,,,", "COUNTRY_READ_AS", "country", "NA"),
    "a part of a country": ("Elm Mill,Scotland,1,,,,", "COUNTRY_PART", "country", "GB"),
    "the same name, another number": ("BIRCH MILL LTD.,Poland,7,,,,", "SAME_NAME", "vendor_number", "7"),
}


@pytest.mark.parametrize(("line", "code", "name", "value"), WARNED.values(), ids=WARNED.keys())
def test_a_doubtful_cell_warns_and_the_row_is_kept(line: str, code: str, name: str, value: str | None) -> None:
    _, kept, _ = read(line)
    assert kept.kind is rows.RowKind.OK
    assert [warning.code for warning in kept.warnings] == [code]
    assert getattr(kept.record, name) == value


def test_a_misspelled_country_brings_what_is_near() -> None:
    _, bad, _ = read("Elm Mill,Bangaldesh,1,,,,")
    assert "Bangladesh (BD)" in bad.problems[0].allowed


def test_all_problems_of_a_row_are_told_at_once() -> None:
    _, bad, _ = read(f",Narnia,{'9' * 65},,,,")
    assert {problem.code for problem in bad.problems} == {"NAME_MISSING", "COUNTRY_UNKNOWN", "TOO_LONG"}


@pytest.mark.parametrize(
    "line",
    [
        "BIRCH MILL, Ltd.,PL,,,,,",
        '"Birch-Mill, LTD",Poland,,,,,',
        "Ｂｉｒｃｈ Mill Ltd,POL,100,,,,",
        "Birch Mill Ltd,Polska,100,,,,",
    ],
)
def test_a_repeat_names_the_line_that_it_repeats(line: str) -> None:
    _, repeat, _ = read(line.replace("MILL, Ltd.", "MILL Ltd."))
    assert (repeat.kind, repeat.repeat_of) == (rows.RowKind.REPEAT, 2)


def test_an_unclosed_quote_costs_its_own_line_only() -> None:
    before, torn, after = read('"Elm Mill,PL,1,,,,')
    assert (before.kind, after.kind, after.line) == (rows.RowKind.OK, rows.RowKind.OK, 4)
    assert torn.record
    assert torn.record.name == "Elm Mill"


def test_lines_are_counted_as_an_editor_does_behind_cells_of_several_lines() -> None:
    _, kept, bad, _ = read('Elm Mill,PL,1,,"Street 5\nRzeszow",,\nAsh Mill,Narnia,2,,,,')
    assert (kept.line, bad.line) == (3, 5)


def test_excel_numbers_and_leading_zeros() -> None:
    numbers = [read(f"Elm Mill,PL,{text},,,,")[1].record.vendor_number for text in ("1234.0", "00077", "'0009", "A-1")]  # type: ignore[union-attr]
    assert numbers == ["1234", "00077", "0009", "A-1"]


@pytest.mark.parametrize("label", ["Total", "TOTAL:", "Grand Total", "Summe", "合计", "Toplam", "المجموع"])
def test_a_row_of_totals_is_skipped(label: str) -> None:
    assert read(f"{label},,3,,,,")[1].kind is rows.RowKind.SKIPPED


def test_a_company_called_total_is_not_a_total() -> None:
    assert read("Total,FR,3,,,,")[1].kind is rows.RowKind.OK


def test_there_are_thirty_bad_rows() -> None:
    assert len(BAD) + len(WARNED) >= 30


def test_a_repeat_at_another_address_says_so() -> None:
    _, repeat, _ = read("Birch Mill Ltd,PL,100,,Krakow,,")
    assert (repeat.kind, repeat.repeat_of) == (rows.RowKind.REPEAT, 2)
    assert [(one.code, one.column, one.value) for one in repeat.warnings] == [("ADDRESS_DIFFERS", "Address", "Krakow")]
    assert "line 2" in repeat.warnings[0].text
    _, same, _ = read("Birch Mill Ltd,PL,100,,RZESZOW,,")
    assert not same.warnings


def test_a_missing_country_below_one_that_may_stand_for_it_says_how() -> None:
    _, bad, _ = read("Elm Mill,,1,,,,")
    assert "'PL' of line 2" in bad.problems[0].allowed


@pytest.mark.parametrize("text", ["NA", "0", "000000", "not assigned", "TBC", "pending", "x", "xxx", "--", "_"])
def test_a_placeholder_is_no_vendor_number(text: str) -> None:
    found = read(f"Elm Mill,PL,{text},,,,\nAsh Mill,PL,{text},,,,")
    assert [(row.kind, row.record and row.record.vendor_number) for row in found[1:3]] == [(rows.RowKind.OK, None)] * 2


@pytest.mark.parametrize(
    ("cell", "email", "name"),
    [
        ("a3@x.example/b3@x.example", "a3@x.example", None),
        ("a7@x.example（王）", "a7@x.example", None),
        ("a12@x.example；b12@x.example", "a12@x.example", None),
        ("a13＠x.example", "a13@x.example", None),
        ("a14@x.example、b14@x.example", "a14@x.example", None),
        ("email:a21@x.example", "a21@x.example", None),
        ("E-Mail: a8@x.example", "a8@x.example", None),
        ('"Rina Akter, rina@x.example, +86 123"', "rina@x.example", "Rina Akter"),
        ("Minh (minh@x.example)", "minh@x.example", "Minh"),
        ("Rina <a6@x.example>", "a6@x.example", "Rina"),
    ],
)
def test_an_address_is_found_among_what_else_is_in_its_cell(cell: str, email: str, name: str | None) -> None:
    _, kept, _ = read(f"Elm Mill,PL,1,{cell},,,")
    assert kept.record
    assert (kept.record.contact_email, kept.record.contact_name) == (email, name)


def test_a_number_that_is_lost_to_an_earlier_row_without_one_is_told() -> None:
    _, first, second, _ = read("Elm Mill,DE,TBC,,,,\nElm Mill,DE,500,,,,")
    assert (first.kind, second.kind, second.repeat_of) == (rows.RowKind.OK, rows.RowKind.REPEAT, 3)
    assert [(one.code, one.value) for one in second.warnings] == [("VENDOR_NUMBER_LEFT_OUT", "500")]
