"""Who may sign in to the demo, with passwords and keys that are drawn for this installation and kept in its folder."""

import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from portal import access
from portal.errors import SetupError

FILE = "demo-sign-ins.json"
# By part: the address. Suppliers' addresses are those of the cast.
ADDRESSES = {
    "operator": "operator@portal.example",
    "buyer_1": "buyer@plumdale.example",
    "buyer_2": "buyer@kestrowell.example",
    "partner": "partner@fabrindex.example",
    "supplier_fresh": "fresh@supplier.example",
    "supplier_middle": "middle@supplier.example",
    "supplier_results": "results@supplier.example",
}
KEYS = {
    "buyer_1": ("suppliers:read",),
    "partner": ("benchmarks:read",),
    "supplier_results": ("assessments:read",),
}


@dataclass(frozen=True)
class SignIns:
    """Passwords and API keys by part."""

    passwords: dict[str, str] = field(repr=False)
    keys: dict[str, str] = field(repr=False)


def draw_sign_ins() -> SignIns:
    """New passwords and keys, from a source fit for secrets."""
    return SignIns(
        passwords={part: secrets.token_urlsafe(12) for part in ADDRESSES},
        keys={part: access.API_KEY_PREFIX + secrets.token_urlsafe(32) for part in KEYS},
    )


def read_sign_ins(folder: Path) -> SignIns | None:
    """Those of this installation; none where there is no file, or one that does not hold them all."""
    try:
        kept = orjson.loads((folder / FILE).read_bytes())
        found = SignIns(passwords=dict(kept["passwords"]), keys=dict(kept["keys"]))
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise SetupError(f"{folder / FILE} cannot be read ({problem.strerror}).") from problem
    except (ValueError, KeyError, TypeError):
        return None
    return found if set(found.passwords) == set(ADDRESSES) and set(found.keys) == set(KEYS) else None


def keep_sign_ins(folder: Path, drawn: SignIns) -> None:
    """Write the file whole or not at all, for this account's eyes only. Raises SetupError."""
    draft = folder / f"{FILE}.{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(orjson.dumps(asdict(drawn), option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / FILE)
    except OSError as problem:
        raise SetupError(f"The data folder {folder} cannot be written to ({problem.strerror}).") from problem
