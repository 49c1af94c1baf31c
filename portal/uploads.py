"""Single-use links that files come in by: each belongs to one row that waits for its file, whatever the file is for."""

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

LIFETIME = timedelta(hours=1)
PATH = "/uploads"
HEADER = "Upload-Token"  # not in the address, so that no server on the way writes it into a log

FIND = text("SELECT purpose, owner_id, id, state FROM portal.find_upload(:hash)")
RECEIVE = text("SELECT purpose, owner_id, id FROM portal.receive_upload(:hash, :key, :size, :sha256)")


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
    return None if found is None else Upload(found.purpose, found.owner_id, found.id, found.state)


async def receive_upload(session: AsyncSession, token: str, *, key: str, size: int, sha256: bytes) -> bool:
    """Let the row have its file and tell of it; False where another file with the same link was faster."""
    parameters: dict[str, Any] = {"hash": hash_token(token), "key": key, "size": size, "sha256": sha256}
    found: Row[Any] | None = (await session.execute(RECEIVE, parameters)).one_or_none()
    if found is None:
        return False
    purpose = PURPOSES[found.purpose]
    await outbox.add_event(session, purpose.topic, **{purpose.owner: found.owner_id, purpose.subject: found.id})
    return True
