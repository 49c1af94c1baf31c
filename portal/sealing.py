"""Secrets at rest: what the portal must be able to read again is kept sealed, with a key that the database never sees.

JWE in compact form (RFC 7516), `dir` with A256GCM. The key of each sealed secret is made of PORTAL_SECRET_KEY, of what
it is for and of whose it is, so that one put in another's place does not open.
"""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

import structlog
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from portal import errors
from portal.settings import Settings

log = structlog.get_logger(__name__)

LOCKED = (
    "This cannot be done just now: this portal lacks the key to something that it keeps sealed. Its operator finds "
    "what to do in the log."
)
ENCRYPTION = "A256GCM"
PURPOSE = b"portal.sealed:"
SECOND_FACTOR, WEBHOOK, SSO = "second_factor", "webhook", "sso"  # what secrets are for


@dataclass(frozen=True)
class Sealer:
    """Seals with the first of its keys, and opens what any of them sealed."""

    secret_keys: tuple[str, ...]

    def seal(self, purpose: str, owner: UUID, secret: bytes) -> str:
        """A secret of somebody for one purpose, sealed. Raises SetupError where the installation has no key."""
        if not self.secret_keys:
            raise errors.SetupError("PORTAL_SECRET_KEY is missing: without it no secret can be kept.")
        key = _derive(self.secret_keys[0], purpose, owner)
        return jwe.encrypt_compact({"alg": "dir", "enc": ENCRYPTION}, secret, key)

    def open(self, purpose: str, owner: UUID, sealed: str) -> bytes:
        """The secret; raises SetupError where none of the keys sealed it for this purpose and owner."""
        for key in self.secret_keys:
            opened = _open(_derive(key, purpose, owner), sealed)
            if opened is not None:
                return opened
        raise errors.SetupError(
            "A sealed secret does not open. Was PORTAL_SECRET_KEY changed? Put the earlier one into "
            "PORTAL_FORMER_SECRET_KEYS; `portal credentials reseal` then seals all of them with the new one."
        )

    def open_for_caller(self, purpose: str, owner: UUID, sealed: str) -> bytes:
        """As `open`, where somebody waits: raises Unavailable, and the operator is told by the log what to do."""
        try:
            return self.open(purpose, owner, sealed)
        except errors.SetupError as problem:
            log.error("secret.unreadable", purpose=purpose, owner=str(owner), reason=str(problem))
            raise errors.Unavailable(LOCKED) from None

    def is_newest(self, purpose: str, owner: UUID, sealed: str) -> bool:
        """Whether it was sealed with the key that seals now."""
        return bool(self.secret_keys) and _open(_derive(self.secret_keys[0], purpose, owner), sealed) is not None


def open_sealer(settings: Settings) -> Sealer:
    """What seals and opens on an installation."""
    keys = (settings.secret_key, *settings.former_secret_keys.split(","))
    return Sealer(tuple(filter(None, (one.strip() for one in keys))))


def _derive(key: str, purpose: str, owner: UUID) -> OctKey:
    named = PURPOSE + purpose.encode() + b":" + owner.bytes
    return OctKey.import_key(hmac.digest(key.encode(), named, hashlib.sha256))


def _open(key: OctKey, sealed: str) -> bytes | None:
    try:
        return jwe.decrypt_compact(sealed, key, algorithms=["dir", ENCRYPTION]).plaintext
    except (JoseError, ValueError):
        return None
