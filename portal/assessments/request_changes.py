"""What a buyer does with a request that it made: withdrawing, extending, asking again, choosing when to remind."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import requests
from portal.database import audit
from portal.database.tables import assessments as tables

RESEND_AFTER = timedelta(hours=1)
# Of reminders: days before the due day, or after it where negative.
MOST_REMINDERS, EARLIEST_REMINDER, LATEST_REMINDER = 5, 60, -30
# What the supplier hears of a change by letter; of others the relay only passes on that there was one.
TOPICS = {
    "request.resent": "request.reminded",
    "request.extended": "request.extended",
    "request.withdrawn": "request.withdrawn",
}
CHANGED = "request.changed"


async def withdraw_request(session: AsyncSession, actor: Actor, *, request_id: UUID) -> tables.Request:
    """Take a request back with its second part; what the supplier answered stays its own. Again changes nothing.

    Raises NotFound, Conflict.
    """
    row = await _lock_live(session, actor, request_id, also="withdrawn")
    if row.state == "withdrawn":
        return row
    for part in await _lock_parts(session, actor, row):
        await _change(session, actor, part, "request.withdrawn", is_part=True, state="withdrawn")
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
            table.state.in_(requests.LIVE),
        )
        .order_by(table.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    rows = list(waiting)
    firsts = {row.id for row in rows}
    for row in rows:
        await _change(session, actor, row, "request.withdrawn", is_part=row.extra_of in firsts, state="withdrawn")
    return len(rows)


async def extend_request(session: AsyncSession, actor: Actor, *, request_id: UUID, due_on: date) -> tables.Request:
    """Give the supplier more time, for the second part too.

    Raises InvalidInput for a date that is not later, NotFound, Conflict.
    """
    row = await _lock_live(session, actor, request_id)
    problems = requests.check_due(due_on, await requests.read_latest_day(session))
    if not problems and due_on <= row.due_on:
        problems = [
            errors.FieldProblem(("due_on",), "DUE_DATE", f"The request is due on {row.due_on}; give a later day.")
        ]
    if problems:
        raise errors.InvalidInput(problems[0].message, problems=problems)
    for part in await _lock_parts(session, actor, row):
        if part.due_on < due_on:
            await _change(session, actor, part, "request.extended", is_part=True, due_on=due_on)
    return await _change(session, actor, row, "request.extended", due_on=due_on)


async def resend_request(
    session: AsyncSession, actor: Actor, *, request_id: UUID, message: str | None = None
) -> tables.Request:
    """Remind the supplier, at most once an hour after it was asked or reminded.

    Raises RateLimited, NotFound, InvalidInput, Conflict NOT_LINKED where there is nobody to write to yet.
    """
    row = await _lock_live(session, actor, request_id)
    if message is not None and not 0 < len(message) <= requests.TEXT_LIMITS["message"]:
        words = f"A message has 1 to {requests.TEXT_LIMITS['message']} characters."
        raise errors.InvalidInput(words, code="TOO_LONG", path=("message",))
    if row.supplier_id is None:
        words = "This supplier has not accepted an invitation, so nobody can be reminded; invite it (again) instead."
        raise errors.Conflict(words, code="NOT_LINKED", path=("requestId",))
    waited = None if row.told_at is None else await requests.read_clock(session) - row.told_at
    if waited is not None and waited < RESEND_AFTER:
        left = int((RESEND_AFTER - waited).total_seconds()) + 1
        raise errors.RateLimited("The supplier was told less than an hour ago.", retry_after=left, code="TOLD_RECENTLY")
    changed: dict[str, Any] = {"message": message or row.message, "told_at": func.portal.clock()}
    return await _change(session, actor, row, "request.resent", **changed)


async def set_reminders(
    session: AsyncSession, actor: Actor, *, request_id: UUID, days: Sequence[int]
) -> tables.Request:
    """Choose how many days before its due day the supplier is reminded, also of the second part; none for never.

    Days after it are negative. Raises InvalidInput, NotFound, Conflict.
    """
    row = await _lock_live(session, actor, request_id)
    problems = [
        errors.FieldProblem(
            ("days", place),
            "OUT_OF_RANGE",
            f"{day} is not from {LATEST_REMINDER} (days after the due day) to {EARLIEST_REMINDER} (days before it).",
        )
        for place, day in enumerate(days)
        if not LATEST_REMINDER <= day <= EARLIEST_REMINDER
    ]
    if len(days) > MOST_REMINDERS:
        words = f"A request has at most {MOST_REMINDERS} reminders; these are {len(days)}."
        problems = [errors.FieldProblem(("days",), "TOO_MANY", words)]
    if len(set(days)) < len(days):
        problems.append(errors.FieldProblem(("days",), "REPEATED", "Each day may stand in the list once."))
    if problems:
        raise errors.InvalidInput("These reminders cannot be set.", problems=problems)
    chosen = sorted(days, reverse=True)
    for part in await _lock_parts(session, actor, row):
        await _change(session, actor, part, "request.reminders_set", is_part=True, reminder_days=chosen)
    return await _change(session, actor, row, "request.reminders_set", is_part=True, reminder_days=chosen)


async def _lock_live(
    session: AsyncSession, actor: Actor, request_id: UUID, *, also: str | None = None
) -> tables.Request:
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
    if row.state not in requests.LIVE and row.state != also:
        raise errors.Conflict(f"This request is {row.state.replace('_', ' ')} already.", code="NOT_OPEN")
    return row


async def _lock_parts(session: AsyncSession, actor: Actor, row: tables.Request) -> list[tables.Request]:
    """What was asked along with a request and is live."""
    table = tables.Request
    found = await session.scalars(
        select(table)
        .where(table.buyer_id == actor.organization, table.extra_of == row.id, table.state.in_(requests.LIVE))
        .order_by(table.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def _change(
    session: AsyncSession, actor: Actor, row: tables.Request, action: str, *, is_part: bool = False, **values: Any
) -> tables.Request:
    """Write a change and tell both sides; of a part that changes with its first request no letter is written."""
    table = tables.Request
    await session.execute(
        update(table)
        .where(table.buyer_id == actor.organization, table.id == row.id)
        .values(**values, updated_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )
    await session.refresh(row)
    await requests.tell_both(session, actor, {row.supplier_record_id: row.id}, CHANGED if is_part else TOPICS[action])
    await audit.add_audit(session, actor, action, "request", row.id, concerns=row.supplier_id)
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
