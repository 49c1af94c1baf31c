"""Digests for buyers: one letter a day at most with what is new, each thing in one of them only."""

import asyncpg

from portal.delivery import queue
from portal.delivery.reminders import FIRST_HOUR, LAST_HOUR

# One statement, so that letters and what they are about are there together or not at all. A digest's id is made of the
# buyer and its day, a letter's of the digest and the person. The worst times of the planner are those without any news:
# partial indexes hold what is new alone.
PLAN = """
WITH news AS (
    SELECT c.buyer_id FROM portal.supplier_contact c WHERE c.bounced_at IS NOT NULL AND c.digest_id IS NULL
    UNION
    SELECT f.buyer_id FROM portal.result_feedback f
     WHERE f.given_at IS NULL AND f.digest_id IS NULL AND f.due_at <= portal.clock()
    UNION
    SELECT w.buyer_id FROM portal.buyer_news w WHERE w.digest_id IS NULL
), due AS (
    SELECT n.buyer_id, named.digest_id
      FROM news n
      JOIN portal.organization o ON o.id = n.buyer_id AND o.status = 'active'
     CROSS JOIN LATERAL (SELECT portal.tell_local_time(o.time_zone, portal.clock()) AS moment) here
     CROSS JOIN LATERAL (
           SELECT md5('digest' || n.buyer_id::text || here.moment::date::text)::uuid AS digest_id) named
     WHERE extract(hour FROM here.moment) BETWEEN $1 AND $2
       AND NOT EXISTS (SELECT FROM portal.supplier_contact c WHERE c.digest_id = named.digest_id)
       AND NOT EXISTS (SELECT FROM portal.result_feedback f WHERE f.digest_id = named.digest_id)
       AND NOT EXISTS (SELECT FROM portal.buyer_news w WHERE w.digest_id = named.digest_id)
), letters AS (
    SELECT d.buyer_id, d.digest_id, u.id AS user_id, md5(d.digest_id::text || u.id::text)::uuid AS mail_id
      FROM due d
      JOIN portal.member m ON m.organization_id = d.buyer_id AND m.role IN ('owner', 'editor')
      JOIN portal.user_account u ON u.id = m.user_id AND u.wants_request_letters
), contacts AS (
    UPDATE portal.supplier_contact c SET digest_id = l.digest_id
      FROM (SELECT DISTINCT buyer_id, digest_id FROM letters) l
     WHERE c.buyer_id = l.buyer_id AND c.bounced_at IS NOT NULL AND c.digest_id IS NULL
), results AS (
    UPDATE portal.result_feedback f SET digest_id = l.digest_id
      FROM (SELECT DISTINCT buyer_id, digest_id FROM letters) l
     WHERE f.buyer_id = l.buyer_id AND f.given_at IS NULL AND f.digest_id IS NULL AND f.due_at <= portal.clock()
), told AS (
    UPDATE portal.buyer_news w SET digest_id = l.digest_id
      FROM (SELECT DISTINCT buyer_id, digest_id FROM letters) l
     WHERE w.buyer_id = l.buyer_id AND w.digest_id IS NULL
)
INSERT INTO portal.mail (id, kind, ids)
SELECT l.mail_id, 'buyer_digest', jsonb_build_object('buyer', l.buyer_id, 'digest', l.digest_id, 'user', l.user_id)
  FROM letters l
ON CONFLICT (id) DO NOTHING
RETURNING id
"""

# A request is news once its day is over where its supplier is, and not when that was more than a week ago.
NOTE_OVERDUE = """
WITH late AS MATERIALIZED (
    SELECT r.buyer_id, r.id, r.due_on, r.supplier_id
      FROM portal.request r
     WHERE r.state IN ('open', 'accepted')
       AND r.due_on <= timezone('UTC', portal.clock())::date
       AND r.due_on >= timezone('UTC', portal.clock())::date - $1::integer
       AND NOT EXISTS (SELECT FROM portal.buyer_news w
                        WHERE w.buyer_id = r.buyer_id AND w.kind = 'overdue' AND w.thing_id = r.id AND w.day = r.due_on)
)
INSERT INTO portal.buyer_news (buyer_id, kind, thing_id, day)
SELECT l.buyer_id, 'overdue', l.id, l.due_on
  FROM late l LEFT JOIN portal.organization o ON o.id = l.supplier_id
 WHERE l.due_on < portal.tell_local_time(coalesce(o.time_zone, 'UTC'), portal.clock())::date
ON CONFLICT DO NOTHING
"""
OVERDUE_DAYS = 8


async def plan_digests(connection: asyncpg.Connection) -> int:
    """Write the digests that are due now and ask for their sending; how many. Another run finds them there."""
    async with connection.transaction():
        await connection.execute(NOTE_OVERDUE, OVERDUE_DAYS)
        rows = await connection.fetch(PLAN, FIRST_HOUR, LAST_HOUR)
        await queue.enqueue(connection, [("send_mail", {"mail": str(row["id"])}) for row in rows])
    return len(rows)
