"""The rows of a list: each becomes a proposed supplier record, or is named with the reason why it does not."""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from portal.directory import countries, letters, sectors
from portal.directory.lists import (
    asides,
    cells,
    columns,
    contacts,
    drafts,
    fields,
    names,
    origins,
    problems,
    repeats,
    words,
)
from portal.directory.lists import table as tables
from portal.directory.lists.drafts import Draft
from portal.directory.lists.fields import Field
from portal.directory.lists.problems import Problem

_OPTIONAL = (Field.LOCAL_NAME, Field.CONTACT_NAME, Field.EXTERNAL_REFERENCE)

_ENCODE = "save the file as UTF-8, or give the encoding that it is in (cp850, mac-roman, koi8-r, ...)"
_BULLET = re.compile(r"^[-–•*·▪►]\s+(?=\w)")

_REMARKS: tuple[tuple[Callable[[str], bool], str, str], ...] = (
    (cells.is_damaged, "TEXT_DAMAGED", "letters seem to have been lost or garbled before the file was made"),
    (cells.is_formula, "LOOKS_LIKE_FORMULA", "kept as text, not computed"),
    (cells.is_error, "SPREADSHEET_ERROR", "read as an empty cell"),
)


class RowKind(enum.StrEnum):
    """What became of a row."""

    OK = "OK"
    BAD = "BAD"
    REPEAT = "REPEAT"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class ProposedRecord:
    """A supplier record as a row proposes it; what the row does not say is None.

    `country` is ISO 3166-1 alpha-2; `sector` is the text of the file, `sector_codes` what it means in `sector_scheme`
    where that is sure. (`name_key`, `country`) is what records are compared by.
    """

    name: str
    name_key: str
    variant_key: str
    country: str
    country_text: str
    local_name: str | None = None
    address: str | None = None
    sector: str | None = None
    sector_scheme: str | None = None
    sector_codes: tuple[str, ...] = ()
    vendor_number: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    contact_locale: str | None = None
    external_reference: str | None = None


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row: its first line as a person counts it in the file, what became of it, and why.

    OK has a record; REPEAT has one too and names the earlier line in `repeat_of`; BAD has problems; SKIPPED (totals,
    a header that comes again) has neither. Warnings may stand beside a record.
    """

    line: int
    kind: RowKind
    record: ProposedRecord | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    repeat_of: int | None = None


def read_rows(
    table: tables.Table, plan: columns.ColumnPlan, *, default_country: str | None = None
) -> Iterator[RowResult]:
    """Each row below the header, in the order of the file. Good rows come whatever the bad ones are.

    `default_country` (a code or name) stands for rows whose cell is empty, or for a list without such a column.
    Raises ListRefused where a required field has no column.
    """
    reader = _RowReader(plan, origins.read_default(default_country), table)
    reader.check_plan()
    filled = (one for one in itertools.islice(table.read_records(), plan.skip, None) if any(map(str.strip, one[1])))
    ahead, after = itertools.tee(filled)
    next(after, None)
    for (line, record), following in itertools.zip_longest(ahead, after):
        yield reader.read_row(line, record, following[1] if following else [])


class _RowReader:
    """What is remembered from row to row: spellings read already, and the keys and numbers seen."""

    def __init__(self, plan: columns.ColumnPlan, default: countries.Country | None, table: tables.Table) -> None:
        self._plan = plan
        self._default = default
        self._table = table
        self._asides = asides.Asides(plan)
        self._register = repeats.Register()
        self._origins = origins.Origins(plan, default)
        self._width = _measure_width(table, plan)
        self._columns = {name: plan.find_columns(name) for name in Field}
        if self._origins.at_end:
            self._columns[Field.COUNTRY] = (self._origins.at_end,)
        self._headers = {name: found[0].header for name, found in self._columns.items() if found}
        named = [fields.read_header(one.header) for one in self._columns[Field.CONTACT_EMAIL]]
        self._email_is_contact = any(one and one.field == Field.CONTACT_NAME for one in named)
        self._columns[Field.CONTACT_NAME] = tuple(sorted(self._columns[Field.CONTACT_NAME], key=_rank_header))
        self._parts = [part for part in fields.ADDRESS_PARTS if self._columns[part]]
        self._sectors: dict[str, sectors.SectorReading] = {}

    def check_plan(self) -> None:
        for name in fields.REQUIRED:
            if not self._columns[name] and not (name is Field.COUNTRY and self._default):
                raise self._refuse_plan(name)

    def _refuse_plan(self, name: Field) -> problems.ListRefused:
        names_of = ", ".join(problems.shorten(column.header) for column in self._plan.columns)
        instead = ", or give one country for the whole list" if name is Field.COUNTRY else ""
        hint = ""
        if self._table.delimiter and len(self._plan.columns) == 1:
            hint = " No character was found that parts the columns: a comma, semicolon, tab or vertical bar does."
        elif self._table.encoding_guessed:
            guessed = self._table.encoding
            hint = f" If letters look wrong, give the encoding (cp850, mac-roman, koi8-r, ...): {guessed} was a guess."
        return problems.ListRefused(
            f"No column holds the {name} of the supplier.",
            code=f"NO_{name.upper()}_COLUMN",
            allowed=f"Say which of these does: {names_of}{instead}.{hint}",
            path=("mapping",),
        )

    def read_row(self, line: int, record: list[str], following: list[str]) -> RowResult:
        if self._asides.is_aside(record, following):
            return RowResult(line, RowKind.SKIPPED)
        row = Draft(line, {name: self._join(name, record) for name, at in self._columns.items() if at}, self._headers)
        self._check_cells(row, record)
        self._check_width(row, record)
        proposed = self._propose(row, record)
        if row.problems or proposed is None:
            return RowResult(line, RowKind.BAD, None, tuple(row.problems), tuple(row.warnings))
        return self._place(row, proposed)

    def _join(self, name: Field, record: list[str]) -> str:
        """The cell of a field, or its cells where a name is in several ("Name 1" and "Name 2", first and last name)."""
        at = self._columns[name]
        if len(at) == 1 or name in fields.ADDRESS_PARTS:
            return record[at[0].number - 1] if len(at) == 1 and at[0].number <= len(record) else ""
        pieces = (cells.read_cell(record[one.number - 1]) for one in at if one.number <= len(record))
        return " ".join(filter(None, pieces))

    def _check_width(self, row: Draft, record: list[str]) -> None:
        """A comma inside a name that was not quoted moves every cell behind it."""
        at = self._columns[Field.NAME]
        if not self._width or len(record) <= self._width or not at:
            return
        behind = record[at[0].number].strip() if at[0].number < len(record) else ""
        if behind and names.is_legal_form(behind):
            reason = f"the row has more cells than the header, and {behind!r} seems to belong to the name"
            row.refuse(Field.NAME, "ROW_SHIFTED", reason, 'put the name in quotes: "Mill Co., Ltd."')

    def _check_cells(self, row: Draft, record: list[str]) -> None:
        for column in self._plan.columns:
            if column.field is None or column.number > len(record):
                continue
            text = record[column.number - 1]
            if (
                text.isascii()
                and text.isprintable()
                and not text.startswith(("=", "@", "+", "-", "#"))
                and "???" not in text
            ):
                continue
            self._check_cell(row, column.header, text)

    def _check_cell(self, row: Draft, header: str, text: str) -> None:
        if undecodable := cells.list_undecodable(text):
            reason = f"the bytes {undecodable} do not fit the file's encoding"
            shown = problems.shorten(text)
            row.problems.append(Problem(row.line, header, shown, "UNDECODABLE", reason, _ENCODE))
            return
        code, reason = next(((code, reason) for holds, code, reason in _REMARKS if holds(text)), ("", ""))
        if code:
            row.warnings.append(Problem(row.line, header, problems.shorten(text), code, reason))

    def _propose(self, row: Draft, record: list[str]) -> ProposedRecord | None:
        name, key = _read_name(row)
        country = self._origins.read(row)
        address = self._join_address(row, record)
        sector = self._read_sector(row)
        number = _read_vendor_number(row)
        email, contact = _read_contact(row, self._email_is_contact)
        locale = _read_locale(row)
        others = {name: _read_text(row, name) for name in _OPTIONAL}
        if row.problems or country is None:
            return None
        return ProposedRecord(
            name=name,
            name_key=key,
            variant_key=names.make_variant_key(name),
            country=country.iso2,
            country_text=country.name if self._origins.at_end else row.get(Field.COUNTRY),
            local_name=others[Field.LOCAL_NAME],
            address=address,
            sector=sector.text or None,
            sector_scheme=sector.scheme,
            sector_codes=sector.codes,
            vendor_number=number,
            contact_name=others[Field.CONTACT_NAME] or contact,
            contact_email=email,
            contact_locale=locale,
            external_reference=others[Field.EXTERNAL_REFERENCE],
        )

    def _read_sector(self, row: Draft) -> sectors.SectorReading:
        text = _read_text(row, Field.SECTOR) or ""
        if text not in self._sectors:
            self._sectors[text] = sectors.read_sector(text, scheme=self._plan.sector_scheme)
        return self._sectors[text]

    def _join_address(self, row: Draft, record: list[str]) -> str | None:
        pieces: list[str] = []
        for part in self._parts:
            for column in self._columns[part]:
                piece = cells.read_cell(record[column.number - 1]) if column.number <= len(record) else ""
                if part in drafts.MAY_BE_BLANK and words.is_placeholder(piece):
                    continue
                if piece and not _ends_with(pieces, piece):
                    join = part is Field.HOUSE_NUMBER and pieces
                    pieces[-1:] = [f"{pieces[-1]} {piece}"] if join else [*pieces[-1:], piece]
        address = ", ".join(pieces)
        if len(address) > fields.MAXIMUM_LENGTHS[Field.ADDRESS]:
            _refuse_length(row, self._parts[0], Field.ADDRESS)
        return address or None

    def _place(self, row: Draft, record: ProposedRecord) -> RowResult:
        """Finds whether an earlier row stands for the same supplier, and says what speaks against it."""
        found = self._register.place(row.line, record)
        if found.taken:
            reason = f"the vendor number stands in line {found.line} {found.taken}"
            row.refuse(Field.VENDOR_NUMBER, "VENDOR_NUMBER_TAKEN", reason, "one vendor number for each supplier")
            return RowResult(row.line, RowKind.BAD, None, tuple(row.problems), tuple(row.warnings))
        if found.other_address:
            reason = f"line {found.line} has the same supplier at another address; this row is left out as a repeat"
            row.warn(self._parts[0], "ADDRESS_DIFFERS", reason, "one name, or one vendor number, for each site")
        if found.loses_number:
            reason = (
                f"line {found.line} has the same name and country without a number; this row is left out as a repeat"
            )
            row.warn(Field.VENDOR_NUMBER, "VENDOR_NUMBER_LEFT_OUT", reason, "the vendor number in every row")
        if found.repeats:
            return RowResult(row.line, RowKind.REPEAT, record, (), tuple(row.warnings), found.line)
        if found.line:
            reason = f"line {found.line} has the same name and country under another vendor number"
            row.warn(Field.NAME, "SAME_NAME", reason)
        return RowResult(row.line, RowKind.OK, record, (), tuple(row.warnings))


def _measure_width(table: tables.Table, plan: columns.ColumnPlan) -> int:
    """How many cells the header has, in text where a cell may fall apart; else 0."""
    if table.delimiter is None or plan.header_line is None:
        return 0
    header = next(itertools.islice(table.read_records(), plan.skip - 1, None))[1]
    return len(header)


def _read_name(row: Draft) -> tuple[str, str]:
    name = _BULLET.sub("", _read_text(row, Field.NAME) or "")
    key = names.make_name_key(name)
    if not name:
        row.refuse(Field.NAME, "NAME_MISSING", "the name of the supplier is missing", "the company's name")
    elif not key:
        row.refuse(Field.NAME, "NAME_UNREADABLE", "the name has no letter or digit", "the company's name")
    return name, key


def _read_text(row: Draft, name: Field) -> str | None:
    text = row.get(name)
    if len(text) > fields.MAXIMUM_LENGTHS[name]:
        _refuse_length(row, name, name)
        return None
    return text or None


def _refuse_length(row: Draft, column: Field, name: Field) -> None:
    most = fields.MAXIMUM_LENGTHS[name]
    row.refuse(column, "TOO_LONG", f"longer than {most} characters", f"at most {most} characters")


def _read_vendor_number(row: Draft) -> str | None:
    number, rounded = cells.read_vendor_number(row.get(Field.VENDOR_NUMBER))
    if cells.is_date(number):
        reason = "the spreadsheet made the vendor number a date; the record is proposed without it"
        row.warn(Field.VENDOR_NUMBER, "VENDOR_NUMBER_DATED", reason, "format the column as text before saving")
        return None
    if rounded:
        reason = "the spreadsheet shortened the vendor number; the record is proposed without it"
        row.warn(Field.VENDOR_NUMBER, "VENDOR_NUMBER_ROUNDED", reason, "format the column as text before saving")
        return None
    if len(number) > fields.MAXIMUM_LENGTHS[Field.VENDOR_NUMBER]:
        _refuse_length(row, Field.VENDOR_NUMBER, Field.VENDOR_NUMBER)
    return number or None


def _rank_header(column: columns.ColumnGuess) -> int:
    named = fields.read_header(column.header)
    return named.rank if named else 0


def _read_contact(row: Draft, may_be_name: bool) -> tuple[str | None, str | None]:
    """The e-mail address, and a name that stands beside it in the same cell."""
    text = row.get(Field.CONTACT_EMAIL)
    if not text:
        return None, None
    found = contacts.find_emails(text)
    if not found and may_be_name and "@" not in text and len(text) <= fields.MAXIMUM_LENGTHS[Field.CONTACT_NAME]:
        return None, text
    if not found:
        reason = "no e-mail address that mail could be sent to; the record is proposed without it"
        row.warn(Field.CONTACT_EMAIL, "EMAIL_MALFORMED", reason, "an address like name@company.com")
        return None, None
    if len(found) > 1:
        row.warn(Field.CONTACT_EMAIL, "EMAIL_SEVERAL", f"several addresses; the first, {found[0]}, is proposed")
    return found[0], contacts.find_name(text)


def _read_locale(row: Draft) -> str | None:
    text = row.get(Field.CONTACT_LOCALE)
    locale = contacts.read_locale(text) if text else None
    if text and locale is None:
        row.warn(
            Field.CONTACT_LOCALE, "LOCALE_UNKNOWN", "not a language that is known here", "a code like en, pt-BR or vi"
        )
    return locale


def _ends_with(pieces: list[str], piece: str) -> bool:
    """Whether the last part of the address so far says the same already (a full address beside a column of cities)."""
    last = pieces[-1].rpartition(",")[2] if pieces else ""
    return bool(pieces) and letters.compact(last) == letters.compact(piece)
