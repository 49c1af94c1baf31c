"""Writes that carry an idempotency key: the same key and body give the same object, another body is a conflict."""

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import errors
from portal.access import Actor
from portal.database.tables import identity


def hash_body(body: Any) -> bytes:
    """SHA-256 of an input as sorted JSON; ids, dates and decimals by their text."""
    return hashlib.sha256(orjson.dumps(body, default=str, option=orjson.OPT_SORT_KEYS)).digest()


async def find_made(
    session: AsyncSession, actor: Actor, key: str | None, operation: str, body: Any
) -> list[str] | None:
    """What an earlier call with this key made, or none; holds the key until the transaction ends.

    Raises Conflict where the key stands for another operation or body, InvalidInput for a key of a wrong length.
    """
    if key is None:
        return None
    if not 8 <= len(key) <= 100:
        raise errors.InvalidInput("idempotencyKey must have 8 to 100 characters.", path=("input", "idempotencyKey"))
    caller = actor.user_id or actor.api_key_id
    # Two calls with one key at the same time run one after the other.
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"{actor.organization}:{caller}:{key}"}
    )
    table = identity.IdempotencyKey
    found = (
        await session.execute(
            select(table.operation, table.body_hash, table.object_ids).where(
                table.organization_id == actor.organization, table.actor_id == caller, table.key == key
            )
        )
    ).one_or_none()
    if found is None:
        return None
    if found.operation != operation or found.body_hash != hash_body(body):
        raise errors.Conflict(
            "This idempotencyKey was used before with another input. Use a new key for a new write.",
            code="IDEMPOTENCY_KEY_REUSED",
            path=("input", "idempotencyKey"),
        )
    return list(found.object_ids)


async def keep_made(
    session: AsyncSession, actor: Actor, key: str | None, operation: str, body: Any, made: Sequence[Any]
) -> None:
    """Remember for 30 days what a write with this key made."""
    if key is None:
        return
    await session.execute(
        insert(identity.IdempotencyKey)
        .inline()
        .values(
            organization_id=actor.organization,
            actor_id=actor.user_id or actor.api_key_id,
            key=key,
            operation=operation,
            body_hash=hash_body(body),
            object_ids=[str(item) for item in made],
        )
    )
