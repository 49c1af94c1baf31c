"""What a sealed event and a block are, byte for byte: what the sealer writes, and anybody checks without a database.

Canonical bytes are JSON in UTF-8 without white space, the names of each object in order (RFC 8785 for what occurs here:
no number is anything but a small integer, save in `detail`). Hashes are SHA-256. The README describes each part.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from portal import signing
from portal.signing import KeyRing

VERSION = 1
KIND = "audit-block+jws"
PORTAL = UUID(int=0)  # whose chain holds what is of no organization
BEGINNING = bytes(32)
DIGEST = 32
NONE = bytes(1)  # the hash of what is neither there nor erased: no seal holds it


@dataclass(frozen=True)
class Event:
    """One event as its row has it; `who` and `what` are values with a salt, or the hash that is left of them."""

    id: UUID
    organization_id: UUID | None
    actor_id: UUID | None
    actor_role: str | None
    action: str
    object_kind: str
    object_id: str | None
    detail: dict[str, Any]
    address: str | None
    request_id: str | None
    concerns_id: UUID | None
    object_owner_id: UUID | None
    at: datetime
    who_salt: UUID | None
    who_hash: bytes | None
    what_salt: UUID | None
    what_hash: bytes | None
    block_n: int | None = None
    place: int | None = None


@dataclass(frozen=True)
class Block:
    """A run of events of one organization: the n-th of its chain, at a position among all blocks of the portal."""

    organization_id: UUID
    n: int
    position: int
    count: int
    prev: bytes
    digests: bytes
    sealed_at: datetime
    hash: bytes
    signature: str


@dataclass(frozen=True)
class Head:
    """What a signature says of a block."""

    organization_id: UUID
    n: int
    position: int
    content: bytes


def canonize(value: Any) -> bytes:
    """The canonical bytes of a value of JSON."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def spell(moment: datetime) -> str:
    """A moment in UTC with its microseconds, in one spelling."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def hash_who(event: Event) -> bytes:
    """The hash of who acted and from where; the one that was kept where the values were erased."""
    values = [None if event.actor_id is None else str(event.actor_id), event.address]
    return _hash_beside("who", event.who_salt, event.who_hash, values, [None, None])


def hash_what(event: Event) -> bytes:
    """The hash of which object it was and of the detail; the one that was kept where the values were erased."""
    values = [event.object_id, event.detail]
    return _hash_beside("what", event.what_salt, event.what_hash, values, [None, {}])


def _hash_beside(name: str, salt: UUID | None, kept: bytes | None, values: list[Any], erased: list[Any]) -> bytes:
    if salt is not None:
        return NONE if kept is not None else hashlib.sha256(canonize([name, str(salt), *values])).digest()
    return kept if kept is not None and values == erased else NONE


def hash_event(event: Event) -> bytes:
    """What a block holds of an event."""
    content = {
        "v": VERSION,
        "id": str(event.id),
        "organization": _name(event.organization_id),
        "role": event.actor_role,
        "action": event.action,
        "kind": event.object_kind,
        "request": event.request_id,
        "concerns": _name(event.concerns_id),
        "owner": _name(event.object_owner_id),
        "at": spell(event.at),
        "who": hash_who(event).hex(),
        "what": hash_what(event).hex(),
    }
    return hashlib.sha256(canonize(content)).digest()


def _name(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def write_content(block: Block) -> bytes:
    """The bytes of a block that are hashed and signed."""
    return canonize(
        {
            "v": VERSION,
            "organization": str(block.organization_id),
            "n": block.n,
            "position": block.position,
            "count": block.count,
            "prev": block.prev.hex(),
            "events": hashlib.sha256(block.digests).hexdigest(),
            "sealed_at": spell(block.sealed_at),
        }
    )


def hash_block(block: Block) -> bytes:
    """What the next block of the chain holds of this one."""
    return hashlib.sha256(write_content(block)).digest()


def make_block(
    organization: UUID, n: int, position: int, prev: bytes, events: Iterable[Event], sealed_at: datetime, keys: KeyRing
) -> Block:
    """The next block of a chain, signed."""
    digests = [hash_event(event) for event in events]
    draft = Block(organization, n, position, len(digests), prev, b"".join(digests), sealed_at, b"", "")
    content = write_content(draft)
    signature = keys.sign(content, KIND)
    return Block(**{**vars(draft), "hash": hashlib.sha256(content).digest(), "signature": signature})


def split_digests(block: Block) -> list[bytes]:
    """The hash of each event of a block, in their order."""
    return [block.digests[start : start + DIGEST] for start in range(0, len(block.digests), DIGEST)]


def read_head(signature: str, keys: Mapping[str, OKPKey]) -> Head | None:
    """What was signed; None where the signature is not by one of the keys, for a block, and over just this."""
    try:
        found = jws.extract_compact(signature.encode("ascii"))
        header = found.protected
        key = keys[str(header["kid"])]
        is_right = (header["alg"], header["typ"]) == (signing.ALGORITHM, KIND) and jws.validate_compact(
            found, key, algorithms=[signing.ALGORITHM]
        )
        return _read_content(found.payload) if is_right else None
    except (JoseError, KeyError, TypeError, ValueError):
        return None


def read_position(signature: str) -> int:
    """The position of a block by its signature, which is not checked; raises ValueError for what is none."""
    try:
        return _read_content(jws.extract_compact(signature.encode("ascii")).payload).position
    except (JoseError, KeyError, TypeError) as error:
        raise ValueError("no signed block") from error


def _read_content(content: bytes) -> Head:
    said = orjson.loads(content)
    return Head(UUID(said["organization"]), int(said["n"]), int(said["position"]), content)
