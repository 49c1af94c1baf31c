"""Erasing a person from the trail: who it was and what was done to it give way to the hashes that the seal covers."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database import audit
from portal.database.tables import delivery
from portal.trail import blocks
from portal.trail.blocks import Event

BATCH = 1_000
COLUMNS = [getattr(delivery.AuditEvent, name) for name in Event.__dataclass_fields__]
ERASE_WHO = text(
    """
    UPDATE portal.audit_event e SET actor_id = NULL, address = NULL, who_salt = NULL, who_hash = given.hash
      FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bytea[])) AS given (id, hash) WHERE e.id = given.id
    """
)
ERASE_WHAT = text(
    """
    UPDATE portal.audit_event e SET object_id = NULL, detail = '{}', what_salt = NULL, what_hash = given.hash
      FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bytea[])) AS given (id, hash) WHERE e.id = given.id
    """
)
# People stand in objects of this kind and in details by this name alone, and there is an index for either.
ABOUT = text(
    "((audit_event.object_kind = 'user' AND audit_event.object_id = :person)"
    " OR audit_event.detail ->> 'member' = :person)"
)


async def unlink_person(session: AsyncSession, actor: Actor, person: UUID) -> int:
    """Unlink every event from a person who did it or whom it was done to, and note how many; returns that number.

    Acts, times, organizations and roles stay, and so does every seal: it covers the hash of what is erased, and without
    the salt nobody can try who fits it. Where nothing is left to unlink, nothing is noted.
    """
    own = delivery.AuditEvent.actor_id == person, delivery.AuditEvent.who_salt.is_not(None)
    about = ABOUT.bindparams(person=str(person)), delivery.AuditEvent.what_salt.is_not(None)
    touched: set[UUID] = set()
    async for events in _read(session, own):
        hashes = [blocks.hash_who(event) for event in events]
        await session.execute(ERASE_WHO, {"ids": [event.id for event in events], "hashes": hashes})
        touched |= {event.id for event in events}
    async for events in _read(session, about):
        hashes = [blocks.hash_what(event) for event in events]
        await session.execute(ERASE_WHAT, {"ids": [event.id for event in events], "hashes": hashes})
        touched |= {event.id for event in events}
    if touched:
        await audit.add_audit(session, actor, "person.erased", "user", detail={"events": len(touched)})
    return len(touched)


async def _read(session: AsyncSession, wanted: tuple[object, ...]) -> AsyncIterator[list[Event]]:
    """Events in batches; each is erased before the next is read, and so found no more."""
    query = select(*COLUMNS).where(*wanted).limit(BATCH).with_for_update()  # type: ignore[arg-type]
    while found := [Event(**row._mapping) for row in await session.execute(query)]:
        yield found
