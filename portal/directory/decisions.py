"""What confirming a list does with each row: the default, or what the buyer decided for a line. No database."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from portal import errors
from portal.directory.lists.matching import KnownRecord, MatchKind, RowMatch
from portal.directory.lists.rows import ProposedRecord, RowKind, RowResult
from portal.identity.wording import Reading

Action = Literal["CREATE", "SKIP", "UPDATE_FIELDS"]
FIELDS = ("vendor_number", "name", "local_name", "address", "sector", "external_reference")
MOST = 10_000  # decisions for one list


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to do with one line.

    UPDATE_FIELDS says that the row is the record `supplier_id` (which a KNOWN row need not name), writes the fields
    named into it and nothing else.
    """

    line: int
    action: Action
    fields: tuple[str, ...] = ()
    supplier_id: UUID | None = None


@dataclass(frozen=True)
class ContactOfRow:
    """A person that a row names, already in the one spelling of addresses."""

    email: str
    name: str | None
    locale: str | None


@dataclass
class Work:
    """What is to be written: new records by line, fields of records there are, and contacts of both."""

    creates: dict[int, ProposedRecord] = field(default_factory=dict)
    updates: dict[UUID, dict[str, str]] = field(default_factory=dict)
    contacts: list[tuple[int | UUID, ContactOfRow]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Known:
    """The buyer's records as a list is compared with them; archived ones are known too, and left alone."""

    records: Mapping[UUID, KnownRecord[UUID]]
    archived: frozenset[UUID]


def plan_work(
    rows: Sequence[RowResult], matches: Sequence[RowMatch[UUID]], known: Known, decisions: Sequence[Decision] = ()
) -> Work:
    """Without a decision NEW and SUGGESTED make records, KNOWN adds a contact the record lacks, CONFLICT is left out.

    Raises InvalidInput that names every decision that cannot be carried out.
    """
    return _Planner(rows, matches, known, decisions).plan()


class _Planner:
    def __init__(
        self,
        rows: Sequence[RowResult],
        matches: Sequence[RowMatch[UUID]],
        known: Known,
        decisions: Sequence[Decision],
    ) -> None:
        if len(decisions) > MOST:
            raise errors.InvalidInput(f"At most {MOST} decisions.", code="TOO_MANY", path=("decisions",))
        self.rows, self.matches, self.known = rows, matches, known
        self.decided = {one.line: (at, one) for at, one in enumerate(decisions)}
        self.problems = list(_find_unusable(decisions, rows))
        self.numbers = {
            one.vendor_number
            for one in known.records.values()
            if one.vendor_number is not None and one.id not in known.archived
        }
        self.work = Work()
        self.owners: dict[int, int | UUID] = {}  # of a line: the record it is, or makes

    def plan(self) -> Work:
        for match in self.matches:
            self._plan_row(match)
        for row in self.rows:
            if row.kind is RowKind.REPEAT and row.repeat_of in self.owners and row.line not in self.decided:
                self._add_contact(self.owners[row.repeat_of], row.record)
        self.work.counts["bad"] = sum(row.kind is RowKind.BAD for row in self.rows)
        self.work.counts["repeats"] = sum(row.kind is RowKind.REPEAT for row in self.rows)
        if self.problems:
            words = " ".join(problem.message for problem in self.problems[:10])
            raise errors.InvalidInput(words, code="DECISIONS", path=("decisions",), problems=self.problems)
        return self.work

    def _plan_row(self, match: RowMatch[UUID]) -> None:
        at, decision = self.decided.get(match.row.line, (0, None))
        if decision is None:
            self._plan_default(match)
        elif decision.action == "SKIP":
            self.work.counts["skipped"] += 1
        elif decision.action == "CREATE":
            self._plan_create(match, at)
        else:
            self._plan_update(match, at, decision)

    def _plan_default(self, match: RowMatch[UUID]) -> None:
        if match.creates:
            self._create(match)
        elif match.kind is MatchKind.KNOWN and match.record_id is not None:
            self.work.counts["known"] += 1
            self._own(match, match.record_id)
        else:
            self.work.counts["conflicts"] += 1

    def _plan_create(self, match: RowMatch[UUID], at: int) -> None:
        number = match.row.record.vendor_number if match.row.record else None
        if match.kind is MatchKind.KNOWN and match.record_id not in self.known.archived:
            self._refuse(at, "KNOWN", f"Line {match.row.line} is a supplier that you have already.")
        elif number is not None and number in self.numbers:
            self._refuse(at, "VENDOR_NUMBER_IN_USE", f"The vendor number of line {match.row.line} is in use.")
        else:
            self._create(match)

    def _plan_update(self, match: RowMatch[UUID], at: int, decision: Decision) -> None:
        candidates = {one.record_id for one in match.duplicates} | {match.record_id}
        target = decision.supplier_id or match.record_id
        if target is None or target not in candidates:
            words = f"Say with supplierId which of the suppliers suggested for line {match.row.line} it is."
            self._refuse(at, "SUPPLIER", words)
            return
        if target in self.known.archived:
            self._refuse(at, "ARCHIVED", f"Line {match.row.line} is an archived supplier; bring it back first.")
            return
        values = {name: getattr(match.row.record, name) for name in decision.fields}
        empty = [name for name, value in values.items() if not value]
        if empty:
            words = f"Line {match.row.line} says nothing of: {', '.join(empty)}."
            self._refuse(at, "EMPTY_FIELD", words)
        elif "vendor_number" in values and not self._may_take(values["vendor_number"], target):
            self._refuse(at, "VENDOR_NUMBER_IN_USE", f"The vendor number of line {match.row.line} is in use.")
        elif target in self.work.updates:
            self._refuse(at, "SUPPLIER_TWICE", f"Line {match.row.line} changes a supplier that a line before it does.")
        else:
            self.work.updates[target] = values
            self.work.counts["updated"] += bool(values)
            self.work.counts["known"] += 1
            self._own(match, target)

    def _may_take(self, number: str, target: UUID) -> bool:
        if number in self.numbers and self.known.records[target].vendor_number != number:
            return False
        self.numbers.add(number)
        return True

    def _create(self, match: RowMatch[UUID]) -> None:
        record = match.row.record
        assert record is not None  # a match is always of a row with a record
        if record.vendor_number is not None:
            self.numbers.add(record.vendor_number)
        self.work.creates[match.row.line] = record
        self.work.counts["created"] += 1
        self._own(match, match.row.line)

    def _own(self, match: RowMatch[UUID], owner: int | UUID) -> None:
        self.owners[match.row.line] = owner
        self._add_contact(owner, match.row.record)

    def _add_contact(self, owner: int | UUID, record: ProposedRecord | None) -> None:
        if record is None or record.contact_email is None or owner in self.known.archived:
            return
        reading = Reading()
        email = reading.read_email("email", record.contact_email)
        if not reading.problems:
            self.work.contacts.append((owner, ContactOfRow(email, record.contact_name, record.contact_locale)))

    def _refuse(self, at: int, code: str, message: str) -> None:
        self.problems.append(errors.FieldProblem(("decisions", at), code, message))


def _find_unusable(decisions: Sequence[Decision], rows: Sequence[RowResult]) -> Iterator[errors.FieldProblem]:
    """Decisions for lines that have no record to decide about, that come twice, or name unknown fields."""
    kinds = {row.line: row.kind for row in rows}
    seen: set[int] = set()
    for at, one in enumerate(decisions):
        kind = kinds.get(one.line)
        if one.line in seen:
            yield errors.FieldProblem(("decisions", at), "LINE_TWICE", f"Line {one.line} is decided twice.")
        elif kind is None:
            yield errors.FieldProblem(("decisions", at), "NO_SUCH_LINE", f"No row begins in line {one.line}.")
        elif kind is not RowKind.OK and one.action != "SKIP":
            words = f"Line {one.line} is {kind}; it can be skipped only."
            yield errors.FieldProblem(("decisions", at), "LINE_NOT_USABLE", words)
        unknown = [name for name in one.fields if name not in FIELDS]
        if unknown:
            words = f"fields may be: {', '.join(FIELDS)}."
            yield errors.FieldProblem(("decisions", at, "fields"), "FIELD_UNKNOWN", words)
        seen.add(one.line)
