"""The key that summaries are signed with, the public keys that anybody checks them with, and the check itself.

A set of keys is JSON as RFC 7517 has it: the first one signs and is private, the others are older and public only, so
that what they signed can still be checked. Signatures are JWS in compact form with Ed25519 (RFC 9864).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from portal import errors
from portal import settings as configuration
from portal.settings import Settings

KEY_FILE = "signing.json"
ALGORITHM = "Ed25519"
TYPE = "summary+jws"
MOST_CHARACTERS = 200_000  # of a signed summary
PUBLIC = ("kty", "crv", "x", "kid", "alg", "use")


@dataclass(frozen=True)
class Signed:
    """What a valid signature was made over, and the key it was made with."""

    content: dict[str, Any]
    key_id: str


@dataclass(frozen=True)
class KeyRing:
    """The key that signs, and every public key by its id, the newest first."""

    private: OKPKey
    public: Mapping[str, OKPKey]

    def sign(self, content: bytes, kind: str = TYPE) -> str:
        """A JWS in compact form over these bytes; its kind keeps what was signed for one use from another."""
        header = {"alg": ALGORITHM, "kid": self.private.thumbprint(), "typ": kind}
        return jws.serialize_compact(header, content, self.private, algorithms=[ALGORITHM])

    def publish(self) -> bytes:
        """The public keys as a JWK set."""
        return orjson.dumps({"keys": [_describe(key) for key in self.public.values()]})


def make_keys(before: KeyRing | None = None) -> bytes:
    """A new key as a JWK set, with the public keys that came before; for the key file or PORTAL_SIGNING_KEY."""
    made = OKPKey.generate_key("Ed25519")
    older = [] if before is None else [_describe(key) for key in before.public.values()]
    own = _describe(made) | {"d": made.as_dict(private=True)["d"]}
    return orjson.dumps({"keys": [own, *older]}, option=orjson.OPT_INDENT_2)


def read_keys(text: str | bytes, place: str) -> KeyRing:
    """The keys of a JWK or a JWK set whose first key is private. Raises SetupError that names the place, no key."""
    keys = _read_set(text, place)
    if not keys[0].is_private:
        raise errors.SetupError(f"{place}: the first key signs, and this one has no private part `d`.")
    return KeyRing(keys[0], {key.thumbprint(): key for key in keys})


def read_public_keys(text: str | bytes, place: str) -> dict[str, OKPKey]:
    """The keys of a JWK set by their ids, to check signatures with. Raises SetupError."""
    return {key.thumbprint(): key for key in _read_set(text, place)}


def _read_set(text: str | bytes, place: str) -> list[OKPKey]:
    try:
        found = orjson.loads(text)
        listed = found.get("keys", [found])
        keys = [OKPKey.import_key({name: one[name] for name in (*PUBLIC, "d") if name in one}) for one in listed]
        is_right = bool(keys) and all(key.dict_value["crv"] == "Ed25519" and _is_whole(key) for key in keys)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        is_right = False
    if not is_right:
        raise errors.SetupError(f"{place}: this is no JWK or JWK set with keys of the kind OKP, curve Ed25519.")
    return keys


def _is_whole(key: OKPKey) -> bool:
    """Whether a private key's public part is its own: the id is made of it."""
    private = key.private_key
    return private is None or OKPKey.import_key(private).as_dict()["x"] == key.dict_value["x"]


def _describe(key: OKPKey) -> dict[str, Any]:
    public = key.as_dict()
    own = {"kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}
    return {"kty": public["kty"], "crv": public["crv"], "x": public["x"], **own}


def check_signature(text: str, keys: Mapping[str, OKPKey]) -> Signed:
    """What was signed; raises InvalidInput that says what is wrong with the signature, or whose key it needs.

    Nothing of the content is looked at before the signature holds, and no other algorithm than ours is ever used.
    """
    try:
        if len(text) > MOST_CHARACTERS:
            raise ValueError
        found = jws.extract_compact(text.strip().encode("ascii"))
        header = found.protected
    except (JoseError, ValueError, TypeError):
        raise errors.InvalidInput("This is no signed summary: a JWS in compact form.", code="FORMAT") from None
    if header.get("alg") != ALGORITHM:
        words = f"The signature is of the kind {header.get('alg')!r}; only {ALGORITHM} is accepted."
        raise errors.InvalidInput(words, code="ALGORITHM")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or key_id not in keys:
        words = f"It was signed with the key {key_id!r}, which is not among those given. Fetch the issuer's keys again."
        raise errors.InvalidInput(words, code="UNKNOWN_KEY")
    try:
        is_right = header.get("typ") == TYPE and jws.validate_compact(found, keys[key_id], algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError):
        is_right = False
    if not is_right:
        raise errors.InvalidInput("The signature does not hold: summary or signature was changed.", code="SIGNATURE")
    content = orjson.loads(found.payload)
    if not isinstance(content, dict):
        raise errors.InvalidInput("What was signed is no summary.", code="FORMAT")
    return Signed(content, key_id)


def ensure_signing_key(settings: Settings) -> Settings:
    """The settings with keys to sign with: the given ones, or those made once and kept in the data folder.

    Raises SetupError where they are none, or the folder cannot be written to.
    """
    if settings.signing_key:
        read_keys(settings.signing_key, "PORTAL_SIGNING_KEY")
        return settings
    path = settings.data_dir / KEY_FILE
    with configuration.explain_folder(settings):
        if not path.exists():
            configuration.write_private(path, make_keys())
        kept = path.read_bytes()
    read_keys(kept, str(path))
    return settings.model_copy(update={"signing_key": kept.decode()})


def find_signing_key(settings: Settings) -> str:
    """The keys that are set, or lie in the data folder; empty where there are none, and none are made."""
    path = settings.data_dir / KEY_FILE
    with configuration.explain_folder(settings):
        return settings.signing_key or (path.read_text(encoding="utf-8") if path.exists() else "")


def open_keys(settings: Settings) -> KeyRing | None:
    """The keys of a server; none where it was given none."""
    return read_keys(settings.signing_key, "PORTAL_SIGNING_KEY") if settings.signing_key else None


def rotate_keys(settings: Settings) -> KeyRing:
    """Put a new key in front of the others of the data folder. Raises SetupError, also where the settings have keys."""
    if settings.signing_key:
        raise errors.SetupError("The key is set by PORTAL_SIGNING_KEY: make a new set with --print and put it there.")
    path = settings.data_dir / KEY_FILE
    with configuration.explain_folder(settings):
        before = read_keys(path.read_bytes(), str(path)) if path.exists() else None
        made = make_keys(before)
        configuration.write_private(path, made, replaces=True)
    return read_keys(made, str(path))
