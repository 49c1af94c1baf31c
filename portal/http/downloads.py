"""GET /downloads/evidence: one document, streamed to whoever a signed link still entitles."""

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote

import obstore.exceptions
import structlog
from obstore.store import ObjectStore
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from portal import errors, storage
from portal.assessments import downloads
from portal.assessments.downloads import Opened
from portal.database.engine import Database
from portal.http import refusals

# Whatever the file holds, a browser that shows it all the same runs nothing of it and keeps no copy.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
}

log = structlog.get_logger(__name__)


def make_sender(database: Database, store: ObjectStore | None, secret: str) -> Callable[[Request], Awaitable[Response]]:
    """The answer to GET: 200 with the file, 404 whatever is wrong with the link, or 503."""

    async def send(request: Request) -> Response:
        if request.method != "GET":
            return refusals.write_refusal(405, "METHOD", "Use GET.", {"Allow": "GET"})
        if store is None or not secret:
            return refusals.write_refusal(503, "UNAVAILABLE", "This server keeps no files.")
        try:
            async with database.transaction() as (session, _):
                opened = await downloads.open_download(
                    session, token=request.query_params.get("token", ""), secret=secret
                )
        except errors.PortalError as error:
            return refusals.refuse(error)
        return await send_file(store, opened)

    return send


async def send_file(store: ObjectStore, opened: Opened) -> Response:
    """Stream the document; its beginning is read first, so that a missing file is an error and not a torn answer."""
    pieces = storage.read_stream(store, opened.storage_key)
    try:
        first = await anext(pieces, b"")
    except (OSError, obstore.exceptions.BaseError) as error:
        log.error("download.not_read", reason=type(error).__name__)
        return refusals.write_refusal(503, "UNAVAILABLE", "The file cannot be read just now; try again.")
    own = {"Content-Length": str(opened.size), "Content-Disposition": write_disposition(opened.file_name)}
    return StreamingResponse(_chain(first, pieces), 200, HEADERS | own, opened.media_type)


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def write_disposition(file_name: str) -> str:
    """Save it under its name: in plain letters for old clients, and as RFC 5987 spells it for all others."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\%' else "_" for one in file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
