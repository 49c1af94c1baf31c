"""A list in figures: how many rows are new, known, bad, and which spellings stand for which country."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from portal.directory.lists.matching import MatchKind, RowMatch
from portal.directory.lists.rows import RowKind, RowResult

RecordId = TypeVar("RecordId", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a list. `rows` = new + suggested + known + conflicts + bad + repeats; skipped rows are beside it.

    `country_spellings` counts each spelling under its code; `problem_codes` and `warning_codes` count by code.
    `without_contact` counts the rows that would make a record in need of a contact.
    """

    rows: int
    new: int
    suggested: int
    known: int
    conflicts: int
    bad: int
    repeats: int
    skipped: int
    without_contact: int
    with_differences: int
    country_spellings: dict[str, dict[str, int]]
    problem_codes: dict[str, int]
    warning_codes: dict[str, int]

    @property
    def creates(self) -> int:
        """How many records confirming the list would make."""
        return self.new + self.suggested


def summarize(rows: Iterable[RowResult], matches: Iterable[RowMatch[RecordId]]) -> Summary:
    """The figures of a list that was read (`rows`) and matched (`matches`)."""
    kinds: Counter[RowKind] = Counter()
    spellings: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    warnings: Counter[str] = Counter()
    for row in rows:
        kinds[row.kind] += 1
        reasons.update(problem.code for problem in row.problems)
        warnings.update(warning.code for warning in row.warnings)
        if row.record:
            spellings.setdefault(row.record.country, Counter())[row.record.country_text] += 1
    found = list(matches)
    matched = Counter(match.kind for match in found)
    return Summary(
        rows=kinds.total() - kinds[RowKind.SKIPPED],
        new=matched[MatchKind.NEW],
        suggested=matched[MatchKind.SUGGESTED],
        known=matched[MatchKind.KNOWN],
        conflicts=matched[MatchKind.CONFLICT],
        bad=kinds[RowKind.BAD],
        repeats=kinds[RowKind.REPEAT],
        skipped=kinds[RowKind.SKIPPED],
        without_contact=sum(1 for match in found if match.creates and not _has_email(match)),
        with_differences=sum(1 for match in found if match.differences),
        country_spellings={code: dict(sorted(counts.items())) for code, counts in sorted(spellings.items())},
        problem_codes=dict(sorted(reasons.items())),
        warning_codes=dict(sorted(warnings.items())),
    )


def _has_email(match: RowMatch[RecordId]) -> bool:
    return match.row.record is not None and match.row.record.contact_email is not None
