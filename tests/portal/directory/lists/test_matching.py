"""Rows beside a buyer's records: new, known, suggested, in contradiction; nothing merged, nothing overwritten."""

import time

from portal.directory.lists import columns, matching, rows, summary, table
from portal.directory.lists.matching import Difference, KnownRecord, MatchKind, MatchReason

HEADER = "Vendor no,Name,Country,Address,Local name,E-mail\n"


def read(*lines: str) -> list[rows.RowResult]:
    opened = table.read_table((HEADER + "\n".join(lines) + "\n").encode())
    return list(rows.read_rows(opened, columns.plan_columns(opened)))


def match(*lines: str, known: tuple[KnownRecord[int], ...] = ()) -> list[matching.RowMatch[int]]:
    return list(matching.match_rows(read(*lines), known))


BIRCH = KnownRecord(id=1, name="Birch Mill Ltd", country="PL", vendor_number="100", address="Rzeszow, Street 5")
ELM = KnownRecord(id=2, name="Elm Mill GmbH", country="DE", vendor_number=None, address=None)


def test_a_new_supplier_is_new() -> None:
    (found,) = match("7,Ash Mill,PL,,,", known=(BIRCH, ELM))
    assert (found.kind, found.creates, found.record_id) == (MatchKind.NEW, True, None)


def test_a_vendor_number_goes_before_the_name() -> None:
    (found,) = match("100,Birch Spinning Mill,PL,,,", known=(BIRCH, ELM))
    assert (found.kind, found.reason, found.record_id) == (MatchKind.KNOWN, MatchReason.VENDOR_NUMBER, 1)
    assert found.differences == (
        Difference("name", "Birch Mill Ltd", "Birch Spinning Mill", fills=False, spelling=False),
    )


def test_a_name_and_country_find_a_record_without_a_number() -> None:
    (found,) = match("200,ELM MILL GMBH,Deutschland,Berlin,,", known=(BIRCH, ELM))
    assert (found.kind, found.reason, found.record_id) == (MatchKind.KNOWN, MatchReason.NAME, 2)
    assert {(one.field, one.fills, one.spelling) for one in found.differences} == {
        ("vendor_number", True, False),
        ("name", False, True),
        ("address", True, False),
    }


def test_another_address_is_told_with_both_values() -> None:
    (found,) = match("100,Birch Mill Ltd,PL,Krakow,,", known=(BIRCH,))
    assert found.differences == (Difference("address", "Rzeszow, Street 5", "Krakow", fills=False, spelling=False),)
    (same,) = match('100,Birch Mill Ltd,PL,"RZESZOW, Street 5",,', known=(BIRCH,))
    assert [one.spelling for one in same.differences] == [True]


def test_the_same_name_in_another_country_is_another_supplier() -> None:
    (found,) = match(",Elm Mill GmbH,AT,,,", known=(BIRCH, ELM))
    assert found.kind is MatchKind.NEW


def test_a_number_and_a_name_of_two_records_contradict() -> None:
    (found,) = match("100,Elm Mill GmbH,DE,,,", known=(BIRCH, ELM))
    assert (found.kind, found.reason) == (MatchKind.CONFLICT, MatchReason.NUMBER_AND_NAME_DISAGREE)
    assert [one.record_id for one in found.duplicates] == [1, 2]
    assert not found.creates


def test_a_number_of_a_record_in_another_country_contradicts() -> None:
    (found,) = match("100,Birch Mill Ltd,CZ,,,", known=(BIRCH,))
    assert (found.kind, found.reason) == (MatchKind.CONFLICT, MatchReason.COUNTRY_DIFFERS)


def test_two_records_of_that_name_contradict() -> None:
    twin = KnownRecord(id=3, name="ELM MILL GMBH", country="DE")
    (found,) = match(",Elm Mill GmbH,DE,,,", known=(ELM, twin))
    assert (found.kind, found.reason) == (MatchKind.CONFLICT, MatchReason.SEVERAL_RECORDS)
    assert [one.record_id for one in found.duplicates] == [2, 3]


def test_two_rows_for_one_record_contradict() -> None:
    first, second = match("200,Elm Mill GmbH,DE,,,", "201,Elm Mill GmbH,DE,,,", known=(ELM,))
    assert (first.kind, second.kind) == (MatchKind.KNOWN, MatchKind.CONFLICT)
    assert (second.reason, second.duplicates[0].line) == (MatchReason.TAKEN_IN_FILE, 2)


def test_another_legal_form_is_suggested_and_makes_a_record_of_its_own() -> None:
    (found,) = match(",Elm Mill AG,DE,,,", known=(BIRCH, ELM))
    assert (found.kind, found.reason, found.creates) == (MatchKind.SUGGESTED, MatchReason.LEGAL_FORM, True)
    assert [(one.record_id, one.name) for one in found.duplicates] == [(2, "Elm Mill GmbH")]


def test_another_vendor_number_under_the_same_name_is_suggested() -> None:
    (found,) = match("101,Birch Mill Ltd,PL,,,", known=(BIRCH,))
    assert (found.kind, found.reason) == (MatchKind.SUGGESTED, MatchReason.OTHER_VENDOR_NUMBER)


def test_a_local_name_is_suggested() -> None:
    known = KnownRecord(id=4, name="东莞蓝天制衣有限公司", country="CN")
    (found,) = match(",Blue Sky Garments,CN,,东莞蓝天制衣,", known=(known,))
    assert (found.kind, found.reason) == (MatchKind.SUGGESTED, MatchReason.LOCAL_NAME)


def test_a_variant_within_the_file_is_suggested_by_its_line() -> None:
    _, second = match(",Ash Mill Ltd,PL,,,", ",Ash Mill Limited,PL,,,")
    assert second.kind is MatchKind.SUGGESTED
    assert [(one.record_id, one.line) for one in second.duplicates] == [(None, 2)]


def test_bad_and_repeated_rows_are_passed_over() -> None:
    found = match(",Ash Mill,PL,,,", ",ASH MILL,Poland,,,", ",Fir Mill,Narnia,,,")
    assert [one.row.line for one in found] == [2]


def test_the_figures_add_up() -> None:
    lines = ["100,Birch Mill Ltd,PL,Krakow,,", ",Elm Mill AG,DE,,,a@elm.example", ",Fir,FR,,,", ",FIR,France,,,"]
    read_rows = read(*lines, ",Oak,Narnia,,,", "100,Yew,PL,,,", "Total,,,,,")
    found = list(matching.match_rows(read_rows, (BIRCH, ELM)))
    figures = summary.summarize(read_rows, found)
    assert (figures.new, figures.suggested, figures.known, figures.conflicts) == (1, 1, 1, 0)
    assert (figures.rows, figures.bad, figures.repeats, figures.skipped) == (6, 2, 1, 1)
    assert figures.rows == figures.creates + figures.known + figures.conflicts + figures.bad + figures.repeats
    assert (figures.without_contact, figures.with_differences) == (1, 1)
    assert figures.country_spellings == {"DE": {"DE": 1}, "FR": {"FR": 1, "France": 1}, "PL": {"PL": 1}}
    assert figures.problem_codes == {"COUNTRY_UNKNOWN": 1, "VENDOR_NUMBER_TAKEN": 1}


def test_ten_thousand_rows_of_one_name_are_matched_in_seconds() -> None:
    lines = [f"{number},Acme Ltd,CN,,," for number in range(1, 10_001)]
    known = tuple(KnownRecord(id=at, name="Acme Ltd", country="CN", vendor_number=f"K{at}") for at in range(10_000))
    start = time.monotonic()
    found = match(*lines, known=known)
    assert {one.kind for one in found} == {MatchKind.SUGGESTED}
    assert {len(one.duplicates) for one in found} == {5}
    assert time.monotonic() - start < 20
