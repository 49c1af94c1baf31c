"""Signatures of the Standard Webhooks specification: HMAC-SHA256 over id, time and body, one for each valid secret."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from portal import errors

PREFIX = "whsec_"
SECRET_BYTES = 32  # the specification wants 24 to 64


def make_secret() -> str:
    """A new secret, as the receiver gets it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature of version 1; raises SetupError for what is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise errors.SetupError("The secret of a webhook cannot be read.") from None
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def write_headers(valid: Sequence[str], message_id: str, moment: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers of a message that goes out at this moment, signed with every secret that is valid."""
    timestamp = int(moment.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(one, message_id, timestamp, body) for one in valid),
    }
