"""Asking a supplier to take something out of a document, and what it says to that."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.database.tables import evidence as tables

MAX_TEXT = 500


async def request_redaction(
    session: AsyncSession, actor: Actor, *, supplier_id: UUID, evidence_id: UUID, reason: str
) -> None:
    """Ask for a redacted revision of a document that is shared with the caller; again while one waits changes nothing.

    Raises NotFound, InvalidInput, and Conflict REDACTED where a redacted revision took its place already.
    """
    access.require(actor, access.BUYER_EDITOR)
    check_text(reason, "reason")
    table = tables.Evidence
    withdrawn = await session.scalar(
        select(table.withdrawn).where(table.supplier_id == supplier_id, table.id == evidence_id)
    )
    if withdrawn is None or supplier_id == actor.organization:
        raise errors.NotFound("There is no such evidence.", path=("evidenceId",))
    if withdrawn:
        raise errors.Conflict("A redacted file has taken the place of this one.", code="REDACTED", path=("evidenceId",))
    request = tables.RedactionRequest
    values: dict[str, Any] = {"supplier_id": supplier_id, "buyer_id": actor.organization, "evidence_id": evidence_id}
    places = [request.supplier_id, request.buyer_id, request.evidence_id]
    made = (
        insert(request)
        .values(**values, id=ids.new_id(), reason=reason)
        .on_conflict_do_nothing(index_elements=places, index_where=request.state == "open")
        .returning(request.id)
    )
    request_id = await session.scalar(made)
    if request_id is not None:
        await outbox.add_event(session, "redaction.requested", supplier=supplier_id, redaction=request_id)
        await audit.add_audit(
            session, actor, "redaction.requested", "evidence", evidence_id, concerns=supplier_id, owner=supplier_id
        )


async def decline_redaction(session: AsyncSession, actor: Actor, *, request_id: UUID, answer: str) -> None:
    """Say why a document stays as it is. Raises NotFound, InvalidInput, and Conflict CLOSED for one that is closed."""
    access.require(actor, access.SUPPLIER_EDITOR)
    check_text(answer, "answer")
    table = tables.RedactionRequest
    own = (table.supplier_id == actor.organization, table.id == request_id)
    declined = await session.scalar(
        update(table)
        .where(*own, table.state == "open")
        .values(state="declined", answer=answer, closed_at=func.portal.clock())
        .returning(table.evidence_id)
        .execution_options(synchronize_session=False)
    )
    if declined is None:
        if await session.scalar(select(table.id).where(*own)) is None:
            raise errors.NotFound("There is no such request.", path=("requestId",))
        raise errors.Conflict("This request was answered already.", code="CLOSED", path=("requestId",))
    await outbox.add_event(session, "redaction.declined", supplier=actor.organization, redaction=request_id)
    await audit.add_audit(session, actor, "redaction.declined", "evidence", declined)


def check_text(text: str, name: str) -> None:
    """Raise InvalidInput for words that are none or too many."""
    if not text.strip() or len(text) > MAX_TEXT:
        raise errors.InvalidInput(f"1 to {MAX_TEXT} characters.", code="TEXT", path=(name,))
