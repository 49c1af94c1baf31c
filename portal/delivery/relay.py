"""The outbox relay: passes committed events on as notifications and jobs, once each, in the order of their time."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

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
    "request.extended": "request",
    "request.withdrawn": "request",
    "request.changed": "request",
}
# Which job an event asks for; the event's parts are the job's payload.
JOBS = {
    "assessment.submitted": "refresh_cards_of_supplier",
    "submission.withdrawn": "refresh_cards_of_supplier",
    "share.changed": "refresh_cards_of_pair",
    "request.asked": "refresh_card",
    "request.extended": "refresh_card",
    "request.withdrawn": "refresh_card",
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
}
# Which letter goes to every owner and editor of the supplier that a request reaches.
LETTERS_TO_SUPPLIER = {
    "request.asked": "request",
    "request.extended": "request_extended",
    "request.withdrawn": "request_withdrawn",
}
# Which letter every operator gets; its id is made of the event's and the operator's, for the same reason.
LETTERS_TO_OPERATORS = {"role.applied": "role_applied"}

TAKE = """
SELECT id, topic, ids FROM portal.outbox WHERE relayed_at IS NULL
 ORDER BY created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
OPERATORS = "SELECT id FROM portal.user_account WHERE is_operator ORDER BY id"
MARK = "UPDATE portal.outbox SET relayed_at = portal.clock() WHERE id = ANY($1::uuid[])"
NOTIFY = "SELECT pg_notify($1, notice) FROM unnest($2::text[]) AS notice"
WRITE_MAIL = """
INSERT INTO portal.mail (id, kind, ids)
SELECT m.id, m.kind, m.ids::jsonb FROM unnest($1::uuid[], $2::text[], $3::text[]) AS m (id, kind, ids)
ON CONFLICT (id) DO NOTHING
"""
# One letter for each person, its id made of the event's and the person's: an event relayed again finds it there.
WRITE_MAIL_TO_SUPPLIER = """
INSERT INTO portal.mail (id, kind, ids)
SELECT md5(e.id::text || p.user_id::text)::uuid, e.kind, e.ids::jsonb || jsonb_build_object('user', p.user_id)
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS e (id, kind, ids)
  JOIN portal.request r
    ON r.buyer_id = (e.ids::jsonb ->> 'buyer')::uuid AND r.id = (e.ids::jsonb ->> 'request')::uuid
  JOIN portal.member p ON p.organization_id = r.supplier_id AND p.role IN ('owner', 'editor')
ON CONFLICT (id) DO NOTHING
RETURNING id
"""


@dataclass
class Plan:
    """What one batch of events asks for."""

    notices: list[str] = field(default_factory=list)
    jobs: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    letters: list[tuple[UUID, str, str]] = field(default_factory=list)
    letters_to_supplier: list[tuple[UUID, str, str]] = field(default_factory=list)

    def add_letter(self, id: UUID, kind: str, parts: Mapping[str, Any]) -> None:
        """Ask for a letter and for the job that sends it."""
        self.letters.append((id, kind, orjson.dumps(dict(parts)).decode()))
        self.jobs.append(("send_mail", {"mail": str(id)}))


def plan_batch(events: Iterable[tuple[UUID, str, Mapping[str, Any]]], operators: Sequence[UUID] = ()) -> Plan:
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
            plan.add_letter(id_, LETTERS[topic], parts)
        if topic in LETTERS_TO_OPERATORS:
            for operator in operators:
                to = {**parts, "operator": str(operator)}
                plan.add_letter(uuid5(id_, operator.hex), LETTERS_TO_OPERATORS[topic], to)
        if topic in LETTERS_TO_SUPPLIER:
            plan.letters_to_supplier.append((id_, LETTERS_TO_SUPPLIER[topic], orjson.dumps(dict(parts)).decode()))
    return plan


async def relay_batch(connection: asyncpg.Connection) -> int:
    """Pass on up to BATCH events in one transaction with their marks; returns how many there were."""
    async with connection.transaction():
        rows = await connection.fetch(TAKE, BATCH)
        if not rows:
            return 0
        events = [(row["id"], row["topic"], orjson.loads(row["ids"])) for row in rows]
        operators = await list_operators(connection, {topic for _, topic, _ in events})
        plan = plan_batch(events, operators)
        if plan.letters:
            await connection.execute(WRITE_MAIL, *map(list, zip(*plan.letters, strict=True)))
        if plan.letters_to_supplier:
            columns = map(list, zip(*plan.letters_to_supplier, strict=True))
            written = await connection.fetch(WRITE_MAIL_TO_SUPPLIER, *columns)
            plan.jobs += [("send_mail", {"mail": str(row["id"])}) for row in written]
        await queue.enqueue(connection, plan.jobs)
        if plan.notices:
            await connection.execute(NOTIFY, CHANNEL, plan.notices)
        await connection.execute(MARK, [row["id"] for row in rows])
        return len(rows)


async def list_operators(connection: asyncpg.Connection, topics: Set[str]) -> list[UUID]:
    """Those whom events of these topics are told to; nobody where they are told to others."""
    if topics.isdisjoint(LETTERS_TO_OPERATORS):
        return []
    return [row["id"] for row in await connection.fetch(OPERATORS)]
