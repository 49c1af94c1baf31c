"""The operator ends sessions: of one person, as when a device was stolen, or of everybody."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, outbox
from portal.identity.wording import Reading, normalize_email

FIND = text("SELECT id FROM portal.user_account WHERE email = :email")
END = text("DELETE FROM portal.session WHERE user_id = :person RETURNING id")
END_ALL = text("DELETE FROM portal.session RETURNING id")


async def sign_out_person(session: AsyncSession, actor: Actor, *, email: str, reason: str) -> int:
    """End every session of a person; how many there were. Raises InvalidInput, and NotFound for no such account."""
    access.require(actor, access.OPERATOR)
    why = _read_reason(reason)
    person: UUID | None = await session.scalar(FIND, {"email": normalize_email(email)})
    if person is None:
        raise errors.NotFound(f"No account has the address {email}.", path=("email",))
    ended = (await session.execute(END, {"person": person})).scalars().all()
    return await _tell(session, actor, ended, person, why)


async def sign_out_everybody(session: AsyncSession, actor: Actor, *, reason: str) -> int:
    """End every session there is; how many there were. Raises InvalidInput."""
    access.require(actor, access.OPERATOR)
    why = _read_reason(reason)
    ended = (await session.execute(END_ALL)).scalars().all()
    return await _tell(session, actor, ended, None, why)


def _read_reason(reason: str) -> str | None:
    reading = Reading()
    why = reading.read_remark("reason", reason, needed=True)
    reading.finish()
    return why


async def _tell(
    session: AsyncSession, actor: Actor, ended: Sequence[UUID], person: UUID | None, why: str | None
) -> int:
    """Let open sockets close, and the trail tell of it."""
    for session_id in ended:
        await outbox.add_event(session, "session.ended", session=session_id)
    detail = {"reason": why, "ended": len(ended)}
    await audit.add_audit(session, actor, "sessions.ended_by_operator", "user", person, detail=detail)
    if person is not None:
        await audit.tell_organizations(session, person, "sessions.ended_by_operator")
    return len(ended)
