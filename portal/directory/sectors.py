"""Sectors: the divisions of ISIC and NACE, and how codes and free words are read as one of them where that is sure."""

from __future__ import annotations

import csv
import enum
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from portal.directory import letters

# Cohorts and stored codes are of one scheme; others are carried over where the division has one equivalent only.
STORED_SCHEME = "ISIC Rev.4"
_MAXIMUM_LENGTH = 1000
_SEPARATORS = re.compile(r"[|;/\n]+")
_LISTED = re.compile(r"\s*(?:,|&|\+|\band\b|\bund\b|\bet\b|\by\b|、|，)\s*", re.IGNORECASE)
_SCHEME = re.compile(r"\b(isic|citi|ciiu|nace|ateco|naf|wz)\b", re.IGNORECASE)
_REVISION = re.compile(r"rev(?:ision)?\.?\s*(\d(?:\.\d)?)", re.IGNORECASE)
_CODE = re.compile(r"^([A-V])?[.\s-]?(\d{2})(?:([.])?(\d{1,2})(?:\.(\d{1,2}))?[A-Z]?)?(?=$|[\s:,–—-])", re.IGNORECASE)


class Scheme(enum.StrEnum):
    """The classifications whose codes are read."""

    ISIC_4 = "ISIC Rev.4"
    ISIC_5 = "ISIC Rev.5"
    NACE_2 = "NACE Rev.2"
    NACE_2_1 = "NACE Rev.2.1"


@dataclass(frozen=True, slots=True)
class Sector:
    """A section (a letter) or division (two digits) of a scheme."""

    scheme: str
    code: str
    parent: str
    title: str
    isic_rev4: tuple[str, ...]
    isic_rev5: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectorReading:
    """What a cell says of a sector: its words, and each part's section or division of ISIC Rev.4 where that is sure.

    `unread` holds the parts that were understood as no sector; they are kept as text.
    """

    text: str
    sectors: tuple[Sector, ...]
    unread: tuple[str, ...]

    @property
    def scheme(self) -> str | None:
        """The scheme of `codes`, or None where there are none."""
        return STORED_SCHEME if self.sectors else None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in the order in which the cell names them."""
        return tuple(sector.code for sector in self.sectors)


@functools.cache
def list_sectors(scheme: str = STORED_SCHEME) -> tuple[Sector, ...]:
    """The sections and divisions of a scheme, each section before its divisions."""
    return tuple(sector for sector in _all_sectors() if sector.scheme == scheme)


def find_sector(code: str, scheme: str = STORED_SCHEME) -> Sector | None:
    """The section or division of a code ("C", "14") in a scheme."""
    return _by_code().get((scheme, code.upper()))


def find_section(sector: Sector) -> Sector:
    """The section that a division belongs to; a section is its own."""
    return _by_code()[sector.scheme, sector.parent] if sector.parent else sector


def list_codes_within(sector: Sector) -> list[str]:
    """The code of a section or division, and of a section those of its divisions."""
    return [sector.code, *(one.code for one in list_sectors(sector.scheme) if one.parent == sector.code)]


def read_sector(text: str, *, scheme: str | None = None) -> SectorReading:
    """The sectors that a cell names, in codes or words; `scheme` is what the column's header says of its codes.

    A bare number is read only when the cell or `scheme` names ISIC or NACE: 61 is telecommunications there and
    knitted apparel in the customs tariff.
    """
    shown = letters.clean(text[:_MAXIMUM_LENGTH].replace("\n", " | "))
    if letters.is_blank(shown):
        return SectorReading("", (), ())
    found: dict[Sector, None] = {}
    unread: list[str] = []
    for part in _split(shown):
        sector = _read_part(part, scheme)
        if sector:
            found[sector] = None
        else:
            unread.append(part)
    return SectorReading(shown, tuple(found), tuple(unread))


def name_scheme(text: str) -> str | None:
    """The scheme that a header or a cell names: "NACE Rev. 2.1 code" -> NACE Rev.2.1; without a revision the older."""
    named = _SCHEME.search(text)
    if not named:
        return None
    revision = _REVISION.search(text)
    number = revision[1] if revision else ""
    if named[1].lower() in ("isic", "citi", "ciiu"):
        return {"": Scheme.ISIC_4, "4": Scheme.ISIC_4, "5": Scheme.ISIC_5}.get(number)
    return {"": Scheme.NACE_2, "2": Scheme.NACE_2, "2.1": Scheme.NACE_2_1}.get(number)


def _split(text: str) -> Iterator[str]:
    for part in (piece.strip() for piece in _SEPARATORS.split(text)):
        if not part:
            continue
        pieces = [piece for piece in _LISTED.split(part) if piece]
        known = all(_by_word().get(letters.compact(piece)) for piece in pieces)
        if len(pieces) > 1 and known and letters.compact(part) not in _by_word():
            yield from pieces
        else:
            yield part


def _read_part(text: str, scheme: str | None) -> Sector | None:
    return _by_word().get(letters.compact(text)) or _read_code(text, scheme)


def _read_code(text: str, scheme: str | None) -> Sector | None:
    """Reads "C14", "14.13", "NACE C14.13", "14 - Manufacture of wearing apparel"; None where it is not sure."""
    named = name_scheme(text) or scheme
    bare = _REVISION.sub("", _SCHEME.sub("", text)).strip(" :.-#")
    if named and (section := find_sector(bare, named)):
        return _carry_over(section)
    match = _CODE.match(bare)
    if not match:
        return None
    letter, division, dot, group, _ = match.groups()
    title = bare[match.end() :].strip(" :,–—-")
    if title:
        titled = _by_word().get(letters.compact(title))
        return titled if titled and titled.code == division else None
    if named:
        sector = find_sector(division, named)
        right = sector and (not letter or sector.parent == letter.upper())
        return _carry_over(sector) if sector and right else None
    if letter or (dot and group):
        return _find_in_all(division, letter)
    return None


def _find_in_all(division: str, letter: str | None) -> Sector | None:
    """The division when every scheme that has it under that letter means the same by it."""
    meant = {
        _carry_over(sector)
        for scheme in Scheme
        if (sector := find_sector(division, scheme)) and (letter is None or sector.parent == letter.upper())
    }
    return meant.pop() if len(meant) == 1 else None


def _carry_over(sector: Sector) -> Sector | None:
    """The one equivalent in the stored scheme (from NACE Rev.2.1 by way of ISIC Rev.5), or None."""
    if sector.isic_rev4:
        return find_sector(sector.isic_rev4[0]) if len(sector.isic_rev4) == 1 else None
    newer = find_sector(sector.isic_rev5[0], Scheme.ISIC_5) if len(sector.isic_rev5) == 1 else None
    return _carry_over(newer) if newer else None


@functools.cache
def _all_sectors() -> tuple[Sector, ...]:
    return tuple(
        Sector(
            row["scheme"],
            row["code"],
            row["parent"],
            row["title_en"],
            tuple(row["isic_rev4"].split()),
            tuple(row["isic_rev5"].split()),
        )
        for row in _read_packaged("sectors.csv")
    )


@functools.cache
def _by_code() -> dict[tuple[str, str], Sector]:
    return {(sector.scheme, sector.code): sector for sector in _all_sectors()}


@functools.cache
def _by_word() -> dict[str, Sector]:
    """Words and official titles to the section or division of the stored scheme; a section's title that a division
    bears too means the division."""
    titled = [(sector.title, sector) for sector in list_sectors()]
    words = {letters.compact(title.removeprefix("Manufacture of ")): sector for title, sector in titled}
    words |= {letters.compact(title): sector for title, sector in titled}
    for row in _read_packaged("sector_words.csv"):
        for word in row["words"].split("|"):
            words[letters.compact(word)] = _by_code()[STORED_SCHEME, row["code"]]
    return words


def _read_packaged(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("portal.directory").joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
