"""Erasing a person from the trail: who it was and what was done to it give way to the hashes that the seal covers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
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
GIVEN = "CAST(:who AS uuid[]), CAST(:who_hashes AS bytea[]), CAST(:what AS uuid[]), CAST(:what_hashes AS bytea[])"
UNLINK = text(f"SELECT portal.unlink_events(:person, :role, {GIVEN})")
UNLINK_ERASED = text(f"SELECT portal.unlink_erased_person(:person, {GIVEN})")
# People stand in objects of this kind and in details by this name alone, and there is an index for either.
ABOUT = text(
    "((audit_event.object_kind = 'user' AND audit_event.object_id = :person)"
    " OR audit_event.detail ->> 'member' = :person)"
)


async def unlink_person(session: AsyncSession, actor: Actor, person: UUID) -> int:
    """Unlink every event from a person who did it or whom it was done to; returns how many, which the trail tells.

    Acts, times, organizations and roles stay, and so does every seal: it covers the hash of what is erased, and without
    the salt nobody can try who fits it. Where nothing is left to unlink, nothing is told. Whoever is no operator, which
    is the worker, may do it of somebody alone whose account was erased.
    """
    statement, role = (UNLINK, {"role": audit.name_role(actor)}) if actor.is_operator else (UNLINK_ERASED, {})
    own = delivery.AuditEvent.actor_id == person, delivery.AuditEvent.who_salt.is_not(None)
    about = ABOUT.bindparams(person=str(person)), delivery.AuditEvent.what_salt.is_not(None)
    touched = 0
    for wanted in (own, about):
        async for events in _read(session, wanted):
            values = {"person": person, **role, **_hash(events, person)}
            touched += (await session.execute(statement, values)).scalar_one()
    return touched


def _hash(events: Sequence[Event], person: UUID) -> Mapping[str, Any]:
    """What takes the place of who did them, and of what was done, in those where that is this person."""
    did = [event for event in events if event.actor_id == person and event.who_salt]
    about = [event for event in events if event.what_salt and _names(event, str(person))]
    return {
        "who": [event.id for event in did],
        "who_hashes": [blocks.hash_who(event) for event in did],
        "what": [event.id for event in about],
        "what_hashes": [blocks.hash_what(event) for event in about],
    }


def _names(event: Event, person: str) -> bool:
    return event.object_id == person or person in blocks.canonize(event.detail).decode()


async def _read(session: AsyncSession, wanted: tuple[object, ...]) -> AsyncIterator[list[Event]]:
    """Events in batches; each is erased before the next is read, and so found no more."""
    query = select(*COLUMNS).where(*wanted).limit(BATCH).with_for_update()  # type: ignore[arg-type]
    while found := [Event(**row._mapping) for row in await session.execute(query)]:
        yield found
