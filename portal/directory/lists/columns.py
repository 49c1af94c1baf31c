"""Which column of a list holds which field: guessed with confidence and reason, or as the buyer says."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from portal.directory import countries, letters, sectors
from portal.directory.lists import contents, fields, guesses, problems
from portal.directory.lists import table as tables
from portal.directory.lists.delimited import Record
from portal.directory.lists.fields import Field

ColumnName = str | int
Mapped = ColumnName | Sequence[ColumnName] | None

_HEADER_WITHIN = 40
_SAMPLE = 200
_LONGEST_SHOWN = 3
_LONGEST_COUNTRY = 40
_ENDS_IN_COUNTRY = 0.6


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """A column of the file: its number (from 1), header, first values, and the field it is taken for, if any.

    `confidence` is from 0 to 1; 1 is the buyer's own word.
    """

    number: int
    header: str
    examples: tuple[str, ...]
    field: Field | None
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How the columns of a list are read; `missing` names the required fields that no column was found for.

    `header_line` is the line of the header, or None where the list has none; records begin after `skip` records.
    `country_at_end` is the column of the address whose end names the country, where no column is the country's;
    `whole_column` says in which short writing the whole column names countries, if it does.
    """

    header_line: int | None
    skip: int
    columns: tuple[ColumnGuess, ...]
    missing: tuple[Field, ...]
    sector_scheme: str | None
    country_at_end: ColumnGuess | None = None
    whole_column: countries.ShortWriting | None = None

    def find_columns(self, field: Field) -> tuple[ColumnGuess, ...]:
        """The columns taken for a field, from left to right; several for an address, and names in parts."""
        return tuple(column for column in self.columns if column.field is field)


def plan_columns(
    table: tables.Table, *, mapping: Mapping[str, Mapped] | None = None, header_line: int | None = None
) -> ColumnPlan:
    """Guesses the columns; what `mapping` says goes before any guess.

    `mapping` gives a column for a field: by header, or by number from 1; names and an address may have several; None
    says that the list does not hold the field. `header_line` is the line of the header, 0 for none.
    Raises ListRefused for an unknown field or column, a column for two fields, and two columns for one field.
    """
    head = list(itertools.islice(table.read_records(), _HEADER_WITHIN + _SAMPLE))
    at = _find_header(head) if header_line is None else _find_named_line(head, header_line)
    headers = head[at][1] if at is not None else []
    body = [cells for _, cells in head[at + 1 if at is not None else 0 :]][:_SAMPLE]
    width = max(map(len, [headers, *body]), default=0)
    samples = [_sample_column(body, index) for index in range(width)]
    shown = [_name_column(headers, index) for index in range(width)]
    said = _read_mapping(mapping or {}, shown)
    columns = tuple(_guess_columns(headers, shown, samples, said))
    at_end = _find_country_at_end(columns, samples, said)
    found = {column.field for column in columns} | ({Field.COUNTRY} if at_end else set())
    of_country = next((column for column in columns if column.field is Field.COUNTRY), None)
    sector = next((column.header for column in columns if column.field is Field.SECTOR), "")
    return ColumnPlan(
        header_line=head[at][0] if at is not None else None,
        skip=at + 1 if at is not None else 0,
        columns=columns,
        missing=tuple(field for field in fields.REQUIRED if field not in found),
        sector_scheme=sectors.name_scheme(sector.replace("-", " ")),
        country_at_end=at_end,
        whole_column=countries.find_short_writing(samples[of_country.number - 1]) if of_country else None,
    )


def _find_country_at_end(
    columns: tuple[ColumnGuess, ...], samples: list[list[str]], said: dict[Field, list[int]]
) -> ColumnGuess | None:
    if Field.COUNTRY in said or any(column.field is Field.COUNTRY for column in columns):
        return None
    addresses = [column for column in columns if column.field in fields.ADDRESS_PARTS]
    shares = [(contents.measure_places(samples[column.number - 1]), column) for column in addresses]
    share, column = max(shares, key=lambda pair: pair[0], default=(0.0, None))
    return column if share >= _ENDS_IN_COUNTRY else None


def _find_header(head: list[Record]) -> int | None:
    """The record among the first that names most fields; two at least, or the name of a short list."""
    best, most = None, 0
    for index, (_, cells) in enumerate(head[:_HEADER_WITHIN]):
        named = {found[0] for cell in cells if (found := fields.read_header(cell)) and found[0] != fields.IGNORED}
        values = any(contents.is_value(cell, Field.CONTACT_EMAIL) or _names_country(cell) for cell in cells)
        few = len(named) == 1 and sum(1 for cell in cells if cell.strip()) > 2
        score = 0 if values or few else len(named)
        if score > most:
            best, most = index, score
    if best is not None and (most > 1 or _is_narrow(head, best)):
        return best
    return _find_odd_header(head)


def _names_country(cell: str) -> bool:
    """Whether a cell is a country in full, as in a row of values; "No" and "ID" are headers as well as codes."""
    whole = 3 < len(cell.strip()) < _LONGEST_COUNTRY and not fields.read_header(cell)
    return whole and contents.is_value(cell, Field.COUNTRY)


def _is_narrow(head: list[Record], at: int) -> bool:
    return max(len([cell for cell in cells if cell.strip()]) for _, cells in head[at:]) <= 2


def _find_odd_header(head: list[Record]) -> int | None:
    """A first full record in words that are not known is a header if its cells are not of their columns' kind."""
    width = max(sum(1 for cell in cells if cell.strip()) for _, cells in head)
    first = next(i for i, (_, cells) in enumerate(head) if sum(1 for cell in cells if cell.strip()) * 2 > width)
    cells, body = head[first][1], [row for _, row in head[first + 1 :]]
    for index, cell in enumerate(cells):
        if not cell.strip() or len(body) < 2:
            continue
        findings = contents.judge_column(_sample_column(body, index))
        for finding in findings:
            telling = finding.field in (Field.COUNTRY, Field.CONTACT_EMAIL) and finding.confidence > 0.7
            if telling and not contents.is_value(cell, finding.field):
                return first
    return None


def _find_named_line(head: list[Record], line: int) -> int | None:
    if line == 0:
        return None
    at = next((index for index, (number, _) in enumerate(head) if number == line), None)
    if at is None:
        raise problems.ListRefused(
            f"Line {line} holds no header.",
            code="HEADER_LINE_UNKNOWN",
            allowed="Give a line with text near the top of the file, or 0 if there is no header.",
            path=("headerLine",),
        )
    return at


def _sample_column(body: list[list[str]], index: int) -> list[str]:
    return [cells[index] for cells in body if index < len(cells)]


def _name_column(headers: list[str], index: int) -> str:
    shown = letters.clean(headers[index][:200]) if index < len(headers) else ""
    return shown or f"column {index + 1}"


def _guess_columns(
    headers: list[str], shown: list[str], samples: list[list[str]], said: dict[Field, list[int]]
) -> Iterator[ColumnGuess]:
    taken: dict[int, guesses.Taken] = {
        index: guesses.Taken(field, 1.0, "you said so") for field, indexes in said.items() for index in indexes
    }
    open_ones = [index for index in range(len(samples)) if index not in taken]
    ignored = guesses.choose(headers, samples, open_ones, taken, said)
    for index, name in enumerate(shown):
        chosen = taken.get(index) or guesses.Taken(None, 0.0, ignored.get(index, "not recognized"))
        examples = tuple(dict.fromkeys(filter(None, map(_show, samples[index]))))[:_LONGEST_SHOWN]
        yield ColumnGuess(index + 1, name, examples, chosen.field, chosen.confidence, chosen.reason)


def _show(value: str) -> str:
    return problems.shorten(letters.clean(value[:400]))


def _read_mapping(mapping: Mapping[str, Mapped], headers: list[str]) -> dict[Field, list[int]]:
    said: dict[Field, list[int]] = {}
    owners: dict[int, str] = {}
    for key, value in mapping.items():
        field = _read_field(key)
        wanted = [] if value is None or value == "" else [value] if isinstance(value, str | int) else list(value)
        indexes = [_find_column(name, headers, key) for name in wanted]
        if len(indexes) > 1 and field not in fields.JOINED:
            raise _refuse_mapping(
                "One field takes one column.",
                "TOO_MANY_COLUMNS",
                key,
                "A name, an address or a contact's name may have several.",
            )
        for index in indexes:
            if index in owners:
                reason = f"The column {headers[index]!r} is given to {owners[index]} and to {key}."
                raise _refuse_mapping(reason, "COLUMN_TAKEN", key, "A column fills one field.")
            owners[index] = key
        said[field] = indexes
    return said


def _read_field(key: str) -> Field:
    try:
        return Field(key)
    except ValueError as error:
        allowed = f"The fields are: {', '.join(Field)}."
        raise _refuse_mapping(f"There is no field {problems.shorten(key)!r}.", "FIELD_UNKNOWN", key, allowed) from error


def _find_column(name: ColumnName, headers: list[str], key: str) -> int:
    allowed = f"The columns are: {', '.join(map(problems.shorten, headers[:40]))}; or give a number from 1."
    if isinstance(name, int):
        if 1 <= name <= len(headers):
            return name - 1
        raise _refuse_mapping(f"There is no column {name}.", "COLUMN_UNKNOWN", key, allowed)
    exact = [index for index, header in enumerate(headers) if header == letters.clean(name)]
    wanted = fields.make_header_key(name)
    found = exact or [index for index, header in enumerate(headers) if fields.make_header_key(header) == wanted]
    if not found:
        raise _refuse_mapping(f"There is no column {problems.shorten(name)!r}.", "COLUMN_UNKNOWN", key, allowed)
    if len(found) > 1:
        reason = f"{len(found)} columns are called {problems.shorten(name)!r}."
        raise _refuse_mapping(reason, "COLUMN_AMBIGUOUS", key, "Give the column's number, from 1.")
    return found[0]


def _refuse_mapping(reason: str, code: str, key: str, allowed: str) -> problems.ListRefused:
    return problems.ListRefused(reason, code=code, allowed=allowed, path=("mapping",))
