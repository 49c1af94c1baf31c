"""A buyer asks its suppliers: creating requests for many records at once, withdrawing, extending, asking again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import definitions, joining
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables import assessments as tables
from portal.database.tables.directory import SupplierRecord

MAX_RECORDS = 500
LONGEST_WAIT = timedelta(days=730)
RESEND_AFTER = timedelta(hours=1)
LIVE = ("open", "accepted")
# What the supplier hears of a change by letter; of others the relay only passes on that there was one.
TOPICS = {
    "request.resent": "request.asked",
    "request.extended": "request.extended",
    "request.withdrawn": "request.withdrawn",
}
TEXT_LIMITS = {"purpose": 500, "legal_basis": 500, "message": 2_000, "subject_name": 200, "external_reference": 100}

# Until a supplier has accepted an invitation nobody there can see a request.
NOTICES = {
    "needs_contact": (
        "NO_CONTACT",
        "Nobody can see this yet: add a contact and call inviteSuppliers, or hand over a single-use link.",
    ),
    "has_contact": ("NOT_INVITED", "Nobody can see this yet: call inviteSuppliers, or hand over a single-use link."),
    "invited": ("NOT_ACCEPTED", "The supplier sees this once it has accepted the invitation that was sent."),
}

REFRESH_CARDS = text("SELECT portal.refresh_cards_of_records(:buyer, CAST(:records AS uuid[]))")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a buyer asks for; a site is named in the buyer's words, the supplier chooses which of its sites is meant."""

    questionnaire: str
    minimum_tier: str
    subject: str = "organization"  # organization | site
    subject_name: str | None = None
    period_start: date
    period_end: date
    purpose: str
    due_on: date
    legal_basis: str | None = None
    message: str | None = None
    external_reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """What became of one record: a request, or the problem that stopped it (and the live request in its way).

    `notice` says what is to do before the supplier can see a request that was made.
    """

    record_id: UUID | None
    request_id: UUID | None
    problem: errors.FieldProblem | None = None
    notice: errors.FieldProblem | None = None


ASKED = {one.name: "date" if one.type is date else "text" for one in fields(Ask)}
# One statement whose text does not depend on how many are asked, so that it is prepared once.
INSERT = text(
    f"""
    INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, told_at, created_by, {", ".join(ASKED)})
    SELECT :buyer, made.id, made.record_id, made.supplier_id,
           CASE WHEN made.supplier_id IS NOT NULL THEN portal.clock() END, CAST(:creator AS uuid),
           {", ".join(f"CAST(:{name} AS {kind})" for name, kind in ASKED.items())}
      FROM unnest(CAST(:ids AS uuid[]), CAST(:records AS uuid[]), CAST(:suppliers AS uuid[]))
           AS made (id, record_id, supplier_id)
    ON CONFLICT DO NOTHING
    RETURNING supplier_record_id, id
    """  # noqa: S608  # names of our own columns
)


async def create_requests(
    session: AsyncSession,
    actor: Actor,
    *,
    record_ids: Sequence[UUID | None],
    ask: Ask,
    idempotency_key: str | None = None,
) -> list[Line]:
    """Ask up to 500 suppliers for the same, with an outcome per record in their order; the good ones are kept.

    None stands for what the caller sent in place of a record's id and is none. Raises InvalidInput with every problem
    of what is asked, NotFound for an unknown questionnaire.
    """
    access.require(actor, access.BUYER_EDITOR)
    body = {"records": record_ids, "ask": asdict(ask)}
    await _check_ask(session, record_ids, ask)
    made = await idempotency.find_made(session, actor, idempotency_key, "createRequests", body)
    named = [record for record in record_ids if record is not None]
    known = await _find_records(session, actor, named)
    if made is None:
        inserted = await _insert_requests(session, actor, ask, list(known.values()))
        await _tell_both(session, actor, inserted, "request.asked")
        await audit.add_audit(
            session, actor, "requests.created", "questionnaire", ask.questionnaire, detail={"count": len(inserted)}
        )
        pairs = [f"{record}:{request}" for record, request in inserted.items()]
        await idempotency.keep_made(session, actor, idempotency_key, "createRequests", body, pairs)
    else:
        inserted = {UUID(pair[:36]): UUID(pair[37:]) for pair in made}
    missed = [record for record in known if record not in inserted]
    in_the_way = await _find_live(session, actor, ask, missed) if missed else {}
    return [_report(place, record, known, inserted, in_the_way) for place, record in enumerate(record_ids)]


async def _check_ask(session: AsyncSession, record_ids: Sequence[UUID | None], ask: Ask) -> None:
    problems = []
    if not 1 <= len(record_ids) <= MAX_RECORDS:
        words = f"Ask 1 to {MAX_RECORDS} suppliers at once; these are {len(record_ids)}."
        problems.append(errors.FieldProblem(("supplier_ids",), "TOO_MANY" if record_ids else "EMPTY", words))
    named = [record for record in record_ids if record is not None]
    if len(set(named)) < len(named):
        words = "Each supplier may stand in the list once."
        problems.append(errors.FieldProblem(("supplier_ids",), "REPEATED", words))
    problems += _check_texts(ask)
    if ask.subject == "organization" and ask.subject_name is not None:
        words = "A site is named only where the subject is a site."
        problems.append(errors.FieldProblem(("subject_name",), "NOT_EXPECTED", words))
    problems += _check_due(ask.due_on, (await _read_clock(session)).date())
    if problems:
        raise errors.InvalidInput("This cannot be asked.", problems=problems)
    await joining.check_period(session, ask.period_start, ask.period_end)
    version = await definitions.load_current(session, ask.questionnaire)
    joining.check_tier(version.definition, ask.minimum_tier, place="minimum_tier")


def _check_texts(ask: Ask) -> list[errors.FieldProblem]:
    problems = []
    if not ask.purpose.strip():
        problems.append(errors.FieldProblem(("purpose",), "EMPTY", "Say what the answers are for."))
    for name, most in TEXT_LIMITS.items():
        value = getattr(ask, name)
        if value is not None and len(value) > most:
            words = f"This has {len(value)} characters; at most {most} are allowed."
            problems.append(errors.FieldProblem((name,), "TOO_LONG", words))
        if value is not None and "\x00" in value:
            problems.append(errors.FieldProblem((name,), "UNREADABLE", "This holds the character U+0000."))
    return problems


def _check_due(due_on: date, today: date) -> list[errors.FieldProblem]:
    if today <= due_on <= today + LONGEST_WAIT:
        return []
    words = f"The due date must be from today ({today}) to {today + LONGEST_WAIT}; it is {due_on}."
    return [errors.FieldProblem(("due_on",), "DUE_DATE", words)]


async def _read_clock(session: AsyncSession) -> Any:
    return await session.scalar(select(func.portal.clock()))


async def _find_records(session: AsyncSession, actor: Actor, wanted: Sequence[UUID]) -> dict[UUID, Any]:
    """The buyer's own records; KEY SHARE makes a supplier that accepts its invitation just now wait for us."""
    table = SupplierRecord
    found = await session.execute(
        select(table.id, table.supplier_id, table.state, table.archived_at)
        .where(table.buyer_id == actor.organization, table.id.in_(wanted))
        .order_by(table.id)
        .with_for_update(read=True, key_share=True)
    )
    return {row.id: row for row in found}


async def _insert_requests(session: AsyncSession, actor: Actor, ask: Ask, records: Sequence[Any]) -> dict[UUID, UUID]:
    """Request ids by record, for those where no live one is in the way."""
    free = [record for record in records if _find_obstacle(record) is None]
    if not free:
        return {}
    values = {
        "buyer": actor.organization,
        "creator": actor.user_id,
        "ids": [ids.new_id() for _ in free],
        "records": [record.id for record in free],
        "suppliers": [record.supplier_id for record in free],
    }
    made = await session.execute(INSERT, asdict(ask) | values)
    return {row.supplier_record_id: row.id for row in made}


def _find_obstacle(record: Any) -> tuple[str, str] | None:
    if record.archived_at is not None:
        return "ARCHIVED", "This supplier is archived."
    if record.state == "refused":
        return "REFUSED", "The contact said that this is not them; correct the contact first."
    return None


async def _find_live(session: AsyncSession, actor: Actor, ask: Ask, records: Sequence[UUID]) -> dict[UUID, UUID]:
    """The live requests that stand in the way, by record."""
    table = tables.Request
    found = await session.execute(
        select(table.supplier_record_id, table.id).where(
            table.buyer_id == actor.organization,
            table.supplier_record_id.in_(records),
            table.questionnaire == ask.questionnaire,
            table.subject == ask.subject,
            table.subject_name.is_not_distinct_from(ask.subject_name),
            table.period_start == ask.period_start,
            table.period_end == ask.period_end,
            table.state.in_(LIVE),
        )
    )
    return {row.supplier_record_id: row.id for row in found}


def _report(
    place: int,
    record: UUID | None,
    known: dict[UUID, Any],
    inserted: dict[UUID, UUID],
    in_the_way: dict[UUID, UUID],
) -> Line:
    if record is None:
        problem = errors.FieldProblem(("supplier_ids", place), "BAD_ID", "This is not the id of a Supplier.")
        return Line(record_id=None, request_id=None, problem=problem)
    if record in inserted:
        return Line(record_id=record, request_id=inserted[record], notice=_find_notice(place, known.get(record)))
    if record not in known:
        code, words = "NOT_FOUND", "There is no such supplier record."
    else:
        words = "The same was asked already and is still open; withdraw or extend that request."
        code, words = _find_obstacle(known[record]) or ("ALREADY_REQUESTED", words)
    problem = errors.FieldProblem(("supplier_ids", place), code, words)
    return Line(record_id=record, request_id=in_the_way.get(record), problem=problem)


def _find_notice(place: int, record: Any) -> errors.FieldProblem | None:
    if record is None or record.supplier_id is not None:
        return None
    code, words = NOTICES.get(record.state, NOTICES["needs_contact"])
    return errors.FieldProblem(("supplier_ids", place), code, words)


async def _tell_both(session: AsyncSession, actor: Actor, changed: dict[UUID, UUID], topic: str) -> None:
    """The buyer's own cards at once, the supplier's side by an event; `changed` are request ids by record."""
    if not changed:
        return
    await session.execute(REFRESH_CARDS, {"buyer": actor.organization, "records": sorted(changed)})
    events = [
        {"buyer": actor.organization, "request": request, "record": record} for record, request in changed.items()
    ]
    await outbox.add_events(session, topic, events)


async def withdraw_request(session: AsyncSession, actor: Actor, *, request_id: UUID) -> tables.Request:
    """Take a request back; what the supplier answered stays the supplier's. Raises NotFound, Conflict."""
    row = await _lock_live(session, actor, request_id)
    return await _change(session, actor, row, "request.withdrawn", state="withdrawn")


async def withdraw_of_record(session: AsyncSession, actor: Actor, *, record_id: UUID) -> int:
    """Take back all that waits at one supplier, which is archived just now; gives how many requests that were."""
    access.require(actor, access.BUYER_EDITOR)
    table = tables.Request
    waiting = await session.scalars(
        select(table)
        .where(
            table.buyer_id == actor.organization,
            table.supplier_record_id == record_id,
            table.state.in_(LIVE),
        )
        .order_by(table.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    rows = list(waiting)
    for row in rows:
        await _change(session, actor, row, "request.withdrawn", state="withdrawn")
    return len(rows)


async def extend_request(session: AsyncSession, actor: Actor, *, request_id: UUID, due_on: date) -> tables.Request:
    """Give the supplier more time. Raises InvalidInput for a date that is not later, NotFound, Conflict."""
    row = await _lock_live(session, actor, request_id)
    problems = _check_due(due_on, (await _read_clock(session)).date())
    if not problems and due_on <= row.due_on:
        problems = [
            errors.FieldProblem(("due_on",), "DUE_DATE", f"The request is due on {row.due_on}; give a later day.")
        ]
    if problems:
        raise errors.InvalidInput(problems[0].message, problems=problems)
    return await _change(session, actor, row, "request.extended", due_on=due_on)


async def resend_request(
    session: AsyncSession, actor: Actor, *, request_id: UUID, message: str | None = None
) -> tables.Request:
    """Remind the supplier, at most once an hour after it was asked or reminded.

    Raises RateLimited, NotFound, InvalidInput, Conflict NOT_LINKED where there is nobody to write to yet.
    """
    row = await _lock_live(session, actor, request_id)
    if message is not None and not 0 < len(message) <= TEXT_LIMITS["message"]:
        words = f"A message has 1 to {TEXT_LIMITS['message']} characters."
        raise errors.InvalidInput(words, code="TOO_LONG", path=("message",))
    if row.supplier_id is None:
        words = "This supplier has not accepted an invitation, so nobody can be reminded; invite it (again) instead."
        raise errors.Conflict(words, code="NOT_LINKED", path=("requestId",))
    waited = None if row.told_at is None else await _read_clock(session) - row.told_at
    if waited is not None and waited < RESEND_AFTER:
        left = int((RESEND_AFTER - waited).total_seconds()) + 1
        raise errors.RateLimited("The supplier was told less than an hour ago.", retry_after=left, code="TOLD_RECENTLY")
    changed = {"message": message or row.message, "told_at": func.portal.clock()}
    return await _change(session, actor, row, "request.resent", **changed)


async def _lock_live(session: AsyncSession, actor: Actor, request_id: UUID) -> tables.Request:
    access.require(actor, access.BUYER_EDITOR)
    table = tables.Request
    row = await session.scalar(
        select(table)
        .where(table.buyer_id == actor.organization, table.id == request_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise errors.NotFound("There is no such request.", path=("requestId",))
    if row.state not in LIVE:
        raise errors.Conflict(f"This request is {row.state.replace('_', ' ')} already.", code="NOT_OPEN")
    return row


async def _change(
    session: AsyncSession, actor: Actor, row: tables.Request, action: str, **values: Any
) -> tables.Request:
    table = tables.Request
    await session.execute(
        update(table)
        .where(table.buyer_id == actor.organization, table.id == row.id)
        .values(**values, updated_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
    await session.refresh(row)
    await _tell_both(session, actor, {row.supplier_record_id: row.id}, TOPICS[action])
    await audit.add_audit(session, actor, action, "request", row.id)
    return row


async def list_requests(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int,
    after: UUID | None = None,
    record_id: UUID | None = None,
    states: Sequence[str] = (),
) -> list[tables.Request]:
    """The buyer's own requests, the newest first; their ids grow with time, so the last id seen is the cursor."""
    table = tables.Request
    statement = select(table).where(table.buyer_id == actor.organization)
    if after is not None:
        statement = statement.where(tuple_(table.id) < tuple_(after))
    if record_id is not None:
        statement = statement.where(table.supplier_record_id == record_id)
    if states:
        statement = statement.where(table.state.in_(states))
    found = await session.scalars(statement.order_by(table.id.desc()).limit(limit))
    return list(found)
