"""What waits in the database, read every few seconds by each worker and told to whoever measures."""

from typing import Any

from sqlalchemy import text

from portal import metering
from portal.delivery import jobs
from portal.delivery.workplace import Workplace

WATCH_SECONDS = 10.0
# A job is queued, picked by a worker, or failed and held for the operator.
STATES = {"queued": "waiting", "picked": "running", "failed": "failed"}
# The library of the queue goes by the server's own clock.
JOBS = text(
    """
    SELECT entrypoint AS job, status::text AS state, count(*) AS number,
           coalesce(greatest(0, extract(epoch FROM now() - min(execute_after)))::integer, 0) AS seconds
      FROM queue.pgqueuer GROUP BY entrypoint, status
    """
)
AGE = "coalesce(greatest(0, extract(epoch FROM portal.clock() - min({})))::integer, 0)"
REST = text(
    f"""
    SELECT * FROM
      (SELECT count(*), {AGE.format("created_at")} FROM portal.outbox WHERE relayed_at IS NULL)
           AS outbox (outbox, outbox_seconds),
      (SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'failed')
         FROM portal.mail WHERE state IN ('waiting', 'failed')) AS mail (letters, failed_letters),
      (SELECT count(*), {AGE.format("next_attempt_at")} FROM portal.webhook_delivery WHERE state = 'waiting')
           AS webhooks (webhooks, webhook_seconds),
      (SELECT count(*), {AGE.format("at")} FROM portal.audit_event WHERE block_n IS NULL)
           AS trail (unsealed, unsealed_seconds),
      (SELECT count(*) FROM portal.evidence WHERE state = 'quarantined') AS evidence (quarantined),
      (SELECT extract(epoch FROM clock_timestamp())) AS clock (looked_at)
    """  # noqa: S608  # our own expressions
)


async def look(workplace: Workplace) -> None:
    """Read all of it and tell it."""
    async with workplace.database.transaction() as (session, _):
        found = (await session.execute(JOBS)).all()
        rest = (await session.execute(REST)).one()
    _tell_jobs({(row.job, row.state): row for row in found})
    metering.OUTBOX.set(rest.outbox)
    metering.OUTBOX_AGE.set(rest.outbox_seconds)
    metering.LETTERS.labels("waiting").set(rest.letters)
    metering.LETTERS.labels("failed").set(rest.failed_letters)
    metering.WEBHOOKS.set(rest.webhooks)
    metering.WEBHOOK_AGE.set(rest.webhook_seconds)
    metering.UNSEALED.set(rest.unsealed)
    metering.UNSEALED_AGE.set(rest.unsealed_seconds)
    metering.QUARANTINED.set(rest.quarantined)
    metering.LOOKED_AT.set(float(rest.looked_at))


def _tell_jobs(found: dict[tuple[str, str], Any]) -> None:
    """Every job of this code, also those of which there is none: a figure that is left out would stand as it was."""
    for job in jobs.HANDLERS:
        for state, name in STATES.items():
            row = found.get((job, state))
            metering.JOBS.labels(job, name).set(row.number if row else 0)
        waiting = found.get((job, "queued"))
        metering.JOB_AGE.labels(job).set(waiting.seconds if waiting else 0)
