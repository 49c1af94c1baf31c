"""Records kept by another system: written by vendor number, many at once, with a result for each line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, idempotency, ids
from portal.database.tables import directory
from portal.directory import bulk, facts, records
from portal.directory.decisions import ContactOfRow
from portal.directory.facts import ContactFacts, RecordFacts
from portal.identity.wording import Reading

RECORD = directory.SupplierRecord
MOST = 500  # lines in one call
Outcome = Literal["CREATED", "UPDATED", "UNCHANGED", "REFUSED"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A supplier as another system has it; `facts.vendor_number` says which, None leaves a field as it is."""

    facts: RecordFacts
    contact: ContactFacts | None = None


@dataclass
class Upserted:
    """What became of one line; REFUSED has problems, the others have a record."""

    vendor_number: str | None
    outcome: Outcome
    record_id: UUID | None = None
    problems: list[errors.FieldProblem] = field(default_factory=list)


@dataclass
class _Plan:
    """One line at work: its columns, the contact it names, and what is to be done with them."""

    result: Upserted
    values: dict[str, Any]
    contact: ContactOfRow | None
    changes: dict[str, Any] = field(default_factory=dict)


async def upsert_records(
    session: AsyncSession, actor: Actor, *, lines: Sequence[Line], idempotency_key: str | None = None
) -> list[Upserted]:
    """Write each line to the live record with its vendor number, or to a new one; good lines count whatever others are.

    A record of the same name and country that has no vendor number yet gets this one. The number of statements does
    not depend on the number of lines. Raises InvalidInput TOO_MANY, Conflict.
    """
    access.require(actor, access.BUYER_EDITOR)
    if not 1 <= len(lines) <= MOST:
        raise errors.InvalidInput(f"1 to {MOST} suppliers at once.", code="TOO_MANY", path=("suppliers",))
    body = [asdict(line) for line in lines]
    made = await idempotency.find_made(session, actor, idempotency_key, "upsert_records", body)
    if made is not None:
        return [_recall(line, *one.split(" ", 1)) for line, one in zip(lines, made, strict=True)]
    await records.hold_records(session, actor)
    plans = [_read_line(line) for line in lines]
    _refuse_repeats(plans)
    await _match(session, actor, plans)
    await _write(session, actor, plans)
    results = [one.result for one in plans]
    counts = {name: sum(one.outcome == name for one in results) for name in ("CREATED", "UPDATED", "REFUSED")}
    await audit.add_audit(session, actor, "records.upserted", "supplier_record", detail=counts)
    kept = [f"{one.outcome} {one.record_id or ''}" for one in results]
    await idempotency.keep_made(session, actor, idempotency_key, "upsert_records", body, kept)
    return results


def _read_line(line: Line) -> _Plan:
    reading = Reading()
    values = facts.read_facts(reading, line.facts, adding=False)
    number = values.get("vendor_number")
    if number is None:
        reading.refuse("vendor_number", "REQUIRED", "vendor_number must be given.")
    contact = None
    if line.contact is not None:
        contact = ContactOfRow(**facts.read_contact(reading, line.contact, prefix="contact_"))
    result = Upserted(number or line.facts.vendor_number, "UNCHANGED", None, reading.problems)
    if reading.problems:
        result.outcome = "REFUSED"
    return _Plan(result, values, contact)


def _refuse_repeats(plans: Sequence[_Plan]) -> None:
    seen: set[str] = set()
    for plan in _list_good(plans):
        number = plan.values["vendor_number"]
        if number in seen:
            _refuse(plan, "vendor_number", "REPEATED", "This vendor number stands in the list before.")
        seen.add(number)


async def _match(session: AsyncSession, actor: Actor, plans: Sequence[_Plan]) -> None:
    """Find the record of each line by its number, else by name and country among those without a number."""
    good = list(_list_good(plans))
    keys = [
        (plan.values["name_key"], plan.values["country"])
        for plan in good
        if plan.values.get("name_key") and plan.values.get("country")
    ]
    numbers = [plan.values["vendor_number"] for plan in good]
    named = and_(RECORD.vendor_number.is_(None), tuple_(RECORD.name_key, RECORD.country).in_(keys))
    query = (
        select(RECORD)
        .where(RECORD.buyer_id == actor.organization, RECORD.archived_at.is_(None))
        .where(or_(RECORD.vendor_number.in_(numbers), named) if keys else RECORD.vendor_number.in_(numbers))
        .order_by(RECORD.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    by_number: dict[str, directory.SupplierRecord] = {}
    by_name: dict[tuple[str, str | None], list[directory.SupplierRecord]] = {}
    for one in await session.scalars(query):
        if one.vendor_number is not None:
            by_number[one.vendor_number] = one
        else:
            by_name.setdefault((one.name_key, one.country), []).append(one)
    for plan in good:
        _plan_line(plan, by_number, by_name)


def _plan_line(
    plan: _Plan,
    by_number: Mapping[str, directory.SupplierRecord],
    by_name: dict[tuple[str, str | None], list[directory.SupplierRecord]],
) -> None:
    values = plan.values
    found = by_number.get(values["vendor_number"])
    if found is None:
        unnumbered = by_name.get((values.get("name_key", ""), values.get("country")), [])
        if len(unnumbered) > 1:
            words = "Several suppliers of yours have this name and country and no vendor number; give them theirs."
            _refuse(plan, "name", "SEVERAL_RECORDS", words)
            return
        found = unnumbered.pop() if unnumbered else None
    if found is None:
        for name in ("name", "country"):
            if not values.get(name):
                _refuse(plan, name, "REQUIRED", f"{name} must be given for a new supplier.")
        if not plan.result.problems:
            plan.result.outcome, plan.result.record_id = "CREATED", ids.new_id()
        return
    plan.result.record_id = found.id
    plan.changes = {name: value for name, value in values.items() if getattr(found, name) != value}
    if plan.changes:
        plan.result.outcome = "UPDATED"


async def _write(session: AsyncSession, actor: Actor, plans: Sequence[_Plan]) -> None:
    good = [(plan, plan.result.record_id) for plan in _list_good(plans)]
    new = [
        {"id": one, **plan.values, "state": "has_contact" if plan.contact else "needs_contact"}
        for plan, one in good
        if plan.result.outcome == "CREATED"
    ]
    if new:
        await bulk.add_records(session, actor, new)
    changes = {one: plan.changes for plan, one in good if one is not None and plan.changes}
    await bulk.change_records(session, actor, changes)
    named = [(one, plan.contact) for plan, one in good if one is not None and plan.contact is not None]
    got = set(await bulk.add_contacts(session, actor, named))
    created = {row["id"] for row in new}
    for plan, one in good:
        if one in got and plan.result.outcome == "UNCHANGED":
            plan.result.outcome = "UPDATED"
    settled = [one for one in got if one not in created]
    await bulk.finish_records(session, actor, [*created, *changes], settled=settled)


def _list_good(plans: Sequence[_Plan]) -> Iterator[_Plan]:
    return (plan for plan in plans if plan.result.outcome != "REFUSED")


def _refuse(plan: _Plan, name: str, code: str, message: str) -> None:
    plan.result.outcome = "REFUSED"
    plan.result.problems.append(errors.FieldProblem((name,), code, message))


def _recall(line: Line, outcome: str, record_id: str) -> Upserted:
    """The result of an earlier call with the same key; its problems are those that the line itself shows."""
    read = _read_line(line).result
    read.outcome = outcome  # type: ignore[assignment]  # one that was kept by us
    read.record_id = UUID(record_id) if record_id else None
    if outcome == "REFUSED" and not read.problems:
        read.problems = [errors.FieldProblem((), "REFUSED", "This line was refused when it came first.")]
    return read
