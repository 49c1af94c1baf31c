"""Revisions of a document: each has a file and a row of its own, and the newest that is there stands for it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.assessments import joining
from portal.database.tables import evidence as tables

KEPT = ("title", "issuer", "language")  # what goes on as it was unless something else is said


async def continue_document(session: AsyncSession, actor: Actor, revises: UUID, said: dict[str, Any]) -> dict[str, Any]:
    """The columns of the next revision of a document, any revision of which is `revises`, as it is `said` to be.

    Raises NotFound, and InvalidInput for another kind: answers that take one kind may not take another.
    """
    await joining.take_turn(session, actor)  # so that two at once do not get the same number
    table = tables.Evidence.__table__
    own = table.c.supplier_id == actor.organization
    old = (await session.execute(select(table).where(own, table.c.id == revises))).one_or_none()
    if old is None:
        raise errors.NotFound("There is no such evidence.", path=("revises",))
    if said["kind"] != old.kind:
        words = f"The document is of the kind {old.kind}, and stays so in all its revisions."
        raise errors.InvalidInput(words, code="KIND", path=("kind",))
    document = old.document_id or old.id
    same = or_(table.c.document_id == document, table.c.id == document)
    last: int = (await session.execute(select(func.max(table.c.revision)).where(own, same))).scalar_one()
    kept = {name: getattr(old, name) for name in KEPT if said[name] is None}
    return said | kept | {"document_id": document, "revision": last + 1}


async def refuse_outdated(session: AsyncSession, actor: Actor, evidence_id: UUID) -> None:
    """Raise Conflict SUPERSEDED for a revision that a newer one which is there has replaced."""
    table = tables.Evidence
    newest = func.portal.find_newest_revision(actor.organization, evidence_id)
    numbers = select(table.revision).where(table.supplier_id == actor.organization)
    own = await session.scalar(numbers.where(table.id == evidence_id))
    latest = await session.scalar(numbers.where(table.id == newest))
    if own is not None and latest is not None and latest > own:
        words = f"This is revision {own} of a document that is at revision {latest}; attach that."
        raise errors.Conflict(words, code="SUPERSEDED", path=("evidenceId",))
