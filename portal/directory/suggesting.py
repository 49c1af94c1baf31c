"""Suggestions of somebody else to ask: made by a supplier that was asked, taken up or dismissed by the buyer."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.database.tables.assessments import Request
from portal.database.tables.suggestions import ContactSuggestion, WrongContact
from portal.directory import contacts
from portal.directory.facts import ContactFacts
from portal.identity.wording import Reading

TABLE = ContactSuggestion
MOST = 5  # people for one request
NO_SUGGESTION = "There is no such open suggestion."


async def suggest_contact(
    session: AsyncSession,
    actor: Actor,
    *,
    request_id: UUID,
    name: str | None = None,
    email: str | None = None,
    remark: str | None = None,
) -> None:
    """Tell a buyer whom else to ask about its open request; nobody is written to before the buyer says so.

    The same person again is no second one. Without a name it says that the caller is the wrong person, and knows nobody
    else. Raises NotFound, InvalidInput, and Conflict NOT_OPEN, TOO_MANY.
    """
    access.require(actor, access.SUPPLIER)
    reading = Reading()
    said = {
        "name": None if name is None else reading.read_name("name", name),
        "email": reading.read_email("email", email) if email and email.strip() else None,
        "remark": reading.read_remark("remark", remark),
    }
    if name is None and said["email"] is not None:
        reading.refuse("name", "REQUIRED", "name must be given with an address.")
    reading.finish()
    request = await _lock_waiting(session, actor, request_id)
    if said["name"] is None:
        is_new = await note_wrong_person(session, actor, buyer=request.buyer_id, request=request_id)
    else:
        is_new = await _is_new(session, actor, request_id, said)
    if is_new:
        await _add(session, actor, request_id, request, said)


async def add_unnamed(session: AsyncSession, actor: Actor, *, request_id: UUID) -> None:
    """Tell a buyer that it reached the wrong person, who names nobody else. Raises NotFound, Conflict NOT_OPEN."""
    request = await _lock_waiting(session, actor, request_id)
    await _add(session, actor, request_id, request, dict.fromkeys(("name", "email", "remark")))


async def note_wrong_person(session: AsyncSession, actor: Actor, *, buyer: UUID, request: UUID) -> bool:
    """The caller gets no more letters about a request; whether that is said for the first time, as by a key always."""
    if actor.user_id is None:
        return True
    made = await session.execute(
        upsert(WrongContact)
        .values(buyer_id=buyer, request_id=request, user_id=actor.user_id, supplier_id=actor.organization)
        .on_conflict_do_nothing()
        .returning(WrongContact.request_id)
    )
    return made.one_or_none() is not None


async def _lock_waiting(session: AsyncSession, actor: Actor, request_id: UUID) -> Any:
    request = (
        await session.execute(
            select(Request.buyer_id, Request.supplier_record_id, Request.state)
            .where(Request.supplier_id == actor.organization, Request.id == request_id)
            .with_for_update(key_share=True)
        )
    ).one_or_none()
    if request is None:
        raise errors.NotFound("There is no such request.", path=("request_id",))
    if request.state not in ("open", "accepted"):
        raise errors.Conflict(f"This request is {request.state.replace('_', ' ')} already.", code="NOT_OPEN")
    return request


async def _add(session: AsyncSession, actor: Actor, request_id: UUID, request: Any, said: Mapping[str, Any]) -> None:
    own = {"buyer_id": request.buyer_id, "supplier_record_id": request.supplier_record_id}
    await session.execute(
        insert(TABLE)
        .inline()
        .values(**own, id=ids.new_id(), supplier_id=actor.organization, request_id=request_id, **said)
    )
    await outbox.add_event(
        session,
        "request.changed",
        buyer=request.buyer_id,
        request=request_id,
        record=request.supplier_record_id,
        supplier=actor.organization,
    )
    await audit.add_audit(session, actor, "contact.suggested", "request", request_id, owner=request.buyer_id)


async def _is_new(session: AsyncSession, actor: Actor, request_id: UUID, said: Mapping[str, Any]) -> bool:
    """Whether this person was not named for the request yet; raises Conflict where enough people were."""
    named = await session.execute(
        select(TABLE.name, TABLE.email).where(
            TABLE.supplier_id == actor.organization, TABLE.request_id == request_id, TABLE.name.is_not(None)
        )
    )
    known = {(row.name, row.email) for row in named}
    if (said["name"], said["email"]) in known:
        return False
    if len(known) >= MOST:
        raise errors.Conflict(f"At most {MOST} people can be suggested for a request.", code="TOO_MANY")
    return True


async def accept_suggestion(
    session: AsyncSession, actor: Actor, *, suggestion_id: UUID, email: str | None = None
) -> tuple[UUID, UUID]:
    """Make the suggested person a contact, at another address where one is given; gives the record and the contact.

    Nothing is sent to the contact by that: invite it. Of a supplier that has joined already the owners hear by letter,
    since only they invite colleagues. Raises NotFound, InvalidInput EMAIL where no address is known.
    """
    row = await _close(session, actor, suggestion_id, "accepted")
    address = email or row.email
    if address is None:
        words = "No address was suggested; give one."
        raise errors.InvalidInput(words, code="EMAIL", path=("email",))
    facts = ContactFacts(email=address, name=row.name, locale=None)
    made = await contacts.add_contact(session, actor, record_id=row.supplier_record_id, contact=facts)
    if row.supplier_id is not None and row.name is not None:  # else nobody was named
        event = {"buyer": actor.organization, "supplier": row.supplier_id, "suggestion": suggestion_id}
        await outbox.add_event(session, "suggestion.accepted", **event)
    return row.supplier_record_id, made


async def dismiss_suggestion(session: AsyncSession, actor: Actor, *, suggestion_id: UUID) -> UUID:
    """Set a suggestion aside; gives the record. Raises NotFound."""
    row = await _close(session, actor, suggestion_id, "dismissed")
    await audit.add_audit(session, actor, "suggestion.dismissed", "supplier_record", row.supplier_record_id)
    return row.supplier_record_id


async def _close(session: AsyncSession, actor: Actor, suggestion_id: UUID, state: str) -> ContactSuggestion:
    access.require(actor, access.BUYER_EDITOR)
    closed = await session.scalar(
        update(TABLE)
        .where(TABLE.buyer_id == actor.organization, TABLE.id == suggestion_id, TABLE.state == "open")
        .values(state=state, closed_at=func.portal.clock())
        .returning(TABLE)
        .execution_options(synchronize_session=False)
    )
    if closed is None:
        raise errors.NotFound(NO_SUGGESTION, path=("suggestion_id",))
    return closed
