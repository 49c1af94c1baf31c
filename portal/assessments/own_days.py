"""Days as they are where an organization works: what it calls today is yesterday or tomorrow in UTC for a while."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.access import Actor
from portal.database.tables.identity import Organization


@dataclass(frozen=True)
class OwnTime:
    """The moment, and the time zone of the organization that acts."""

    now: datetime
    time_zone: str

    @property
    def today(self) -> date:
        """The day where the organization is."""
        return self.find_day(self.now)

    def find_day(self, moment: datetime) -> date:
        """The day of a moment there; the one in UTC where its time zone is none that this machine knows."""
        try:
            return moment.astimezone(ZoneInfo(self.time_zone)).date()
        except ZoneInfoNotFoundError:
            return moment.astimezone(UTC).date()


async def read_own_time(session: AsyncSession, actor: Actor) -> OwnTime:
    """What time it is for the organization of the caller."""
    found = await session.execute(
        select(func.portal.clock(), Organization.time_zone).where(Organization.id == actor.organization)
    )
    return OwnTime(*found.one())
