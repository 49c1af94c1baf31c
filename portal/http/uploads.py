"""PUT /uploads: the bytes of one file, streamed to storage while they are counted and hashed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import obstore.exceptions
import structlog
from obstore.store import ObjectStore
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from portal import errors, storage, uploads
from portal.database.engine import Database
from portal.http import refusals

WHOLE_SECONDS = 900.0
PAUSE_SECONDS = 60.0
DRAIN_SECONDS = 10.0
AT_ONCE = 24  # of one process; each holds up to 8 MB while it runs

log = structlog.get_logger(__name__)


class Rejected(Exception):
    """An upload that is not taken: HTTP status, code and a sentence."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass
class Measure:
    """Counts and hashes what passes, and stops it at the limit."""

    limit: int
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    async def pass_on(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        while True:
            async with asyncio.timeout(PAUSE_SECONDS):
                part = await anext(parts, None)
            if part is None:
                break
            self.size += len(part)
            if self.size > self.limit:
                raise too_large(self.limit)
            self.digest.update(part)
            yield part
        if self.size == 0:
            raise Rejected(400, "EMPTY", "The file has no content.")


def too_large(limit: int) -> Rejected:
    return Rejected(413, "TOO_LARGE", f"A file may have {limit} bytes at most.")


def make_receiver(
    database: Database, store: ObjectStore | None, limit: int
) -> Callable[[Request], Awaitable[Response]]:
    """The answer to PUT: 201 with size and hash, or why the file is not taken."""
    running = asyncio.Semaphore(AT_ONCE)

    async def receive(request: Request) -> Response:
        try:
            if store is None:
                raise Rejected(503, "UNAVAILABLE", "This server keeps no files: PORTAL_STORAGE_URL is not set.")
            if running.locked():
                raise Rejected(503, "BUSY", "Too many files are coming in just now; send it again.", Retry_After="5")
            async with running:
                return await receive_file(request, database, store, limit)
        except Rejected as rejected:
            ended = {} if await drain(request, 2 * limit) else {"Connection": "close"}
            headers = rejected.headers | ended
            return refusals.write_refusal(rejected.status, rejected.code, rejected.message, headers)
        except errors.PortalError as error:
            return refusals.refuse(error)

    return receive


async def receive_file(request: Request, database: Database, store: ObjectStore, limit: int) -> Response:
    """Take one file; raises Rejected, and then nothing of it is kept and the link can be used again."""
    check_headers(request, limit)
    token = request.headers.get(uploads.HEADER, "")
    upload = await find_open_upload(database, token)
    key, measure = upload.make_key(), Measure(limit)
    await store_file(request, store, key, measure)
    try:
        async with database.transaction() as (session, _):
            taken = await uploads.receive_upload(
                session, token, key=key, size=measure.size, sha256=measure.digest.digest()
            )
    except (SQLAlchemyError, OSError, errors.PortalError):
        await storage.delete(store, key)
        raise
    if not taken:
        await storage.delete(store, key)
        raise used_up()
    body = {"size": measure.size, "sha256": measure.digest.hexdigest()}
    return JSONResponse(body, 201, {"Cache-Control": "no-store"})


async def drain(request: Request, most: int) -> bool:
    """Read on and forget, so that a client that is still sending hears why instead of a broken line.

    False where the client waits to be told to go on, has gone, or sends too much or too long.
    """
    if "expect" in request.headers:
        return False
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 18 or int(declared) > most:
        return False
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            async for part in request.stream():
                most -= len(part)
                if most < 0:
                    return False
    except (ClientDisconnect, TimeoutError, RuntimeError):  # the last where the body was read to its end before
        return False
    return True


def check_headers(request: Request, limit: int) -> None:
    """Raise Rejected for what the headers alone tell."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Rejected(415, "CONTENT_ENCODING", "Send the file as it is, not compressed.")
    if "content-range" in request.headers:
        raise Rejected(400, "PARTIAL", "Send the whole file at once.")
    declared = request.headers.get("content-length")
    if declared is not None:
        if not declared.isdecimal() or len(declared) > 18 or int(declared) > limit:
            raise too_large(limit)
        if int(declared) == 0:
            raise Rejected(400, "EMPTY", "The file has no content.")


async def find_open_upload(database: Database, token: str) -> uploads.Upload:
    """What the link is for; raises Rejected for one that is unknown, used or over."""
    upload = None
    if 0 < len(token) <= 100:
        async with database.transaction() as (session, _):
            upload = await uploads.find_upload(session, token)
    if upload is None:
        words = f"There is no such upload; send the header {uploads.HEADER} exactly as it was given."
        raise Rejected(404, "NOT_FOUND", words)
    if upload.state == "used":
        raise used_up()
    if upload.state == "expired":
        raise Rejected(410, "EXPIRED", "The time for this upload is over; ask for a new one.")
    return upload


def used_up() -> Rejected:
    return Rejected(409, "USED", "A file was received with this link already.")


async def store_file(request: Request, store: ObjectStore, key: str, measure: Measure) -> None:
    """Stream the body to storage; raises Rejected for a body that is cut off, slow, empty or too large."""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            await storage.write_stream(store, key, measure.pass_on(request.stream()))
    except ClientDisconnect:
        raise Rejected(400, "CUT_OFF", "The file was cut off; send it again.") from None
    except TimeoutError:
        raise Rejected(408, "TOO_SLOW", "The file came too slowly; send it again.") from None
    except (OSError, obstore.exceptions.BaseError) as error:
        log.error("upload.not_stored", reason=type(error).__name__)
        raise Rejected(503, "UNAVAILABLE", "The file could not be kept just now; send it again.") from None
