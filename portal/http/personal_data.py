"""GET /personal-data.json: what the portal holds about the caller, as a file that may be large."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import IO

from sqlalchemy import text
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from portal import access, errors
from portal.database.engine import Database
from portal.delivery import personal_links
from portal.delivery.personal_links import PATH
from portal.http import parameters, refusals
from portal.identity import attempts, personal_exports
from portal.turnstile import Turnstile

IN_MEMORY = 1 << 20  # bytes of one document; the rest waits in a temporary file
PIECE = 1 << 16
NOW = text("SELECT portal.clock()")
NAMES = ("until", "proof")
ENDED = "This link is not valid or has ended. Call exportPersonalData for a new one."
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Disposition": 'attachment; filename="personal-data.json"',
    "X-Content-Type-Options": "nosniff",
}


def make_route(database: Database, secret_key: str, turnstile: Turnstile) -> Route:
    """The document; `exportPersonalData` of the API leads there."""
    return Route(PATH, make_writer(database, secret_key, turnstile), methods=["GET"])


def make_writer(database: Database, secret_key: str, turnstile: Turnstile) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the document, 400, 401, 404, 429 or 503.

    It is written whole before it is sent: no slow reader keeps a connection to the database, no failure cuts it off.
    """

    async def write(request: Request) -> Response:
        try:
            parameters.check_names(request.query_params, once=NAMES)
            proof, until = request.query_params.get("proof", ""), request.query_params.get("until", "")
            credential = access.read_bearer(request.headers.get("authorization"))
            address = request.client.host if request.client else ""
            file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (it is closed once it was sent)
            try:
                async with (
                    turnstile.enter(credential.secret_hash),
                    attempts.open_transaction(database, credential, address=address) as (session, actor),
                ):
                    access.require(actor, access.SIGNED_IN)
                    if not personal_links.is_good(secret_key, actor, proof, until, await session.scalar(NOW)):
                        raise errors.NotFound(ENDED)
                    async for piece in personal_exports.write_own(session, actor):
                        await run_in_threadpool(file.write, piece)
            except BaseException:
                file.close()
                raise
        except errors.PortalError as error:
            return refusals.refuse(error)
        length = {"Content-Length": str(file.tell())}
        return StreamingResponse(send(file), 200, HEADERS | length, "application/json")

    return write


async def send(file: IO[bytes]) -> AsyncIterator[bytes]:
    """The content of a temporary file, which is gone afterwards."""
    with file:
        await run_in_threadpool(file.seek, 0)
        while piece := await run_in_threadpool(file.read, PIECE):
            yield piece
