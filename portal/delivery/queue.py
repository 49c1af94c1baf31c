"""The job queue: pgqueuer over our migrated tables; payloads are ids as JSON, never content."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import orjson
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import Driver

SETTINGS = DBSettings(db_schema="queue")


def open_queries(driver: Driver) -> Queries:
    """The queue's statements, bound to our schema and not to the environment's."""
    return Queries(
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
