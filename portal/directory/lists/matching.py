"""Proposed records beside the buyer's own: which are new, known, perhaps known, or in contradiction.

Nothing is merged and nothing overwritten here: what a row would change in a record is listed for a person to decide.
"""

from __future__ import annotations

import enum
import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from portal.directory import letters
from portal.directory.lists import names
from portal.directory.lists.rows import ProposedRecord, RowKind, RowResult

RecordId = TypeVar("RecordId", bound=Hashable)

_COMPARED = ("vendor_number", "name", "local_name", "address", "sector", "external_reference")
_MOST_SUGGESTED = 5


class MatchKind(enum.StrEnum):
    """What a row is to the buyer's records. NEW and SUGGESTED would make a record, the others would not."""

    NEW = "NEW"
    KNOWN = "KNOWN"
    SUGGESTED = "SUGGESTED"
    CONFLICT = "CONFLICT"


class MatchReason(enum.StrEnum):
    """Why a row is known, may be known, or contradicts."""

    VENDOR_NUMBER = "VENDOR_NUMBER"
    NAME = "NAME"
    LEGAL_FORM = "LEGAL_FORM"
    SPELLING = "SPELLING"
    LOCAL_NAME = "LOCAL_NAME"
    OTHER_VENDOR_NUMBER = "OTHER_VENDOR_NUMBER"
    NUMBER_AND_NAME_DISAGREE = "NUMBER_AND_NAME_DISAGREE"
    COUNTRY_DIFFERS = "COUNTRY_DIFFERS"
    SEVERAL_RECORDS = "SEVERAL_RECORDS"
    TAKEN_IN_FILE = "TAKEN_IN_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecord(Generic[RecordId]):
    """One of the buyer's supplier records, as far as a list is compared with it."""

    id: RecordId
    name: str
    country: str
    vendor_number: str | None = None
    local_name: str | None = None
    address: str | None = None
    sector: str | None = None
    external_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which a known record and the row differ.

    `fills` is True where the record has nothing yet; `spelling` where the two are the same but for case, accents,
    spaces and punctuation. Neither is written unless the buyer confirms it.
    """

    field: str
    stored: str | None
    proposed: str
    fills: bool
    spelling: bool


@dataclass(frozen=True, slots=True)
class Duplicate(Generic[RecordId]):
    """A record, or an earlier line of the same file, that may be the same supplier, and why."""

    record_id: RecordId | None
    line: int | None
    name: str
    reason: MatchReason


@dataclass(frozen=True, slots=True)
class RowMatch(Generic[RecordId]):
    """A row beside the records: the record it is (`record_id`), or those it may be (`duplicates`)."""

    row: RowResult
    kind: MatchKind
    reason: MatchReason | None = None
    record_id: RecordId | None = None
    differences: tuple[Difference, ...] = ()
    duplicates: tuple[Duplicate[RecordId], ...] = ()

    @property
    def creates(self) -> bool:
        """Whether confirming the list makes a record of this row."""
        return self.kind in (MatchKind.NEW, MatchKind.SUGGESTED)


def match_rows(rows: Iterable[RowResult], known: Iterable[KnownRecord[RecordId]]) -> Iterator[RowMatch[RecordId]]:
    """Matches each OK row, in order, with the buyer's records and the rows before it; other rows are passed over.

    A vendor number goes before a name. The same list matched again after its records were made gives no new ones.
    """
    index = _Index(known)
    for row in rows:
        if row.kind is RowKind.OK and row.record is not None:
            yield index.match(row, row.record)


class _Index(Generic[RecordId]):
    def __init__(self, known: Iterable[KnownRecord[RecordId]]) -> None:
        self._numbers: dict[str, KnownRecord[RecordId]] = {}
        self._names: dict[tuple[str, str], list[KnownRecord[RecordId]]] = defaultdict(list)
        self._unnumbered: dict[tuple[str, str], list[KnownRecord[RecordId]]] = defaultdict(list)
        self._near: dict[tuple[str, str], list[Duplicate[RecordId]]] = defaultdict(list)
        self._taken: dict[RecordId, int] = {}
        for record in known:
            if record.vendor_number:
                self._numbers[record.vendor_number] = record
            same = names.make_name_key(record.name), record.country
            self._names[same].append(record)
            if not record.vendor_number:
                self._unnumbered[same].append(record)
            keys = _near_keys(names.make_variant_key(record.name), record.local_name)
            self._add_near(keys, record.country, _as_duplicate(record, MatchReason.SPELLING))

    def match(self, row: RowResult, record: ProposedRecord) -> RowMatch[RecordId]:
        by_number = self._numbers.get(record.vendor_number) if record.vendor_number else None
        by_name = self._names.get((record.name_key, record.country), [])
        if by_number:
            return self._match_number(row, record, by_number, by_name)
        # A record with another number is another supplier of that name, or the same under a new number: who knows.
        open_ones = by_name if not record.vendor_number else self._unnumbered.get((record.name_key, record.country), [])
        if len(open_ones) > 1:
            return RowMatch(
                row,
                MatchKind.CONFLICT,
                MatchReason.SEVERAL_RECORDS,
                duplicates=tuple(_as_duplicate(one, MatchReason.NAME) for one in open_ones[:_MOST_SUGGESTED]),
            )
        if open_ones:
            return self._claim(row, record, open_ones[0], MatchReason.NAME)
        return self._suggest(row, record, by_name)

    def _match_number(
        self,
        row: RowResult,
        record: ProposedRecord,
        found: KnownRecord[RecordId],
        by_name: list[KnownRecord[RecordId]],
    ) -> RowMatch[RecordId]:
        others = list(itertools.islice((one for one in by_name if one.id != found.id), _MOST_SUGGESTED))
        same = found.country == record.country and names.make_name_key(found.name) == record.name_key
        if others and not same:
            duplicates = (
                _as_duplicate(found, MatchReason.VENDOR_NUMBER),
                *(_as_duplicate(one, MatchReason.NAME) for one in others),
            )
            return RowMatch(row, MatchKind.CONFLICT, MatchReason.NUMBER_AND_NAME_DISAGREE, duplicates=duplicates)
        if found.country != record.country:
            duplicates = (_as_duplicate(found, MatchReason.VENDOR_NUMBER),)
            return RowMatch(row, MatchKind.CONFLICT, MatchReason.COUNTRY_DIFFERS, duplicates=duplicates)
        return self._claim(row, record, found, MatchReason.VENDOR_NUMBER)

    def _claim(
        self, row: RowResult, record: ProposedRecord, found: KnownRecord[RecordId], reason: MatchReason
    ) -> RowMatch[RecordId]:
        line = self._taken.setdefault(found.id, row.line)
        if line != row.line:
            duplicates = (Duplicate(found.id, line, found.name, reason),)
            return RowMatch(row, MatchKind.CONFLICT, MatchReason.TAKEN_IN_FILE, duplicates=duplicates)
        return RowMatch(row, MatchKind.KNOWN, reason, found.id, tuple(_compare(found, record)))

    def _suggest(
        self, row: RowResult, record: ProposedRecord, same_name: list[KnownRecord[RecordId]]
    ) -> RowMatch[RecordId]:
        keys = _near_keys(record.variant_key, record.local_name)
        few = same_name[:_MOST_SUGGESTED]
        found = {one.id: _as_duplicate(one, MatchReason.OTHER_VENDOR_NUMBER) for one in few}
        near = [
            Duplicate(one.record_id, one.line, one.name, _explain(record, one, key))
            for key in keys
            for one in self._near.get((key, record.country), [])
            if one.record_id is None or one.record_id not in found
        ]
        self._add_near(keys, record.country, Duplicate(None, row.line, record.name, MatchReason.SPELLING))
        duplicates = tuple(dict.fromkeys([*found.values(), *near]))[:_MOST_SUGGESTED]
        if not duplicates:
            return RowMatch(row, MatchKind.NEW)
        return RowMatch(row, MatchKind.SUGGESTED, duplicates[0].reason, duplicates=duplicates)

    def _add_near(self, keys: tuple[str, ...], country: str, entry: Duplicate[RecordId]) -> None:
        for key in keys:
            near = self._near[key, country]
            if len(near) < _MOST_SUGGESTED:
                near.append(entry)


def _near_keys(variant_key: str, local_name: str | None) -> tuple[str, ...]:
    local = names.make_variant_key(local_name) if local_name else variant_key
    return (variant_key,) if local == variant_key else (variant_key, local)


def _explain(record: ProposedRecord, other: Duplicate[RecordId], key: str) -> MatchReason:
    if key != record.variant_key or names.make_variant_key(other.name) != key:
        return MatchReason.LOCAL_NAME
    if names.make_name_key(other.name) == record.name_key:
        return MatchReason.OTHER_VENDOR_NUMBER
    same = names.find_legal_form(other.name) == names.find_legal_form(record.name)
    return MatchReason.SPELLING if same else MatchReason.LEGAL_FORM


def _as_duplicate(record: KnownRecord[RecordId], reason: MatchReason) -> Duplicate[RecordId]:
    return Duplicate(record.id, None, record.name, reason)


def _compare(known: KnownRecord[RecordId], record: ProposedRecord) -> Iterator[Difference]:
    for name in _COMPARED:
        stored, proposed = getattr(known, name), getattr(record, name)
        if proposed and proposed != stored:
            same = bool(stored) and letters.compact(stored) == letters.compact(proposed)
            yield Difference(name, stored, proposed, fills=not stored, spelling=same)
