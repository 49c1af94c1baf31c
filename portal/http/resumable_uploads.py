"""HEAD, PATCH, DELETE and OPTIONS /uploads: the same file in pieces, by the protocol tus 1.0.

A line that breaks costs no more than what was on its way.
A piece is stored and noted every few megabytes. How far a file is says the database alone, so two clients that send at
once, and two servers, never mix their pieces.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime
from typing import Any

import obstore.exceptions
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from portal import storage, uploads
from portal.http import pace
from portal.http.uploads import (
    PAUSE_SECONDS,
    WHOLE_SECONDS,
    Measure,
    Place,
    Rejected,
    find_open_upload,
    keep_file,
    store_file,
    too_large,
)

VERSION = "1.0.0"
EXTENSIONS = "creation-defer-length,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256")
CONTENT_TYPE = "application/offset+octet-stream"
METHODS = ("HEAD", "PATCH", "DELETE", "OPTIONS", "POST")  # POST for clients behind a proxy that lets no PATCH pass
PIECE = 4 << 20  # bytes
WRONG_CHECKSUM = 460  # the protocol's own status

log = structlog.get_logger(__name__)


async def answer(request: Request, place: Place) -> Response:
    """What a request of the protocol asks for; raises Rejected."""
    method = request.headers.get("x-http-method-override", request.method).upper()
    act = ACTS.get(method)
    try:
        if act is None:
            raise Rejected(405, "METHOD", "Use HEAD, PATCH or DELETE; a whole file comes by PUT.", Allow="PUT, PATCH")
        if method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
            words = f"Send the header Tus-Resumable: {VERSION}, or the whole file by PUT."
            raise Rejected(412, "VERSION", words, Tus_Version=VERSION)
        return await act(request, place)
    except Rejected as rejected:
        rejected.headers["Tus-Resumable"] = VERSION
        raise


async def tell_abilities(request: Request, place: Place) -> Response:
    """What this server can."""
    abilities = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(place.limit)}
    return write_answer(204, **abilities, **{"Tus-Checksum-Algorithm": ",".join(ALGORITHMS)})


async def tell_offset(request: Request, place: Place) -> Response:
    """How far a file is, also after its end; one that is whole and was not closed, since a server died, is closed."""
    token = request.headers.get(uploads.HEADER, "")
    upload = await find_open_upload(place.database, token, or_used=True)
    if upload.state == "open" and upload.length is not None and upload.length == upload.received:
        await close(place, upload, token)
    length = {"Upload-Defer-Length": "1"} if upload.length is None else {"Upload-Length": str(upload.length)}
    return write_answer(200, **length, **describe(upload, upload.received))


async def take_piece(request: Request, place: Place) -> Response:
    """Add to a file; with its last byte it has arrived. Raises Rejected, and what was stored before that is kept."""
    if request.headers.get("content-type", "") != CONTENT_TYPE:
        raise Rejected(415, "CONTENT_TYPE", f"Send a piece as {CONTENT_TYPE}.")
    offset = read_number(request, "Upload-Offset")
    if offset is None:
        raise Rejected(400, "OFFSET", "Say in the header Upload-Offset from which byte on this is.")
    digest = read_checksum(request)
    token = request.headers.get(uploads.HEADER, "")
    upload = await find_open_upload(place.database, token)
    length = await settle_length(request, place, upload, token)
    if offset != upload.received:
        raise moved(upload.received)
    most = place.limit if length is None else length
    declared = read_number(request, "Content-Length")
    if declared is not None and offset + declared > most:
        raise too_large(most)
    sitting = Sitting(place, upload, token, offset, most, digest)
    await sitting.take(request.stream())
    if sitting.offset == length:
        await close(place, upload, token)
    now = await find_open_upload(place.database, token, or_used=True)
    return write_answer(204, **describe(now, sitting.offset))


async def give_up(request: Request, place: Place) -> Response:
    """End a link before its file is whole, and forget what came of it."""
    token = request.headers.get(uploads.HEADER, "")
    await find_open_upload(place.database, token)
    async with place.database.transaction() as (session, _):
        keys = await uploads.give_up(session, token)
    await remove(place, keys)
    return write_answer(204)


Act = Callable[[Request, Place], Awaitable[Response]]
ACTS: dict[str, Act] = {"OPTIONS": tell_abilities, "HEAD": tell_offset, "PATCH": take_piece, "DELETE": give_up}


@dataclass
class Checksum:
    """What the client says a piece hashes to, and what it does."""

    given: bytes
    digest: Any

    def is_right(self) -> bool:
        return hmac.compare_digest(self.digest.digest(), self.given)


@dataclass
class Sitting:
    """One request that adds to a file: what it brings is stored in pieces, each noted when it is safe."""

    place: Place
    upload: uploads.Upload
    token: str
    offset: int  # bytes that are noted
    most: int  # bytes of the file
    checksum: Checksum | None
    buffer: bytearray = field(default_factory=bytearray)
    stored: list[tuple[int, str]] = field(default_factory=list)  # size and key of what is not noted yet

    async def take(self, content: AsyncIterator[bytes]) -> None:
        """All that comes; where the line breaks, what has come so far. Raises Rejected."""
        try:
            await self._read(content)
        except (ClientDisconnect, TimeoutError) as error:
            if self.checksum is None:
                await self._store()
                await self._note()
            await self._forget()
            slow = isinstance(error, TimeoutError)
            words = f"The piece {'came too slowly' if slow else 'was cut off'}; ask how far the file is and go on."
            raise Rejected(408 if slow else 400, "TOO_SLOW" if slow else "CUT_OFF", words) from None
        except Rejected:  # and no other failure: what the database may have noted has to stay
            await self._forget()
            raise

    async def _read(self, content: AsyncIterator[bytes]) -> None:
        async with asyncio.timeout(WHOLE_SECONDS):
            async for part in pace.keep_pace(content, PAUSE_SECONDS):
                await self._add(part)
        await self._store()
        if self.checksum is not None and not self.checksum.is_right():
            raise Rejected(WRONG_CHECKSUM, "CHECKSUM", "The piece changed on its way; send it again.")
        await self._note()

    async def _add(self, part: bytes) -> None:
        self.buffer += part
        if self.offset + sum(size for size, _ in self.stored) + len(self.buffer) > self.most:
            raise too_large(self.most)
        if self.checksum is not None:
            self.checksum.digest.update(part)
        if len(self.buffer) >= PIECE:
            await self._store()
            if self.checksum is None:
                await self._note()

    async def _store(self) -> None:
        if not self.buffer:
            return
        content, self.buffer = bytes(self.buffer), bytearray()
        key = self.upload.make_key()
        try:
            await storage.write(self.place.store, key, content)
        except (OSError, obstore.exceptions.BaseError) as error:
            raise not_kept(error) from None
        self.stored.append((len(content), key))  # only now: what is noted has to be there

    async def _note(self) -> None:
        """Whoever notes a piece first has it; a piece of somebody else's is removed again."""
        while self.stored:
            size, key = self.stored[0]
            async with self.place.database.transaction() as (session, _):
                said = await uploads.keep_part(session, self.token, start=self.offset, size=size, key=key)
            if said == "full":
                words = f"A file may come in {uploads.MOST_PARTS} pieces at most; send it anew in larger ones."
                raise Rejected(413, "TOO_MANY_PARTS", words)
            if said != "kept":
                found = await find_open_upload(self.place.database, self.token)
                raise moved(found.received)
            self.offset += size
            del self.stored[0]

    async def _forget(self) -> None:
        """What was stored and not noted; a removal that fails leaves a stray, which is cleared within a day or two."""
        await remove(self.place, [key for _, key in self.stored])


async def close(place: Place, upload: uploads.Upload, token: str) -> None:
    """Join the pieces to the file and let the row have it; whoever does so at the same time comes to the same end."""
    async with place.database.transaction() as (session, _):
        keys = await uploads.list_parts(session, token)
    key, measure = upload.make_key(), Measure(place.limit)
    try:
        await store_file(place, key, measure.pass_on(join(place, keys)))
        await keep_file(place, upload, token, key, measure)
    except Rejected:  # where somebody else was faster, the pieces are gone
        if (await find_open_upload(place.database, token, or_used=True)).state != "used":
            raise
    await remove(place, keys)


async def join(place: Place, keys: list[str]) -> AsyncIterator[bytes]:
    """The bytes of the pieces, one after the other."""
    for key in keys:
        async for part in storage.read_stream(place.store, key):
            yield part


async def remove(place: Place, keys: list[str]) -> None:
    """Remove pieces that nobody needs; what stays is found by the worker."""
    for key in keys:
        try:
            await storage.delete(place.store, key)
        except (OSError, obstore.exceptions.BaseError) as error:
            log.warning("upload.piece_stays", reason=type(error).__name__)


async def settle_length(request: Request, place: Place, upload: uploads.Upload, token: str) -> int | None:
    """How long the file will be, as it was announced or this request says; raises Rejected where it may not be so."""
    said = read_number(request, "Upload-Length")
    if said is None:
        return upload.length
    if said > place.limit:
        raise too_large(place.limit)
    if said == 0:
        raise Rejected(400, "LENGTH", "A file of 0 bytes cannot be.")
    async with place.database.transaction() as (session, _):
        length = await uploads.declare_size(session, token, said)
    if length is None:
        received = (await find_open_upload(place.database, token)).received
        raise Rejected(400, "LENGTH", f"A file of {said} bytes cannot be: {received} are here.")
    if length != said:
        raise Rejected(400, "LENGTH", f"The file was announced with {length} bytes; that cannot be changed.")
    return length


def read_number(request: Request, name: str) -> int | None:
    """A header that is a count of bytes; raises Rejected for one that is something else."""
    given = request.headers.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal()) or len(given) > 18:
        raise Rejected(400, name.upper().replace("-", "_"), f"{name} is a whole number of bytes.")
    return int(given)


def read_checksum(request: Request) -> Checksum | None:
    """The checksum of the piece, where one is given; raises Rejected for one that cannot be looked at."""
    given = request.headers.get("upload-checksum")
    if given is None:
        return None
    algorithm, _, content = given.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Rejected(400, "CHECKSUM", f"Upload-Checksum may be by {' or '.join(ALGORITHMS)}.")
    try:
        return Checksum(base64.b64decode(content, validate=True), hashlib.new(algorithm, usedforsecurity=False))
    except (binascii.Error, ValueError):
        raise Rejected(400, "CHECKSUM", "Upload-Checksum is the name of an algorithm and a hash as Base64.") from None


def moved(received: int) -> Rejected:
    words = f"{received} bytes are here; go on from there."
    return Rejected(409, "OFFSET", words, Upload_Offset=str(received))


def not_kept(error: Exception) -> Rejected:
    log.error("upload.not_stored", reason=type(error).__name__)
    return Rejected(503, "UNAVAILABLE", "The piece could not be kept just now; ask how far the file is and go on.")


def describe(upload: uploads.Upload, offset: int) -> dict[str, str]:
    """How far a file is, and until when it may go on."""
    told = {"Upload-Offset": str(offset)}
    if upload.state == "open":
        told["Upload-Expires"] = format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)
    return told


def write_answer(status: int, **headers: str) -> Response:
    return Response(status_code=status, headers={"Tus-Resumable": VERSION, "Cache-Control": "no-store", **headers})
