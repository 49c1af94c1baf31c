"""The worker: runs jobs, and in the one process that leads also the relay and what is due by the clock."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any

import asyncpg
import structlog
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job

from portal import errors, metering, signing, tracing
from portal.assessments import cadence_work
from portal.database import faults, pool_use
from portal.delivery import (
    clarification_reminders,
    closings,
    digests,
    document_reminders,
    gap_reminders,
    idle_sessions,
    invitation_reminders,
    jobs,
    leftovers,
    queue,
    relay,
    releasing,
    reminders,
    result_reminders,
    watching,
)
from portal.delivery.notifications import plain_url
from portal.delivery.webhooks import dispatch
from portal.delivery.workplace import Workplace
from portal.trail import erasures, sealing

logger = structlog.get_logger(__name__)
LEADER_LOCK = 7_203_411_002
POLL_SECONDS = 0.2
SWEEP_SECONDS = 5.0
CLEAR_SECONDS = 300.0
REMIND_SECONDS = 60.0
SEAL_SECONDS = 0.5
NOTE_SECONDS = 2.0

Handler = Callable[[Workplace, dict[str, Any]], Awaitable[None]]


BY_CLOCK: tuple[tuple[str, Callable[[Workplace], Awaitable[object]]], ...] = (
    ("closings.failed", lambda place: closings.empty_closed(place)),
    ("sessions.failed", lambda place: idle_sessions.end_idle(place)),
    ("leftovers.failed", lambda place: leftovers.clear_leftovers(place)),
    ("reminders.failed", lambda place: document_reminders.remind_of_documents(place)),
    ("reminders.failed", lambda place: result_reminders.remind_of_results(place)),
    ("reminders.failed", lambda place: gap_reminders.remind_of_gaps(place)),
    ("reminders.failed", lambda place: clarification_reminders.remind_of_clarifications(place)),
    ("cadences.failed", lambda place: cadence_work.ask_due(place.database)),
    ("releases.failed", lambda place: releasing.plan_release(place)),
)
"""What the leader does every CLEAR_SECONDS, and what the log says where it fails; looked up anew at each round."""


async def run_worker(workplace: Workplace, url: str) -> None:
    """Work until cancelled: jobs always, relay and clock while this process leads; lost connections are reopened."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(repeat(lambda: _run_queue(workplace, url), 1.0, "worker.lost", faults.DRIVER))
        tasks.create_task(repeat(lambda: _lead(workplace, url), 1.0, "worker.lost", faults.DRIVER))
        tasks.create_task(repeat(lambda: dispatch.run_dispatch(workplace), 1.0, "webhooks.lost"))
        tasks.create_task(repeat(lambda: watching.look(workplace), watching.WATCH_SECONDS, "watch.failed"))
        tasks.create_task(pool_use.keep_telling(workplace.database, "worker"))
        tasks.create_task(_end_with_worker(workplace))


async def _end_with_worker(workplace: Workplace) -> None:
    """Cancel what runs apart when the worker ends: the queue would wait for it, and it is asked for again."""
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        for task in tuple(workplace.running):
            task.cancel()


async def repeat(
    work: Callable[[], Awaitable[object]],
    pause: float,
    failed: str,
    failures: tuple[type[Exception], ...] = (Exception,),
) -> None:
    """Do the work again and again until cancelled, with a pause in seconds between; failures go to the log."""
    while True:
        try:
            await work()
        except failures as error:
            metering.CLOCK_FAILURES.labels(failed.partition(".")[0]).inc()
            logger.warning(failed, reason=type(error).__name__)
        # Closing lost connections may fail, too, and that failure takes the place of a cancellation.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        await asyncio.sleep(pause)


async def _lead(workplace: Workplace, url: str) -> None:
    """Wait to be the leader; the lock goes with the connection, so a process that dies hands over at once."""
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK):  # noqa: ASYNC110
            await asyncio.sleep(1.0)
        logger.info("worker.leads")
        # Beside the relay, not in it: letters and events wait neither for a look at all open requests nor for a
        # storage that is slow or away.
        beside = [asyncio.create_task(repeat(lambda: _remind(url), REMIND_SECONDS, "reminders.failed"))]
        beside.append(asyncio.create_task(repeat(lambda: _sweep(url), SWEEP_SECONDS, "sweep.failed")))
        beside.append(asyncio.create_task(_seal(workplace)))
        for failed, work in BY_CLOCK:
            beside.append(asyncio.create_task(repeat(partial(work, workplace), CLEAR_SECONDS, failed)))
        try:
            await _relay(connection)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
    finally:
        with contextlib.suppress(*faults.DRIVER):
            await connection.close(timeout=2)


async def _relay(connection: asyncpg.Connection) -> None:
    while True:
        moved = await relay.relay_batch(connection)
        if moved < relay.BATCH:
            await asyncio.sleep(POLL_SECONDS)


@contextlib.asynccontextmanager
async def _connect(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        yield connection
    finally:
        await connection.close(timeout=2)


async def _sweep(url: str) -> None:
    """Until it fails: on a connection of its own, so that what is due by the clock keeps no event waiting."""
    async with _connect(url) as connection:
        while True:
            await jobs.sweep(connection)
            await asyncio.sleep(SWEEP_SECONDS)


async def _remind(url: str) -> None:
    async with _connect(url) as connection:
        await reminders.plan_reminders(connection)
        await digests.plan_digests(connection)
        await invitation_reminders.plan_invitation_reminders(connection)


async def _seal(workplace: Workplace) -> None:
    """Seal the audit trail and note what was erased, again and again; nothing of it without keys to sign with."""
    keys = signing.open_keys(workplace.settings)
    if keys is None:
        logger.error("audit.no_keys")
        return
    sealer = sealing.Sealer(workplace.database, workplace.storage, keys)
    note = partial(erasures.note_due, workplace.database, workplace.storage, keys)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(repeat(sealer.seal_due, SEAL_SECONDS, "audit.seal_failed"))
        tasks.create_task(repeat(note, NOTE_SECONDS, "erasures.failed"))


async def _run_queue(workplace: Workplace, url: str) -> None:
    # No least number: the pool would open lost connections in its own time and log a traceback for each try.
    async with asyncpg.create_pool(plain_url(url), min_size=0, max_size=3, timeout=10) as pool:
        await pool.fetchval("SELECT 1")  # a database that is away is seen here, and not by one of the queue's own tasks
        worker = queue.open_queue(pool)
        for name, handler in jobs.HANDLERS.items():
            worker.entrypoint(name, on_failure="hold")(_retrying(workplace, name, handler))
        try:
            await worker.qm.run(dequeue_timeout=timedelta(seconds=5), batch_size=10)
        finally:
            worker.shutdown.set()


def name_failure(error: Exception) -> str:
    """What the operator is told of it: the kind, or the code of what was expected; never its text."""
    return error.code if isinstance(error, errors.PortalError) else type(error).__name__


def _retrying(workplace: Workplace, name: str, handler: Handler) -> Callable[[Job], Awaitable[None]]:
    """A job that fails is tried again after a while, longer each time, then held for the operator to see."""
    waits = jobs.WAITS.get(name, jobs.USUAL_WAITS)

    async def run_job(job: Job) -> None:
        started = perf_counter()
        try:
            with tracing.trace(f"job {name}", "CONSUMER", {"job.name": name, "job.tries": job.attempts + 1}) as span:
                structlog.contextvars.bind_contextvars(**tracing.read_id(span))
                await handler(workplace, jobs.read_payload(job.payload))
            metering.JOBS_RUN.labels(name, "done").inc()
        except Exception as error:
            metering.JOBS_RUN.labels(name, "again" if job.attempts < len(waits) else "failed").inc()
            logger.warning("job.failed", job=name, tries=job.attempts + 1, reason=name_failure(error))
            if job.attempts >= len(waits):
                raise
            wait = error.retry_after if isinstance(error, errors.Busy) else waits[job.attempts]
            raise RetryRequested(timedelta(seconds=wait), name_failure(error)) from error
        finally:
            structlog.contextvars.unbind_contextvars("trace_id")
            metering.JOB_SECONDS.labels(name).observe(perf_counter() - started)

    return run_job
