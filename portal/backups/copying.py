"""Copies files from one storage to another in pieces, and looks at their hashes on the way."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from obstore.store import ObjectStore

from portal import storage
from portal.assessments import evidence_checking
from portal.backups import contents
from portal.backups.contents import Part, StoredFile
from portal.backups.pictures import Named
from portal.trail import erasures, heads


async def copy(source: ObjectStore, key: str, target: ObjectStore, to: str) -> Part:
    """Copy an object; gives what was copied. Raises FileNotFoundError where there is none."""
    digest, size = hashlib.sha256(), 0

    async def read() -> AsyncIterator[bytes]:
        nonlocal size
        async for chunk in storage.read_stream(source, key):
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    await storage.write_stream(target, to, read())
    return Part(size, digest.hexdigest())


async def read_hash(store: ObjectStore, key: str) -> Part | None:
    """What an object is; None where there is none."""
    digest, size = hashlib.sha256(), 0
    try:
        async for chunk in storage.read_stream(store, key):
            digest.update(chunk)
            size += len(chunk)
    except FileNotFoundError:
        return None
    return Part(size, digest.hexdigest())


async def read_heads(store: ObjectStore, file: StoredFile, limit: int) -> Part | None:
    """What stands up to a position where a backup has these heads, and no further than it has them."""
    try:
        content = await heads.read_until(store, file.key, limit)
    except FileNotFoundError:
        return None
    return contents.hash_bytes(content[: file.size])


@dataclass
class Copier:
    """Copies the files of a snapshot out of a storage that is in use, and counts."""

    source: ObjectStore
    target: ObjectStore
    faults: list[str] = field(default_factory=list)
    count: int = 0
    bytes: int = 0

    async def copy_named(
        self, named: Iterable[Named], is_needed: Callable[[str], Awaitable[bool]]
    ) -> AsyncIterator[StoredFile]:
        """Copy what rows name; a file that is not there, and that a row still needs, is a fault."""
        for one in named:
            found = await self._copy_from_anywhere(one)
            # One that nobody needs any more was removed while the backup was made, as it should.
            if found.is_missing and await is_needed(found.key):
                self.faults.append(found.key)
            self._add(found)
            yield found

    async def copy_heads(self, limit: int) -> AsyncIterator[StoredFile]:
        """Copy the heads of the trail up to a position."""
        for key in await heads.list_files(self.source):
            content = await heads.read_until(self.source, key, limit)
            if content:
                await storage.write(self.target, key, content)
                found = StoredFile(key, **vars(contents.hash_bytes(content)))
                self._add(found)
                yield found

    async def copy_notes(self) -> AsyncIterator[StoredFile]:
        """Copy what is noted of erasures."""
        for key in await heads.list_files(self.source, erasures.FOLDER):
            found = StoredFile(key, **vars(await copy(self.source, key, self.target, key)))
            self._add(found)
            yield found

    def _add(self, file: StoredFile) -> None:
        self.count += 1
        self.bytes += 0 if file.is_missing else file.size

    async def _copy_from_anywhere(self, named: Named) -> StoredFile:
        """Copy a file from where it lies now: a document leaves quarantine for the place that its content has."""
        expected = None if named.sha256 is None else named.sha256.hex()
        places = [named.key]
        if named.owner is not None and named.sha256 is not None:
            places.append(evidence_checking.make_key(named.owner, named.sha256))
        for place in places:
            try:
                part = await copy(self.source, place, self.target, named.key)
            except FileNotFoundError:
                continue
            if expected in (None, part.sha256) and part.size == named.size:
                return StoredFile(named.key, part.size, part.sha256)
        await storage.delete(self.target, named.key)
        return StoredFile(named.key, named.size, expected or "", is_missing=True)
