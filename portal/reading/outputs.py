"""How a column becomes a value of the answer: its SQL form, spelled exactly as the surface spells it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Integer, LargeBinary, Numeric, Text, case, cast, func, literal_column

Expression: TypeAlias = ColumnElement[Any]


@dataclass(frozen=True)
class Output:
    """A spelling: `write` in the statement, and `read` where ordinary execution wants something else than the JSON."""

    write: Callable[[Expression], Expression]
    read: Callable[[Any], Any] | None = None


def _write_integer(value: Expression) -> Expression:
    """An Int of the surface has 32 bits; a larger number fails instead of going out wrong."""
    return cast(value, Integer) if isinstance(value.type, BigInteger) else value


def _write_hundredths(value: Expression) -> Expression:
    """Multiplying by 0.01 is exact for numeric and always leaves two digits behind the point."""
    return cast(cast(value, Numeric) * literal_column("0.01", Numeric), Text)


def _write_moment(value: Expression) -> Expression:
    utc = func.timezone(literal_column("'UTC'"), value)
    spelled = func.to_char(utc, literal_column('\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\'', Text))
    return func.replace(spelled, literal_column("'.000000Z'", Text), literal_column("'Z'", Text))


def _write_base64(content: Expression, *, whole: bool = False) -> Expression:
    """Base64 for addresses; `whole` is content of a multiple of three bytes and one line, which needs no padding.

    Four replacements cost a fifth of one `translate`, which goes through the text letter by letter.
    """
    encoded = func.encode(content, literal_column("'base64'"))
    pairs = [("'+'", "'-'"), ("'/'", "'_'"), *([] if whole else [("'='", "''"), ("E'\\n'", "''")])]
    for old, new in pairs:
        encoded = func.replace(encoded, literal_column(old, Text), literal_column(new, Text))
    return encoded


PLAIN = Output(lambda value: value)  # text, booleans, floats, dates, UUIDs, JSON: the database's own JSON form
INTEGER = Output(_write_integer)
HUNDREDTHS = Output(_write_hundredths)  # an integer of hundredths as a Decimal, "12.30"
MOMENT = Output(_write_moment)  # a timestamptz in UTC with Z, with microseconds only where it has some
LINKLESS = Output(lambda words: func.portal.strip_links(words, type_=Text))  # what another organization wrote
CODE = Output(func.upper, lambda name: name.lower() if name is not None else None)  # an enum: `open` is OPEN


def names(of: Mapping[str, str]) -> Output:
    """An enum whose names are not its codes in capitals: from each code to its name."""
    codes = {name: code for code, name in of.items()}

    def write(value: Expression) -> Expression:
        listed = [(literal_column(_quote(code), Text), literal_column(_quote(name), Text)) for code, name in of.items()]
        return case(*((value == code, name) for code, name in listed))

    return Output(write, codes.get)


def write_node_id(tag: str, owner: Expression, own: Expression) -> Expression:
    """The opaque id of a row: base64 for addresses over four letters of its kind, the owner's id and its own."""
    if len(tag) != 4 or not (tag.isascii() and tag.isalpha() and tag.islower()):
        raise ValueError(f"The tag of an id must be four small letters, not {tag!r}.")
    kind = literal_column(f"'{tag}'::bytea", LargeBinary)
    sent = kind.op("||")(func.uuid_send(owner)).op("||")(func.uuid_send(own))
    return _write_base64(sent, whole=True)  # 36 bytes


def write_opaque(text: Expression) -> Expression:
    """A text as base64 for addresses, without padding."""
    return _write_base64(func.convert_to(text, literal_column("'UTF8'")))


def _quote(text: str) -> str:
    """A literal of ours; only declarations come here."""
    return "'" + text.replace("'", "''") + "'"
