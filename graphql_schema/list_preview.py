"""What a supplier list would do: how its columns are read, figures, and each row beside the buyer's suppliers."""

import enum
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import strawberry

from graphql_schema import rules, supplier
from graphql_schema.scalars import CountryCode
from portal import access, errors
from portal.directory.imports import Preview
from portal.directory.lists import columns, matching, problems
from portal.directory.lists import summary as figures
from portal.directory.lists.fields import Field
from portal.directory.lists.rows import ProposedRecord, RowResult

LARGEST_PAGE = 200

_FIELDS = {
    "NAME": "The supplier's name; needed.",
    "LOCAL_NAME": "Its name in its own script.",
    "ADDRESS": "Its address, or the first part of it.",
    "STREET": "Part of the address.",
    "HOUSE_NUMBER": "Part of the address.",
    "DISTRICT": "Part of the address.",
    "POSTAL_CODE": "Part of the address.",
    "CITY": "Part of the address.",
    "STATE": "Part of the address: a state or province.",
    "COUNTRY": "Its country; needed, in the list or for the list as a whole.",
    "SECTOR": "What it makes or does.",
    "VENDOR_NUMBER": "The buyer's number for it.",
    "CONTACT_NAME": "A person there.",
    "CONTACT_EMAIL": "That person's address.",
    "CONTACT_LOCALE": "The language to write in.",
    "EXTERNAL_REFERENCE": "A key of another system of the buyer.",
}


@strawberry.enum(description="What a column of a list may hold.")
class SupplierListField(enum.Enum):
    NAME = strawberry.enum_value("name", description=_FIELDS["NAME"])
    LOCAL_NAME = strawberry.enum_value("local_name", description=_FIELDS["LOCAL_NAME"])
    ADDRESS = strawberry.enum_value("address", description=_FIELDS["ADDRESS"])
    STREET = strawberry.enum_value("street", description=_FIELDS["STREET"])
    HOUSE_NUMBER = strawberry.enum_value("house_number", description=_FIELDS["HOUSE_NUMBER"])
    DISTRICT = strawberry.enum_value("district", description=_FIELDS["DISTRICT"])
    POSTAL_CODE = strawberry.enum_value("postal_code", description=_FIELDS["POSTAL_CODE"])
    CITY = strawberry.enum_value("city", description=_FIELDS["CITY"])
    STATE = strawberry.enum_value("state", description=_FIELDS["STATE"])
    COUNTRY = strawberry.enum_value("country", description=_FIELDS["COUNTRY"])
    SECTOR = strawberry.enum_value("sector", description=_FIELDS["SECTOR"])
    VENDOR_NUMBER = strawberry.enum_value("vendor_number", description=_FIELDS["VENDOR_NUMBER"])
    CONTACT_NAME = strawberry.enum_value("contact_name", description=_FIELDS["CONTACT_NAME"])
    CONTACT_EMAIL = strawberry.enum_value("contact_email", description=_FIELDS["CONTACT_EMAIL"])
    CONTACT_LOCALE = strawberry.enum_value("contact_locale", description=_FIELDS["CONTACT_LOCALE"])
    EXTERNAL_REFERENCE = strawberry.enum_value("external_reference", description=_FIELDS["EXTERNAL_REFERENCE"])


@strawberry.enum(description="What a row is to the buyer's suppliers.")
class SupplierRowKind(enum.Enum):
    NEW = strawberry.enum_value("NEW", description="A supplier that is not known; confirming adds it.")
    SUGGESTED = strawberry.enum_value(
        "SUGGESTED", description="New by its name, but perhaps one of the duplicates named; confirming adds it."
    )
    KNOWN = strawberry.enum_value(
        "KNOWN", description="A supplier of the buyer; confirming adds a contact that it lacks, and changes nothing."
    )
    CONFLICT = strawberry.enum_value("CONFLICT", description="It contradicts the records; confirming leaves it out.")
    BAD = strawberry.enum_value("BAD", description="It cannot be used; see its problems.")
    REPEAT = strawberry.enum_value("REPEAT", description="An earlier row is the same supplier.")
    SKIPPED = strawberry.enum_value(
        "SKIPPED",
        description="The row names no supplier: a line of totals, the header once more or in a second language, a rule"
        " of dashes, a note below the table, or the title of a section. Nothing is written of it.",
    )


@strawberry.enum(description="Why a row is known, may be known, or contradicts.")
class SupplierMatchReason(enum.Enum):
    VENDOR_NUMBER = strawberry.enum_value("VENDOR_NUMBER", description="The vendor number is the same.")
    NAME = strawberry.enum_value("NAME", description="Name and country are the same.")
    LEGAL_FORM = strawberry.enum_value("LEGAL_FORM", description="The names differ in the legal form.")
    SPELLING = strawberry.enum_value("SPELLING", description="The names differ in brackets or usual abbreviations.")
    LOCAL_NAME = strawberry.enum_value("LOCAL_NAME", description="The names in their own script are the same.")
    OTHER_VENDOR_NUMBER = strawberry.enum_value(
        "OTHER_VENDOR_NUMBER", description="Name and country are the same, the vendor numbers differ."
    )
    NUMBER_AND_NAME_DISAGREE = strawberry.enum_value(
        "NUMBER_AND_NAME_DISAGREE", description="The vendor number is one supplier's, the name another's."
    )
    COUNTRY_DIFFERS = strawberry.enum_value(
        "COUNTRY_DIFFERS", description="The supplier with this vendor number is in another country."
    )
    SEVERAL_RECORDS = strawberry.enum_value("SEVERAL_RECORDS", description="Several suppliers have this name.")
    TAKEN_IN_FILE = strawberry.enum_value("TAKEN_IN_FILE", description="A row before is that supplier already.")


@rules.type(rules.AS_PARENT, description="A column of the list, and what it is taken for.")
class SupplierListColumn:
    number: int = rules.field(description="Its number, from 1.")
    header: str = rules.field(description='Its header, or "column 3" where there is none.')
    examples: list[str] = rules.field(description="Its first values, at most 3.")
    field: SupplierListField | None = rules.field(description="What it is taken for; null where it is not imported.")
    confidence: float = rules.field(description="How sure that is, 0 to 1; 1 is the buyer's own word.")
    reason: str = rules.field(description="Why.")


@rules.type(rules.AS_PARENT, description="One thing about one row.")
class SupplierRowProblem:
    line: int = rules.field(description="The line as a person counts it in the file.")
    column: str = rules.field(description="The header of the column.")
    value: str = rules.field(description="The value, cut to 80 characters.")
    code: str = rules.field(description="A stable code in UPPER_CASE.")
    reason: str = rules.field(description="What is wrong, in words.")
    allowed: str = rules.field(description="What would be accepted; empty where there is nothing to say.")


@rules.type(rules.AS_PARENT, description="A field in which a row differs from the supplier that it is.")
class SupplierDifference:
    field: SupplierListField = rules.field(description="Which field.")
    stored: str | None = rules.field(description="What the record says.")
    proposed: str = rules.field(description="What the row says.")
    fills: bool = rules.field(description="Whether the record has nothing yet.")
    spelling: bool = rules.field(description="Whether the two differ in case, accents, spaces or punctuation only.")


@rules.type(rules.AS_PARENT, description="A supplier, or an earlier row, that may be the same.")
class SupplierDuplicate:
    supplier_id: strawberry.ID | None = rules.field(description="The supplier; null for a row.")
    line: int | None = rules.field(description="The line of an earlier row; null for a supplier.")
    name: str = rules.field(description="Its name.")
    reason: SupplierMatchReason = rules.field(description="Why it may be the same.")


@rules.type(rules.AS_PARENT, description="A supplier as a row proposes it.")
class ProposedSupplier:
    name: str = rules.field(description="Its name.")
    country: CountryCode = rules.field(description="Its country, as it was read.")
    local_name: str | None = rules.field(description="Its name in its own script.")
    address: str | None = rules.field(description="Its address, put together from its parts.")
    sector: str | None = rules.field(description="Its sector in the words of the file.")
    sector_codes: list[str] = rules.field(description="The ISIC Rev.4 codes that these words surely mean.")
    vendor_number: str | None = rules.field(description="The buyer's number for it.")
    external_reference: str | None = rules.field(description="A key of another system.")
    contact_name: str | None = rules.field(description="A person there.")
    contact_email: str | None = rules.field(description="That person's address.")
    contact_locale: str | None = rules.field(description="The language to write in.")


@rules.type(rules.AS_PARENT, description="One row of a list.")
class SupplierRow:
    line: int = rules.field(description="Its first line as a person counts it in the file.")
    kind: SupplierRowKind = rules.field(description="What it is to the buyer's suppliers.")
    reason: SupplierMatchReason | None = rules.field(description="Why; null for rows that stand by themselves.")
    record: ProposedSupplier | None = rules.field(description="What it proposes; null for bad and skipped rows.")
    supplier_id: strawberry.ID | None = rules.field(description="The supplier that a KNOWN row is.")
    archived: bool = rules.field(description="Whether that supplier is archived; then nothing is written.")
    repeat_of: int | None = rules.field(description="The earlier line that a REPEAT repeats.")
    differences: list[SupplierDifference] = rules.field(description="Where a KNOWN row differs.", list_size=2)
    duplicates: list[SupplierDuplicate] = rules.field(description="What it may be, or contradicts.", list_size=2)
    problems: list[SupplierRowProblem] = rules.field(description="Why a BAD row cannot be used.", list_size=2)
    warnings: list[SupplierRowProblem] = rules.field(description="What to look at; the row is used.", list_size=2)


@rules.type(rules.AS_PARENT, description="How a country is spelled in the list.")
class CountrySpelling:
    spelling: str = rules.field(description="The text in the file.")
    country: CountryCode = rules.field(description="What it was read as.")
    rows: int = rules.field(description="In how many rows.")


@rules.type(rules.AS_PARENT, description="How often something was found.")
class CodeCount:
    code: str = rules.field(description="A code of a problem or warning.")
    rows: int = rules.field(description="How often.")


@rules.type(rules.AS_PARENT, description="A list in figures.")
class SupplierListSummary:
    rows: int = rules.field(description="All rows: new, suggested, known, conflicts, bad and repeats together.")
    new: int = rules.field(description="Rows that are NEW.")
    suggested: int = rules.field(description="Rows that are SUGGESTED.")
    known: int = rules.field(description="Rows that are KNOWN.")
    conflicts: int = rules.field(description="Rows that are a CONFLICT.")
    bad: int = rules.field(description="Rows that are BAD.")
    repeats: int = rules.field(description="Rows that are a REPEAT.")
    skipped: int = rules.field(description="Rows that are no supplier.")
    without_contact: int = rules.field(description="How many new suppliers will need a contact.")
    with_differences: int = rules.field(description="How many known rows differ from their supplier.")
    country_spellings: list[CountrySpelling] = rules.field(description="The first 200.", list_size=50)
    problem_codes: list[CodeCount] = rules.field(description="Problems by code.")
    warning_codes: list[CodeCount] = rules.field(description="Warnings by code.")


@rules.type(rules.AS_PARENT, description="What confirming a list would do.")
class SupplierListPreview:
    kind: str = rules.field(description="csv, xlsx or xls.")
    encoding: str | None = rules.field(description="How the text is encoded; null for a workbook.")
    encoding_guessed: bool = rules.field(description="Whether that is a guess.")
    delimiter: str | None = rules.field(description="What parts the columns; null for a workbook.")
    sheet: str | None = rules.field(description="The sheet that is read; null for text.")
    sheets: list[str] = rules.field(description="The sheets that could be.")
    header_line: int | None = rules.field(description="The line of the header; null where there is none.")
    columns: list[SupplierListColumn] = rules.field(description="The columns, from left to right.", list_size=20)
    missing: list[SupplierListField] = rules.field(description="Needed fields that no column holds; say which does.")
    summary: SupplierListSummary | None = rules.field(description="The list in figures; null while fields are missing.")
    preview: strawberry.Private[Preview]
    actor: strawberry.Private[access.Actor]

    @rules.method(description="Rows in the order of the file.")
    def rows(
        self,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 200.")] = 25,
        after_line: Annotated[int, strawberry.argument(description="Only rows behind this line.")] = 0,
        kinds: Annotated[
            list[SupplierRowKind] | None, strawberry.argument(description="Only rows of these kinds.")
        ] = None,
    ) -> list[SupplierRow]:
        check_page(first)
        wanted = None if kinds is None else set(kinds)
        return list(take(self._list_rows(after_line, wanted), first))

    @rules.method(description="Why rows cannot be used, in the order of the file.")
    def problems(
        self,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 200.")] = 100,
        after_line: Annotated[int, strawberry.argument(description="Only those behind this line.")] = 0,
    ) -> list[SupplierRowProblem]:
        check_page(first)
        found = (make_problem(one) for row in self.preview.rows if row.line > after_line for one in row.problems)
        return list(take(found, first))

    def _list_rows(self, after_line: int, wanted: set[SupplierRowKind] | None) -> Iterator[SupplierRow]:
        for row in self.preview.rows:
            if row.line > after_line and (wanted is None or find_kind(self.preview, row) in wanted):
                yield make_row(self.preview, row, self.actor)


def check_page(first: int) -> None:
    """Raise InvalidInput PAGE_SIZE for a size that is not allowed."""
    if not 1 <= first <= LARGEST_PAGE:
        words = f"`first` must be 1 to {LARGEST_PAGE}; it is {first}."
        raise errors.InvalidInput(words, code="PAGE_SIZE", path=("first",))


def take(found: Iterator[Any], first: int) -> Iterator[Any]:
    """The first of them."""
    return (one for one, _ in zip(found, range(first), strict=False))


def find_kind(preview: Preview, row: RowResult) -> SupplierRowKind:
    match = preview.matches.get(row.line)
    return SupplierRowKind(str(match.kind if match else row.kind))


def make_row(preview: Preview, row: RowResult, actor: access.Actor) -> SupplierRow:
    match = preview.matches.get(row.line)
    record_id = match.record_id if match else None
    return SupplierRow(
        line=row.line,
        kind=find_kind(preview, row),
        reason=SupplierMatchReason(str(match.reason)) if match and match.reason else None,
        record=make_record(row.record) if row.record else None,
        supplier_id=supplier.encode_supplier(actor, record_id) if record_id else None,
        archived=record_id in preview.archived,
        repeat_of=row.repeat_of,
        differences=[make_difference(one) for one in match.differences] if match else [],
        duplicates=[make_duplicate(one, actor) for one in match.duplicates] if match else [],
        problems=[make_problem(one) for one in row.problems],
        warnings=[make_problem(one) for one in row.warnings],
    )


def make_record(record: ProposedRecord) -> ProposedSupplier:
    return ProposedSupplier(
        name=record.name,
        country=CountryCode(record.country),
        local_name=record.local_name,
        address=record.address,
        sector=record.sector,
        sector_codes=list(record.sector_codes),
        vendor_number=record.vendor_number,
        external_reference=record.external_reference,
        contact_name=record.contact_name,
        contact_email=record.contact_email,
        contact_locale=record.contact_locale,
    )


def make_difference(one: matching.Difference) -> SupplierDifference:
    return SupplierDifference(
        field=SupplierListField(one.field),
        stored=one.stored,
        proposed=one.proposed,
        fills=one.fills,
        spelling=one.spelling,
    )


def make_duplicate(one: matching.Duplicate[Any], actor: access.Actor) -> SupplierDuplicate:
    return SupplierDuplicate(
        supplier_id=None if one.record_id is None else supplier.encode_supplier(actor, one.record_id),
        line=one.line,
        name=one.name,
        reason=SupplierMatchReason(str(one.reason)),
    )


def make_problem(one: problems.Problem) -> SupplierRowProblem:
    return SupplierRowProblem(
        line=one.line, column=one.column, value=one.value, code=one.code, reason=one.text, allowed=one.allowed
    )


def make_column(one: columns.ColumnGuess) -> SupplierListColumn:
    return SupplierListColumn(
        number=one.number,
        header=one.header,
        examples=list(one.examples),
        field=None if one.field is None else SupplierListField(str(one.field)),
        confidence=one.confidence,
        reason=one.reason,
    )


def make_summary(found: figures.Summary) -> SupplierListSummary:
    spellings = [
        CountrySpelling(spelling=text, country=CountryCode(code), rows=count)
        for code, texts in found.country_spellings.items()
        for text, count in texts.items()
    ]
    return SupplierListSummary(
        rows=found.rows,
        new=found.new,
        suggested=found.suggested,
        known=found.known,
        conflicts=found.conflicts,
        bad=found.bad,
        repeats=found.repeats,
        skipped=found.skipped,
        without_contact=found.without_contact,
        with_differences=found.with_differences,
        country_spellings=spellings[:200],
        problem_codes=[CodeCount(code=code, rows=count) for code, count in found.problem_codes.items()],
        warning_codes=[CodeCount(code=code, rows=count) for code, count in found.warning_codes.items()],
    )


def list_fields(missing: Sequence[Field]) -> list[SupplierListField]:
    return [SupplierListField(str(one)) for one in missing]


def make_preview(found: Preview, actor: access.Actor) -> SupplierListPreview:
    """A preview as the API shows it; rows are made only where they are asked for."""
    opened = found.opened
    return SupplierListPreview(
        kind=opened.table.kind,
        encoding=opened.table.encoding,
        encoding_guessed=opened.table.encoding_guessed,
        delimiter=opened.table.delimiter,
        sheet=opened.table.sheet,
        sheets=list(opened.table.sheets),
        header_line=opened.plan.header_line,
        columns=[make_column(one) for one in opened.plan.columns],
        missing=list_fields(opened.missing),
        summary=None if found.summary is None else make_summary(found.summary),
        preview=found,
        actor=actor,
    )
