"""Signed, short-lived links to evidence: who may fetch which document until when, asked again when it is fetched."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from uuid import UUID

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal import access, errors
from portal.access import Actor
from portal.assessments import evidence_checking, evidence_previews, receipts
from portal.database import audit
from portal.database.tables import evidence as tables

LIFETIME = timedelta(minutes=5)
PATH = "/downloads/evidence"
DOMAIN = b"supplier-portal evidence download 1"
LONGEST = 1_000

OPEN = text(
    """
    SELECT member_role, file_name, media_type, size, storage_key, sha256, preview_size
      FROM portal.open_download(:reader, :person, :machine, :supplier, :evidence)
    """
)


@dataclass(frozen=True)
class Permit:
    """What a link says; it holds only together with the rights of the reader at the moment it is used."""

    reader: UUID
    person: UUID | None
    machine: UUID | None
    supplier: UUID
    evidence: UUID
    expires: int  # seconds since 1970
    preview: bool


@dataclass(frozen=True)
class Opened:
    """A document that may be sent now."""

    file_name: str
    media_type: str
    size: int
    storage_key: str


async def create_download(
    session: AsyncSession, actor: Actor, *, supplier_id: UUID, evidence_id: UUID, secret: str, preview: bool = False
) -> tuple[str, datetime]:
    """The token of a link to one document, or to its preview, and its end.

    Raises NotFound, and Conflict while it is not available or has no preview.
    """
    if supplier_id == actor.organization:
        access.require(actor, access.SUPPLIER)
    table = tables.Evidence
    found = (
        await session.execute(
            select(
                table.state,
                table.preview_size,
                table.withdrawn,
                func.portal.clock().label("now"),
            ).where(table.supplier_id == supplier_id, table.id == evidence_id)
        )
    ).one_or_none()
    if found is None or (supplier_id != actor.organization and not access.READER.allows(actor)):
        raise errors.NotFound("There is no such evidence.", path=("evidenceId",))
    if found.state == "removed":
        words = "This file was removed once it was needed no more; what was submitted keeps its hash."
        raise errors.Conflict(words, code="REMOVED", path=("evidenceId",))
    if found.state != "available":
        raise errors.Conflict("This file cannot be fetched: it was not checked yet, or refused.", code="NOT_AVAILABLE")
    if found.withdrawn and supplier_id != actor.organization:
        words = (
            "The supplier has put a redacted file in the place of this one; `replacedById` names it while it is there."
        )
        raise errors.Conflict(words, code="REDACTED", path=("evidenceId",))
    if preview and found.preview_size is None:
        raise errors.Conflict("This file has no preview; fetch the file itself.", code="NO_PREVIEW")
    end: datetime = (found.now + LIFETIME).replace(microsecond=0)
    person, machine = actor.user_id, None if actor.user_id else actor.api_key_id
    permit = Permit(actor.organization, person, machine, supplier_id, evidence_id, int(end.timestamp()), preview)
    return sign(permit, secret), end.astimezone(UTC)


def sign(permit: Permit, secret: str) -> str:
    """The permit with its HMAC-SHA256, both as base64 for addresses; raises SetupError without a secret."""
    content = orjson.dumps([str(part) if isinstance(part, UUID) else part for part in vars(permit).values()])
    return f"{_encode(content)}.{_encode(_hash(content, secret))}"


def read_permit(token: str, secret: str) -> Permit | None:
    """The permit in a token that we signed, or none."""
    if len(token) > LONGEST:
        return None
    content, _, signature = token.partition(".")
    try:
        given = _decode(content)
        if not hmac.compare_digest(_decode(signature), _hash(given, secret)):
            return None
    except (binascii.Error, UnicodeEncodeError):
        return None
    *parts, expires, preview = orjson.loads(given)
    reader, person, machine, supplier, evidence = (None if part is None else UUID(part) for part in parts)
    return Permit(reader, person, machine, supplier, evidence, expires, preview)  # type: ignore[arg-type]  # we signed it


async def open_download(session: AsyncSession, *, token: str, secret: str) -> Opened:
    """The document behind a link, for this transaction acting as its reader; another organization leaves a receipt.

    Raises NotFound whatever is wrong: the link, its end, the membership, the role, or the share.
    """
    permit = read_permit(token, secret)
    if permit is None or (await session.execute(select(func.portal.clock()))).scalar_one().timestamp() > permit.expires:
        raise errors.NotFound("This link is not valid or has ended. Ask for a new one.")
    names = ("reader", "person", "machine", "supplier", "evidence")
    found = (await session.execute(OPEN, {name: getattr(permit, name) for name in names})).one_or_none()
    if found is None or (permit.preview and found.preview_size is None):
        raise errors.NotFound("This link is not valid or has ended. Ask for a new one.")
    reader = Actor(
        user_id=permit.person,
        api_key_id=permit.machine,
        organization_id=permit.reader,
        member_role=None if permit.person is None else found.member_role,
    )
    if permit.reader == permit.supplier:
        await audit.add_audit(session, reader, "evidence.fetched", "evidence", permit.evidence)
    else:
        await receipts.note_download(session, reader, supplier_id=permit.supplier, evidence_id=permit.evidence)
    if permit.preview:
        name = f"{PurePath(found.file_name).stem} (preview).jpg"
        key = evidence_checking.make_preview_key(permit.supplier, found.sha256)
        return Opened(name, evidence_previews.MEDIA_TYPE, found.preview_size, key)
    return Opened(found.file_name, found.media_type, found.size, found.storage_key)


def _hash(content: bytes, secret: str) -> bytes:
    if not secret:
        raise errors.SetupError("PORTAL_SECRET_KEY is not set, so links to files cannot be signed.")
    return hmac.digest(secret.encode(), DOMAIN + b"\0" + content, hashlib.sha256)


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text_: str) -> bytes:
    return base64.b64decode(text_.encode("ascii") + b"=" * (-len(text_) % 4), altchars=b"-_", validate=True)
