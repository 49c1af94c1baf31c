"""What a supplier is told by the clock of questions that it has not replied to: a letter before a reply is due."""

from uuid import UUID, uuid5

import orjson
from sqlalchemy import text

from portal.database import outbox
from portal.delivery.workplace import Workplace

MARKS = [7, 1]  # days before a reply is due, where the supplier is
# A mark that had passed when it was asked is not told.
DUE = text(
    """
    SELECT c.supplier_id, c.id, c.due_on, mark.days
      FROM portal.clarification c
      JOIN portal.organization o ON o.id = c.supplier_id AND o.status = 'active' AND portal.is_letter_hour(o.time_zone)
      JOIN portal.submission b ON b.supplier_id = c.supplier_id AND b.id = c.submission_id AND b.state <> 'withdrawn'
     CROSS JOIN LATERAL (SELECT portal.tell_local_time(o.time_zone, portal.clock())::date AS day,
                                portal.tell_local_time(o.time_zone, c.asked_at)::date AS asked) own
     CROSS JOIN LATERAL (SELECT min(m) AS days FROM unnest(CAST(:marks AS integer[])) AS m
                          WHERE c.due_on - own.day <= m) mark
     WHERE c.state = 'open' AND c.due_on >= own.day AND own.asked < c.due_on - mark.days
    """
)
# The id is made of what is told: so a mark is told once, as long as it is the one.
TELL = text(
    """
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT x.id, x.topic, x.ids FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS x (id uuid, topic text, ids jsonb)
    ON CONFLICT (id) DO NOTHING
    """
)


async def remind_of_clarifications(workplace: Workplace) -> None:
    """Ask for a letter about each reply that comes due; what was told already is not told again."""
    async with workplace.database.transaction() as (session, _):
        found = (await session.execute(DUE, {"marks": MARKS})).all()
        parts = [{"supplier": row.supplier_id, "clarification": row.id, "to": row.supplier_id} for row in found]
        events = outbox.make_rows("clarification.due", parts)
        for event, row in zip(events, found, strict=True):
            event["id"] = str(_name(row.id, f"{row.due_on} {row.days}"))
        if events:
            await session.execute(TELL, {"events": orjson.dumps(events).decode()})


def _name(clarification: UUID, mark: str) -> UUID:
    return uuid5(clarification, mark)
