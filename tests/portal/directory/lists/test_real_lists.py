"""Fourteen real factory lists, imported one after the other: the figures that matching must give on them."""

from collections import Counter

from portal.directory.lists import matching
from tests import absences
from tests.portal.directory.lists.importing import import_lists, read_list

LISTS = [absences.LISTS / f"list-{number}.csv" for number in range(2, 16)]
pytestmark = absences.needs_lists


def test_the_lists_give_944_records_13_known_and_6_repeats() -> None:
    figures, known, _ = import_lists(LISTS)
    assert sum(one.rows for one in figures) == 963
    assert sum(one.creates for one in figures) == len(known) == 944
    assert sum(one.known for one in figures) == 13
    assert sum(one.repeats for one in figures) == 6
    assert sum(one.bad + one.conflicts + one.skipped for one in figures) == 0
    assert sum(one.without_contact for one in figures) == 944


def test_89_country_spellings_mean_55_countries() -> None:
    figures, _, _ = import_lists(LISTS)
    spellings = {(code, text) for one in figures for code, texts in one.country_spellings.items() for text in texts}
    assert len(spellings) == 89
    assert len({code for code, _ in spellings}) == 55


def test_legal_forms_and_brackets_are_suggested_and_not_merged() -> None:
    _, _, found = import_lists(LISTS)
    suggested = {
        (match.row.record.name, match.duplicates[0].name): match.reason
        for match in found
        if match.kind is matching.MatchKind.SUGGESTED and match.row.record
    }
    assert len(suggested) == 7
    legal, spelling = matching.MatchReason.LEGAL_FORM, matching.MatchReason.SPELLING
    assert suggested["Hanes Ink S.A. de C.V.", "Hanes Ink"] == legal
    bracketed = "Regina Miracle Intimate Apparel (Shenzhen Ltd.)", "Regina Miracle Intimate Apparel (Shenzhen) Ltd."
    assert suggested[bracketed] == spelling


def test_importing_all_lists_again_makes_no_record() -> None:
    _, known, _ = import_lists(LISTS)
    for path in LISTS:
        kinds = Counter(match.kind for match in matching.match_rows(read_list(path), known))
        assert set(kinds) == {matching.MatchKind.KNOWN}


def test_a_known_supplier_with_another_address_is_told_and_not_changed() -> None:
    _, _, found = import_lists(LISTS)
    differing = [difference for match in found for difference in match.differences if difference.field == "address"]
    assert differing
    assert all(one.stored and not one.fills for one in differing)


def test_all_sectors_of_the_lists_are_read() -> None:
    codes: Counter[tuple[str, ...]] = Counter()
    for path in LISTS:
        codes.update(row.record.sector_codes for row in read_list(path) if row.record)
    assert codes == {("14",): 962, ("14", "B"): 1}
