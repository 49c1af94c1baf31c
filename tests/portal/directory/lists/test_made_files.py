"""Made-up lists as buyers send them: other languages, encodings, delimiters, title rows, workbooks."""

import hashlib

import pytest

from portal.directory.lists import columns, rows, table
from portal.directory.lists.fields import Field
from tests.portal.directory.lists.made_files import BOOK, MADE, PICKED, Made, book


def spell(record: rows.ProposedRecord) -> str:
    """A record as the made files write it."""
    sector = " ".join(record.sector_codes) or record.sector
    facts = (record.name, record.country, record.vendor_number, record.address, sector)
    contact = (record.contact_name, record.contact_email, record.contact_locale)
    return " | ".join(one or "" for one in (*facts, *contact)).rstrip(" |")


@pytest.mark.parametrize("made", MADE.values(), ids=MADE.keys())
def test_reads_a_made_file(made: Made) -> None:
    opened = table.read_table(made.data())
    plan = columns.plan_columns(opened)
    read = list(rows.read_rows(opened, plan))
    good = [row for row in read if row.kind is rows.RowKind.OK and row.record]
    shown = [(row.line, row.problems) for row in read if row.kind is rows.RowKind.BAD]
    assert [line for line, _ in shown] == made.bad, shown
    assert sum(row.kind is rows.RowKind.SKIPPED for row in read) == made.skipped
    assert [spell(row.record) for row in good if row.record] == made.records.strip().splitlines()
    assert good[0].line == made.first_line
    assert (opened.encoding, opened.delimiter) == (made.encoding, made.delimiter)


def test_at_least_25_files_differ_in_what_is_in_them() -> None:
    """The same cells in another encoding, or with other line ends, are one file here."""
    contents = set()
    for made in MADE.values():
        cells = [[cell.strip() for cell in row] for _, row in table.read_table(made.data()).read_records()]
        contents.add(hashlib.sha256(repr(cells).encode()).hexdigest())
    assert len(contents) >= 25
    assert len({made.records for made in MADE.values()}) == len(contents)


def test_what_a_record_says_besides() -> None:
    references = [record.external_reference for record in read_good(MADE["good rows kept beside bad ones"])]
    assert references == ["OS-1", "OS-4"]
    schemes = {record.sector_scheme for record in read_good(MADE["title rows and a total"])}
    assert schemes == {"ISIC Rev.4"}
    assert [record.sector_scheme for record in read_good(MADE["korean, cp949"])] == [None, None]


def read_good(made: Made) -> list[rows.ProposedRecord]:
    opened = table.read_table(made.data())
    read = rows.read_rows(opened, columns.plan_columns(opened))
    return [row.record for row in read if row.kind is rows.RowKind.OK and row.record]


def test_every_guess_has_a_reason_and_a_confidence() -> None:
    for made in MADE.values():
        plan = columns.plan_columns(table.read_table(made.data()))
        assert not plan.missing
        for column in plan.columns:
            assert column.reason
            assert (column.field is not None) == (0.3 <= column.confidence <= 1)


def test_a_sheet_may_be_named() -> None:
    opened = table.read_table(book(BOOK, PICKED)(), sheet="Sheet 1")
    assert opened.sheets == ("Sheet 1", "Sheet 2")
    assert columns.plan_columns(opened).find_columns(Field.NAME)[0].header == "Company"
