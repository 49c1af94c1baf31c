"""Whether somebody works: the worker that leads, what waits for it, what failed, and the sealed trail."""

from datetime import UTC, datetime, timedelta

from obstore.store import ObjectStore

from portal import storage
from portal.commands.doctoring.databases import connect
from portal.commands.doctoring.findings import Finding, fail, ok, warn
from portal.delivery.worker import LEADER_LOCK
from portal.errors import SetupError
from portal.http.health import LATE_SECONDS
from portal.settings import Settings
from portal.trail import heads, verifying

VERIFIED_DAYS = 30
LEADS = """
SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
                WHERE l.locktype = 'advisory' AND l.granted
                  AND (l.classid::bigint << 32) + l.objid::bigint = $1)
"""
LAGS = "SELECT outbox_seconds, queue_seconds FROM portal.read_job_lags()"
FAILED = """
SELECT (SELECT count(*) FROM portal.mail WHERE state = 'failed') AS letters,
       (SELECT count(*) FROM queue.pgqueuer WHERE status = 'failed') AS jobs,
       (SELECT count(*) FROM portal.webhook_endpoint WHERE state = 'disabled') AS endpoints,
       (SELECT count(*) FROM portal.webhook_endpoint WHERE state = 'active' AND failing_since IS NOT NULL) AS failing,
       (SELECT min(failing_since) FROM portal.webhook_endpoint WHERE state = 'active') AS since
"""
UNSEALED = """
SELECT coalesce(extract(epoch FROM portal.clock() - min(at)), 0)::integer FROM portal.audit_event WHERE block_n IS NULL
"""
UNNOTED = """
SELECT coalesce(extract(epoch FROM portal.clock() - min(at)), 0)::integer FROM portal.erasure WHERE noted_at IS NULL
"""
SEALED = "SELECT count(*) FROM portal.audit_block"


async def check_worker(settings: Settings) -> list[Finding]:
    """Whether a worker leads, which holds a lock as long as it lives, and keeps up."""
    if settings.database_url is None:
        return []
    async with connect(settings.database_url) as connection:
        leads = await connection.fetchval(LEADS, LEADER_LOCK)
        ((outbox, queue),) = await connection.fetch(LAGS)
    if not leads:
        advice = "Start `portal worker`, or `portal serve` with PORTAL_WORKER_IN_SERVER=true."
        return [fail("worker", "No worker runs: no letter is sent and no document looked at.", advice)]
    if max(outbox, queue) > LATE_SECONDS:
        advice = "See the worker's log; start further workers where it is busy."
        message = f"A worker runs and is late: {outbox} seconds with events, {queue} with jobs."
        return [fail("worker", message, advice)]
    return [ok("worker", f"A worker leads, {max(outbox, queue)} seconds behind.")]


async def check_failures(settings: Settings) -> list[Finding]:
    """Letters and jobs that wait for the operator."""
    if settings.worker_database_url is None:
        return []
    async with connect(settings.worker_database_url) as connection:
        ((letters, jobs, endpoints, failing, since),) = await connection.fetch(FAILED)
    found = []
    if letters or jobs:
        advice = "`portal operator mail` and `portal operator jobs` say why; `portal operator retry` tries them again."
        found.append(warn("failures", f"{letters} letters and {jobs} jobs have failed.", advice))
    if endpoints:
        advice = "Tell their owners: `webhookEndpoints` says why."
        found.append(warn("webhooks", f"{endpoints} webhook endpoints were disabled.", advice))
    if failing:
        advice = "Each message is tried for three days; tell their owners: `webhookEndpoints` says what came back."
        message = f"{failing} webhook endpoints take no message, the first since {since:%Y-%m-%d %H:%M} UTC."
        found.append(warn("webhooks.failing", message, advice))
    return found or [ok("failures", "No letter, job or endpoint has failed.")]


async def check_trail(settings: Settings) -> list[Finding]:
    """Whether the trail is sealed as it grows, and was compared lately."""
    if settings.worker_database_url is None:
        return []
    async with connect(settings.worker_database_url) as connection:
        seconds, blocks = await connection.fetchval(UNSEALED), await connection.fetchval(SEALED)
        unnoted = await connection.fetchval(UNNOTED)
    found = []
    if unnoted > LATE_SECONDS:
        advice = "A backup that is restored would bring it back. The worker that leads notes it; its log says why not."
        found.append(
            fail("trail.erasures", f"An erasure or a closing waits for {unnoted} seconds to be noted.", advice)
        )
    if seconds > LATE_SECONDS:
        advice = "The worker that leads seals; its log says why it does not. It needs PORTAL_SIGNING_KEY and storage."
        found.append(fail("trail.sealed", f"An event of the audit trail waits for {seconds} seconds.", advice))
    else:
        found.append(ok("trail.sealed", f"The trail is sealed in {blocks} blocks."))
    if not blocks:
        return [*found, ok("trail.verified", "Nothing is sealed yet.")]
    try:
        store = storage.open_storage(settings.storage_url, makes=False)
    except SetupError:
        return found  # which the look at the storage has told
    return [*found, *await _check_heads(store), await _check_verified(store)]


async def _check_heads(store: ObjectStore) -> list[Finding]:
    """Whether this is the storage that the trail was sealed to, and no empty one in its place."""
    if await heads.list_files(store):
        return []
    message = "The trail is sealed, and the storage has none of its heads: this is another storage, or an empty one."
    return [fail("storage.heads", message, "Is its volume mounted, and PORTAL_STORAGE_URL right?")]


async def _check_verified(store: ObjectStore) -> Finding:
    advice = "Run `portal audit verify` by the clock, once a week or so."
    noted = await verifying.read_note(store)
    if noted is None:
        return warn("trail.verified", "The trail was never compared with its seals.", advice)
    if noted.faults:
        advice = "Run it again, keep what it prints, and find out who changed the database or the heads."
        return fail("trail.verified", f"`portal audit verify` found {noted.faults} differences.", advice)
    if datetime.now(UTC) - noted.at > timedelta(days=VERIFIED_DAYS):
        return warn("trail.verified", f"The trail was last compared on {noted.at.date()}.", advice)
    return ok("trail.verified", f"The trail was as sealed on {noted.at.date()}.")
