"""The endpoints of an organization: made, changed, paused, tried and removed by its owners, each with a secret."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors, sealing
from portal.access import Actor
from portal.database import audit, idempotency, ids, outbox
from portal.database.tables.webhooks import WebhookEndpoint, WebhookSecret
from portal.delivery.webhooks import guard, signature
from portal.delivery.webhooks.catalogue import CATALOGUE, PING
from portal.identity.wording import TEXT_LENGTH, Reading
from portal.settings import Settings

MOST_ENDPOINTS = 10
FORMER_HOURS = 24  # that a secret signs along after another took its place
State = Literal["active", "paused"]


@dataclass(frozen=True)
class Made:
    """An endpoint, and its secret, which is there once: in the answer of the call that made it."""

    id: UUID
    secret: str | None = field(default=None, repr=False)


async def create_endpoint(
    session: AsyncSession,
    actor: Actor,
    settings: Settings,
    *,
    url: str,
    types: Sequence[str],
    description: str | None = None,
    idempotency_key: str | None = None,
) -> Made:
    """Make an endpoint; a repeated call with the same idempotency key gives it again without its secret.

    Raises InvalidInput with every problem (BAD_URL, REQUIRED, EVENT_TYPE, LENGTH, CHARACTERS), Conflict
    TOO_MANY_ENDPOINTS, NotAllowed for others than owners.
    """
    access.require(actor, access.OWNER)
    values = {"url": url, "types": sorted(set(types)), "description": description}
    made = await idempotency.find_made(session, actor, idempotency_key, "create_webhook_endpoint", values)
    if made is not None:
        return Made(UUID(made[0]))
    reading = Reading()
    given = _read(reading, settings, url=url, types=types, description=description)
    reading.finish()
    await _check_number(session, actor)
    endpoint, secret = ids.new_id(), signature.make_secret()
    own = {"organization_id": actor.organization, "id": endpoint, "created_by": actor.user_id}
    await session.execute(insert(WebhookEndpoint).inline().values(**own, **given))
    await _add_secret(session, actor, settings, endpoint, secret)
    await idempotency.keep_made(session, actor, idempotency_key, "create_webhook_endpoint", values, [endpoint])
    await _note(session, actor, "created", endpoint)
    return Made(endpoint, secret)


async def change_endpoint(
    session: AsyncSession,
    actor: Actor,
    settings: Settings,
    *,
    endpoint_id: UUID,
    url: str | None = None,
    types: Sequence[str] | None = None,
    description: str | None = None,
) -> None:
    """Change what is given; an empty description takes it away. Raises as `create_endpoint` does, and NotFound."""
    await _lock(session, actor, endpoint_id)
    reading = Reading()
    given = _read(reading, settings, url=url, types=types, description=description)
    reading.finish()
    if given:
        await _update(session, actor, endpoint_id, **given)
        await _note(session, actor, "changed", endpoint_id)


async def rotate_secret(session: AsyncSession, actor: Actor, settings: Settings, *, endpoint_id: UUID) -> Made:
    """Give an endpoint another secret; the one before signs along for FORMER_HOURS, one before that no more.

    Raises NotFound.
    """
    await _lock(session, actor, endpoint_id)
    table = WebhookSecret
    lasting = func.portal.clock() + func.make_interval(0, 0, 0, 0, FORMER_HOURS)
    await session.execute(
        update(table)
        .where(table.organization_id == actor.organization, table.endpoint_id == endpoint_id)
        .values(valid_until=case((table.valid_until.is_(None), lasting), else_=func.portal.clock()))
        .execution_options(synchronize_session=False)
    )
    secret = signature.make_secret()
    await _add_secret(session, actor, settings, endpoint_id, secret)
    await _note(session, actor, "secret_rotated", endpoint_id)
    return Made(endpoint_id, secret)


async def change_state(session: AsyncSession, actor: Actor, *, endpoint_id: UUID, state: State) -> None:
    """Pause an endpoint, or let it go on, also one that was disabled; what waits meanwhile is sent then.

    The same again changes nothing. Raises NotFound.
    """
    if await _lock(session, actor, endpoint_id) == state:
        return
    fresh = {"disabled_reason": None, "disabled_at": None, "failing_since": None}
    await _update(session, actor, endpoint_id, state=state, **fresh)
    await _note(session, actor, "paused" if state == "paused" else "enabled", endpoint_id)


async def remove_endpoint(session: AsyncSession, actor: Actor, *, endpoint_id: UUID) -> None:
    """Remove an endpoint with its secrets and its log; what is in hand just now may still go out. Raises NotFound."""
    await _lock(session, actor, endpoint_id)
    table = WebhookEndpoint
    await session.execute(delete(table).where(table.organization_id == actor.organization, table.id == endpoint_id))
    await _note(session, actor, "removed", endpoint_id)


async def ping_endpoint(session: AsyncSession, actor: Actor, *, endpoint_id: UUID) -> None:
    """Ask for a message to try an endpoint with. Raises NotFound, Conflict NOT_ACTIVE."""
    if await _lock(session, actor, endpoint_id) != "active":
        raise errors.Conflict("This endpoint rests; enable it first.", code="NOT_ACTIVE")
    await outbox.add_event(session, "webhook.pinged", organization=actor.organization, endpoint=endpoint_id)


def _read(
    reading: Reading, settings: Settings, *, url: str | None, types: Sequence[str] | None, description: str | None
) -> dict[str, object]:
    """The columns that are given; problems go to `reading`."""
    given: dict[str, object] = {}
    if url is not None:
        try:
            guard.read_target(url, guard.read_policy(settings))
        except guard.Refused as refused:
            reading.refuse("url", "BAD_URL", refused.reason)
        given["url"] = url
    if types is not None:
        if not types:
            reading.refuse("event_types", "REQUIRED", "event_types must name at least one.")
        unknown = sorted(set(types) - (CATALOGUE.keys() - {PING}))
        if unknown:
            words = f"There is no event type {unknown[0][:60]!r}; `webhookEventTypes` lists those there are."
            reading.refuse("event_types", "EVENT_TYPE", words)
        given["types"] = sorted(set(types))
    if description is not None:
        words = description.strip()
        given["description"] = reading.read_name("description", words, longest=TEXT_LENGTH) if words else None
    return given


async def _lock(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> str:
    """The state of an endpoint, which nobody changes before this transaction ends."""
    access.require(actor, access.OWNER)
    table = WebhookEndpoint
    state: str | None = await session.scalar(
        select(table.state)
        .where(table.organization_id == actor.organization, table.id == endpoint_id)
        .with_for_update()
    )
    if state is None:
        raise errors.NotFound("There is no such endpoint.", path=("endpoint_id",))
    return state


async def _update(session: AsyncSession, actor: Actor, endpoint_id: UUID, **values: object) -> None:
    table = WebhookEndpoint
    await session.execute(
        update(table)
        .where(table.organization_id == actor.organization, table.id == endpoint_id)
        .values(**values, updated_at=func.portal.clock())
        .execution_options(synchronize_session=False)
    )


async def _add_secret(session: AsyncSession, actor: Actor, settings: Settings, endpoint_id: UUID, secret: str) -> None:
    sealed = sealing.open_sealer(settings).seal(sealing.WEBHOOK, endpoint_id, secret.encode())
    own = {"organization_id": actor.organization, "endpoint_id": endpoint_id, "id": ids.new_id()}
    await session.execute(insert(WebhookSecret).inline().values(**own, sealed=sealed))


async def _check_number(session: AsyncSession, actor: Actor) -> None:
    """Two calls at once wait for each other, so that both count."""
    key = func.hashtextextended(f"webhooks {actor.organization}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))
    table = WebhookEndpoint
    query = select(func.count()).where(table.organization_id == actor.organization)
    if (await session.execute(query)).scalar_one() >= MOST_ENDPOINTS:
        words = f"An organization has at most {MOST_ENDPOINTS} endpoints; remove one first."
        raise errors.Conflict(words, code="TOO_MANY_ENDPOINTS")


async def _note(session: AsyncSession, actor: Actor, act: str, endpoint_id: UUID) -> None:
    await audit.add_audit(session, actor, f"webhook_endpoint.{act}", "webhook_endpoint", endpoint_id)
