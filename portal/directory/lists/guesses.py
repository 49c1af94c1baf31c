"""Guesses which field each column holds: what headers and values offer, and which offer is taken."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from portal.directory import letters
from portal.directory.lists import contents, fields, problems, words
from portal.directory.lists.contents import Finding
from portal.directory.lists.fields import Field, Named
from portal.directory.lists.words import Meaning

_LEAST = 0.3
# Values alone never weigh as much as a header that names the field, however weakly.
_FROM, _SLOPE = 0.5, 0.35
_MOSTLY = 0.9
_SPARSE = 0.1


class Taken(NamedTuple):
    """The field that a column is taken for, how sure that is, and why; the rank is that of its header."""

    field: Field | None
    confidence: float
    reason: str
    rank: int = 0


class _Offer(NamedTuple):
    at: int
    confidence: float
    field: Field
    reason: str
    rank: int = 0


class _Column(NamedTuple):
    """A column at work: its header, what that names, and what its values look like."""

    at: int
    header: str
    named: Named | None
    values: Sequence[str]
    found: tuple[Finding, ...]

    @property
    def quoted(self) -> str:
        return f"the header is {problems.shorten(letters.clean(self.header[:200]))!r}"

    def find(self, field: Field) -> Finding | None:
        return next((one for one in self.found if one.field is field), None)


def choose(
    headers: list[str],
    samples: list[list[str]],
    open_ones: Sequence[int],
    taken: dict[int, Taken],
    said: Collection[Field],
) -> dict[int, str]:
    """Adds to `taken` what the open columns are taken for; gives the reasons why others are left out."""
    columns = [_make_column(index, headers, samples[index]) for index in open_ones]
    ignored: dict[int, str] = {}
    offers = [offer for column in columns for offer in _collect_offers(column, columns, ignored)]
    for offer in sorted(offers, key=lambda one: (-one.confidence, one.at)):
        if offer.at not in taken and offer.confidence >= _LEAST:
            _take(offer, taken, said, ignored)
    _take_persons(columns, taken, said)
    _take_scripts(columns, taken, said)
    return ignored


def _make_column(index: int, headers: list[str], values: list[str]) -> _Column:
    header = headers[index] if index < len(headers) else ""
    return _Column(index, header, fields.read_header(header), values, contents.judge_column(values))


def _take(offer: _Offer, taken: dict[int, Taken], said: Collection[Field], ignored: dict[int, str]) -> None:
    holders = [index for index, one in taken.items() if one.field is offer.field]
    if offer.field in said:
        return
    if _stands_beside(offer, [taken[index] for index in holders]):
        taken[offer.at] = Taken(offer.field, offer.confidence, offer.reason, offer.rank)
    elif holders and offer.rank:
        first = holders[0]
        ignored.setdefault(offer.at, f"{offer.reason}, but column {first + 1} is taken for the same")
        if "could be" not in taken[first].reason:
            also = f"{taken[first].reason}; column {offer.at + 1} could be the same"
            taken[first] = taken[first]._replace(reason=also)


def _stands_beside(offer: _Offer, holders: list[Taken]) -> bool:
    """Whether an offer has its place: alone, as a part of an address, as "Name 2", or as first beside last name."""
    if offer.field is Field.NAME and offer.rank == fields.CONTINUED:
        return bool(holders)
    if not holders or offer.field in fields.ADDRESS_PARTS:
        return True
    ranks = {one.rank for one in holders} | {offer.rank}
    return offer.field is Field.CONTACT_NAME and len(holders) == 1 and ranks == {fields.GIVEN, fields.FAMILY}


def _collect_offers(column: _Column, columns: list[_Column], ignored: dict[int, str]) -> Iterator[_Offer]:
    """What a column could be: by its header, if the values do not speak against it, else by its values."""
    if column.named is None:
        yield from _offer_values(column, columns)
    elif column.named.field == fields.IGNORED:
        ignored[column.at] = "the header names something that is not imported"
        numbers = column.find(Field.VENDOR_NUMBER)
        if numbers and _is_numbering(column.header) and contents.have_shape_of_codes(column.values):
            yield _Offer(column.at, 0.5, Field.VENDOR_NUMBER, f"{column.quoted}, but {numbers.reason}")
    elif contents.is_answers(column.values) and column.named.field not in (Field.COUNTRY, Field.CONTACT_LOCALE):
        ignored[column.at] = f"{column.quoted}, but the values are answers like yes and no"
    else:
        yield from _weigh_header(column, Field(column.named.field), column.named, columns, ignored)


def _is_numbering(header: str) -> bool:
    keys = words.split(header)
    return bool(keys) and all(words.means(key, Meaning.NUMBER) for key in keys)


def _offer_values(column: _Column, columns: list[_Column]) -> Iterator[_Offer]:
    named = {other.named.field for other in columns if other.named}
    for finding in column.found:
        field, confidence = finding.field, round(finding.confidence * 0.9, 2)
        if field is Field.VENDOR_NUMBER:
            said = words.has(column.header, Meaning.NUMBER)
            if not said and not contents.have_shape_of_codes(column.values):
                continue
        # What looks like an address beside columns that are called so may be certificates or remarks.
        if field is Field.ADDRESS and named.intersection(fields.ADDRESS_PARTS):
            continue
        if confidence > _FROM:
            confidence = round(_FROM + (confidence - _FROM) * _SLOPE, 2)
        yield _Offer(column.at, confidence, field, finding.reason)


def _weigh_header(
    column: _Column, field: Field, named: Named, columns: list[_Column], ignored: dict[int, str]
) -> Iterator[_Offer]:
    at, quoted = column.at, column.quoted
    country, email, name = column.find(Field.COUNTRY), column.find(Field.CONTACT_EMAIL), column.find(Field.NAME)
    if field is Field.NAME and _holds_numbers(column):
        if named.rank == fields.WEAK:
            ignored[at] = f"{quoted}, but the values are codes"
            return
        reason = f"{quoted}, but the values are codes"
        yield _Offer(at, round(0.81 - 0.01 * named.rank, 2), Field.VENDOR_NUMBER, reason)
    elif field is Field.CONTACT_NAME and email:
        yield _Offer(at, 0.9, Field.CONTACT_EMAIL, f"{quoted}, and {email.reason}")
    elif field is Field.CONTACT_NAME and name and contents.carry_legal_forms(column.values):
        yield _Offer(at, 0.55, Field.NAME, f"{quoted}, but {name.reason}")
        yield _Offer(at, 0.5, field, quoted)
    elif field is Field.VENDOR_NUMBER and name and not any(map(str.isdigit, "".join(column.values))):
        yield _Offer(at, named.confidence, field, quoted, named.rank)
        yield _Offer(at, 0.45, Field.NAME, f"{quoted}, but {name.reason}")
    elif field is Field.STATE and contents.measure_regions(column.values) > 0.5:
        ignored[at] = f"{quoted}, but the values are parts of the world"
    elif field in (Field.STATE, Field.ADDRESS, Field.DISTRICT) and _holds_countries(column, field, country):
        assert country is not None
        yield _Offer(at, 0.8, Field.COUNTRY, f"{quoted}, and {country.reason}")
        yield _Offer(at, 0.5, field, quoted)
    elif field is not Field.CITY or not _is_foreign_by(column, columns):
        agrees = column.find(field)
        reason = f"{quoted}, and {agrees.reason}" if agrees else quoted
        sparse = field in fields.REQUIRED and _is_sparse(column.values)
        confidence = round(min(named.confidence + 0.01 * bool(agrees), 0.99) - _SPARSE * sparse, 2)
        yield _Offer(at, confidence, field, reason, named.rank)


def _holds_numbers(column: _Column) -> bool:
    if column.find(Field.NAME):
        return False
    return column.find(Field.VENDOR_NUMBER) is not None or contents.measure_codes(column.values) >= _MOSTLY


def _holds_countries(column: _Column, field: Field, country: Finding | None) -> bool:
    if country is None or country.confidence <= 0.8:
        return False
    # Codes of states and provinces are codes of countries as well: DE is Delaware, PA is Pará.
    return field is not Field.STATE or any(len(value.strip()) > 3 for value in column.values)


def _is_sparse(values: Sequence[str]) -> bool:
    """Whether most cells are empty: a factory may be named where it differs from the supplier only."""
    return sum(1 for value in values if value.strip()) * 2 < len(values)


def _is_foreign_by(column: _Column, columns: list[_Column]) -> bool:
    """Whether a header "By" is the English word; in a list with Danish postal codes it is the city."""
    keys = {fields.make_header_key(other.header) for other in columns}
    return fields.make_header_key(column.header) == "by" and not keys & {"postnr", "postnummer"}


def _take_persons(columns: list[_Column], taken: dict[int, Taken], said: Collection[Field]) -> None:
    """A bare "Name" beside the company's name and an e-mail address is the name of the contact."""
    held = {one.field for one in taken.values()}
    if Field.CONTACT_NAME in held or Field.CONTACT_NAME in said or not {Field.NAME, Field.CONTACT_EMAIL} <= held:
        return
    for column in columns:
        bare = fields.make_header_key(column.header) in ("name", "nom", "nombre", "nome", "naam", "姓名")
        if bare and column.at not in taken and not contents.carry_legal_forms(column.values):
            reason = f"{column.quoted}, beside the supplier's name and an e-mail address"
            taken[column.at] = Taken(Field.CONTACT_NAME, 0.6, reason)
            return


def _take_scripts(columns: list[_Column], taken: dict[int, Taken], said: Collection[Field]) -> None:
    """Of two columns of names in two scripts the Latin one is the name and the other the local name."""
    if Field.LOCAL_NAME in said or Field.NAME in said or any(one.field is Field.LOCAL_NAME for one in taken.values()):
        return
    held = next((column for column in columns if _is_taken(column, taken, Field.NAME)), None)
    if held is None:
        return
    for column in columns:
        names = column.named and column.named.field == Field.NAME and column.at != held.at
        free = column.at not in taken or _is_taken(column, taken, Field.NAME)
        scripts = {contents.is_latin(column.values), contents.is_latin(held.values)}
        if names and free and scripts == {True, False}:
            latin, local = (column, held) if contents.is_latin(column.values) else (held, column)
            taken[latin.at] = Taken(Field.NAME, 0.9, f"{latin.quoted}, in Latin letters")
            taken[local.at] = Taken(Field.LOCAL_NAME, 0.9, f"{local.quoted}, in another script")
            return


def _is_taken(column: _Column, taken: dict[int, Taken], field: Field) -> bool:
    return column.at in taken and taken[column.at].field is field
