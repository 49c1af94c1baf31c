"""What suppliers are told by the clock: documents that end soon, where something hangs on them."""

from sqlalchemy import text

from portal.database import ids, outbox
from portal.delivery.workplace import Workplace

MARKS = [60, 14]  # days before the last one that a document is valid
REMIND = text("SELECT portal.remind_of_evidence(CAST(:marks AS integer[]), :notice)")


async def remind_of_documents(workplace: Workplace) -> None:
    """Ask for one letter to each supplier about all that is due; what was told already is not told again."""
    notice = ids.new_id()
    async with workplace.database.transaction() as (session, _):
        suppliers = list(await session.scalars(REMIND, {"marks": MARKS, "notice": notice}))
        events = [{"supplier": one, "notice": notice} for one in suppliers]
        await outbox.add_events(session, "evidence.ending", events)
