"""Single-use links that files come in by: each belongs to one row that waits for its file, whatever the file is for.

A file comes whole, or piece by piece, and then the link knows how far it is.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database import ids, outbox

LIFETIME = timedelta(hours=1)  # a day from each piece on, for a file that comes in pieces
PATH = "/uploads"
HEADER = "Upload-Token"  # not in the address, so that no server on the way writes it into a log

MOST_PARTS = 10_000  # of one file

FIND = text("SELECT purpose, owner_id, id, state, length, received, expires_at FROM portal.find_upload(:hash)")
RECEIVE = text("SELECT purpose, owner_id, id FROM portal.receive_upload(:hash, :key, :size, :sha256)")
RECEIVED = text("SELECT portal.find_received_digest(:hash)")
KEEP_PART = text("SELECT portal.keep_upload_part(:hash, :start, :size, :key, :most)")
LIST_PARTS = text("SELECT portal.list_upload_parts(:hash)")
DECLARE_SIZE = text("SELECT portal.declare_upload_size(:hash, :size)")
GIVE_UP = text("SELECT portal.give_up_upload(:hash)")


@dataclass(frozen=True)
class Purpose:
    """What uploads are for: where their files are kept, and the event that says one has arrived."""

    folder: str
    topic: str
    owner: str  # what the event calls the organization, and the row itself
    subject: str


# Each is a branch of portal.find_upload and portal.receive_upload in the database.
PURPOSES: Mapping[str, Purpose] = {
    "evidence": Purpose("quarantine", "evidence.received", "supplier", "evidence"),
    "supplier_list": Purpose("supplier-lists", "supplier_list.received", "buyer", "supplier_import"),
}


@dataclass(frozen=True)
class Ticket:
    """The right to send one file; only the hash is kept, in the row's upload_hash."""

    token: str = field(repr=False)
    expires_at: datetime

    @property
    def token_hash(self) -> bytes:
        return hash_token(self.token)


@dataclass(frozen=True)
class Upload:
    """A link as the database knows it: open, used or expired."""

    purpose: str
    owner_id: UUID
    id: UUID
    state: str
    length: int | None  # bytes of the whole file, where that was said or it is here
    received: int  # bytes
    expires_at: datetime

    def make_key(self) -> str:
        """A place for the bytes that no earlier try used; it begins with the row, so that leftovers can be found."""
        return f"{list_prefix(self.purpose, self.id)}{ids.new_id().hex}"


def list_prefix(purpose: str, id: UUID) -> str:
    """Where everything that came in for a row is kept until it is dealt with."""
    return f"{PURPOSES[purpose].folder}/{id.hex}/"


def hash_token(token: str) -> bytes:
    """SHA-256 of a token of 256 random bits, which a slow hash would protect no better."""
    return hashlib.sha256(token.encode()).digest()


async def make_ticket(session: AsyncSession) -> Ticket:
    """A new link; whoever calls writes its hash and its end into the row that waits for the file."""
    now: datetime = (await session.execute(select(func.portal.clock()))).scalar_one()
    return Ticket(secrets.token_urlsafe(32), now + LIFETIME)


async def find_upload(session: AsyncSession, token: str) -> Upload | None:
    """What a link is for, or none where there is no such link."""
    found = (await session.execute(FIND, {"hash": hash_token(token)})).one_or_none()
    return None if found is None else Upload(**found._mapping)


async def receive_upload(session: AsyncSession, token: str, *, key: str, size: int, sha256: bytes) -> bool:
    """Let the row have its file and tell of it; False where another file with the same link was faster."""
    parameters: dict[str, Any] = {"hash": hash_token(token), "key": key, "size": size, "sha256": sha256}
    found: Row[Any] | None = (await session.execute(RECEIVE, parameters)).one_or_none()
    if found is None:
        return False
    purpose = PURPOSES[found.purpose]
    await outbox.add_event(session, purpose.topic, **{purpose.owner: found.owner_id, purpose.subject: found.id})
    return True


async def find_received_digest(session: AsyncSession, token: str) -> bytes | None:
    """SHA-256 of the file that came in by a link, or none where none did."""
    found: bytes | None = await session.scalar(RECEIVED, {"hash": hash_token(token)})
    return found


async def keep_part(session: AsyncSession, token: str, *, start: int, size: int, key: str) -> str:
    """Note a piece that was stored: "kept", or "moved" where the file has another length by now, "full" where it has
    too many pieces, "over" where the link waits for nothing any more.
    """
    parameters = {"hash": hash_token(token), "start": start, "size": size, "key": key, "most": MOST_PARTS}
    return str((await session.execute(KEEP_PART, parameters)).scalar_one())


async def list_parts(session: AsyncSession, token: str) -> list[str]:
    """Where the pieces of a file lie, in their order."""
    return list(await session.scalars(LIST_PARTS, {"hash": hash_token(token)}))


async def declare_size(session: AsyncSession, token: str, size: int) -> int | None:
    """Say how long a file will be; gives what holds, which is what was said first.

    None where that is less than what is here already, or where the link is over.
    """
    found: int | None = await session.scalar(DECLARE_SIZE, {"hash": hash_token(token), "size": size})
    return found


async def give_up(session: AsyncSession, token: str) -> list[str]:
    """End a link before its file is whole; gives where its pieces lie, which are to be removed."""
    return list(await session.scalars(GIVE_UP, {"hash": hash_token(token)}))
