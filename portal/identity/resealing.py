"""Secrets at rest are sealed anew with the newest key, so that an older one can be thrown away."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database.tables import identity
from portal.identity import second_factors
from portal.sealing import Sealer

TABLE = identity.SecondFactor


async def reseal(session: AsyncSession, sealer: Sealer) -> int:
    """Seal with the newest key what an older one sealed; how many there were.

    Needs the owner's login. Raises SetupError where one does not open with any of the keys; then all stay as they were.
    """
    found = await session.execute(select(TABLE.user_id, TABLE.sealed).with_for_update())
    older = [row for row in found if not sealer.is_newest(second_factors.PATH, row.user_id, row.sealed)]
    for row in older:
        secret = sealer.open(second_factors.PATH, row.user_id, row.sealed)
        sealed = sealer.seal(second_factors.PATH, row.user_id, secret)
        await session.execute(update(TABLE).where(TABLE.user_id == row.user_id).values(sealed=sealed))
    return len(older)
