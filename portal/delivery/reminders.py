"""Reminders of requests: one letter a day for a person at most, with everything that is due for one."""

from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.delivery import letter_answers, queue, titles
from portal.delivery.letter_answers import Reader
from portal.delivery.letters import Draft, Link, Occasion, Phrase
from portal.delivery.request_letters import say_subject
from portal.delivery.titles import Titles

# Not while people sleep: hours of the day where the supplier is.
FIRST_HOUR, LAST_HOUR = 9, 16
# A worker that was away makes good for days that it missed, and not for a whole autumn.
CATCH_UP_DAYS = 7

# A request that is answered as deeply as it asks (submitted, only not shared yet) is no longer nagged about.
WAITS = """
    r.state IN ('open', 'accepted') AND NOT portal.is_answered(r.supplier_id, r.assessment_id, r.minimum_tier)
"""
# One statement, so that letters and what they are about are there together or not at all. A letter's id is made of the
# person and the person's day. Looked at is only what the plan has for today; what is done moves on to its next day.
PLAN = f"""
WITH planned AS MATERIALIZED (
    SELECT p.buyer_id, p.request_id, p.remind_on, o.time_zone, o.status = 'active' AS is_active
      FROM portal.reminder_plan p
      JOIN portal.organization o ON o.id = p.supplier_id
     WHERE p.remind_on <= timezone('UTC', portal.clock())::date + 1
), named AS MATERIALIZED (
    SELECT DISTINCT n.time_zone FROM planned n
), known AS MATERIALIZED (
    SELECT n.time_zone, portal.find_time_zone(n.time_zone) AS known FROM named n
), zones AS MATERIALIZED (
    SELECT z.time_zone, z.known, timezone(z.known, portal.clock()) AS moment
      FROM known z
     WHERE extract(hour FROM timezone(z.known, portal.clock())) BETWEEN $1 AND $2
), looked AS MATERIALIZED (
    SELECT r.buyer_id, r.id, r.supplier_id, r.assessment_id, r.minimum_tier, r.state, r.due_on, r.reminder_days,
           n.is_active, passed.since,
           passed.since > z.moment::date - $3::integer
           AND passed.since > timezone(z.known, coalesce(r.told_at, r.created_at))::date AS is_new
      FROM planned n
      JOIN zones z ON z.time_zone = n.time_zone AND n.remind_on <= z.moment::date
      JOIN portal.request r ON r.buyer_id = n.buyer_id AND r.id = n.request_id
     CROSS JOIN LATERAL (SELECT max(r.due_on - days) AS since FROM unnest(r.reminder_days) AS days
                          WHERE r.due_on - days <= z.moment::date) passed
     WHERE passed.since IS NOT NULL
), due AS MATERIALIZED (
    SELECT r.buyer_id, r.id, r.supplier_id, r.since
      FROM looked r
      JOIN portal.organization b ON b.id = r.buyer_id AND b.status = 'active'
     WHERE r.is_new AND r.is_active AND {WAITS}
), told AS MATERIALIZED (
    SELECT due.buyer_id, due.id, due.since, u.id AS user_id,
           md5('reminder' || u.id::text || portal.tell_local_time(u.time_zone, portal.clock())::date::text)::uuid
               AS mail_id
      FROM due
      JOIN portal.member m ON m.organization_id = due.supplier_id AND m.role IN ('owner', 'editor')
      JOIN portal.user_account u ON u.id = m.user_id AND u.wants_request_letters
     WHERE NOT EXISTS (SELECT FROM portal.reminder x
                        WHERE x.buyer_id = due.buyer_id AND x.request_id = due.id AND x.user_id = u.id
                          AND x.due_since >= due.since)
       AND NOT EXISTS (SELECT FROM portal.wrong_contact w
                        WHERE w.buyer_id = due.buyer_id AND w.request_id = due.id AND w.user_id = u.id)
), free AS MATERIALIZED (
    SELECT t.* FROM told t
     WHERE NOT EXISTS (SELECT FROM portal.mail l WHERE l.id = t.mail_id)
       AND NOT EXISTS (SELECT FROM portal.mail l
                        WHERE l.kind LIKE 'request%' AND l.ids ->> 'user' = t.user_id::text
                          AND l.created_at > portal.clock() - interval '1 day')
), kept AS (
    INSERT INTO portal.reminder (buyer_id, request_id, user_id, due_since, mail_id)
    SELECT f.buyer_id, f.id, f.user_id, f.since, f.mail_id FROM free f
), waiting AS (
    SELECT t.buyer_id, t.id, t.user_id FROM told t EXCEPT SELECT f.buyer_id, f.id, f.user_id FROM free f
), done AS MATERIALIZED (
    SELECT l.buyer_id, l.id,
           (SELECT min(l.due_on - days) FROM unnest(l.reminder_days) AS days WHERE l.due_on - days > l.since) AS day
      FROM looked l
     WHERE l.is_new IS NOT TRUE
        OR (EXISTS (SELECT FROM due d WHERE d.buyer_id = l.buyer_id AND d.id = l.id)
            AND NOT EXISTS (SELECT FROM waiting w WHERE w.buyer_id = l.buyer_id AND w.id = l.id))
), moved AS (
    UPDATE portal.reminder_plan p SET remind_on = d.day
      FROM done d WHERE p.buyer_id = d.buyer_id AND p.request_id = d.id AND d.day IS NOT NULL
), ended AS (
    DELETE FROM portal.reminder_plan p
     USING done d WHERE p.buyer_id = d.buyer_id AND p.request_id = d.id AND d.day IS NULL
)
INSERT INTO portal.mail (id, kind, ids)
SELECT DISTINCT f.mail_id, 'reminder', jsonb_build_object('user', f.user_id, 'letter', f.mail_id) FROM free f
RETURNING id
"""  # noqa: S608  # our own words
READ = text(
    f"""
    SELECT b.name AS buyer, o.name AS organization, q.title AS questionnaire, q.key AS questionnaire_key,
           r.minimum_tier AS tier, r.due_on, r.subject, r.subject_name, r.period_start, r.period_end, r.buyer_id, r.id,
           r.due_on < portal.tell_local_time(o.time_zone, portal.clock())::date AS is_late, u.name, u.email, u.locale
      FROM portal.reminder x
      JOIN portal.request r ON r.buyer_id = x.buyer_id AND r.id = x.request_id
      JOIN portal.organization b ON b.id = r.buyer_id
      JOIN portal.organization o ON o.id = r.supplier_id
      JOIN portal.questionnaire q ON q.key = r.questionnaire
      JOIN portal.member m ON m.organization_id = o.id AND m.role IN ('owner', 'editor') AND m.user_id = x.user_id
      JOIN portal.user_account u ON u.id = x.user_id AND u.wants_request_letters
     WHERE x.mail_id = :letter AND x.user_id = :user AND {WAITS}
       AND NOT EXISTS (SELECT FROM portal.wrong_contact w
                        WHERE w.buyer_id = r.buyer_id AND w.request_id = r.id AND w.user_id = x.user_id)
     ORDER BY r.due_on, b.name, o.name, q.title, r.id
    """  # noqa: S608  # our own words
)


async def plan_reminders(connection: asyncpg.Connection) -> int:
    """Write the letters that are due now and ask for their sending; how many. Another run finds them there."""
    async with connection.transaction():
        rows = await connection.fetch(PLAN, FIRST_HOUR, LAST_HOUR, CATCH_UP_DAYS)
        await queue.enqueue(connection, [("send_mail", {"mail": str(row["id"])}) for row in rows])
    return len(rows)


async def draft_reminder(session: AsyncSession, occasion: Occasion) -> Draft | None:
    """To one owner or editor, with those of its requests that wait still; none where nothing does any more."""
    found = (
        await session.execute(READ, {"letter": UUID(occasion.ids["letter"]), "user": UUID(occasion.ids["user"])})
    ).all()
    if not found:
        return None
    person = UUID(occasion.ids["user"])
    told = await titles.load_all(session, found[0].locale, found)
    lines: list[tuple[str, ...]] = []
    for row in found:
        reader = Reader(buyer=row.buyer_id, request=row.id, person=person)
        lines.append(_say_request(row, told[row.questionnaire_key]))
        lines.append((Link(letter_answers.make_link(occasion.public_url, occasion.secret_key, reader)),))
    first = found[0]
    parts = {"name": first.name, "requests": tuple(lines), "link": occasion.entry}
    return Draft("reminder", first.email, (first.locale,), parts, reader=person)


def _say_request(row: Any, told: Titles) -> tuple[str, ...]:
    return (
        row.due_on.isoformat(),
        *((Phrase("overdue"),) if row.is_late else ()),
        *(row.buyer, row.organization, told.questionnaire, told.find_tier(row.tier)),
        say_subject(row.subject, row.subject_name),
        f"{row.period_start.isoformat()} – {row.period_end.isoformat()}",
    )
