"""Sending messages again, one or all of a time, under the same `webhook-id`, so that a receiver knows them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.database import audit
from portal.database.tables.webhooks import WebhookDelivery, WebhookEndpoint

MOST_AT_ONCE = 5_000
LONGEST_RANGE = timedelta(days=31)
AGAIN = {"state": "waiting", "attempts": 0, "next_attempt_at": func.portal.clock()}


async def replay_delivery(session: AsyncSession, actor: Actor, *, delivery_id: UUID) -> None:
    """Send one message again now, whatever became of it, with all tries before it. Raises NotFound."""
    access.require(actor, access.OWNER)
    table = WebhookDelivery
    found = await session.scalar(
        update(table)
        .where(table.organization_id == actor.organization, table.id == delivery_id)
        .values(**AGAIN)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    if found is None:
        raise errors.NotFound("There is no such delivery; the log keeps a month.", path=("delivery_id",))
    await audit.add_audit(session, actor, "webhook_delivery.replayed", "webhook_delivery", delivery_id)


async def replay_range(
    session: AsyncSession,
    actor: Actor,
    *,
    endpoint_id: UUID,
    since: datetime,
    until: datetime | None = None,
    with_delivered: bool = False,
) -> int:
    """Send again what an endpoint was to be told from one moment to before another; how many messages these are.

    The oldest MOST_AT_ONCE go first: the same again goes on where none of them was delivered before. Without
    `with_delivered` only what failed or was dropped. Raises NotFound, InvalidInput RANGE.
    """
    access.require(actor, access.OWNER)
    endpoint = select(WebhookEndpoint.id).where(
        WebhookEndpoint.organization_id == actor.organization, WebhookEndpoint.id == endpoint_id
    )
    if await session.scalar(endpoint) is None:
        raise errors.NotFound("There is no such endpoint.", path=("endpoint_id",))
    now: datetime = (await session.execute(select(func.portal.clock()))).scalar_one()
    if not since < (until or now) or (until or now) - since > LONGEST_RANGE:
        words = f"Give a range of at most {LONGEST_RANGE.days} days that begins before it ends."
        raise errors.InvalidInput(words, code="RANGE", path=("since",))
    table = WebhookDelivery
    states = ("failed", "dropped", "delivered") if with_delivered else ("failed", "dropped")
    chosen = (
        select(table.id)
        .where(
            table.organization_id == actor.organization,
            table.endpoint_id == endpoint_id,
            table.happened_at >= since,
            table.happened_at < (until or now),
            table.state.in_(states),
        )
        .order_by(table.id)
        .limit(MOST_AT_ONCE)
        .with_for_update()
    )
    written = await session.execute(
        update(table)
        .where(table.organization_id == actor.organization, table.id.in_(chosen))
        .values(**AGAIN)
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    count = len(written.all())
    await audit.add_audit(
        session, actor, "webhook_endpoint.replayed", "webhook_endpoint", endpoint_id, detail={"count": count}
    )
    return count
