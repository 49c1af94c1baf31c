"""What the operator does about signing in by a provider: domains without a name server, and the way back in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, outbox
from portal.database.tables.identity import Organization, Session
from portal.database.tables.sso import SsoConnection, SsoDomain, SsoSignIn
from portal.identity.wording import Reading
from portal.sso import connections, domains


@dataclass(frozen=True)
class Claim:
    """A domain that an organization claims."""

    organization_id: UUID
    organization: str
    domain: str
    verified_at: datetime | None
    verified_by: str | None


async def list_claims(session: AsyncSession, actor: Actor, *, limit: int = 100) -> list[Claim]:
    """The domains that organizations claim, those that wait first."""
    access.require(actor, access.OPERATOR)
    table = SsoDomain
    query = (
        select(
            table.organization_id,
            Organization.name.label("organization"),
            table.domain,
            table.verified_at,
            table.verified_by,
        )
        .join(Organization, Organization.id == table.organization_id)
        .order_by(table.verified_at.desc().nulls_first(), table.domain, table.organization_id)
        .limit(limit)
    )
    return [Claim(**row._mapping) for row in await session.execute(query)]


async def confirm_domain(session: AsyncSession, actor: Actor, *, organization: UUID, domain: str) -> None:
    """Let a claimed domain count, of which the operator knows whose it is; its owners get a letter.

    Raises NotFound, Conflict DOMAIN_TAKEN.
    """
    access.require(actor, access.OPERATOR)
    table, name = SsoDomain, domains.read_domain(domain)
    claimed = select(table.domain).where(table.organization_id == organization, table.domain == name)
    if (await session.execute(claimed)).one_or_none() is None:
        raise errors.NotFound(f"This organization does not claim {name}.")
    await domains.confirm(session, _act_for(organization), name, "operator")
    await connections.tell_owners(session, organization, "sso_domain_confirmed")


async def release_domain(session: AsyncSession, actor: Actor, *, organization: UUID, domain: str) -> None:
    """Take a domain from an organization, as when it was sold; raises NotFound."""
    access.require(actor, access.OPERATOR)
    table, name = SsoDomain, domains.read_domain(domain)
    statement = delete(table).where(table.organization_id == organization, table.domain == name)
    if (await session.execute(statement.returning(table.domain))).one_or_none() is None:
        raise errors.NotFound(f"This organization does not claim {name}.")
    await audit.add_audit(session, _act_for(organization), "sso.domain_removed", "sso_domain", name)
    await connections.tell_owners(session, organization, "sso_switched")


async def turn_off(session: AsyncSession, actor: Actor, *, organization: UUID, reason: str) -> int:
    """Let an organization sign in with passwords again, whose provider fails and whose owners cannot help themselves.

    Sessions that the provider opened end; how many. Raises InvalidInput without a reason, NotFound.
    """
    access.require(actor, access.OPERATOR)
    reading = Reading()
    why = reading.read_remark("reason", reason, needed=True)
    reading.finish()
    off = update(SsoConnection).where(SsoConnection.organization_id == organization).values(state="off")
    connection = await session.scalar(off.returning(SsoConnection.id))
    if connection is None:
        raise errors.NotFound("This organization has no identity provider.")
    await session.execute(update(Organization).where(Organization.id == organization).values(requires_sso=False))
    await session.execute(delete(SsoSignIn).where(SsoSignIn.connection_id == connection))
    gone = delete(Session).where(Session.sso_connection_id == connection).returning(Session.id)
    ended = (await session.execute(gone)).scalars().all()
    await outbox.add_events(session, "session.ended", [{"session": one} for one in ended])
    detail = {"enabled": False, "required": False, "ended": len(ended), "reason": why}
    await audit.add_audit(session, _act_for(organization), "sso.switched", "sso_connection", connection, detail=detail)
    await connections.tell_owners(session, organization, "sso_switched")
    return len(ended)


def _act_for(organization: UUID) -> Actor:
    """What the operator does to an organization stands in that organization's own trail."""
    return Actor(organization_id=organization, member_role="operator", is_operator=True)
