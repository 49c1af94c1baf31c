"""The benchmark release of a quarter that is over: asked for by the clock, and made by a job of its own.

It may take hours, so it has a thread and a connection to itself. One that cannot be made, such as for a rescore that is
not done, is tried again the next day, and stands among the failed jobs until then.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.benchmarks import releases, schedule
from portal.benchmarks.cohorts import Quarter
from portal.database import engine, reader
from portal.delivery import apart, queue
from portal.delivery.workplace import Workplace

logger = structlog.get_logger(__name__)
JOB = "make_release"
DAY = 86_400
WAITS = (DAY,) * 90
"""Seconds before each further try: daily until the next quarter is over, whose release takes the place of this one."""
HOURS = 6  # longest time of one statement
QUEUED = text("SELECT EXISTS (SELECT FROM queue.pgqueuer WHERE entrypoint = :job AND payload = :payload)")


async def plan_release(workplace: Workplace) -> None:
    """Queue the release that is due, unless it is queued already, or has failed and waits for the next day."""
    async with workplace.database.transaction() as (session, _):
        quarter = await schedule.find_due(session, workplace.settings.benchmark_release_days)
        if quarter is None:
            return
        parts = {"year": quarter.year, "quarter": quarter.number}
        payload = queue.write_payload(parts)
        if not await session.scalar(QUEUED, {"job": JOB, "payload": payload}):
            await queue.enqueue((await reader.take_reader(session)).driver, [(JOB, parts)])


async def make_release(workplace: Workplace, parts: Mapping[str, Any]) -> None:
    """Make the release of a quarter where it is still due; raises what `releases.make_release` raises."""
    quarter = Quarter(parts["year"], parts["quarter"])
    url = workplace.database.engine.url.render_as_string(hide_password=False)
    days = workplace.settings.benchmark_release_days
    await apart.run_apart(lambda: _make_release(url, quarter, days), workplace.running)


async def _make_release(url: str, quarter: Quarter, days: int) -> None:
    made = engine.create_engine(url, pool_size=1, timeout_ms=HOURS * 3_600_000)
    try:
        async with AsyncSession(made) as session, session.begin():
            due = await schedule.find_due(session, days)
        if due != quarter:
            return
        async with AsyncSession(made, expire_on_commit=False) as session, session.begin():
            release = await releases.make_release(session, quarter)
        logger.info("release.made", number=release.number, quarter=str(quarter), contributors=release.contributors)
    finally:
        await made.dispose()
