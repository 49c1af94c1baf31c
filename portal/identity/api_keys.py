"""API keys: a machine's credential for one organization, shown once, and never good for more than it may do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit, idempotency, ids
from portal.database.tables import identity
from portal.identity import tokens
from portal.identity.wording import Reading

MOST_KEYS = 50
ROLES_OF_SCOPE = {
    "assessments:read": frozenset({"supplier"}),
    "assessments:write": frozenset({"supplier"}),
    "suppliers:read": frozenset({"buyer"}),
    "suppliers:write": frozenset({"buyer"}),
    "benchmarks:read": frozenset({"supplier", "buyer", "partner"}),
    "questionnaires:write": frozenset({"buyer", "partner"}),
}
CREATE = text("SELECT portal.create_api_key(:id, :key_hash, :name, :scopes, :expires_at)")
ROTATE = text("SELECT portal.rotate_api_key(:key, :id, :key_hash, :overlap)")
LONGEST_OVERLAP = 24 * 30  # hours
REVOKE = text("SELECT portal.revoke_api_key(:id)")
CLOCK = text("SELECT portal.clock()")


@dataclass(frozen=True)
class ApiKey:
    """A key as its organization sees it; `secret` is there once, in the answer of the call that made it."""

    organization_id: UUID
    id: UUID
    name: str
    scopes: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    secret: str | None = field(default=None, repr=False)


async def create_api_key(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
    idempotency_key: str | None = None,
) -> ApiKey:
    """Make a key; a repeated call with the same idempotency key gives it again without its secret.

    Raises InvalidInput SCOPE for a scope that does not exist or that no active role of the organization allows,
    Conflict TOO_MANY_KEYS, NotAllowed for others than owners.
    """
    access.require(actor, access.OWNER)
    access.require(actor, access.SIGNED_IN)
    reading = Reading()
    name = reading.read_name("name", name)
    values = {"name": name, "scopes": sorted(set(scopes)), "expires_at": expires_at}
    made = await idempotency.find_made(session, actor, idempotency_key, "create_api_key", values)
    if made is not None:
        return (await list_api_keys(session, actor, key_ids=[UUID(made[0])]))[0]
    await _check(session, actor, reading, scopes, expires_at)
    await _check_number(session, actor)
    secret, key_id = tokens.make_api_key(), ids.new_id()
    await session.execute(CREATE, {**values, "id": key_id, "key_hash": tokens.hash_token(secret)})
    await idempotency.keep_made(session, actor, idempotency_key, "create_api_key", values, [key_id])
    await audit.add_audit(session, actor, "api_key.created", "api_key", key_id, detail={"scopes": values["scopes"]})
    kept = (await list_api_keys(session, actor, key_ids=[key_id]))[0]
    return ApiKey(**{**vars(kept), "secret": secret})


async def rotate_api_key(
    session: AsyncSession, actor: Actor, *, key_id: UUID, overlap_hours: int, idempotency_key: str | None = None
) -> tuple[ApiKey, ApiKey]:
    """Put a new key in the place of one, which ends after the overlap; gives the new one and the old one.

    It has the name and scopes of the old one, and as long to live as that had. A repeated call with the same
    idempotency key gives both again, without a secret. Raises InvalidInput OVERLAP and SCOPE, NotFound, Conflict
    TOO_MANY_KEYS and ENDED, NotAllowed for others than owners.
    """
    access.require(actor, access.OWNER)
    access.require(actor, access.SIGNED_IN)
    reading = Reading()
    if not 0 <= overlap_hours <= LONGEST_OVERLAP:
        reading.refuse("overlap_hours", "OVERLAP", f"overlapHours must be 0 to {LONGEST_OVERLAP}.")
    reading.finish()
    values = {"key": str(key_id), "overlap": overlap_hours}
    made = await idempotency.find_made(session, actor, idempotency_key, "rotate_api_key", values)
    if made is not None:
        return await _find(session, actor, UUID(made[0])), await _find(session, actor, key_id)
    before = await _find(session, actor, key_id)
    await _check(session, actor, reading, before.scopes, None)
    await _check_number(session, actor)
    secret, new_id = tokens.make_api_key(), ids.new_id()
    parameters = {
        "key": key_id,
        "id": new_id,
        "key_hash": tokens.hash_token(secret),
        "overlap": timedelta(hours=overlap_hours),
    }
    if not await session.scalar(ROTATE, parameters):
        raise errors.Conflict("This key has ended or was revoked: make another one.", code="ENDED")
    await idempotency.keep_made(session, actor, idempotency_key, "rotate_api_key", values, [new_id])
    detail = {"replaces": str(key_id), "overlap_hours": overlap_hours}
    await audit.add_audit(session, actor, "api_key.rotated", "api_key", new_id, detail=detail)
    kept = await _find(session, actor, new_id)
    return ApiKey(**{**vars(kept), "secret": secret}), await _find(session, actor, key_id)


async def _find(session: AsyncSession, actor: Actor, key_id: UUID) -> ApiKey:
    found = await list_api_keys(session, actor, key_ids=[key_id])
    if not found:
        raise errors.NotFound("There is no such key.", path=("api_key_id",))
    return found[0]


async def _check(
    session: AsyncSession, actor: Actor, reading: Reading, scopes: Sequence[str], expires_at: datetime | None
) -> None:
    if not scopes:
        reading.refuse("scopes", "REQUIRED", "scopes must name at least one.")
    for scope in scopes:
        allowed = sorted(one for one, roles in ROLES_OF_SCOPE.items() if roles & actor.organization_roles)
        if scope not in allowed:
            words = f"{scope} is not open to your organization; these are: {', '.join(allowed) or 'none'}."
            reading.refuse("scopes", "SCOPE", words)
    if expires_at is not None and expires_at <= (await session.execute(CLOCK)).scalar_one():
        reading.refuse("expires_at", "PAST", "expiresAt must lie in the future.")
    reading.finish()


async def _check_number(session: AsyncSession, actor: Actor) -> None:
    table = identity.ApiKey
    query = select(func.count()).where(table.organization_id == actor.organization, table.revoked_at.is_(None))
    if (await session.execute(query)).scalar_one() >= MOST_KEYS:
        words = f"An organization has at most {MOST_KEYS} keys; revoke one first."
        raise errors.Conflict(words, code="TOO_MANY_KEYS")


async def list_api_keys(session: AsyncSession, actor: Actor, *, key_ids: list[UUID] | None = None) -> list[ApiKey]:
    """The keys of the caller's organization, revoked ones too, the newest first; at most 100."""
    access.require(actor, access.OWNER)
    table = identity.ApiKey
    query = (
        select(
            table.organization_id,
            table.id,
            table.name,
            table.scopes,
            table.expires_at,
            table.revoked_at,
            table.last_used_at,
            table.created_at,
        )
        .where(table.organization_id == actor.organization)
        .order_by(table.created_at.desc(), table.id.desc())
        .limit(100)
    )
    if key_ids is not None:
        query = query.where(table.id.in_(key_ids))
    return [ApiKey(**row._mapping) for row in await session.execute(query)]


async def revoke_api_key(session: AsyncSession, actor: Actor, *, key_id: UUID) -> ApiKey:
    """End a key at once; revoking one again changes nothing. Raises NotFound, NotAllowed for others than owners."""
    access.require(actor, access.OWNER)
    if (await session.execute(REVOKE, {"id": key_id})).scalar_one():
        await audit.add_audit(session, actor, "api_key.revoked", "api_key", key_id)
    return await _find(session, actor, key_id)
