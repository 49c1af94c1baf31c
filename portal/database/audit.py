"""The audit trail: who did what to which object, inserted by the acting transaction."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database import ids
from portal.database.tables import delivery

INSERT = insert(cast(Table, delivery.AuditEvent.__table__)).inline()


async def add_audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: UUID | str | None = None,
    *,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one event of the caller's organization; `detail` holds ids and codes, never names, answers or tokens."""
    await session.execute(INSERT, make_row(actor, action, object_kind, object_id, detail=detail))


def make_row(
    actor: Actor, action: str, object_kind: str, object_id: UUID | str | None, *, detail: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The row of an event, for a statement that writes it along with the act."""
    return {
        "id": ids.new_id(),
        "organization_id": actor.organization_id,
        "actor_id": actor.user_id or actor.api_key_id,
        "action": action,
        "object_kind": object_kind,
        "object_id": None if object_id is None else str(object_id),
        "detail": detail or {},
    }
