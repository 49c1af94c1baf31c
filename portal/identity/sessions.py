"""Sessions: signing in and out, and the organization that a session acts for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from portal import access, errors, metering
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.database.tables import identity
from portal.identity import attempts, passwords, tokens
from portal.identity.attempts import Transactions
from portal.identity.wording import normalize_email

LIFETIME = timedelta(days=30)
FIND_LOGIN = text("SELECT * FROM portal.find_login(:email)")
# From here on the transaction acts for the organization of the session, whose trail tells of it.
OPEN = text(
    """
    SELECT o.organization_id, o.expires_at,
           set_config('portal.organization', coalesce(o.organization_id::text, ''), true)
      FROM portal.open_session(:token_hash, :id, :person, :wanted, :lifetime) o
    """
)
CHOOSE = text("SELECT portal.choose_organization(:session, :wanted)")
ACT_FOR = text("SELECT set_config('portal.organization', :organization, true)")
WAITS = text(
    "SELECT needs_second_factor, needs_sso,"
    "       (SELECT sso_connection_id IS NOT NULL FROM portal.session WHERE id = :session) AS is_sso"
    "  FROM portal.list_my_organizations() WHERE organization_id = :wanted"
)
END = text("SELECT portal.end_session(:session)")
END_OTHERS = text("SELECT portal.end_other_sessions(:kept)")


@dataclass(frozen=True)
class OpenSession:
    """A session just opened; the token is known here and to the client, and nowhere else."""

    token: str = field(repr=False)
    user_id: UUID
    organization_id: UUID | None
    expires_at: datetime

    @property
    def credential(self) -> access.Credential:
        """What later requests bring."""
        return access.Credential("session", self.token)


@dataclass(frozen=True)
class OwnSession:
    """One of the caller's signed-in devices."""

    id: UUID
    organization_id: UUID | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    is_sso: bool


@metering.counting_sign_ins
async def sign_in(
    transactions: Transactions,
    *,
    email: str,
    password: str,
    address: str,
    check_factor: Callable[[UUID], Awaitable[None]],
    organization: UUID | None = None,
    lifetime: timedelta = LIFETIME,
) -> OpenSession:
    """Open a session for whoever knows the password; the work is the same whether or not the account exists.

    `check_factor` is asked then, and raises where the person has a second factor that was not proved. Raises
    Unauthenticated, with the same words for a wrong password and an address that is unknown or not confirmed, and
    RateLimited.
    """
    email = normalize_email(email)
    await attempts.take_attempt(transactions, "sign_in", account=email, address=address)
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        login = (await session.execute(FIND_LOGIN, {"email": email})).one_or_none()
    # No connection is held while the password is hashed.
    if not await passwords.verify_password(password, login.password_hash if login else None) or login is None:
        async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
            await audit.add_refused_sign_in(session, login.user_id if login else None)
        words = "The address or the password is not right, or the address is not confirmed yet."
        raise errors.Unauthenticated(words, code="WRONG_PASSWORD")
    try:
        await check_factor(login.user_id)
    except errors.Unauthenticated as refused:
        if refused.code == "WRONG_CODE":  # without any code it is only the first half of a sign-in
            async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
                await audit.add_refused_sign_in(session, login.user_id)
        raise
    async with transactions.transaction(access.NO_CREDENTIAL) as (session, _):
        await attempts.forget_account(session, "sign_in", email)
        return await open_session(session, login.user_id, organization=organization, lifetime=lifetime)


async def open_session(
    session: AsyncSession, person: UUID, *, organization: UUID | None = None, lifetime: timedelta = LIFETIME
) -> OpenSession:
    """Open a session for a person who has proved who it is, for the organization wanted or the first one joined."""
    token, session_id = tokens.make_token(), ids.new_id()
    parameters = {
        "token_hash": tokens.hash_token(token),
        "id": session_id,
        "person": person,
        "wanted": organization,
        "lifetime": lifetime,
    }
    opened = (await session.execute(OPEN, parameters)).one()
    opener = Actor(user_id=person, organization_id=opened.organization_id)
    await audit.add_personal(session, opener, "session.opened", "session", session_id, detail={"way": "password"})
    return OpenSession(token, person, opened.organization_id, opened.expires_at)


async def sign_out(session: AsyncSession, actor: Actor) -> None:
    """End the session that is calling; its token is worth nothing from the commit on."""
    access.require(actor, access.SIGNED_IN)
    await end_session(session, actor, session_id=_own(actor))


async def end_session(session: AsyncSession, actor: Actor, *, session_id: UUID) -> None:
    """End one of the caller's sessions; raises NotFound for one that is not the caller's or has ended."""
    access.require(actor, access.SIGNED_IN)
    if not (await session.execute(END, {"session": session_id})).scalar_one():
        raise errors.NotFound("There is no such session.", path=("session_id",))
    await outbox.add_event(session, "session.ended", session=session_id)
    await audit.add_audit(session, actor, "session.ended", "session", session_id)


async def end_other_sessions(session: AsyncSession, actor: Actor) -> int:
    """End every session of the caller but this one; returns how many there were."""
    access.require(actor, access.SIGNED_IN)
    ended = (await session.execute(END_OTHERS, {"kept": _own(actor)})).scalars().all()
    for session_id in ended:
        await outbox.add_event(session, "session.ended", session=session_id)
        await audit.add_audit(session, actor, "session.ended", "session", session_id)
    return len(ended)


async def list_sessions(session: AsyncSession, actor: Actor) -> list[OwnSession]:
    """The caller's open sessions, the newest first; at most 100.

    To one that a provider opened, those alone that act for the same organization.
    """
    access.require(actor, access.SIGNED_IN)
    table, own = identity.Session, aliased(identity.Session)
    query = (
        select(
            table.id,
            table.organization_id,
            table.created_at,
            table.last_used_at,
            table.expires_at,
            table.sso_connection_id.is_not(None).label("is_sso"),
        )
        .where(
            table.user_id == actor.user_id,
            table.expires_at > text("portal.clock()"),
            or_(
                table.organization_id == actor.organization_id,
                ~select(own.id).where(own.id == actor.session_id, own.sso_connection_id.is_not(None)).exists(),
            ),
        )
        .order_by(table.created_at.desc(), table.id.desc())
        .limit(100)
    )
    return [OwnSession(**row._mapping) for row in await session.execute(query)]


async def choose_organization(session: AsyncSession, actor: Actor, *, organization: UUID) -> None:
    """Let this session act for another of the caller's organizations from the next call on.

    The transaction acts for it at once: its trail tells of it, and that of the one before has nothing of it.
    Raises NotFound for one the caller does not belong to, or that is closed; NotAllowed SECOND_FACTOR_NEEDED for one
    that requires a second factor of its members while the caller has none, SSO_NEEDED for one that requires its
    identity provider, and SSO_SESSION where the provider of another one opened this session.
    """
    access.require(actor, access.SIGNED_IN)
    if (await session.execute(CHOOSE, {"session": _own(actor), "wanted": organization})).scalar_one():
        await session.execute(ACT_FOR, {"organization": str(organization)})
        chooser = Actor(user_id=actor.user_id, organization_id=organization)
        await audit.add_audit(session, chooser, "organization.chosen", "organization", organization)
        return
    waits = (await session.execute(WAITS, {"session": _own(actor), "wanted": organization})).one_or_none()
    if waits is not None and waits.is_sso:
        words = "This session is for the organization whose identity provider opened it; sign in with the password."
        raise errors.NotAllowed(words, code="SSO_SESSION", path=("organization_id",))
    if waits is not None and waits.needs_sso:
        words = "This organization lets its members in by its identity provider: sign in there."
        raise errors.NotAllowed(words, code="SSO_NEEDED", path=("organization_id",))
    if waits is not None and waits.needs_second_factor:
        words = "This organization requires a second factor of its members: add one to your account, then come back."
        raise errors.NotAllowed(words, code="SECOND_FACTOR_NEEDED", path=("organization_id",))
    raise errors.NotFound("You do not belong to such an organization.", path=("organization_id",))


def _own(actor: Actor) -> UUID:
    if actor.session_id is None:
        raise errors.NotAllowed("This needs a session.", code="NO_SESSION")
    return actor.session_id
