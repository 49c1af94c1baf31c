"""Sessions that nobody used for a while: they end before their day."""

from datetime import timedelta

from sqlalchemy import text

from portal.database import outbox
from portal.delivery.workplace import Workplace

BATCH = 500
END = text("SELECT portal.end_idle_sessions(:idle, :most)")


async def end_idle(workplace: Workplace) -> None:
    """End them, and tell whatever still listens with one."""
    idle, is_more = timedelta(days=workplace.settings.session_idle_days), True
    while is_more:
        async with workplace.database.transaction() as (session, _):
            ended = (await session.execute(END, {"idle": idle, "most": BATCH})).scalars().all()
            await outbox.add_events(session, "session.ended", [{"session": one} for one in ended])
        is_more = len(ended) == BATCH
