"""Keyset cursors: the sort's name, the value and the tie of a row, opaque to callers, checked on return."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Text, cast, func, literal_column

from portal import errors
from portal.reading import outputs
from portal.reading.declarations import Sort

LONGEST = 2_000  # characters
LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class Position:
    """Behind which row a page starts; no value stands for one that is missing, all of which come last."""

    value: str | int | date | UUID | None
    tie: UUID


def read_cursor(name: str, sort: Sort, cursor: str, path: Sequence[str | int]) -> Position:
    """Take a cursor apart; raises InvalidInput BAD_CURSOR for one of another list or order, or a forged one."""
    try:
        if len(cursor) > LONGEST:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        of, value, tie = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if of != name or not isinstance(tie, str):
            raise ValueError("another order")
        return Position(_read_value(sort, value), UUID(tie))
    except (ValueError, TypeError, binascii.Error):
        words = "This cursor is not one of this list in this order; start again without `after`."
        raise errors.InvalidInput(words, code="BAD_CURSOR", path=tuple(path)) from None


def _read_value(sort: Sort, value: Any) -> str | int | date | UUID | None:
    if value is None and sort.present is not None:
        return None
    if sort.kind is int:
        if type(value) is not int or abs(value) > LARGEST_INTEGER:
            raise ValueError("not a number of the list")
        return value
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text")
    if sort.kind is date:
        return date.fromisoformat(value)
    return UUID(value) if sort.kind is UUID else value


def write_cursor(name: str, value: ColumnElement[Any], tie: ColumnElement[Any]) -> ColumnElement[Any]:
    """The cursor of a row, made in the statement."""
    content = func.json_build_array(literal_column(f"'{name}'", Text), value, tie)
    return outputs.write_opaque(cast(content, Text))
