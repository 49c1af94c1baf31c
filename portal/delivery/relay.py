"""The outbox relay: passes committed events on as notifications, jobs, letters and webhooks, once each, in order."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
import structlog

from portal.database import faults
from portal.delivery import queue
from portal.delivery.events import Event
from portal.delivery.webhooks import fanout
from portal.delivery.webhooks.concerns import Happening

CHANNEL = "portal_events"
JOB = "pass_on_event"
BATCH = 200
logger = structlog.get_logger(__name__)

# Which part of an event names the thing that a subscription follows: "<kind>:<id>".
FOLLOWED = {
    "assessment.changed": "assessment",
    "assessment.submitted": "assessment",
    "evidence.received": "evidence",
    "evidence.checked": "evidence",
    "evidence.changed": "evidence",
    "supplier_list.received": "supplier_import",
    "session.ended": "session",
    "share.changed": "share",
    "request.asked": "request",
    "request.renewed": "request",
    "request.added": "request",
    "request.reminded": "request",
    "request.extended": "request",
    "request.withdrawn": "request",
    "request.changed": "request",
}
# Whose supplier, who does not stand in the event, follows the change feed too.
OF_REQUESTS = frozenset(topic for topic, kind in FOLLOWED.items() if kind == "request")
# Which job an event asks for; the event's parts are the job's payload.
JOBS = {
    "assessment.submitted": "refresh_cards_of_supplier",
    "submission.withdrawn": "refresh_cards_of_supplier",
    "submission.rescored": "refresh_cards_of_supplier",
    "share.changed": "refresh_cards_of_pair",
    "request.asked": "refresh_card",
    "request.renewed": "refresh_card",
    "request.added": "refresh_card",
    "request.reminded": "refresh_card",
    "request.extended": "refresh_card",
    "request.withdrawn": "refresh_card",
    "request.changed": "refresh_card",
    "record.changed": "refresh_card",
    "campaign.created": "send_campaign",
    "campaign.changed": "change_campaign",
    "cadence.set": "plan_cadence",
    "evidence.received": "check_evidence",
    "evidence.checked": "make_preview",
    "evidence.deleted": "remove_file",
    "person.erased": "unlink_person",
}
# Which other job beside that.
MORE_JOBS = {"submission.rescored": "summarize_assurance", "statement.made": "summarize_assurance"}
# Which letter an event asks for; its id is the event's, so that an event relayed again writes no second one.
LETTERS = {
    "invitation.due": "invitation",
    "password_reset.due": "password_reset",
    "account_exists.due": "account_exists",
    "account.changed": "account_changed",
    "email_change.asked": "email_change",
    "confirmation.due": "confirmation",
    "person.erased": "account_erased",
    "role.decided": "role_decided",
    "questionnaire.decided": "questionnaire_decided",
    "translation.decided": "translation_decided",
    "section.assigned": "section_assigned",
    "sign_off.demanded": "sign_off_demanded",
    "access.answered": "access_answered",
    "gap.due": "gap_due",
}
# Which letter goes to every owner and editor of the supplier that the event names, or that its request reaches.
LETTERS_TO_SUPPLIER = {
    "band.changed": "band_changed",
    "request.asked": "request",
    "request.reminded": "request_reminded",
    "request.renewed": "request_renewed",
    "request.extended": "request_extended",
    "request.withdrawn": "request_withdrawn",
}
# What is told to the people of the organization that stands in the event as `to`, its reviewers among them.
REVIEW_TOPICS = (
    "engagement.proposed",
    "engagement.accepted",
    "engagement.consented",
    "engagement.ended",
    "clarification.asked",
    "clarification.replied",
    "clarification.withdrawn",
    "clarification.due",
    "statement.made",
    "dispute.opened",
    "dispute.decided",
    "dispute.withdrawn",
    "dispute.commented",
)
# Which letter goes to every owner and editor of a supplier about something of its own.
LETTERS_TO_MEMBERS = {
    "evidence.ending": "evidence_ending",
    "redaction.requested": "redaction_requested",
    "feedback.given": "feedback_given",
    **{topic: topic.replace(".", "_") for topic in REVIEW_TOPICS},
    "access.requested": "access_requested",
    "access.withdrawn": "access_withdrawn",
    "validity.ending": "validity_ending",
    "suggestion.accepted": "colleague_suggested",
    "standing_rule.used": "standing_rule_used",
    # Which only owners get.
    "webhook.disabled": "webhook_disabled",
    "glass.opened": "glass_opened",
    "glass.ended": "glass_ended",
    "organization.closed": "organization_closed",
}
# Which letter every operator gets; its id is made of the event's and the operator's, for the same reason.
LETTERS_TO_OPERATORS = {
    "role.applied": "role_applied",
    "questionnaire.asked": "questionnaire_asked",
    "translation.asked": "translation_asked",
    "profile.published": "profile_published",
}

TAKE = """
SELECT id, topic, ids, created_at FROM portal.outbox WHERE relayed_at IS NULL
 ORDER BY created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
SUPPLIERS = """
SELECT DISTINCT r.supplier_id FROM unnest($1::uuid[], $2::uuid[]) AS e (buyer, request)
  JOIN portal.request r ON r.buyer_id = e.buyer AND r.id = e.request
 WHERE r.supplier_id IS NOT NULL
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
  LEFT JOIN portal.request r
    ON r.buyer_id = (e.ids::jsonb ->> 'buyer')::uuid AND r.id = (e.ids::jsonb ->> 'request')::uuid
  JOIN portal.member p
    ON p.organization_id = coalesce(r.supplier_id, (e.ids::jsonb ->> 'supplier')::uuid)
   AND p.role IN ('owner', 'editor')
ON CONFLICT (id) DO NOTHING
RETURNING id
"""
WRITE_MAIL_TO_MEMBERS = """
INSERT INTO portal.mail (id, kind, ids)
SELECT md5(e.id::text || p.user_id::text)::uuid, e.kind, e.ids::jsonb || jsonb_build_object('user', p.user_id)
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS e (id, kind, ids)
  JOIN portal.member p
    ON p.organization_id = coalesce(e.ids::jsonb ->> 'to', e.ids::jsonb ->> 'supplier')::uuid
   AND (p.role IN ('owner', 'editor') OR (p.role = 'reviewer' AND e.ids::jsonb ? 'to'))
ON CONFLICT (id) DO NOTHING
RETURNING id
"""


@dataclass(frozen=True)
class Taken:
    """An event as the outbox has it; its ids as JSON."""

    id: UUID
    topic: str
    ids: str
    created_at: datetime


@dataclass
class Plan:
    """What one batch of events asks for."""

    notices: list[str] = field(default_factory=list)
    jobs: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    letters: list[tuple[UUID, str, str]] = field(default_factory=list)
    letters_to_supplier: list[tuple[UUID, str, str]] = field(default_factory=list)
    letters_to_members: list[tuple[UUID, str, str]] = field(default_factory=list)

    def add_letter(self, id: UUID, kind: str, parts: Mapping[str, Any]) -> None:
        """Ask for a letter and for the job that sends it."""
        self.letters.append((id, kind, orjson.dumps(dict(parts)).decode()))
        self.jobs.append(("send_mail", {"mail": str(id)}))


def plan_batch(
    events: Sequence[tuple[UUID, str, Mapping[str, Any]]],
    operators: Sequence[UUID] = (),
    suppliers: Iterable[UUID] = (),
) -> Plan:
    """Turn events into notifications, jobs and letters; equal jobs of one batch are asked for once.

    `suppliers` are those that requests of the batch reach; each supplier hears of a batch once that its feed has news.
    """
    plan = Plan()
    named = {UUID(parts["supplier"]) for _, _, parts in events if parts.get("supplier")}
    for supplier in sorted(named | set(suppliers)):
        plan.notices.append(Event(f"feed:{supplier}", "feed.changed", supplier).encode())
    seen: set[bytes] = set()
    for id_, topic, parts in events:
        followed = FOLLOWED.get(topic)
        if followed is not None and parts.get(followed):
            thing = UUID(parts[followed])
            plan.notices.append(
                Event(f"{followed}:{thing}", topic, thing, int(parts.get("change_number") or 0)).encode()
            )
        for job in [one[topic] for one in (JOBS, MORE_JOBS) if topic in one]:
            marker = orjson.dumps([job, dict(parts)], option=orjson.OPT_SORT_KEYS)
            if marker not in seen:
                seen.add(marker)
                plan.jobs.append((job, parts))
        if topic in LETTERS:
            plan.add_letter(id_, LETTERS[topic], parts)
        if topic in LETTERS_TO_OPERATORS:
            for operator in operators:
                to = {**parts, "operator": str(operator)}
                plan.add_letter(uuid5(id_, operator.hex), LETTERS_TO_OPERATORS[topic], to)
        if topic in LETTERS_TO_SUPPLIER:
            plan.letters_to_supplier.append((id_, LETTERS_TO_SUPPLIER[topic], orjson.dumps(dict(parts)).decode()))
        if topic in LETTERS_TO_MEMBERS:
            plan.letters_to_members.append((id_, LETTERS_TO_MEMBERS[topic], orjson.dumps(dict(parts)).decode()))
    return plan


async def relay_batch(connection: asyncpg.Connection) -> int:
    """Pass on up to BATCH events in one transaction with their marks; returns how many there were.

    Where that fails and the connection is sound, each is passed on by itself, so that one cannot hold up the others.
    """
    try:
        async with connection.transaction():
            rows = await connection.fetch(TAKE, BATCH)
            await pass_on(connection, [Taken(**row) for row in rows])
            await connection.execute(MARK, [row["id"] for row in rows])
            return len(rows)
    except Exception as error:
        if _passes(connection, error):
            raise
        logger.warning("relay.batch_failed", reason=type(error).__name__)
        return await _relay_each(connection)


def _passes(connection: asyncpg.Connection, error: Exception) -> bool:
    """Whether it is no fault of an event, which waits its turn then: a lock, a deadlock, a connection that is lost."""
    passing = faults.find_passing(error)
    return connection.is_closed() or (passing is not None and passing.code != "TOO_SLOW")


async def _relay_each(connection: asyncpg.Connection) -> int:
    count = 0
    while count < BATCH and await _relay_one(connection):
        count += 1
    return count


async def _relay_one(connection: asyncpg.Connection) -> bool:
    """One event; where it fails it becomes a job, which is tried again and at last held for the operator to see."""
    async with connection.transaction():
        rows = [Taken(**row) for row in await connection.fetch(TAKE, 1)]
        try:
            async with connection.transaction():  # what it wrote before it failed is undone
                await pass_on(connection, rows)
        except Exception as error:
            if _passes(connection, error):
                raise
            logger.warning("relay.event_failed", topic=rows[0].topic, reason=type(error).__name__)
            await queue.enqueue(connection, [(JOB, {"event": str(rows[0].id)})])
        await connection.execute(MARK, [row.id for row in rows])
        return bool(rows)


async def pass_on(connection: asyncpg.Connection, rows: Sequence[Taken]) -> None:
    """Write what these events ask for, in the connection's own transaction."""
    if not rows:
        return
    events = [(row.id, row.topic, orjson.loads(row.ids)) for row in rows]
    operators = await list_operators(connection, {topic for _, topic, _ in events})
    plan = plan_batch(events, operators, await list_suppliers(connection, events))
    if plan.letters:
        await connection.execute(WRITE_MAIL, *map(list, zip(*plan.letters, strict=True)))
    for statement, letters in (
        (WRITE_MAIL_TO_SUPPLIER, plan.letters_to_supplier),
        (WRITE_MAIL_TO_MEMBERS, plan.letters_to_members),
    ):
        if letters:
            written = await connection.fetch(statement, *map(list, zip(*letters, strict=True)))
            plan.jobs += [("send_mail", {"mail": str(row["id"])}) for row in written]
    await queue.enqueue(connection, plan.jobs)
    at = {row.id: row.created_at for row in rows}
    await fanout.write_deliveries(connection, [Happening(*event, at[event[0]]) for event in events])
    if plan.notices:
        await connection.execute(NOTIFY, CHANNEL, plan.notices)


async def list_suppliers(
    connection: asyncpg.Connection, events: Iterable[tuple[UUID, str, Mapping[str, Any]]]
) -> list[UUID]:
    """Those whom the requests of these events reach."""
    asked = [(parts["buyer"], parts["request"]) for _, topic, parts in events if topic in OF_REQUESTS]
    if not asked:
        return []
    return [row["supplier_id"] for row in await connection.fetch(SUPPLIERS, *map(list, zip(*asked, strict=True)))]


async def list_operators(connection: asyncpg.Connection, topics: Set[str]) -> list[UUID]:
    """Those whom events of these topics are told to; nobody where they are told to others."""
    if topics.isdisjoint(LETTERS_TO_OPERATORS):
        return []
    return [row["id"] for row in await connection.fetch(OPERATORS)]
