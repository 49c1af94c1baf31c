"""JSON objects inside a statement, built so that no name chosen by a caller ever becomes part of its text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, cast, func, literal_column, select

from portal.reading.parameters import Parameters
from portal.reading.rows import Decoder
from portal.reading.sources import Source

LONGEST_IDENTIFIER = 63  # bytes; PostgreSQL cuts the rest off
MOST_PAIRS = 50  # a function takes at most 100 arguments
EMPTY_LIST = literal_column("'[]'::json", JSON)


@dataclass(frozen=True)
class Pair:
    """One member of an object: the response key, the schema's own name of the field, the value and its decoder."""

    key: str
    label: str
    value: ColumnElement[Any]
    decoder: Decoder | None = None

    @property
    def is_renamed(self) -> bool:
        return self.key != self.label or len(self.label.encode()) > LONGEST_IDENTIFIER


def write_object(pairs: Sequence[Pair], source: Source, parameters: Parameters) -> ColumnElement[Any]:
    """The object as an expression over the row of `source`.

    With the schema's own names it is a row with these column names (a fifth faster); with names that the caller
    chose they are bound as parameters.
    """
    if not pairs:
        return literal_column("'{}'::json", JSON)
    if any(pair.is_renamed for pair in pairs):
        return _write_renamed(pairs, parameters)
    members = select(*(pair.value.label(pair.label) for pair in pairs)).correlate(*source.froms).lateral()
    source.attach(members, optional=False)
    return func.row_to_json(members.table_valued(), type_=JSON)


def _write_renamed(pairs: Sequence[Pair], parameters: Parameters) -> ColumnElement[Any]:
    parts = []
    for start in range(0, len(pairs), MOST_PAIRS):
        arguments: list[ColumnElement[Any]] = []
        for pair in pairs[start : start + MOST_PAIRS]:
            arguments += [parameters.bind_constant(Text(), pair.key), pair.value]
        parts.append(func.json_build_object(*arguments, type_=JSON))
    return parts[0] if len(parts) == 1 else _merge(parts)


def _merge(parts: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Several objects as one, by their text: json keeps the order of its members, which jsonb would not."""
    inner = [func.substr(cast(part, Text), 2) for part in parts]
    bodies = [func.left(body, -1) for body in inner]
    return cast(func.concat("{", func.concat_ws(",", *bodies), "}"), JSON)
