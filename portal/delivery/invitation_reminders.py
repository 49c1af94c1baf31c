"""Reminders of invitations that nobody has taken up: two at most, each with the link of the first letter."""

import asyncpg

from portal.delivery import queue
from portal.delivery.reminders import FIRST_HOUR, LAST_HOUR

# The first comes some days after the invitation, as its row says from the beginning; the second so many before its end.
LAST_DAYS = 3
# One statement, so that a letter and what comes next are there together or not at all. The hours are the buyer's: where
# somebody is who has no account nobody knows. A letter is asked for only of an invitation that went out, to an address
# that takes letters, and whose buyer and supplier are as they were; whatever else is due is not looked at again.
PLAN = """
WITH due AS MATERIALIZED (
    SELECT i.id, i.remind_at, i.expires_at, i.organization_id, i.supplier_record_id, i.email,
           i.kind = 'supplier' AND i.email IS NOT NULL AND i.used_at IS NULL AND i.revoked_at IS NULL
           AND portal.clock() < i.expires_at AND o.status = 'active' AS waits
      FROM portal.invitation i
      JOIN portal.organization o ON o.id = i.organization_id
     WHERE i.remind_at <= portal.clock()
       AND (i.kind <> 'supplier' OR o.status <> 'active' OR i.expires_at <= portal.clock()
            OR extract(hour FROM portal.tell_local_time(o.time_zone, portal.clock())) BETWEEN $1 AND $2)
     ORDER BY i.remind_at LIMIT $4
       FOR UPDATE OF i SKIP LOCKED
), moved AS (
    UPDATE portal.invitation i
       SET remind_at = CASE WHEN d.waits AND portal.clock() < d.expires_at - make_interval(days => $3)
                            THEN d.expires_at - make_interval(days => $3) END
      FROM due d WHERE i.id = d.id
)
INSERT INTO portal.mail (id, kind, ids)
SELECT md5('invitation' || d.id::text || d.remind_at::text)::uuid, 'invitation_reminder',
       jsonb_build_object('invitation', d.id, 'letter', first.id)
  FROM due d
  JOIN portal.supplier_record r ON r.buyer_id = d.organization_id AND r.id = d.supplier_record_id
   AND r.supplier_id IS NULL AND r.archived_at IS NULL AND r.state = 'invited'
 CROSS JOIN LATERAL (
       SELECT m.id FROM portal.mail m
        WHERE m.kind = 'invitation' AND m.ids ->> 'invitation' = d.id::text AND m.state = 'sent'
        ORDER BY m.created_at LIMIT 1) first
 WHERE d.waits
   AND NOT EXISTS (SELECT FROM portal.supplier_contact c
                    WHERE c.buyer_id = d.organization_id AND c.supplier_record_id = d.supplier_record_id
                      AND c.email = d.email AND c.bounced_at IS NOT NULL)
ON CONFLICT (id) DO NOTHING
RETURNING id
"""
MOST_AT_ONCE = 500


async def plan_invitation_reminders(connection: asyncpg.Connection) -> int:
    """Write the letters that are due now and ask for their sending; how many. Another run finds nothing due."""
    async with connection.transaction():
        rows = await connection.fetch(PLAN, FIRST_HOUR, LAST_HOUR, LAST_DAYS, MOST_AT_ONCE)
        await queue.enqueue(connection, [("send_mail", {"mail": str(row["id"])}) for row in rows])
    return len(rows)
