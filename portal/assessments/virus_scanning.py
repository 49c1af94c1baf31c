"""Asking clamd whether a file holds something that is known to be bad; the file is sent to it, by INSTREAM."""

import asyncio
import contextlib
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

CHUNK = 1 << 16
SECONDS = 120.0
PING_SECONDS = 10.0
PORT = 3310
LONGEST_ANSWER = 4_096
FOUND, CLEAN = b" FOUND", b" OK"
# What clamd says of a file that is larger than its StreamMaxLength, or that it looked at in part, with AlertExceedsMax.
TOO_LARGE = (b"size limit exceeded", b"Heuristics.Limits.Exceeded")


class ScannerAway(Exception):
    """No word on a file just now; the message says why, for the log."""


class TooLarge(Exception):
    """A file that the scanner does not look at, however often it is asked."""


async def is_infected(file: BinaryIO, url: str) -> bool:
    """Whether the scanner at `tcp://host:port` or `unix:///path` knows something bad in a file, which is rewound.

    Raises ScannerAway where it cannot be asked, takes too long, or gives no verdict; TooLarge.
    """
    try:
        async with asyncio.timeout(SECONDS):
            said = await _ask(file, url)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        raise ScannerAway(type(error).__name__) from error
    if any(words in said for words in TOO_LARGE):
        raise TooLarge
    if said.endswith(FOUND):
        return True
    if said.endswith(CLEAN):
        return False
    raise ScannerAway(said.decode("ascii", "replace")[:200] or "no answer")


async def ping(url: str) -> None:
    """Make sure that the scanner answers; raises ScannerAway."""
    try:
        async with asyncio.timeout(PING_SECONDS):
            reader, writer = await _connect(url)
            try:
                writer.write(b"zPING\0")
                said = await _listen(reader)
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError) as error:
        raise ScannerAway(type(error).__name__) from error
    if said != b"PONG":
        raise ScannerAway("no PONG")


async def _ask(file: BinaryIO, url: str) -> bytes:
    reader, writer = await _connect(url)
    # It may answer and hang up before it has all, when a file is too large for it: whoever listens only then is told
    # of a broken line, and not of what was said before.
    listening = asyncio.create_task(_listen(reader))
    try:
        with contextlib.suppress(ConnectionError):
            await _send(file, writer)
        return await listening
    finally:
        listening.cancel()
        writer.transport.abort()  # closing would wait for what a scanner that hangs does not take


async def _listen(reader: asyncio.StreamReader) -> bytes:
    said = b""
    while len(said) < LONGEST_ANSWER and not said.endswith((b"\0", b"\n")):
        part = await reader.read(LONGEST_ANSWER)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n")


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return await asyncio.open_unix_connection(unquote(parts.path))
    return await asyncio.open_connection(parts.hostname, parts.port or PORT)


async def _send(file: BinaryIO, writer: asyncio.StreamWriter) -> None:
    writer.write(b"zINSTREAM\0")
    file.seek(0)
    while chunk := file.read(CHUNK):
        writer.write(len(chunk).to_bytes(4, "big") + chunk)
        await writer.drain()
    writer.write(bytes(4))
    await writer.drain()
