"""The outbox relay: passes committed events on as notifications and jobs, once each, in the order of their time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from portal.delivery import queue
from portal.delivery.events import Event

CHANNEL = "portal_events"
BATCH = 200

# Which part of an event names the thing that a subscription follows: "<kind>:<id>".
FOLLOWED = {
    "assessment.changed": "assessment",
    "assessment.submitted": "assessment",
    "evidence.received": "evidence",
    "evidence.checked": "evidence",
    "supplier_list.received": "supplier_import",
    "session.ended": "session",
    "share.changed": "share",
    "request.asked": "request",
    "request.changed": "request",
}
# Which job an event asks for; the event's parts are the job's payload.
JOBS = {
    "assessment.submitted": "refresh_cards_of_supplier",
    "submission.withdrawn": "refresh_cards_of_supplier",
    "share.changed": "refresh_cards_of_pair",
    "request.asked": "refresh_card",
    "request.changed": "refresh_card",
    "record.changed": "refresh_card",
    "evidence.received": "check_evidence",
    "evidence.deleted": "remove_file",
}
# Which letter an event asks for; its id is the event's, so that an event relayed again writes no second one.
LETTERS = {
    "invitation.due": "invitation",
    "password_reset.due": "password_reset",
    "account_exists.due": "account_exists",
    "confirmation.due": "confirmation",
    "role.decided": "role_decided",
    "request.asked": "request",
}

TAKE = """
SELECT id, topic, ids FROM portal.outbox WHERE relayed_at IS NULL
 ORDER BY created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
MARK = "UPDATE portal.outbox SET relayed_at = portal.clock() WHERE id = ANY($1::uuid[])"
NOTIFY = "SELECT pg_notify($1, notice) FROM unnest($2::text[]) AS notice"
WRITE_MAIL = """
INSERT INTO portal.mail (id, kind, ids)
SELECT m.id, m.kind, m.ids::jsonb FROM unnest($1::uuid[], $2::text[], $3::text[]) AS m (id, kind, ids)
ON CONFLICT (id) DO NOTHING
"""


@dataclass
class Plan:
    """What one batch of events asks for."""

    notices: list[str] = field(default_factory=list)
    jobs: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    letters: list[tuple[UUID, str, str]] = field(default_factory=list)


def plan_batch(events: Iterable[tuple[UUID, str, Mapping[str, Any]]]) -> Plan:
    """Turn events into notifications, jobs and letters; equal jobs of one batch are asked for once."""
    plan = Plan()
    seen: set[bytes] = set()
    for id_, topic, parts in events:
        followed = FOLLOWED.get(topic)
        if followed is not None and parts.get(followed):
            thing = UUID(parts[followed])
            plan.notices.append(
                Event(f"{followed}:{thing}", topic, thing, int(parts.get("change_number") or 0)).encode()
            )
        if topic in JOBS:
            marker = orjson.dumps([JOBS[topic], dict(parts)], option=orjson.OPT_SORT_KEYS)
            if marker not in seen:
                seen.add(marker)
                plan.jobs.append((JOBS[topic], parts))
        if topic in LETTERS:
            plan.letters.append((id_, LETTERS[topic], orjson.dumps(dict(parts)).decode()))
            plan.jobs.append(("send_mail", {"mail": str(id_)}))
    return plan


async def relay_batch(connection: asyncpg.Connection) -> int:
    """Pass on up to BATCH events in one transaction with their marks; returns how many there were."""
    async with connection.transaction():
        rows = await connection.fetch(TAKE, BATCH)
        if not rows:
            return 0
        plan = plan_batch((row["id"], row["topic"], orjson.loads(row["ids"])) for row in rows)
        if plan.letters:
            await connection.execute(WRITE_MAIL, *map(list, zip(*plan.letters, strict=True)))
        await queue.enqueue(connection, plan.jobs)
        if plan.notices:
            await connection.execute(NOTIFY, CHANNEL, plan.notices)
        await connection.execute(MARK, [row["id"] for row in rows])
        return len(rows)
