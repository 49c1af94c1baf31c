"""Factory lists, imported one after the other as a buyer would."""

from collections.abc import Sequence
from pathlib import Path

from portal.directory.lists import columns, matching, rows, summary, table


def read_list(path: Path) -> list[rows.RowResult]:
    opened = table.read_table(path.read_bytes())
    return list(rows.read_rows(opened, columns.plan_columns(opened)))


def import_lists(
    paths: Sequence[Path],
) -> tuple[list[summary.Summary], list[matching.KnownRecord[int]], list[matching.RowMatch[int]]]:
    """The figures of each list, the records that they make together, and how each row was matched."""
    known: list[matching.KnownRecord[int]] = []
    figures, found = [], []
    for path in paths:
        read = read_list(path)
        matches = list(matching.match_rows(read, known))
        figures.append(summary.summarize(read, matches))
        found += matches
        known += keep_records(matches, len(known))
    return figures, known, found


def keep_records(matches: list[matching.RowMatch[int]], first_id: int) -> list[matching.KnownRecord[int]]:
    made = [match.row.record for match in matches if match.creates]
    return [
        matching.KnownRecord(
            id=first_id + at, name=one.name, country=one.country, address=one.address, sector=one.sector
        )
        for at, one in enumerate(made)
        if one
    ]
