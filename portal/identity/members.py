"""The people of an organization: who belongs to it and as what, inviting colleagues, and letting them go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables import identity
from portal.identity import attempts
from portal.identity.wording import Reading

ROLES = ("owner", "editor", "reviewer", "viewer")
INVITATION_LIFETIME = timedelta(days=30)
CREATE = text("SELECT portal.create_invitation(:id, NULL, 'member', NULL, :email, :role, :lifetime)")
NOW = text("portal.clock()")
RELEASE = text("SELECT portal.release_assignments(:organization, :user)")


@dataclass(frozen=True)
class Member:
    """A person in the caller's organization."""

    organization_id: UUID
    user_id: UUID
    name: str
    email: str
    role: str
    created_at: datetime


@dataclass(frozen=True)
class MemberInvitation:
    """A colleague who was invited and has not come yet."""

    organization_id: UUID
    id: UUID
    email: str
    role: str
    expires_at: datetime
    created_at: datetime


async def list_members(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int = 100,
    after: tuple[datetime, UUID] | None = None,
    user_ids: list[UUID] | None = None,
) -> list[Member]:
    """The people of the caller's organization, the first who came first; `after` is the last one already seen."""
    access.require(actor, access.SIGNED_IN)
    table, user = identity.Member, identity.UserAccount
    query = (
        select(table.organization_id, table.user_id, user.name, user.email, table.role, table.created_at)
        .join(user, user.id == table.user_id)
        .where(table.organization_id == actor.organization)
        .order_by(table.created_at, table.user_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(table.created_at, table.user_id) > tuple_(*after))
    if user_ids is not None:
        query = query.where(table.user_id.in_(user_ids))
    return [Member(**row._mapping) for row in await session.execute(query)]


async def list_invitations(
    session: AsyncSession, actor: Actor, *, invitation_ids: list[UUID] | None = None
) -> list[MemberInvitation]:
    """The open invitations of colleagues, the newest first; at most 100."""
    access.require(actor, access.SIGNED_IN)
    table = identity.Invitation
    query = (
        select(table.organization_id, table.id, table.email, table.role, table.expires_at, table.created_at)
        .where(
            table.organization_id == actor.organization,
            table.kind == "member",
            table.used_at.is_(None),
            table.revoked_at.is_(None),
            table.expires_at > NOW,
        )
        .order_by(table.created_at.desc(), table.id.desc())
        .limit(100)
    )
    if invitation_ids is not None:
        query = query.where(table.id.in_(invitation_ids))
    return [MemberInvitation(**row._mapping) for row in await session.execute(query)]


async def invite_member(
    session: AsyncSession,
    actor: Actor,
    *,
    email: str,
    role: str,
    lifetime: timedelta = INVITATION_LIFETIME,
    idempotency_key: str | None = None,
) -> MemberInvitation:
    """Have a single-use link mailed to a colleague; an earlier open one to the same address ends.

    The answer is the same whether or not the address has an account. Raises InvalidInput, NotAllowed, and Conflict
    ALREADY_MEMBER for a colleague who is in the organization already.
    """
    access.require(actor, access.OWNER)
    reading = Reading()
    email = reading.read_email("email", email)
    reading.read_choice("role", role, ROLES)
    reading.finish()
    body = {"email": email, "role": role}
    made = await idempotency.find_made(session, actor, idempotency_key, "invite_member", body)
    if made is None:
        made = [str(await _make_invitation(session, actor, email, role, lifetime))]
        await idempotency.keep_made(session, actor, idempotency_key, "invite_member", body, made)
    found = await list_invitations(session, actor, invitation_ids=[UUID(made[0])])
    if not found:
        raise errors.Conflict("This invitation was used or has ended since.", code="ENDED")
    return found[0]


async def _make_invitation(session: AsyncSession, actor: Actor, email: str, role: str, lifetime: timedelta) -> UUID:
    member, user = identity.Member, identity.UserAccount
    known = (
        select(member.user_id)
        .join(user, user.id == member.user_id)
        .where(member.organization_id == actor.organization, user.email == email)
    )
    if (await session.execute(known)).one_or_none() is not None:
        words = "This person belongs to the organization already."
        raise errors.Conflict(words, code="ALREADY_MEMBER", path=("email",))
    await attempts.count_use(session, "invitation_sent", str(actor.organization))
    await _revoke_invitations(session, actor, identity.Invitation.email == email)
    made = ids.new_id()
    await session.execute(CREATE, {"id": made, "email": email, "role": role, "lifetime": lifetime})
    await outbox.add_event(session, "invitation.due", invitation=made)
    await audit.add_audit(session, actor, "member.invited", "invitation", made, detail={"role": role})
    return made


async def revoke_invitation(session: AsyncSession, actor: Actor, *, invitation_id: UUID) -> None:
    """Take an invitation back before it is used; raises NotFound where there is no open one."""
    access.require(actor, access.OWNER)
    if not await _revoke_invitations(session, actor, identity.Invitation.id == invitation_id):
        raise errors.NotFound("There is no such open invitation.", path=("invitation_id",))
    await audit.add_audit(session, actor, "invitation.revoked", "invitation", invitation_id)


async def _revoke_invitations(session: AsyncSession, actor: Actor, *conditions: object) -> int:
    table = identity.Invitation
    statement = (
        update(table)
        .where(
            table.organization_id == actor.organization,
            table.kind == "member",
            table.used_at.is_(None),
            table.revoked_at.is_(None),
            *conditions,  # type: ignore[arg-type]
        )
        .values(revoked_at=NOW)
        .returning(table.id)
    )
    return len((await session.execute(statement)).all())


async def change_member_role(session: AsyncSession, actor: Actor, *, user_id: UUID, role: str) -> Member:
    """Give a member another role; raises NotFound, and Conflict LAST_OWNER where nobody would own the organization."""
    access.require(actor, access.OWNER)
    reading = Reading()
    reading.read_choice("role", role, ROLES)
    reading.finish()
    await _lock_member(session, actor, user_id, stays_owner=role == "owner")
    table = identity.Member
    await session.execute(
        update(table).where(table.organization_id == actor.organization, table.user_id == user_id).values(role=role)
    )
    if role not in access.EDITING_ROLES:
        await _release_assignments(session, actor, user_id)
    if role != "owner":
        await _revoke_invitations(session, actor, identity.Invitation.created_by == user_id)
    await _note_change(session, actor, "member.role_changed", user_id, {"role": role})
    return (await list_members(session, actor, user_ids=[user_id]))[0]


async def remove_member(session: AsyncSession, actor: Actor, *, user_id: UUID) -> None:
    """Let a member go, or leave oneself; their sessions act for the organization no longer, at once.

    Open invitations that the person sent end too. Raises NotFound, Conflict LAST_OWNER, NotAllowed.
    """
    if user_id != actor.user_id:
        access.require(actor, access.OWNER)
    await _lock_member(session, actor, user_id, stays_owner=False)
    table = identity.Member
    await _revoke_invitations(session, actor, identity.Invitation.created_by == user_id)
    await session.execute(delete(table).where(table.organization_id == actor.organization, table.user_id == user_id))
    await _release_assignments(session, actor, user_id)
    await _note_change(session, actor, "member.removed", user_id, {})


async def _release_assignments(session: AsyncSession, actor: Actor, user_id: UUID) -> None:
    """What somebody was to answer who answers no longer is nobody's, so that it is seen to be open."""
    await session.execute(RELEASE, {"organization": actor.organization, "user": user_id})


async def _lock_member(session: AsyncSession, actor: Actor, user_id: UUID, *, stays_owner: bool) -> None:
    """Hold the owners' rows, so that two owners who demote each other at the same time do not both succeed."""
    table = identity.Member
    mine = table.organization_id == actor.organization
    owners = select(table.user_id).where(mine, table.role == "owner").order_by(table.user_id).with_for_update()
    found = (await session.execute(owners)).scalars().all()
    exists = select(table.user_id).where(mine, table.user_id == user_id).with_for_update()
    if (await session.execute(exists)).one_or_none() is None:
        raise errors.NotFound("There is no such member.", path=("member_id",))
    if actor.user_id not in found and user_id != actor.user_id:
        raise errors.NotAllowed(f"This needs: {access.OWNER.words}.")
    if found == [user_id] and not stays_owner:
        words = "An organization needs an owner: make somebody else owner first."
        raise errors.Conflict(words, code="LAST_OWNER", path=("member_id",))


async def _note_change(session: AsyncSession, actor: Actor, action: str, user_id: UUID, detail: dict[str, str]) -> None:
    await outbox.add_event(session, "member.changed", organization=actor.organization, user=user_id)
    await audit.add_audit(session, actor, action, "user", user_id, detail=detail)
