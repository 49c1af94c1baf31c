"""PUT /uploads: the bytes of one file, streamed to storage while they are counted and hashed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import obstore.exceptions
import structlog
from obstore.store import ObjectStore
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from portal import errors, storage, uploads
from portal.database.engine import Database
from portal.http import pace, refusals
from portal.turnstile import Turnstile

WHOLE_SECONDS = 900.0
PAUSE_SECONDS = 60.0  # a phone may be in a tunnel
DRAIN_SECONDS = 10.0
AT_ONCE = 24  # of one process; each holds up to 8 MB while it runs
LONGEST_TOKEN = 100
SHARE = 8  # of these for one organization
BUSY = "Too many files are coming in just now. Nothing was stored; send it again in a moment."

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
        async for part in parts:
            self.size += len(part)
            if self.size > self.limit:
                raise too_large(self.limit)
            self.digest.update(part)
            yield part
        if self.size == 0:
            raise Rejected(400, "EMPTY", "The file has no content.")


def too_large(limit: int) -> Rejected:
    return Rejected(413, "TOO_LARGE", f"A file may have {limit} bytes at most.")


@dataclass(frozen=True)
class Place:
    """Where files come in: what is written to, the largest file, and how many may come at once."""

    database: Database
    store: ObjectStore
    limit: int  # bytes
    running: Turnstile = field(default_factory=lambda: Turnstile(AT_ONCE, 0, BUSY, share=SHARE))


Receive = Callable[[Request, Place], Awaitable[Response]]


def make_receiver(place: Place | None, receive: Receive) -> Callable[[Request], Awaitable[Response]]:
    """The answer to a request that brings a file or a piece of one, or why it is not taken."""

    async def answer(request: Request) -> Response:
        try:
            if place is None:
                raise Rejected(503, "UNAVAILABLE", "This server keeps no files: PORTAL_STORAGE_URL is not set.")
            with hold_place(place, await find_owner(request, place)):
                return await receive(request, place)
        except Rejected as rejected:
            ended = {} if place is not None and await drain(request, 2 * place.limit) else {"Connection": "close"}
            headers = rejected.headers | ended
            return refusals.write_refusal(rejected.status, rejected.code, rejected.message, headers)
        except errors.PortalError as error:
            return refusals.refuse(error)

    return answer


@contextmanager
def hold_place(place: Place, owner: UUID | None) -> Iterator[None]:
    """One of the places for what comes in; raises Rejected where there is none for this organization."""
    with ExitStack() as stack:
        try:
            stack.enter_context(place.running.hold_place(owner))
        except errors.Busy:
            raise Rejected(503, "BUSY", BUSY, Retry_After="5") from None
        yield


async def find_owner(request: Request, place: Place) -> UUID | None:
    """The organization whose link this is, or none where it leads nowhere."""
    token = request.headers.get(uploads.HEADER, "")
    if not 0 < len(token) <= LONGEST_TOKEN:
        return None
    async with place.database.transaction() as (session, _):
        upload = await uploads.find_upload(session, token)
    return None if upload is None else upload.owner_id


async def receive_file(request: Request, place: Place) -> Response:
    """Take one file: 201 with size and hash, or 200 with the same where just this file is here already.

    Raises Rejected: nothing of it is kept, and the link can be used again unless it was.
    """
    check_headers(request, place.limit)
    token = request.headers.get(uploads.HEADER, "")
    upload = await find_open_upload(place.database, token, or_used=True)
    key, measure = upload.make_key(), Measure(place.limit)
    content = measure.pass_on(pace.keep_pace(request.stream(), PAUSE_SECONDS))
    if upload.state == "used":
        await read_again(content)
        return await confirm_file(place, token, measure)
    await store_file(place, key, content)
    if not await keep_file(place, upload, token, key, measure):
        return await confirm_file(place, token, measure)
    return describe_file(measure, 201)


def describe_file(measure: Measure, status: int) -> Response:
    body = {"size": measure.size, "sha256": measure.digest.hexdigest()}
    return JSONResponse(body, status, {"Cache-Control": "no-store"})


async def confirm_file(place: Place, token: str, measure: Measure) -> Response:
    """Tell whoever lost the reply that this file is here; raises Rejected where the link brought another one."""
    async with place.database.transaction() as (session, _):
        received = await uploads.find_received_digest(session, token)
    if received != measure.digest.digest():
        raise used_up()
    return describe_file(measure, 200)


async def keep_file(place: Place, upload: uploads.Upload, token: str, key: str, measure: Measure) -> bool:
    """Let the row have the file that was stored; where another one was faster, remove it again and give False.

    Raises Rejected for a file of another length than was announced.
    """
    if upload.length not in (None, measure.size):
        await storage.delete(place.store, key)
        raise Rejected(400, "LENGTH", f"The file has {measure.size} bytes; {upload.length} were announced.")
    try:
        async with place.database.transaction() as (session, _):
            taken = await uploads.receive_upload(
                session, token, key=key, size=measure.size, sha256=measure.digest.digest()
            )
    except (SQLAlchemyError, OSError, errors.PortalError):
        if await is_open(place, token):
            await storage.delete(place.store, key)
        raise
    if not taken:
        await storage.delete(place.store, key)
    return taken


async def is_open(place: Place, token: str) -> bool:
    """Whether a link surely waits still; the row may have its file where only the answer of the database was lost."""
    try:
        async with place.database.transaction() as (session, _):
            found = await uploads.find_upload(session, token)
    except (SQLAlchemyError, OSError, errors.PortalError):
        return False
    return found is not None and found.state != "used"


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


async def find_open_upload(database: Database, token: str, *, or_used: bool = False) -> uploads.Upload:
    """What the link is for; raises Rejected for one that is unknown, over or, unless that will do, used."""
    upload = None
    if 0 < len(token) <= LONGEST_TOKEN:
        async with database.transaction() as (session, _):
            upload = await uploads.find_upload(session, token)
    if upload is None:
        words = f"There is no such upload; send the header {uploads.HEADER} exactly as it was given."
        raise Rejected(404, "NOT_FOUND", words)
    if upload.state == "used" and not or_used:
        raise used_up()
    if upload.state == "expired":
        raise Rejected(410, "EXPIRED", "The time for this upload is over; ask for a new one.")
    return upload


def used_up() -> Rejected:
    return Rejected(409, "USED", "Another file was received with this link already; ask for a new link.")


@asynccontextmanager
async def watch_line() -> AsyncIterator[None]:
    """Raises Rejected where the file that is read inside is cut off or slow."""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            yield
    except ClientDisconnect:
        raise Rejected(400, "CUT_OFF", "The file was cut off; send it again.") from None
    except TimeoutError:
        raise Rejected(408, "TOO_SLOW", "The file came too slowly; send it again.") from None


async def read_again(content: AsyncIterator[bytes]) -> None:
    """Read a file for its size and hash alone; raises Rejected for one that is cut off, slow, empty or too large."""
    async with watch_line():
        async for _ in content:
            pass


async def store_file(place: Place, key: str, content: AsyncIterator[bytes]) -> None:
    """Stream a file to storage; raises Rejected for one that is cut off, slow, empty or too large."""
    try:
        async with watch_line():
            await storage.write_stream(place.store, key, content)
    except (OSError, obstore.exceptions.BaseError) as error:
        log.error("upload.not_stored", reason=type(error).__name__)
        raise Rejected(503, "UNAVAILABLE", "The file could not be kept just now; send it again.") from None
