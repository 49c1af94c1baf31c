"""Health of one process: whether it lives, and whether it can serve."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal.database import migrating
from portal.database.engine import Database

CHECK_SECONDS = 5.0

log = structlog.get_logger(__name__)


async def answer_live(request: Request) -> Response:
    """200 as long as the process answers at all."""
    return JSONResponse({"status": "ok"})


def make_ready(database: Database) -> Callable[[Request], Awaitable[Response]]:
    """The answer to whether this process can serve: 200, or 503 with what is missing, without details of the place."""
    wanted = migrating.head_revision()

    async def answer_ready(request: Request) -> Response:
        found = await _check_database(database, wanted)
        return JSONResponse(
            {"status": "ok" if found == "ok" else "unavailable", "database": found}, 200 if found == "ok" else 503
        )

    return answer_ready


async def _check_database(database: Database, wanted: str) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS), database.connection() as connection:
            revision = await migrating.current_revision(connection)
    except (OSError, SQLAlchemyError, TimeoutError) as error:
        log.warning("not_ready", reason=type(error).__name__)
        return "no connection"
    return "ok" if revision == wanted else "not migrated"
