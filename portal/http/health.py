"""Health of one process: whether it lives, whether it can serve, and whether jobs keep up."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import obstore
import obstore.exceptions
import structlog
from obstore.store import ObjectStore
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal import storage
from portal.database import migrating
from portal.database.engine import Database

CHECK_SECONDS = 5.0
KEPT_SECONDS = 15.0
LATE_SECONDS = 60
PROBE = "health/probe"
LAGS = text("SELECT outbox_seconds, queue_seconds FROM portal.read_job_lags()")
NO_CONNECTION = "no connection"

Found = TypeVar("Found")
log = structlog.get_logger(__name__)


class Remembered(Generic[Found]):
    """What was found a moment ago, so that probes, however many there are, ask storage and queue once in a while."""

    def __init__(self, look: Callable[[], Awaitable[Found]]) -> None:
        self._look = look
        self._looking = asyncio.Lock()
        self._found: tuple[float, Found] | None = None

    async def read(self) -> Found:
        """What is known, looked up again where that is older than KEPT_SECONDS."""
        async with self._looking:
            if self._found is None or time.monotonic() - self._found[0] >= KEPT_SECONDS:
                found = await self._look()
                self._found = time.monotonic(), found
            return self._found[1]


async def answer_live(request: Request) -> Response:
    """200 as long as the process answers at all."""
    return JSONResponse({"status": "ok"})


def make_ready(database: Database, store: ObjectStore | None) -> Callable[[Request], Awaitable[Response]]:
    """The answer to whether this process can serve: 200, or 503 with what is missing, without details of the place.

    Jobs that are late are told and no reason for 503: the web can serve, and taking it away would help nobody.
    """
    wanted = migrating.head_revision()
    stored = Remembered(lambda: _check_storage(store))
    lags = Remembered(lambda: _read_lags(database))

    async def answer_ready(request: Request) -> Response:
        found, kept = await asyncio.gather(_check_database(database, wanted), stored.read())
        jobs = await lags.read() if found == "ok" else None
        fine = found == "ok" and kept in ("ok", "none")
        body = {"status": "ok" if fine else "unavailable", "database": found, "storage": kept, "jobs": jobs}
        return JSONResponse(body, 200 if fine else 503, {"Cache-Control": "no-store"})

    return answer_ready


async def _check_database(database: Database, wanted: str) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS), database.connection() as connection:
            revision = await migrating.current_revision(connection)
    except (OSError, SQLAlchemyError, TimeoutError) as error:
        log.warning("not_ready", part="database", reason=type(error).__name__)
        return NO_CONNECTION
    return "ok" if revision == wanted else "not migrated"


async def _check_storage(store: ObjectStore | None) -> str:
    """Write and remove an object of one byte: a folder that is full or read-only can be listed, and keeps no file."""
    if store is None:
        return "none"
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await obstore.put_async(store, PROBE, b"-")
            await storage.delete(store, PROBE)
    except (OSError, obstore.exceptions.BaseError, TimeoutError) as error:
        log.warning("not_ready", part="storage", reason=type(error).__name__)
        return NO_CONNECTION
    return "ok"


async def _read_lags(database: Database) -> dict[str, Any] | None:
    """How long the oldest event and the oldest due job have waited; none where that cannot be told just now."""
    try:
        async with asyncio.timeout(CHECK_SECONDS), database.connection() as connection:
            outbox, queue = (await connection.execute(LAGS)).one()
    except (OSError, SQLAlchemyError, TimeoutError) as error:
        log.warning("not_ready", part="jobs", reason=type(error).__name__)
        return None
    status = "late" if max(outbox, queue) > LATE_SECONDS else "ok"
    return {"status": status, "outboxLagSeconds": outbox, "queueLagSeconds": queue}
