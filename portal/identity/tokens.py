"""Single-use links, sessions and keys: 256 random bits each, of which the portal keeps only the hash."""

import hashlib
import secrets

from portal import access

BYTES = 32


def make_token() -> str:
    """A new secret of 43 characters that fit into an address."""
    return secrets.token_urlsafe(BYTES)


def make_api_key() -> str:
    """A new API key; the prefix lets scanners of source code find one that leaked."""
    return access.API_KEY_PREFIX + secrets.token_urlsafe(BYTES)


def hash_token(token: str) -> bytes:
    """SHA-256 of a token; a slow hash would protect 256 random bits no better."""
    return hashlib.sha256(token.encode()).digest()
