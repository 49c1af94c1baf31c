"""The job queue: pgqueuer over our migrated tables; payloads are ids as JSON, never content."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import structlog
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job, TracebackRecord
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import Driver

from portal.database import faults

logger = structlog.get_logger(__name__)
SETTINGS = DBSettings(db_schema="queue")


class PatientQueries(Queries):
    """The queue's statements, where a database that is away fails no job."""

    async def retry_job(self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None) -> None:
        """Put a job back for a later try; one that cannot be put back is taken again when its heartbeat is old.

        The library would hold it for the operator as one that failed for good.
        """
        try:
            await super().retry_job(job, delay, traceback_record)
        except faults.DRIVER as error:
            if isinstance(error, asyncpg.PostgresError) and faults.find_passing(error) is None:
                raise
            logger.warning("job.left", job=job.entrypoint, reason=type(error).__name__)


def open_queries(driver: Driver) -> Queries:
    """The queue's statements, bound to our schema and not to the environment's."""
    return PatientQueries(
        driver,
        qbe=qb.QueryBuilderEnvironment(settings=SETTINGS),
        qbq=qb.QueryQueueBuilder(settings=SETTINGS),
        qbs=qb.QuerySchedulerBuilder(settings=SETTINGS),
    )


def open_queue(pool: asyncpg.Pool) -> PgQueuer:
    """A worker's side of the queue."""
    driver = AsyncpgPoolDriver(pool)
    return PgQueuer(connection=driver, queries=open_queries(driver))


async def enqueue(connection: asyncpg.Connection, jobs: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Add jobs in the connection's own transaction, so that they exist if and only if it commits."""
    if not jobs:
        return
    await open_queries(AsyncpgDriver(connection)).enqueue(
        [name for name, _ in jobs], [write_payload(parts) for _, parts in jobs], [0] * len(jobs)
    )


def write_payload(parts: Mapping[str, Any]) -> bytes:
    """The ids that a job is asked with, as its row holds them."""
    return orjson.dumps(dict(parts))
