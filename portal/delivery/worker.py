"""The worker: runs jobs, and in the one process that leads also the relay and what is due by the clock."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job

from portal.delivery import jobs, leftovers, queue, relay
from portal.delivery.notifications import LOST, plain_url
from portal.delivery.workplace import Workplace

logger = structlog.get_logger(__name__)
LEADER_LOCK = 7_203_411_002
POLL_SECONDS = 0.2
SWEEP_SECONDS = 5.0
CLEAR_SECONDS = 300.0

Handler = Callable[[Workplace, dict[str, Any]], Awaitable[None]]


async def run_worker(workplace: Workplace, url: str) -> None:
    """Work until cancelled: jobs always, relay and clock while this process leads; lost connections are reopened."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_forever(lambda: _run_queue(workplace, url)))
        tasks.create_task(_forever(lambda: _lead(workplace, url)))


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except LOST as error:
            logger.warning("worker.lost", reason=type(error).__name__)
        # Closing lost connections may fail, too, and that failure takes the place of a cancellation.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        await asyncio.sleep(1.0)


async def _lead(workplace: Workplace, url: str) -> None:
    """Wait to be the leader; the lock goes with the connection, so a process that dies hands over at once."""
    connection = await asyncpg.connect(plain_url(url), timeout=10)
    try:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK):  # noqa: ASYNC110
            await asyncio.sleep(1.0)
        logger.info("worker.leads")
        clearing = asyncio.create_task(_clear(workplace))
        try:
            await _relay(connection)
        finally:
            clearing.cancel()
            await asyncio.wait([clearing])
    finally:
        with contextlib.suppress(*LOST):
            await connection.close(timeout=2)


async def _relay(connection: asyncpg.Connection) -> None:
    swept = 0.0
    while True:
        moved = await relay.relay_batch(connection)
        now = asyncio.get_running_loop().time()
        if now - swept >= SWEEP_SECONDS:
            swept = now
            await jobs.sweep(connection)
        if moved < relay.BATCH:
            await asyncio.sleep(POLL_SECONDS)


async def _clear(workplace: Workplace) -> None:
    """Beside the relay, not in it: letters and events do not wait for a storage that is slow or away."""
    while True:
        try:
            await leftovers.clear_leftovers(workplace)
        except Exception as error:
            logger.warning("leftovers.failed", reason=type(error).__name__)
        await asyncio.sleep(CLEAR_SECONDS)


async def _run_queue(workplace: Workplace, url: str) -> None:
    async with asyncpg.create_pool(plain_url(url), min_size=1, max_size=3, timeout=10) as pool:
        worker = queue.open_queue(pool)
        for name, handler in jobs.HANDLERS.items():
            worker.entrypoint(name, on_failure="hold")(_retrying(workplace, name, handler))
        try:
            await worker.qm.run(dequeue_timeout=timedelta(seconds=5), batch_size=10)
        finally:
            worker.shutdown.set()


def _retrying(workplace: Workplace, name: str, handler: Handler) -> Callable[[Job], Awaitable[None]]:
    """A job that fails is tried again after 1, 2, 4 ... 128 seconds, then held for the operator to see."""

    async def run_job(job: Job) -> None:
        try:
            await handler(workplace, jobs.read_payload(job.payload))
        except Exception as error:
            logger.warning("job.failed", job=name, tries=job.attempts + 1, reason=type(error).__name__)
            if job.attempts + 1 >= jobs.MAX_TRIES:
                raise
            raise RetryRequested(timedelta(seconds=2**job.attempts), type(error).__name__) from error

    return run_job
