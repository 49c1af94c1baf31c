"""Closing an organization: what goes and what stays, doing it, and taking it back while nothing is erased yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit
from portal.identity.wording import Reading

GRACE_DAYS = 30
# An organization with hundreds of thousands of open requests is closed in half a minute.
PATIENT = text("SET LOCAL statement_timeout = '5min'")
PREVIEW_OWN = text("SELECT * FROM portal.preview_own_closing()")
PREVIEW = text("SELECT p.* FROM portal.organization o, portal.preview_closing(o.id) p WHERE o.id = :organization")
CLOSE_OWN = text("SELECT portal.close_own_organization()")
CLOSE = text("SELECT portal.close_organization(:organization, 'operator', :reason)")
REOPEN_OWN = text("SELECT portal.reopen_own_organization(:organization, :grace)")
REOPEN = text("SELECT portal.reopen_organization(:organization, 'operator', :grace, :reason)")


@dataclass(frozen=True)
class Closing:
    """What ends at once (to `shares_received`), what goes after GRACE_DAYS (to `contacts`), and what stays."""

    members: int
    api_keys: int
    webhooks: int
    has_sso: bool
    invitations: int
    requests_received: int
    requests_sent: int
    shares_ending: int
    shares_received: int
    drafts: int
    documents: int
    contacts: int
    shares_kept: int
    documents_kept: int
    submissions_kept: int


async def preview_own(session: AsyncSession, actor: Actor) -> Closing:
    """What closing the caller's organization would do now; raises NotAllowed for others than owners."""
    access.require(actor, access.OWNER)
    await session.execute(PATIENT)
    return Closing(**(await session.execute(PREVIEW_OWN)).one()._mapping)


async def close_own(session: AsyncSession, actor: Actor) -> datetime:
    """Close the organization of the caller, who has proved it; gives until when an owner may open it again."""
    access.require(actor, access.OWNER)
    await audit.tell_origin(session)
    await session.execute(PATIENT)
    closed: datetime | None = (await session.execute(CLOSE_OWN)).scalar_one_or_none()
    if closed is None:
        raise errors.Conflict("The organization is closed already.", code="CLOSED")
    return closed + timedelta(days=GRACE_DAYS)


async def reopen_own(session: AsyncSession, actor: Actor, *, organization: UUID) -> None:
    """Let an organization act again that the caller owned when it was closed. Raises NotFound where that is over."""
    access.require(actor, access.SIGNED_IN)
    await audit.tell_origin(session)
    values = {"organization": organization, "grace": GRACE_DAYS}
    if not (await session.execute(REOPEN_OWN, values)).scalar_one():
        words = "You own no organization of this id that is closed and can be opened again."
        raise errors.NotFound(words, path=("organization_id",))


async def preview(session: AsyncSession, actor: Actor, *, organization: UUID) -> Closing:
    """What closing an organization would do now, for the operator; raises NotFound."""
    access.require(actor, access.OPERATOR)
    await session.execute(PATIENT)
    found = (await session.execute(PREVIEW, {"organization": organization})).one_or_none()
    if found is None:
        raise errors.NotFound("There is no such organization.", path=("organization_id",))
    return Closing(**found._mapping)


async def close(session: AsyncSession, actor: Actor, *, organization: UUID, reason: str) -> datetime:
    """Close an organization as its operator; raises InvalidInput, and NotFound where it is closed or not there."""
    access.require(actor, access.OPERATOR)
    reading = Reading()
    why = reading.read_remark("reason", reason, needed=True)
    reading.finish()
    values = {"organization": organization, "reason": why}
    await session.execute(PATIENT)
    closed: datetime | None = (await session.execute(CLOSE, values)).scalar_one()
    if closed is None:
        raise errors.NotFound("There is no such organization, or it is closed.", path=("organization_id",))
    return closed + timedelta(days=GRACE_DAYS)


async def reopen(session: AsyncSession, actor: Actor, *, organization: UUID, reason: str) -> None:
    """Take a closing back as the operator; raises InvalidInput, and NotFound where there is none or it is too late."""
    access.require(actor, access.OPERATOR)
    reading = Reading()
    why = reading.read_remark("reason", reason, needed=True)
    reading.finish()
    values = {"organization": organization, "grace": GRACE_DAYS, "reason": why}
    if not (await session.execute(REOPEN, values)).scalar_one():
        raise errors.NotFound("No organization of this id was closed and can be opened again.")
