"""What a worker does for campaigns: parts of a bounded size, each in a transaction of its own, begun again anywhere."""

from uuid import UUID

from sqlalchemy import text

from portal.database import ids
from portal.database.engine import Database

# Small enough that neither locks nor the feed of changes wait long for one.
PART = 250
SEND = text("SELECT portal.send_campaign_part(:buyer, :campaign, CAST(:made AS uuid[]))")
CHANGE = text("SELECT portal.change_campaign_part(:buyer, :act, :most)")


async def send_campaign(database: Database, *, buyer: UUID, campaign: UUID) -> None:
    """Ask all whom a campaign has still to ask; whoever was asked before a crash is not asked again."""
    looked = PART
    while looked == PART:
        values = {"buyer": buyer, "campaign": campaign, "made": [ids.new_id() for _ in range(PART)]}
        async with database.transaction() as (session, _):
            looked = (await session.execute(SEND, values)).scalar_one()


async def change_campaign(database: Database, *, buyer: UUID, act: UUID) -> None:
    """Change the open requests of a campaign as one act of its buyer says; once each, also after a crash."""
    looked = PART
    while looked == PART:
        async with database.transaction() as (session, _):
            looked = (await session.execute(CHANGE, {"buyer": buyer, "act": act, "most": PART})).scalar_one()
