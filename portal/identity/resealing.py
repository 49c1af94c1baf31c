"""Secrets at rest are sealed anew with the newest key, so that an older one can be thrown away."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from portal import sealing
from portal.access import OWNER_LOGIN
from portal.database import audit, engine
from portal.database.tables.identity import SecondFactor
from portal.database.tables.sso import SsoConnection
from portal.database.tables.webhooks import WebhookSecret
from portal.errors import SetupError
from portal.sealing import Sealer

# What they are for, the column, and whose they are and which row they stand in.
SEALED: tuple[tuple[str, InstrumentedAttribute[str], InstrumentedAttribute[Any], InstrumentedAttribute[Any]], ...] = (
    (sealing.SECOND_FACTOR, SecondFactor.sealed, SecondFactor.user_id, SecondFactor.user_id),
    (sealing.SSO, SsoConnection.sealed, SsoConnection.id, SsoConnection.id),
    (sealing.WEBHOOK, WebhookSecret.sealed, WebhookSecret.endpoint_id, WebhookSecret.id),
)
BATCH = 500


@dataclass
class Opened:
    """How many sealed secrets open with the keys that there are, how many of these by a former one, how many do not."""

    opened: int = 0
    older: int = 0
    closed: int = 0


async def try_all(url: str, sealer: Sealer, most: int | None = None) -> Opened:
    """Try to open what is sealed, by a login that reads all of it; `most` of each kind, or everything."""
    found = Opened()
    made = engine.create_engine(url, pool_size=1)
    try:
        async with AsyncSession(made) as session:
            for purpose, column, owner, _ in SEALED:
                rows = await session.stream(select(column, owner).limit(most).execution_options(yield_per=BATCH))
                async for sealed, whose in rows:
                    _try_one(found, sealer, purpose, whose, sealed)
    finally:
        await made.dispose()
    return found


def _try_one(found: Opened, sealer: Sealer, purpose: str, owner: UUID, sealed: str) -> None:
    try:
        sealer.open(purpose, owner, sealed)
    except SetupError:
        found.closed += 1
    else:
        found.opened += 1
        found.older += not sealer.is_newest(purpose, owner, sealed)


async def reseal(session: AsyncSession, sealer: Sealer) -> int:
    """Seal with the newest key what an older one sealed; how many there were.

    Needs the owner's login. Raises SetupError where one does not open with any of the keys; then all stay as they were.
    """
    resealed = 0
    for purpose, column, owner, key in SEALED:
        found = await session.execute(select(column, owner, key).with_for_update())
        for sealed, whose, row in found.all():
            if not sealer.is_newest(purpose, whose, sealed):
                anew = sealer.seal(purpose, whose, sealer.open(purpose, whose, sealed))
                await session.execute(update(column.class_).where(key == row).values({column: anew}))
                resealed += 1
    if resealed:
        await audit.add_audit(session, OWNER_LOGIN, "secrets.resealed", "secret", detail={"secrets": resealed})
    return resealed
