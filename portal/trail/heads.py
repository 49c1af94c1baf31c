"""The heads outside the database: the signature of every block, one a line, by their positions without a gap.

Files of them lie where the portal's files lie, in a folder or a bucket, each named by its first position; only the last
one still grows. Whoever rolls the database back, or cuts it, cannot roll back these.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import obstore
from obstore.store import ObjectStore

from portal import storage
from portal.trail import blocks
from portal.trail.blocks import Block

FOLDER = "audit/heads/"
LARGEST = 256_000  # bytes of a file that still grows


@dataclass(frozen=True)
class Tail:
    """The last file, and the position of the last head in it."""

    key: str
    content: bytes
    position: int


async def list_files(store: ObjectStore, folder: str = FOLDER) -> list[str]:
    """The files of heads, in the order of their positions; or those of another folder, by their names."""
    found: list[str] = []
    async for page in obstore.list(store, folder):
        found += [meta["path"] for meta in page]
    return sorted(found)


async def read_tail(store: ObjectStore) -> Tail | None:
    """The last file; None where there is none. Raises ValueError where its last line is no head."""
    files = await list_files(store)
    if not files:
        return None
    content = b"".join([chunk async for chunk in storage.read_stream(store, files[-1])])
    lines = content.splitlines()
    return Tail(files[-1], content, blocks.read_position(lines[-1].decode("ascii") if lines else ""))


async def append(store: ObjectStore, tail: Tail | None, added: Sequence[Block]) -> None:
    """Add the heads of blocks that follow the last one; a file is written whole or not at all."""
    lines = b"".join(block.signature.encode() + b"\n" for block in added)
    if tail is None or len(tail.content) >= LARGEST:
        await storage.write(store, f"{FOLDER}{added[0].position:020}.jws", lines)
    else:
        await storage.write(store, tail.key, tail.content + lines)


async def read_heads(store: ObjectStore) -> AsyncIterator[str]:
    """Every head in the order of the files, as it stands there; a file is read line by line."""
    for key in await list_files(store):
        rest = b""
        async for chunk in storage.read_stream(store, key):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.decode("ascii", "replace")
        if rest:
            yield rest.decode("ascii", "replace")


async def read_until(store: ObjectStore, key: str, limit: int) -> bytes:
    """The lines of a file before the first one of a later position; one that cannot be read says no position."""
    content = b"".join([chunk async for chunk in storage.read_stream(store, key)])
    return b"".join(split_at(content, limit)[0])


def split_at(content: bytes, limit: int) -> tuple[list[bytes], list[bytes]]:
    """The lines of a file of heads up to a position, and those after it."""
    lines = content.splitlines(keepends=True)
    for place, line in enumerate(lines):
        if _is_after(line, limit):
            return lines[:place], lines[place:]
    return lines, []


def _is_after(line: bytes, limit: int) -> bool:
    try:
        return blocks.read_position(line.strip().decode("ascii", "replace")) > limit
    except ValueError:
        return False
