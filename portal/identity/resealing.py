"""Secrets at rest are sealed anew with the newest key, so that an older one can be thrown away."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from portal import sealing
from portal.access import OWNER_LOGIN
from portal.database import audit
from portal.database.tables.identity import SecondFactor
from portal.database.tables.sso import SsoConnection
from portal.database.tables.webhooks import WebhookSecret
from portal.sealing import Sealer

# What they are for, the column, and whose they are and which row they stand in.
SEALED: tuple[tuple[str, InstrumentedAttribute[str], InstrumentedAttribute[Any], InstrumentedAttribute[Any]], ...] = (
    (sealing.SECOND_FACTOR, SecondFactor.sealed, SecondFactor.user_id, SecondFactor.user_id),
    (sealing.SSO, SsoConnection.sealed, SsoConnection.id, SsoConnection.id),
    (sealing.WEBHOOK, WebhookSecret.sealed, WebhookSecret.endpoint_id, WebhookSecret.id),
)


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
