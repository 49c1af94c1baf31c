"""Who vouches for a backup: whose signature stands over its manifest, and whether it holds."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from portal import errors, signing
from portal.backups import contents
from portal.backups.contents import Manifest


class Voucher(StrEnum):
    """By whom a backup is signed, in words that follow "it is"."""

    KNOWN = "signed by this portal"
    ITSELF = "signed by a key that only the backup itself holds"
    STRANGER = "signed by a key that is not known here"
    NOBODY = "not signed"
    BROKEN = "signed, and the signature does not hold"


def find_voucher(folder: Path, manifest: Manifest, known: Mapping[str, OKPKey]) -> Voucher:
    """Who signed a backup; a key that comes with it proves only that nobody changed it who has not got that key."""
    try:
        found = jws.extract_compact((folder / contents.SIGNATURE).read_bytes())
        key_id = str(found.protected["kid"])
    except FileNotFoundError:
        return Voucher.NOBODY
    except (JoseError, ValueError, TypeError, KeyError):
        return Voucher.BROKEN
    own = {} if key_id in known else _read_own(folder, manifest)
    key = known.get(key_id) or own.get(key_id)
    if key is None:
        return Voucher.STRANGER
    if not _holds(found, key, folder):
        return Voucher.BROKEN
    return Voucher.ITSELF if key_id in own else Voucher.KNOWN


def _read_own(folder: Path, manifest: Manifest) -> dict[str, OKPKey]:
    """The public keys of a backup that was made with its keys; none where they cannot be read."""
    if signing.KEY_FILE not in manifest.keys:
        return {}
    try:
        return signing.read_public_keys((folder / contents.KEYS / signing.KEY_FILE).read_bytes(), "the backup")
    except (OSError, errors.SetupError):
        return {}


def _holds(found: jws.CompactSignature, key: OKPKey, folder: Path) -> bool:
    """Whether it was made with this key, for a backup, and over just this manifest."""
    try:
        is_right = found.protected.get("typ") == contents.KIND and jws.validate_compact(
            found, key, algorithms=[signing.ALGORITHM]
        )
        said = orjson.loads(found.payload)["sha256"]
    except (JoseError, ValueError, TypeError, KeyError):
        return False
    return bool(is_right) and said == contents.hash_file(folder / contents.MANIFEST).sha256


def require_voucher(voucher: Voucher, folder: Path, *, accepts_unsigned: bool) -> bool:
    """Whether somebody vouches who is known here; raises SetupError where nobody does and that is not accepted."""
    if voucher is Voucher.KNOWN:
        return True
    if voucher is Voucher.STRANGER:
        raise errors.SetupError(
            f"{folder} is {voucher}: it is another portal's, or somebody exchanged the signature. Put the key that it "
            f"was signed with into {signing.KEY_FILE}; the public part will do. Where that key is lost, nobody can "
            f"tell what was changed: take {contents.SIGNATURE} away and say --unsigned."
        )
    if not accepts_unsigned:
        raise errors.SetupError(
            f"{folder} is {voucher}: whoever can write there could have changed anything in it. Where you know that "
            "nobody did, say --unsigned; the audit trail will tell that it was restored so."
        )
    return False
