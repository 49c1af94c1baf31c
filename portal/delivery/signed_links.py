"""Tokens of links in letters that name what they are for and are signed: nothing of them is stored."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from uuid import UUID

_ID_BYTES, _SIGNATURE_BYTES = 16, 16


def make_token(secret_key: str, purpose: bytes, ids: Sequence[UUID]) -> str:
    """What a link carries: the ids that it is for, and what only we can make of them."""
    named = b"".join(one.bytes for one in ids)
    return base64.urlsafe_b64encode(named + _sign(secret_key, purpose, named)).decode().rstrip("=")


def read_token(secret_key: str, purpose: bytes, token: str, count: int) -> tuple[UUID, ...] | None:
    """The ids of a token, so many; none where we did not make it for this purpose."""
    try:
        parts = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if not secret_key or len(parts) != count * _ID_BYTES + _SIGNATURE_BYTES:
        return None
    named, signature = parts[:-_SIGNATURE_BYTES], parts[-_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(secret_key, purpose, named)):
        return None
    return tuple(UUID(bytes=named[at : at + _ID_BYTES]) for at in range(0, len(named), _ID_BYTES))


def _sign(secret_key: str, purpose: bytes, named: bytes) -> bytes:
    return hmac.digest(secret_key.encode(), purpose + named, hashlib.sha256)[:_SIGNATURE_BYTES]
