"""The signed link by which a person stops letters about requests without signing in."""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

PATH = "/letters/stop"
PURPOSE = b"portal.stop-request-letters:"
_ID_BYTES, _SIGNATURE_BYTES = 16, 16
STOP = text("SELECT portal.stop_request_letters(:person)")


def make_link(public_url: str, secret_key: str, person: UUID) -> str:
    """The address that stops the letters to one person; it works for good, and for nothing else."""
    token = base64.urlsafe_b64encode(person.bytes + _sign(secret_key, person)).decode().rstrip("=")
    return f"{public_url}{PATH}?token={token}"


def read_token(secret_key: str, token: str) -> UUID | None:
    """Whose letters a token stops; none where we did not make it."""
    try:
        parts = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if not secret_key or len(parts) != _ID_BYTES + _SIGNATURE_BYTES:
        return None
    person = UUID(bytes=parts[:_ID_BYTES])
    return person if hmac.compare_digest(parts[_ID_BYTES:], _sign(secret_key, person)) else None


async def stop(session: AsyncSession, person: UUID) -> None:
    """No more letters about requests to a person, until the person wants them again."""
    await session.execute(STOP, {"person": person})


def _sign(secret_key: str, person: UUID) -> bytes:
    return hmac.digest(secret_key.encode(), PURPOSE + person.bytes, hashlib.sha256)[:_SIGNATURE_BYTES]
