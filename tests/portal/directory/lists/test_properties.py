"""What holds for any bytes, any name and any list."""

import io
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.directory import countries, letters, sectors
from portal.directory.lists import columns, contacts, matching, names, problems, rows, table

pytestmark = pytest.mark.slow  # reads thousands of made lists

HEADERS = ["name", "Land", "Vendor no", "E-mail", "Adresse", "供应商名称", "PLZ", "x", "", "Sektor", "=1+1"]
CELLS = [
    "Birch Ltd",
    "birch LTD.",
    "Elm GmbH",
    "PL",
    "Congo",
    "Narnia",
    "1",
    "2",
    "007",
    "a@b.example",
    "\ufffd",
    '"',
    "",
]


def make_book() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["name", "country", "vendor no"])
        sheet.write_row(1, 0, ["Birch Mill Ltd", "PL", 7])
    return target.getvalue()


BOOKS = [make_book(), (Path(__file__).parent / "files" / "german.xls").read_bytes()]


def read_everything(data: bytes) -> list[rows.RowResult]:
    opened = table.read_table(data)
    plan = columns.plan_columns(opened)
    read = list(rows.read_rows(opened, plan, default_country="PL"))
    assert list(rows.read_rows(opened, plan, default_country="PL")) == read
    return read


@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read = read_everything(data)
    except problems.ListRefused:
        return
    assert all(row.record or row.problems or row.kind is rows.RowKind.SKIPPED for row in read)


@given(st.sampled_from(BOOKS), st.integers(0, 10_000), st.binary(min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_workbook_with_wrong_bytes_is_read_or_refused(book: bytes, at: int, wrong: bytes) -> None:
    at %= len(book)
    try:
        read_everything(book[:at] + wrong + book[at + len(wrong) :])
    except problems.ListRefused as refused:
        assert refused.code != "LIST_REFUSED"  # noqa: PT017 - a refusal is one of two right outcomes


@given(st.binary(max_size=300))
@settings(max_examples=25, deadline=None)
def test_anything_that_claims_to_be_an_old_workbook_is_read_or_refused(data: bytes) -> None:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + b"\0\0"
    with pytest.raises(problems.ListRefused):
        read_everything(start + data)


@given(
    st.lists(st.sampled_from(HEADERS), min_size=1, max_size=6),
    st.lists(st.lists(st.sampled_from(CELLS), max_size=7), max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
@settings(max_examples=300, deadline=None)
def test_a_list_imported_twice_makes_no_record_the_second_time(
    header: list[str], body: list[list[str]], delimiter: str, encoding: str
) -> None:
    text = "\n".join(delimiter.join(cells) for cells in [header, *body])
    try:
        read = read_everything(text.encode(encoding))
    except problems.ListRefused:
        return
    records = [found.row.record for found in matching.match_rows(read, ()) if found.creates and found.row.record]
    known = [
        matching.KnownRecord(id=number, name=one.name, country=one.country, vendor_number=one.vendor_number)
        for number, one in enumerate(records)
    ]
    again = list(matching.match_rows(read, known))
    assert not [found for found in again if found.creates]
    assert len({found.record_id for found in again if found.record_id is not None}) == len(
        [found for found in again if found.kind is matching.MatchKind.KNOWN]
    )


@given(st.text(max_size=60))
@settings(max_examples=1500, deadline=None)
def test_making_the_key_of_a_key_gives_the_key(name: str) -> None:
    key = names.make_name_key(name)
    assert names.make_name_key(key) == key
    assert letters.fold(letters.fold(name)) == letters.fold(name)
    assert letters.clean(letters.clean(name)) == letters.clean(name)


@given(st.text(alphabet="abÄéİıß名ｶﾞ한ไ& ()（.,-'①™", max_size=20))
@settings(max_examples=800, deadline=None)
def test_case_spaces_and_width_do_not_change_the_key(name: str) -> None:
    assert names.make_name_key(f"  {name} .") == names.make_name_key(name)
    assert names.make_name_key(letters.clean(name)) == names.make_name_key(name)


@given(st.text(max_size=60))
@settings(max_examples=500, deadline=None)
def test_every_text_can_be_asked_for_country_sector_tokens_address_and_language(text: str) -> None:
    reading = countries.read_country(text, suggest=False)
    assert (reading.country is None) <= (reading.reason is not None)
    assert set(sectors.read_sector(text).codes) <= {sector.code for sector in sectors.list_sectors()}
    assert all(contacts.is_email(found) for found in contacts.find_emails(text))
    contacts.read_locale(text)
    names.find_legal_form(text)
    assert set(names.make_search_tokens(text)) <= set(names.make_name_tokens(text)) or not text.isascii()


def test_many_rows_are_read_and_matched() -> None:
    """How fast is measured by the bench."""
    lines = (
        f"V{n},Supplier {n * 7919} Co. Ltd,{('China', 'VN')[n % 2]},{n} Street,x{n}@mill.example" for n in range(20_000)
    )
    data = ("Vendor no,Name,Country,Address,E-mail\n" + "\n".join(lines)).encode()
    assert len(list(matching.match_rows(read_everything(data), ()))) == 20_000
