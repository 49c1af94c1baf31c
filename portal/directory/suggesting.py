"""Suggestions of somebody else to ask: made by a supplier that was asked, taken up or dismissed by the buyer."""

from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids
from portal.database.tables.assessments import Request
from portal.database.tables.suggestions import ContactSuggestion
from portal.directory import contacts
from portal.directory.facts import ContactFacts
from portal.identity.wording import Reading

TABLE = ContactSuggestion
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
    """Tell a buyer whom else to ask about its open request; nobody is written to. Raises NotFound, InvalidInput.

    Without a name it says that the caller is the wrong person, and knows nobody else.
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
    request = (
        await session.execute(
            select(Request.buyer_id, Request.supplier_record_id, Request.state).where(
                Request.supplier_id == actor.organization, Request.id == request_id
            )
        )
    ).one_or_none()
    if request is None:
        raise errors.NotFound("There is no such request.", path=("request_id",))
    if request.state not in ("open", "accepted"):
        raise errors.Conflict(f"This request is {request.state.replace('_', ' ')} already.", code="NOT_OPEN")
    own = {"buyer_id": request.buyer_id, "supplier_record_id": request.supplier_record_id}
    await session.execute(
        insert(TABLE)
        .inline()
        .values(**own, id=ids.new_id(), supplier_id=actor.organization, request_id=request_id, **said)
    )
    await audit.add_audit(session, actor, "contact.suggested", "request", request_id)


async def accept_suggestion(
    session: AsyncSession, actor: Actor, *, suggestion_id: UUID, email: str | None = None
) -> tuple[UUID, UUID]:
    """Make the suggested person a contact, at another address where one is given; gives the record and the contact.

    Nothing is sent by that: invite the contact. Raises NotFound, InvalidInput EMAIL where no address is known.
    """
    row = await _close(session, actor, suggestion_id, "accepted")
    address = email or row.email
    if address is None:
        words = "No address was suggested; give one."
        raise errors.InvalidInput(words, code="EMAIL", path=("email",))
    facts = ContactFacts(email=address, name=row.name, locale=None)
    made = await contacts.add_contact(session, actor, record_id=row.supplier_record_id, contact=facts)
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
