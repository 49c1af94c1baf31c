"""Made-up factory lists of the kind of the real ones, which are not everywhere: the figures that matching must give."""

from collections import Counter
from pathlib import Path

from portal.directory.lists import matching
from tests.portal.directory.lists.importing import import_lists, read_list

LISTS = sorted((Path(__file__).parent / "files" / "factories").glob("list-*.csv"))


def test_three_lists_give_16_records_4_known_and_2_repeats() -> None:
    figures, known, _ = import_lists(LISTS)
    assert [one.rows for one in figures] == [7, 7, 8]
    assert [one.creates for one in figures] == [6, 4, 6]
    assert len(known) == 16
    assert [one.known for one in figures] == [0, 3, 1]
    assert [one.repeats for one in figures] == [1, 0, 1]
    assert sum(one.bad + one.conflicts + one.skipped for one in figures) == 0
    assert sum(one.without_contact for one in figures) == 16


def test_19_country_spellings_mean_10_countries() -> None:
    figures, _, _ = import_lists(LISTS)
    spellings = {(code, text) for one in figures for code, texts in one.country_spellings.items() for text in texts}
    assert len(spellings) == 19
    assert {code for code, _ in spellings} == {"BD", "CN", "ES", "KH", "KR", "MX", "PK", "TR", "US", "VN"}


def test_legal_forms_and_brackets_are_suggested_and_not_merged() -> None:
    _, _, found = import_lists(LISTS)
    suggested = {
        (match.row.record.name, match.duplicates[0].name): match.reason
        for match in found
        if match.kind is matching.MatchKind.SUGGESTED and match.row.record
    }
    legal, spelling = matching.MatchReason.LEGAL_FORM, matching.MatchReason.SPELLING
    assert suggested == {
        ("Plum Gate Knits", "Plum Gate Knits Co. Ltd."): legal,
        ("Hilltop Ink", "Hilltop Ink S.A. de C.V."): legal,
        ("Amber Coast Garments (Shenzhen Factory)", "AMBER COAST GARMENTS(SHENZHEN) FACTORY"): spelling,
    }


def test_importing_the_lists_again_makes_no_record() -> None:
    _, known, _ = import_lists(LISTS)
    for path in LISTS:
        kinds = Counter(match.kind for match in matching.match_rows(read_list(path), known))
        assert set(kinds) == {matching.MatchKind.KNOWN}


def test_a_known_supplier_with_another_address_is_told_and_not_changed() -> None:
    _, _, found = import_lists(LISTS)
    differing = [difference for match in found for difference in match.differences if difference.field == "address"]
    assert [one.proposed for one in differing] == [
        "North Village, Hill County, Fujian",
        "ROAD 9, CHITTAGONG, BANGLADESH;",
    ]
    assert all(one.stored and not one.fills for one in differing)


def test_what_is_odd_in_a_row_is_told_and_the_row_kept() -> None:
    told = Counter(warning.code for path in LISTS for row in read_list(path) for warning in row.warnings)
    assert told == {"TEXT_DAMAGED": 1, "ADDRESS_DIFFERS": 1}


def test_all_sectors_of_the_lists_are_read() -> None:
    codes = Counter(row.record.sector_codes for path in LISTS for row in read_list(path) if row.record)
    assert codes == {("14",): 21, ("14", "13"): 1}
