"""Where files live: a folder or an S3 bucket behind one interface; keys say nothing about what is stored."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from portal import errors

CHUNK = 1 << 20


def open_storage(url: str, *, makes: bool = True) -> ObjectStore:
    """A store for `file:///folder` (made when missing, owner only) or `s3://bucket/prefix` (credentials from AWS_*).

    With `makes` false a folder has to be there, and none is left behind in it. Raises SetupError where the address
    cannot be used.
    """
    try:
        if url.startswith("file://"):
            folder = Path(unquote(urlsplit(url).path))
            if makes:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return LocalStore(prefix=str(folder), automatic_cleanup=not makes)
        return from_url(url)
    except (OSError, ValueError, obstore.exceptions.BaseError) as error:
        raise errors.SetupError(f"PORTAL_STORAGE_URL cannot be used: {error}") from error


async def write_stream(store: ObjectStore, key: str, chunks: AsyncIterator[bytes]) -> None:
    """Store a stream without holding it in memory; a stream that fails leaves no object behind."""
    async with obstore.open_writer_async(store, key, buffer_size=8 * CHUNK, max_concurrency=2) as writer:
        async for chunk in chunks:
            await writer.write(chunk)


async def write(store: ObjectStore, key: str, content: bytes) -> None:
    """Store a few bytes that are at hand."""
    await obstore.put_async(store, key, content)


async def read_stream(store: ObjectStore, key: str) -> AsyncIterator[bytes]:
    """The bytes of an object in pieces. Raises FileNotFoundError where there is none."""
    found = await obstore.get_async(store, key)
    async for chunk in found.stream(min_chunk_size=CHUNK):
        yield bytes(chunk)


async def copy(store: ObjectStore, source: str, target: str) -> None:
    """Copy an object inside the store; an equal target is written over."""
    await obstore.copy_async(store, source, target)


async def delete(store: ObjectStore, key: str) -> None:
    """Remove an object; one that is gone already is no error."""
    try:
        await obstore.delete_async(store, key)
    except FileNotFoundError:
        return
