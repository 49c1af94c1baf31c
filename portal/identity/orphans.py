"""Organizations that nobody owns, as where a backup came back that knows of no other owner than one who was erased."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import ids, outbox
from portal.identity.wording import Reading

FIND = text(
    """
    SELECT EXISTS (SELECT FROM portal.member m WHERE m.organization_id = o.id AND m.role = 'owner') AS is_owned
      FROM portal.organization o WHERE o.id = :organization AND o.status <> 'closed' FOR UPDATE
    """
)
APPOINT = text(
    """
    INSERT INTO portal.member (organization_id, user_id, role) VALUES (:organization, :person, 'owner')
    ON CONFLICT (organization_id, user_id) DO UPDATE SET role = 'owner'
    """
)
TELL = text(
    """
    SELECT portal.note_operator_act(
        :event, :organization, 'owner.appointed', CAST(:organization AS uuid)::text,
        jsonb_build_object('member', CAST(:person AS uuid), 'reason', CAST(:reason AS text)))
    """
)


async def appoint_owner(session: AsyncSession, actor: Actor, *, organization: UUID, person: UUID, reason: str) -> None:
    """Make a person the owner of an organization that has none; its own trail tells of it and of the reason.

    Raises InvalidInput, NotFound where there is none or it is closed, and Conflict OWNED where somebody owns it.
    """
    access.require(actor, access.OPERATOR)
    reading = Reading()
    why = reading.read_remark("reason", reason, needed=True)
    reading.finish()
    found = (await session.execute(FIND, {"organization": organization})).one_or_none()
    if found is None:
        raise errors.NotFound("There is no such organization, or it is closed.", path=("organization_id",))
    if found.is_owned:
        raise errors.Conflict("Somebody owns this organization, and names further owners.", code="OWNED")
    values = {"organization": organization, "person": person}
    await session.execute(APPOINT, values)
    await session.execute(TELL, {**values, "event": ids.new_id(), "reason": why})
    await outbox.add_event(session, "member.changed", organization=organization, user=person)
