"""Sending messages: claimed in one transaction, sent with none open, marked in another, again and again for three days.

A message goes out at least once: a worker that dies between the answer and the mark has it sent again after
LEASE_SECONDS, under the same `webhook-id`. Any number of workers send side by side; of one endpoint and of one
organization a few are in hand at a time, so that whoever is slow delays itself.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import text

from portal import errors, metering, sealing
from portal.delivery.webhooks import guard, posting, signature
from portal.delivery.workplace import Workplace

MINUTE, HOUR = 60, 3_600
# Seconds before each further try, together three days and a bit, each up to a tenth shorter or longer.
WAITS = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
JITTER = 0.1
LEASE_SECONDS = 60  # more than one try can take
GIVE_UP_DAYS = 3  # an endpoint that took nothing for as long is disabled once a message of it has failed for good
AT_ONCE = 32  # messages in hand of one worker
AT_ONCE_EACH, AT_ONCE_OF_ONE = 4, 12  # of them to one endpoint, and of one organization before it gets no more
POLL_SECONDS = 0.5
GONE = 410
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
SUBJECTS = ("shareId", "resultId", "requestId", "submissionId", "endpointId")

CLAIM = text(
    """
    WITH chosen AS (
        SELECT r.organization_id, r.id
          FROM (SELECT d.organization_id, d.id, d.next_attempt_at,
                       row_number() OVER (PARTITION BY d.organization_id ORDER BY d.next_attempt_at) AS place
                  FROM portal.webhook_endpoint e
                  JOIN portal.organization o ON o.id = e.organization_id AND o.status = 'active'
                 CROSS JOIN LATERAL (
                       SELECT w.organization_id, w.id, w.next_attempt_at FROM portal.webhook_delivery w
                        WHERE w.organization_id = e.organization_id AND w.endpoint_id = e.id AND w.state = 'waiting'
                          AND w.next_attempt_at <= portal.clock()
                        ORDER BY w.next_attempt_at LIMIT :each FOR UPDATE SKIP LOCKED) d
                 WHERE e.state = 'active' AND e.id <> ALL (CAST(:busy AS uuid[]))
                   AND e.organization_id <> ALL (CAST(:full AS uuid[]))) r
         WHERE r.place <= :of_one ORDER BY r.next_attempt_at LIMIT :most
    )
    UPDATE portal.webhook_delivery d
       SET attempts = d.attempts + 1, attempted_at = portal.clock(),
           next_attempt_at = portal.clock() + make_interval(secs => :lease)
      FROM chosen c JOIN portal.webhook_endpoint e ON e.organization_id = c.organization_id
     WHERE d.organization_id = c.organization_id AND d.id = c.id AND e.id = d.endpoint_id
    RETURNING d.organization_id, d.id, d.endpoint_id, d.message_id, d.type, d.data, d.happened_at, d.attempts, e.url,
              portal.clock() AS now,
              ARRAY (SELECT s.sealed FROM portal.webhook_secret s
                      WHERE s.organization_id = d.organization_id AND s.endpoint_id = d.endpoint_id
                        AND (s.valid_until IS NULL OR s.valid_until > portal.clock())
                      ORDER BY s.valid_until DESC NULLS FIRST) AS sealed,
              d.share_id IS NULL OR EXISTS (
                  SELECT FROM portal.share s WHERE s.supplier_id = d.share_supplier_id AND s.id = d.share_id
                     AND portal.share_is_live(s)) AS is_concerned
    """
)
# Nothing where it was claimed or replayed anew since, or its endpoint is gone.
MARK = text(
    """
    UPDATE portal.webhook_delivery
       SET state = :state, response_code = :code, failure = :failure,
           next_attempt_at = CASE WHEN :state = 'waiting' THEN portal.clock() + make_interval(secs => :wait) END
     WHERE organization_id = :organization AND id = :id AND attempts = :attempts AND state = 'waiting'
    """
)
NOTE_TAKEN = text(
    """
    UPDATE portal.webhook_endpoint SET failing_since = NULL
     WHERE organization_id = :organization AND id = :endpoint AND failing_since IS NOT NULL
    """
)
NOTE_FAILURE = text(
    """
    UPDATE portal.webhook_endpoint SET failing_since = portal.clock()
     WHERE organization_id = :organization AND id = :endpoint AND failing_since IS NULL
    """
)
DISABLE = text(
    """
    WITH disabled AS (
        UPDATE portal.webhook_endpoint SET state = 'disabled', disabled_reason = :reason, disabled_at = portal.clock()
         WHERE organization_id = :organization AND id = :endpoint AND state = 'active'
           AND (:reason = 'gone' OR failing_since <= portal.clock() - make_interval(days => :days))
        RETURNING organization_id, id)
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT gen_random_uuid(), 'webhook.disabled', jsonb_build_object('to', organization_id, 'endpoint', id)
      FROM disabled
    """
)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Claim:
    """A message that this try alone may send for a while."""

    organization_id: UUID
    id: UUID
    endpoint_id: UUID
    message_id: UUID
    type: str
    data: dict[str, str]
    happened_at: datetime
    attempts: int
    url: str
    now: datetime
    sealed: Sequence[str]
    is_concerned: bool


@dataclass(frozen=True)
class Outcome:
    """What became of one try: the status of an answer, or how there was none."""

    code: int | None = None
    failure: str | None = None

    @property
    def is_taken(self) -> bool:
        return self.code is not None and 200 <= self.code < 300


@dataclass
class Hands:
    """The messages that one worker has in hand."""

    tasks: dict["asyncio.Task[None]", Claim] = field(default_factory=dict)

    @property
    def busy(self) -> list[UUID]:
        """The endpoints that get no more before these are done."""
        return sorted({claim.endpoint_id for claim in self.tasks.values()})

    @property
    def full(self) -> list[UUID]:
        """The organizations that get no more before some of theirs are done."""
        counted = Counter(claim.organization_id for claim in self.tasks.values())
        return sorted(one for one, count in counted.items() if count >= AT_ONCE_OF_ONE)


async def run_dispatch(workplace: Workplace) -> None:
    """Send what is due until cancelled; what is in hand then is tried again once its lease is over."""
    hands = Hands()
    try:
        while True:
            free = AT_ONCE - len(hands.tasks)
            claims = await claim_due(workplace, hands.busy, hands.full, free) if free else []
            for claim in claims:
                task = asyncio.create_task(_deliver(workplace, claim))
                hands.tasks[task] = claim
                task.add_done_callback(lambda done: hands.tasks.pop(done, None))
            if claims:
                continue
            if hands.tasks:  # whose endpoints are free again once they are done
                await asyncio.wait(hands.tasks, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(POLL_SECONDS)
    finally:
        for task in list(hands.tasks):
            task.cancel()
        await asyncio.gather(*hands.tasks, return_exceptions=True)


async def claim_due(
    workplace: Workplace, busy: Sequence[UUID] = (), full: Sequence[UUID] = (), most: int = AT_ONCE
) -> list[Claim]:
    """Take messages that are due, a few of each endpoint that is not busy and each organization that is not full."""
    given = {"busy": list(busy), "full": list(full), "most": most}
    given |= {"each": AT_ONCE_EACH, "of_one": AT_ONCE_OF_ONE, "lease": LEASE_SECONDS}
    async with workplace.database.transaction() as (session, _):
        return [Claim(**row._mapping) for row in await session.execute(CLAIM, given)]


async def _deliver(workplace: Workplace, claim: Claim) -> None:
    """One try, whatever comes of it: a fault of ours is one that is tried again."""
    try:
        await deliver(workplace, claim)
    except Exception as error:
        logger.warning("webhook.failed", delivery=str(claim.id), reason=type(error).__name__)


async def deliver(workplace: Workplace, claim: Claim) -> None:
    """Send one message and mark what became of it; one that concerns its organization no more is dropped."""
    if not claim.is_concerned:
        await workplace.keep([_mark(claim, "dropped", Outcome(failure="SHARE_ENDED"))])
        return
    await keep(workplace, claim, await _send(workplace, claim))


async def _send(workplace: Workplace, claim: Claim) -> Outcome:
    settings = workplace.settings
    try:
        sealer = sealing.open_sealer(settings)
        valid = [sealer.open(sealing.WEBHOOK, claim.endpoint_id, one).decode() for one in claim.sealed]
    except errors.SetupError:
        logger.error("webhook.unreadable_secret", endpoint=str(claim.endpoint_id))
        return Outcome(failure="SECRET")
    body = write_body(claim, settings.public_url)
    headers = {"content-type": CONTENT_TYPE}
    headers |= signature.write_headers(valid, name_message(claim.message_id), claim.now, body)
    try:
        return Outcome(code=await posting.post(claim.url, guard.read_policy(settings), headers, body))
    except posting.Failed as failed:
        return Outcome(failure=failed.code)


def name_message(message_id: UUID) -> str:
    """The `webhook-id` and the CloudEvents `id`: the same at each try, and for each endpoint of an organization."""
    return f"msg_{message_id.hex}"


def write_body(claim: Claim, source: str) -> bytes:
    """A CloudEvent in structured mode; its data are ids alone."""
    subject = next((claim.data[name] for name in SUBJECTS if name in claim.data), None)
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": name_message(claim.message_id),
        "source": source,
        "type": claim.type,
        "time": claim.happened_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        **({} if subject is None else {"subject": subject}),
        "data": claim.data,
    }
    return orjson.dumps(event)


async def keep(workplace: Workplace, claim: Claim, outcome: Outcome) -> None:
    """Mark a try; an endpoint that is gone, or has taken nothing for days, is disabled."""
    endpoint = {"organization": claim.organization_id, "endpoint": claim.endpoint_id}
    if outcome.is_taken:
        await workplace.keep([_mark(claim, "delivered", outcome), (NOTE_TAKEN, endpoint)])
        return
    is_last = claim.attempts > len(WAITS)
    steps = [_mark(claim, "failed" if is_last or outcome.code == GONE else "waiting", outcome)]
    steps.append((NOTE_FAILURE, endpoint))
    if is_last or outcome.code == GONE:
        reason = "gone" if outcome.code == GONE else "failing"
        steps.append((DISABLE, endpoint | {"reason": reason, "days": GIVE_UP_DAYS}))
    await workplace.keep(steps)


def _mark(claim: Claim, state: str, outcome: Outcome) -> tuple[Any, dict[str, Any]]:
    metering.WEBHOOKS_SENT.labels("again" if state == "waiting" else state).inc()
    wait = WAITS[min(claim.attempts, len(WAITS)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (no secret)
    return MARK, {
        "organization": claim.organization_id,
        "id": claim.id,
        "attempts": claim.attempts,
        "state": state,
        "code": outcome.code,
        "failure": outcome.failure if outcome.code is None else None if outcome.is_taken else "STATUS",
        "wait": wait,
    }
