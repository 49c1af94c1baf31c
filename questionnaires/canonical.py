"""Canonical JSON after RFC 8785, content hashes, and canonical decimal strings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring

_SAFE_INTEGER = 2**53 - 1


def write_decimal(number: Decimal) -> str:
    """The one spelling of a number: no exponent, no trailing zeros, no plus, no minus zero ("1.0" and "1" are "1")."""
    if not number.is_finite():
        raise ValueError(f"{number} is not a finite number")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def write_canonical(value: object) -> bytes:
    """UTF-8 bytes of the canonical form; numbers other than safe integers must be canonical strings already.

    Raises TypeError for a float or an unknown type and ValueError for an unsafe integer or a lone surrogate.
    """
    return _write(value).encode("utf-8")


def _write(value: object) -> str:
    match value:
        case str():
            return encode_basestring(value)
        case None | bool():
            return json.dumps(value)
        case int():
            if abs(value) > _SAFE_INTEGER:
                raise ValueError(f"{value} is beyond the integers that JSON carries exactly; write it as a string")
            return str(value)
        case dict() | Mapping():
            # RFC 8785 sorts by UTF-16 code units, which differs from code points beyond the basic plane.
            is_plain = all(map(str.isascii, value))
            keys = (
                sorted(value) if is_plain else sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
            )
            return "{" + ",".join(f"{_write(key)}:{_write(value[key])}" for key in keys) + "}"
        case list() | tuple():
            return "[" + ",".join(_write(item) for item in value) + "]"
        case _:
            raise TypeError(
                f"{type(value).__name__} has no canonical form; numbers with decimals are written as strings"
            )


def hash_document(document: object) -> str:
    """SHA-256 of the canonical form, in lower-case hexadecimal."""
    return hashlib.sha256(write_canonical(document)).hexdigest()
