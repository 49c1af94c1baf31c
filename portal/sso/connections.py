"""The connection of an organization to its identity provider: set, tried, switched and removed by its owners."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors, sealing
from portal.access import Actor
from portal.database import audit, ids, outbox
from portal.database.tables.identity import Member, Organization
from portal.database.tables.sso import JOINING_ROLES, SsoConnection
from portal.delivery.webhooks import guard
from portal.identity import attempts
from portal.identity.attempts import Transactions
from portal.identity.wording import TEXT_LENGTH, Reading
from portal.settings import Settings
from portal.sso import domains, provider
from portal.sso.domains import Domain
from portal.sso.provider import ProviderFailed, Providers

REQUIRE = text("SELECT portal.require_sso(:is_required)")
END_SESSIONS = text("SELECT portal.end_sso_sessions()")


@dataclass(frozen=True)
class Connection:
    """A connection as the owners see it; the client's secret is seen by nobody again."""

    id: UUID
    issuer: str
    client_id: str
    is_enabled: bool
    is_required: bool
    default_role: str
    domains: list[Domain]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Wanted:
    """What an owner fills in; without a secret the one that is there stays."""

    issuer: str
    client_id: str
    client_secret: str | None
    default_role: str


async def read_connection(session: AsyncSession, actor: Actor) -> Connection | None:
    """The connection of the caller's organization; raises NotAllowed for others than owners."""
    access.require(actor, access.OWNER)
    table, organization = SsoConnection, Organization
    query = (
        select(
            table.id,
            table.issuer,
            table.client_id,
            (table.state == "active").label("is_enabled"),
            organization.requires_sso.label("is_required"),
            table.default_role,
            table.created_at,
            table.updated_at,
        )
        .join(organization, organization.id == table.organization_id)
        .where(table.organization_id == actor.organization)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    return Connection(**found._mapping, domains=await domains.list_domains(session, actor))


async def set_connection(
    transactions: Transactions, credential: access.Credential, settings: Settings, wanted: Wanted, *, address: str
) -> None:
    """Connect the caller's organization with a provider, or change that; the provider is asked first who it is.

    Another issuer or client ends all sessions that the one before opened, and needs a secret of its own: nobody sends
    the kept one elsewhere. Raises InvalidInput, also PROVIDER where it does not answer as it should, RateLimited.
    """
    wanted = _check(wanted, settings)
    await _try(transactions, credential, settings, wanted.issuer, address=address)
    async with transactions.transaction(credential) as (session, actor):
        found = await _lock(session, actor)
        is_other = found is None or (found.issuer, found.client_id) != (wanted.issuer, wanted.client_id)
        if is_other and wanted.client_secret is None:
            words = "clientSecret must be given with another issuer or client."
            raise errors.InvalidInput(words, code="REQUIRED", path=("client_secret",))
        if found is not None and is_other:
            await _end_sessions(session, actor)
        connection = ids.new_id() if found is None else found.id
        await _write(session, actor, settings, connection, wanted, is_new=found is None)
        detail = {"role": wanted.default_role, "replaced": is_other}
        await _note(session, actor, "connected" if found is None else "changed", connection, detail)
        await tell_owners(session, actor.organization, "sso_connected")


async def test_connection(
    transactions: Transactions, credential: access.Credential, settings: Settings, *, address: str
) -> None:
    """Ask the provider of the caller's organization once more who it is; raises NotFound, Conflict PROVIDER."""
    async with transactions.transaction(credential) as (session, actor):
        found = await _lock(session, actor)
    if found is None:
        raise errors.NotFound("Your organization has no identity provider.")
    try:
        await _try(transactions, credential, settings, found.issuer, address=address)
    except errors.InvalidInput as failed:
        raise errors.Conflict(failed.message, code="PROVIDER") from None


async def switch(session: AsyncSession, actor: Actor, *, is_enabled: bool, is_required: bool) -> int:
    """Let people in by the provider or not, and ask it of every member but the owners; how many sessions ended.

    Raises NotFound, Conflict NOT_ENABLED and NO_DOMAIN where members could not come in at all.
    """
    found = await _lock(session, actor)
    if found is None:
        raise errors.NotFound("Your organization has no identity provider.")
    if is_required and not is_enabled:
        raise errors.Conflict("What is required has to be enabled.", code="NOT_ENABLED", path=("is_required",))
    if is_required and not any(one.verified_at for one in await domains.list_domains(session, actor)):
        words = "Verify a domain first: without one nobody new comes in by the provider."
        raise errors.Conflict(words, code="NO_DOMAIN", path=("is_required",))
    ended = 0 if is_enabled else await _end_sessions(session, actor)
    await _update(session, actor, state="active" if is_enabled else "off")
    was_required = await session.scalar(select(Organization.requires_sso).where(Organization.id == actor.organization))
    ended += await _require(session, actor, is_required)
    detail = {"enabled": is_enabled, "required": is_required, "ended": ended}
    await _note(session, actor, "switched", found.id, detail)
    if is_required and not was_required:
        await tell_members(session, actor.organization, "sso_required")
    else:
        await tell_owners(session, actor.organization, "sso_switched")
    return ended


async def remove_connection(session: AsyncSession, actor: Actor) -> int:
    """Part from the provider; sessions that it opened end, and it is required no more. Raises NotFound."""
    found = await _lock(session, actor)
    if found is None:
        raise errors.NotFound("Your organization has no identity provider.")
    ended = await _end_sessions(session, actor)
    await _require(session, actor, False)
    await session.execute(delete(SsoConnection).where(SsoConnection.organization_id == actor.organization))
    await _note(session, actor, "removed", found.id, {"ended": ended})
    await tell_owners(session, actor.organization, "sso_removed")
    return ended


async def tell_owners(session: AsyncSession, organization: UUID, what: str) -> None:
    """A letter to each owner about how people sign in; nobody changes that unnoticed."""
    await _tell(session, what, Member.organization_id == organization, Member.role == "owner")


async def tell_members(session: AsyncSession, organization: UUID, what: str) -> None:
    """A letter to each member, and so to the owners."""
    await _tell(session, what, Member.organization_id == organization)


async def _tell(session: AsyncSession, what: str, *conditions: Any) -> None:
    people = (await session.execute(select(Member.user_id).where(*conditions))).scalars().all()
    await outbox.add_events(session, "account.changed", [{"user": person, "what": what} for person in people])


def _check(wanted: Wanted, settings: Settings) -> Wanted:
    reading = Reading()
    issuer, secret = wanted.issuer.strip(), wanted.client_secret
    try:
        guard.read_target(issuer, provider.read_policy(settings))
        if urlsplit(issuer).query:
            raise guard.Refused("An issuer has no part behind a question mark.")
    except guard.Refused as refused:
        reading.refuse("issuer", "BAD_URL", refused.reason)
    client_id = reading.read_name("client_id", wanted.client_id, longest=TEXT_LENGTH)
    if secret is not None and (not 1 <= len(secret) <= TEXT_LENGTH or not secret.isprintable()):
        words = f"client_secret must have 1 to {TEXT_LENGTH} characters, none of them controls."
        reading.refuse("client_secret", "LENGTH", words)
    reading.read_choice("default_role", wanted.default_role, JOINING_ROLES)
    reading.finish()
    return Wanted(issuer, client_id, secret, wanted.default_role)


async def _try(
    transactions: Transactions, credential: access.Credential, settings: Settings, issuer: str, *, address: str
) -> None:
    async with transactions.transaction(credential) as (_, actor):
        access.require(actor, access.OWNER)
        access.require(actor, access.SIGNED_IN)
    await attempts.take_attempt(transactions, "sso_setup", account=str(actor.organization), address=address)
    try:
        await Providers(provider.read_policy(settings)).fetch(issuer)
    except ProviderFailed as failed:
        raise errors.InvalidInput(failed.reason, code="PROVIDER", path=("issuer",)) from None


async def _lock(session: AsyncSession, actor: Actor) -> Any:
    """The connection as it is, which nobody changes before this transaction ends."""
    access.require(actor, access.OWNER)
    access.require(actor, access.SIGNED_IN)
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"sso {actor.organization}", 0))))
    table = SsoConnection
    query = select(table.id, table.issuer, table.client_id).where(table.organization_id == actor.organization)
    return (await session.execute(query)).one_or_none()


async def _write(
    session: AsyncSession, actor: Actor, settings: Settings, connection: UUID, wanted: Wanted, *, is_new: bool
) -> None:
    values: dict[str, Any] = {
        "issuer": wanted.issuer,
        "client_id": wanted.client_id,
        "default_role": wanted.default_role,
    }
    if wanted.client_secret is not None:
        sealer = sealing.open_sealer(settings)
        values["sealed"] = sealer.seal(sealing.SSO, connection, wanted.client_secret.encode())
    if is_new:
        own = {"organization_id": actor.organization, "id": connection, "created_by": actor.user_id}
        await session.execute(insert(SsoConnection).inline().values(**own, **values))
    else:
        await _update(session, actor, **values)


async def _update(session: AsyncSession, actor: Actor, **values: Any) -> None:
    await session.execute(
        update(SsoConnection)
        .where(SsoConnection.organization_id == actor.organization)
        .values(**values, updated_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )


async def _require(session: AsyncSession, actor: Actor, is_required: bool) -> int:
    return await _note_ended(session, (await session.execute(REQUIRE, {"is_required": is_required})).scalars().all())


async def _end_sessions(session: AsyncSession, actor: Actor) -> int:
    return await _note_ended(session, (await session.execute(END_SESSIONS)).scalars().all())


async def _note_ended(session: AsyncSession, ended: Any) -> int:
    await outbox.add_events(session, "session.ended", [{"session": one} for one in ended])
    return len(ended)


async def _note(session: AsyncSession, actor: Actor, act: str, connection: UUID, detail: dict[str, Any]) -> None:
    await audit.add_audit(session, actor, f"sso.{act}", "sso_connection", connection, detail=detail)
