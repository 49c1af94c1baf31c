"""Single-use links, sessions and keys: 256 random bits each, of which the portal keeps only the hash."""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from portal import access

BYTES = 32
LETTERS = b"portal.link-in-letter:"


def make_token() -> str:
    """A new secret of 43 characters that fit into an address."""
    return secrets.token_urlsafe(BYTES)


def derive_token(secret_key: str, letter: UUID) -> str:
    """The secret of the link in one letter, of the same form as a new one; without the key nobody can tell it."""
    made = hmac.digest(secret_key.encode(), LETTERS + letter.bytes, hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def make_api_key() -> str:
    """A new API key; the prefix lets scanners of source code find one that leaked."""
    return access.API_KEY_PREFIX + secrets.token_urlsafe(BYTES)


def hash_token(token: str) -> bytes:
    """SHA-256 of a token; a slow hash would protect 256 random bits no better."""
    return hashlib.sha256(token.encode()).digest()
