"""Rows of one list beside each other: which stand for the same supplier, by vendor number or by name and country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from portal.directory import letters


class Proposed(Protocol):
    """What rows are compared by."""

    @property
    def name_key(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def vendor_number(self) -> str | None: ...
    @property
    def address(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A row beside earlier ones: the line it repeats, or shares its name or number with, and what differs there.

    `taken` says in words why the vendor number cannot be this row's.
    """

    line: int | None = None
    repeats: bool = False
    taken: str = ""
    other_address: bool = False
    loses_number: bool = False


@dataclass(frozen=True, slots=True)
class _Earlier:
    line: int
    name_key: str
    country: str
    address: str


class Register:
    """The suppliers of the rows so far.

    Rows of the same name and country with different vendor numbers are different suppliers for the buyer.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, _Earlier] = {}
        self._names: dict[tuple[str, str], dict[str | None, _Earlier]] = {}
        self._first: dict[tuple[str, str], _Earlier] = {}

    def place(self, line: int, record: Proposed) -> Place:
        """Finds the place of a row, and remembers it if it is a supplier of its own."""
        number, key = record.vendor_number, (record.name_key, record.country)
        same_number = self._numbers.get(number) if number else None
        if same_number and same_number.name_key != record.name_key:
            return Place(same_number.line, taken="for another name")
        if same_number and same_number.country != record.country:
            return Place(same_number.line, taken="for another country")
        first = self._first.get(key)
        earlier = same_number or self._find_same(key, number)
        if earlier:
            moved = _differ(earlier.address, record.address)
            loses = bool(number) and same_number is None
            return Place(earlier.line, repeats=True, other_address=moved, loses_number=loses)
        mine = _Earlier(line, *key, letters.compact(record.address or ""))
        self._names.setdefault(key, {})[number] = mine
        self._first.setdefault(key, mine)
        if number:
            self._numbers[number] = mine
        return Place(first.line if first else None)

    def _find_same(self, key: tuple[str, str], number: str | None) -> _Earlier | None:
        if number is None:
            return self._first.get(key)
        numbers = self._names.get(key, {})
        return numbers.get(number, numbers.get(None))


def _differ(earlier: str, address: str | None) -> bool:
    own = letters.compact(address or "")
    return bool(earlier and own) and earlier != own
