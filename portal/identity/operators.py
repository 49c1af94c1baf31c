"""What the operator decides: who may be buyer, partner or reviewer, who is suspended, which groups are real."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.identity.wording import Reading

OWNER_LOGIN = access.OWNER_LOGIN
DECISIONS = ("active", "refused")
GROUP_STATUSES = ("proposed", "confirmed")
ROLES = ("supplier", "buyer", "partner", "reviewer")
LIST_APPLICATIONS = text("SELECT * FROM portal.list_role_applications(:most)")
# Reading first spares a letter that says what its reader knows; two decisions at one moment may still send two.
ACTS = text("SELECT :role = ANY(roles) FROM portal.list_organizations(:organization, NULL, NULL, NULL, 1)")
DECIDE = text("SELECT * FROM portal.decide_role(:event, :organization, :role, :decision, :reason)")
SET_STATUS = text("SELECT * FROM portal.set_organization_status(:event, :organization, :status, :reason)")
LIST_GROUPS = text("SELECT * FROM portal.list_corporate_groups(:status, :most)")
PLACE = text("SELECT portal.place_in_group(:event, :organization, :target, :name)")
CONFIRM = text("SELECT * FROM portal.confirm_group(:event, :target)")


@dataclass(frozen=True)
class RoleApplication:
    """An organization that asks for a role, or was decided on."""

    organization_id: UUID
    name: str
    country: str | None
    role: str
    status: str
    terms_version: str | None
    created_at: datetime


@dataclass(frozen=True)
class OrganizationStatus:
    """An organization as the operator sees it."""

    organization_id: UUID
    name: str
    country: str | None
    status: str


@dataclass(frozen=True)
class CorporateGroup:
    """A corporate group; benchmarks count it as one only when it is confirmed."""

    id: UUID
    name: str
    status: str
    organizations: int
    created_at: datetime


async def list_applications(session: AsyncSession, actor: Actor, *, limit: int = 100) -> list[RoleApplication]:
    """The applications that wait, the oldest first."""
    access.require(actor, access.OPERATOR)
    return [RoleApplication(**row._mapping) for row in await session.execute(LIST_APPLICATIONS, {"most": limit})]


async def decide_role(
    session: AsyncSession, actor: Actor, *, organization: UUID, role: str, decision: str, reason: str | None = None
) -> RoleApplication:
    """Let an organization act in a role, or refuse it, now or later; a refusal needs a reason, which is mailed.

    Approving what acts already mails nothing. Raises InvalidInput, and NotFound where the organization never applied.
    """
    access.require(actor, access.OPERATOR)
    reading = Reading()
    reading.read_choice("role", role, ROLES)
    reading.read_choice("decision", decision, DECISIONS)
    why = reading.read_remark("reason", reason, needed=decision == "refused")
    reading.finish()
    parameters = {
        "event": ids.new_id(),
        "organization": organization,
        "role": role,
        "decision": decision,
        "reason": why,
    }
    acting = await session.scalar(ACTS, {"role": role, "organization": str(organization)})
    await audit.tell_origin(session)
    decided = (await session.execute(DECIDE, parameters)).one_or_none()
    if decided is None:
        raise errors.NotFound("This organization has not applied for this role.", path=("organization_id",))
    if decision != "active" or not acting:
        await outbox.add_event(session, "role.decided", organization=organization, role=role)
    return RoleApplication(**decided._mapping)


async def set_organization_status(
    session: AsyncSession, actor: Actor, *, organization: UUID, status: str, reason: str
) -> OrganizationStatus:
    """Suspend an organization, or let it act again; its members and keys feel it with their next call.

    Raises InvalidInput, and NotFound where there is none or it is closed.
    """
    access.require(actor, access.OPERATOR)
    reading = Reading()
    reading.read_choice("status", status, ("active", "suspended"))
    why = reading.read_remark("reason", reason, needed=True)
    reading.finish()
    parameters = {"event": ids.new_id(), "organization": organization, "status": status, "reason": why}
    await audit.tell_origin(session)
    found = (await session.execute(SET_STATUS, parameters)).one_or_none()
    if found is None:
        raise errors.NotFound("There is no such organization.", path=("organization_id",))
    return OrganizationStatus(**found._mapping)


async def list_groups(
    session: AsyncSession, actor: Actor, *, status: str | None = None, limit: int = 100
) -> list[CorporateGroup]:
    """Corporate groups, the oldest first; `status` is proposed or confirmed."""
    access.require(actor, access.OPERATOR)
    parameters = {"status": status, "most": limit}
    return [CorporateGroup(**row._mapping) for row in await session.execute(LIST_GROUPS, parameters)]


async def place_in_group(
    session: AsyncSession, actor: Actor, *, organization: UUID, group: UUID | None = None, new_group: str | None = None
) -> UUID:
    """Put an organization into a group, or into a new one by name; returns the group. Raises NotFound, InvalidInput."""
    access.require(actor, access.OPERATOR)
    if (group is None) == (new_group is None):
        raise errors.InvalidInput("Give either groupId or newGroup.", code="EXACTLY_ONE", path=("group_id",))
    reading = Reading()
    name = None if new_group is None else reading.read_name("new_group", new_group)
    reading.finish()
    target = group or ids.new_id()
    parameters = {"event": ids.new_id(), "organization": organization, "target": target, "name": name}
    await audit.tell_origin(session)
    if not (await session.execute(PLACE, parameters)).scalar_one():
        raise errors.NotFound("There is no such organization or group.", path=("organization_id",))
    return target


async def confirm_group(session: AsyncSession, actor: Actor, *, group: UUID) -> None:
    """Say that a proposed group is a real ultimate parent; raises NotFound."""
    access.require(actor, access.OPERATOR)
    await audit.tell_origin(session)
    found = (await session.execute(CONFIRM, {"event": ids.new_id(), "target": group})).one_or_none()
    if found is None:
        raise errors.NotFound("There is no such group.", path=("group_id",))
