"""The check of an id token (OpenID Connect Core 1.0, 3.1.3.7): who signed it, for whom, for which sign-in, how long.

joserfc, which the portal has for its own signatures, verifies; authlib would bring a client of its own, past the guard.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from portal.sso.provider import ProviderFailed, read_object

# Signatures by a key that the provider alone has. Without `none`, and without HS256, whose key we would share with it:
# a provider's public key taken as a shared secret would sign whatever anybody likes.
FAMILIES: dict[str, tuple[str, ...]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA", "Ed25519"),
}
ALGORITHMS = tuple(name for names in FAMILIES.values() for name in names)
LEAST_RSA_BITS = 2_048
LEEWAY = 60.0  # seconds that clocks may differ
OLDEST = 600.0  # seconds since it was issued, as it is fetched at once
MOST_CHARACTERS, MOST_SUBJECT = 20_000, 255


class BadToken(Exception):
    """A token that proves nothing; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UnknownKey(BadToken):
    """No key of those given signed it; a provider that has changed its keys has others."""


@dataclass(frozen=True)
class Expected:
    """What a token must say."""

    issuer: str
    client_id: str
    nonce: str


def check(token: object, keys: Sequence[Mapping[str, Any]], expected: Expected) -> Mapping[str, Any]:
    """The claims of a token that proves what it must; raises BadToken."""
    if not isinstance(token, str) or len(token) > MOST_CHARACTERS:
        raise BadToken("NO_TOKEN")
    claims = _verify(token, keys)
    now = time.time()
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != expected.issuer:
        raise BadToken("ISSUER")
    if expected.client_id not in named or (len(named) > 1 and "azp" not in claims):
        raise BadToken("AUDIENCE")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise BadToken("AUDIENCE")
    issued, ends = _read_time(claims, "iat"), _read_time(claims, "exp")
    if ends <= now - LEEWAY or issued > now + LEEWAY or issued < now - OLDEST:
        raise BadToken("EXPIRED")
    if "nbf" in claims and _read_time(claims, "nbf") > now + LEEWAY:
        raise BadToken("EXPIRED")
    if claims.get("nonce") != expected.nonce:
        raise BadToken("NONCE")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= MOST_SUBJECT or "\0" in subject:
        raise BadToken("SUBJECT")
    return claims


def _read_time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken("EXPIRED")
    return float(value)


def _verify(token: str, keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, AttributeError):
        raise BadToken("NO_TOKEN") from None
    algorithm, wanted = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise BadToken("ALGORITHM")
    for key in keys:
        if (wanted is None or key.get("kid") == wanted) and key.get("alg", algorithm) == algorithm:
            content = _try_key(token, key, str(algorithm))
            if content is not None:
                return _read_claims(content)
    raise UnknownKey("SIGNATURE")


def _read_claims(content: bytes) -> Mapping[str, Any]:
    try:
        return read_object(content)
    except ProviderFailed:
        raise BadToken("NO_TOKEN") from None


def _try_key(token: str, key: Mapping[str, Any], algorithm: str) -> bytes | None:
    """What the token holds, where this key signed it."""
    if algorithm not in FAMILIES.get(str(key.get("kty")), ()):
        return None
    try:
        imported = import_key(dict(key))
        if isinstance(imported, RSAKey) and imported.public_key.key_size < LEAST_RSA_BITS:
            return None
        if not isinstance(imported, RSAKey | ECKey | OKPKey):
            return None
        return jws.deserialize_compact(token, imported, algorithms=[algorithm]).payload
    except (JoseError, ValueError, TypeError, KeyError):
        return None
