"""What a backup is: a folder with a manifest, the dump, the files, and lists of files and chains, all by their hashes.

A backup is made beside its place, under a name that ends in `.unfinished`, with the manifest last; only when everything
is on disk does it get its own name. So what was interrupted has neither.
"""

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import orjson

from portal import errors
from portal.signing import KeyRing

FORMAT, VERSION = "portal-backup", 1
UNFINISHED = ".unfinished"
MANIFEST, SIGNATURE = "backup.json", "backup.jws"
DUMP, FILES, CHAINS = "database.dump", "files.jsonl", "chains.jsonl"
STORED, KEYS = "files", "keys"
KIND = "backup+jws"


@dataclass(frozen=True)
class Part:
    """One file of the backup itself."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; lists that grow with the portal are files of their own, named by their hash."""

    id: UUID
    taken_at: datetime
    portal: str
    revision: str
    server_major: int
    dump_major: int
    tables: Mapping[str, int]
    position: int
    heads: int
    files: int
    bytes: int
    chains: int
    faults: tuple[str, ...]
    parts: Mapping[str, Part]
    keys: tuple[str, ...]
    v: int = VERSION
    format: str = FORMAT


@dataclass(frozen=True)
class StoredFile:
    """A file of the storage by its key; one that was gone or another when it was copied has no copy."""

    key: str
    size: int
    sha256: str
    is_missing: bool = False


@dataclass(frozen=True)
class Chain:
    """The last block of an organization's chain of the audit trail."""

    organization_id: UUID
    n: int
    position: int
    hash: str


def hash_file(path: Path) -> Part:
    """Size and SHA-256 of a file, read in pieces. Raises OSError."""
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Part(file.tell(), digest)


def hash_bytes(content: bytes) -> Part:
    """Size and SHA-256 of what is at hand."""
    return Part(len(content), hashlib.sha256(content).hexdigest())


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a list, one at a time."""
    with open(path, "rb") as file:
        yield from file


def open_list(path: Path) -> BinaryIO:
    """A list to append lines to."""
    return open(path, "ab")


def spell(row: object) -> bytes:
    """A row of a list as a line of JSON."""
    return orjson.dumps(row, default=_spell_value) + b"\n"


def _spell_value(value: object) -> str:
    """What JSON has no word for: hashes, and the driver's own kind of UUID."""
    return value.hex() if isinstance(value, bytes) else str(value)


def read_files(folder: Path) -> Iterator[StoredFile]:
    """The list of files, line by line."""
    for line in read_lines(folder / FILES):
        yield StoredFile(**orjson.loads(line))


def read_chains(folder: Path) -> Iterator[Chain]:
    """The heads of the chains, line by line."""
    for line in read_lines(folder / CHAINS):
        found = orjson.loads(line)
        yield Chain(**found | {"organization_id": UUID(found["organization_id"])})


def write_manifest(folder: Path, manifest: Manifest, keys: KeyRing | None) -> None:
    """Write the manifest, and its signature where there is a key."""
    content = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    (folder / MANIFEST).write_bytes(content)
    if keys is not None:
        said = orjson.dumps({"sha256": hashlib.sha256(content).hexdigest()})
        (folder / SIGNATURE).write_text(keys.sign(said, KIND), encoding="ascii")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup; raises SetupError for an unfinished one, for none, and for one of a newer portal."""
    try:
        found = orjson.loads((folder / MANIFEST).read_bytes())
        if found["format"] != FORMAT:
            raise KeyError
    except FileNotFoundError:
        if folder.name.endswith(UNFINISHED) or (folder / DUMP).exists():
            raise errors.SetupError(f"{folder} is a backup that was interrupted: it is not whole.") from None
        raise errors.SetupError(f"There is no backup in {folder}.") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise errors.SetupError(f"{folder / MANIFEST} is no manifest of a backup.") from None
    if not isinstance(found.get("v"), int) or found["v"] > VERSION:
        raise errors.SetupError(f"{folder} was made by a newer portal ({found.get('portal')}): use that one.")
    if folder.name.endswith(UNFINISHED):
        raise errors.SetupError(f"{folder} is a backup that was interrupted: it may not be whole.")
    return _make_manifest(found, folder)


def _make_manifest(found: dict[str, Any], folder: Path) -> Manifest:
    try:
        given = {field.name: found[field.name] for field in dataclasses.fields(Manifest)}
        parts = {name: Part(**part) for name, part in found["parts"].items()}
        moment = datetime.fromisoformat(found["taken_at"])
        lists = {name: tuple(found[name]) for name in ("faults", "keys")}
        return Manifest(**given | lists | {"id": UUID(found["id"]), "taken_at": moment, "parts": parts})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise errors.SetupError(f"{folder / MANIFEST} is no manifest of a backup.") from None
