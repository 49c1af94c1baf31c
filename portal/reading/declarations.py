"""What a noun exposes: each field declared once as an SQL expression, each link once as one, many or a connection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Date, FromClause, Integer, Text, Uuid, any_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from portal import errors
from portal.reading.outputs import PLAIN, Output
from portal.reading.sources import Condition, Join, Source, Viewer

Expression: TypeAlias = Callable[[Source, Viewer], ColumnElement[Any]]
Predicate: TypeAlias = Callable[[Source, Viewer], Condition]
Bond: TypeAlias = Callable[[Source, Source], Condition]
Order: TypeAlias = Callable[[Source], Sequence[ColumnElement[Any]]]

LARGEST_PAGE = 100
PAGE = 25


@dataclass(frozen=True)
class Field:
    """A leaf: its expression over the row, and how it is spelled.

    `required` says that it is never null; a plain column of the noun's own row knows that by itself.
    """

    expression: Expression
    output: Output = PLAIN
    required: bool | None = None


@dataclass(frozen=True)
class Filter:
    """An argument that narrows a list: a condition over the row and the value, which is always a bound parameter.

    `load` turns what the caller gave into what is bound; it raises InvalidInput, or ValueError with the reason.
    With `each`, `load` gives a list of at most `most` values and every one of them must hold. `alone` is the
    condition where a list has one value only, which an index can serve in another order than several.
    """

    condition: Callable[[Source, Viewer, ColumnElement[Any]], Condition]
    kind: TypeEngine[Any]
    load: Callable[[Any], Any] = lambda value: value
    each: bool = False
    most: int = 8
    alone: "Filter | None" = None


@dataclass(frozen=True)
class Sort:
    """A keyset order: a value and a unique tie behind it.

    Where the value may be missing, `present` names the rows that have it and `absent` those where it is null, which
    come last; `withheld` names rows whose value the viewer may not see, and they come among those without one.
    Each of these conditions should be one range of an index. Filters that only rows with a value pass are `implied_by`
    it: with one of them the rows without are not looked at.
    """

    value: Expression
    kind: type = str  # str, int or date: of the value in the cursor
    tie: str = "id"
    descending: bool = False
    tie_descending: bool = False
    present: Predicate | None = None
    absent: Predicate | None = None
    withheld: Predicate | None = None
    implied_by: frozenset[str] = frozenset()


@dataclass(frozen=True)
class One:
    """A link to at most one row: the first of them in an order, where there may be several.

    `required` says that there always is one that the viewer may see.
    """

    noun: "Noun | Callable[[], Noun]"
    on: Bond
    required: bool = False
    order: Order | None = None


@dataclass(frozen=True)
class Part:
    """A link to an object that some columns of the same row make up; null where `when` does not hold."""

    noun: "Noun"
    when: Predicate | None = None


@dataclass(frozen=True)
class Ready:
    """A list as a column of the parent's row holds it, spelled out: for who asks for these fields, in this order."""

    fields: tuple[str, ...]
    value: Callable[[Source], ColumnElement[Any]]


@dataclass(frozen=True)
class Many:
    """A link to a short list, in a fixed order and cut at `most`; `rows` derives them from the parent's columns."""

    noun: "Noun | Callable[[], Noun]"
    order: Order
    on: Bond | None = None
    rows: Callable[[Source], FromClause] | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    when: Predicate | None = None  # of the parent; null where it does not hold
    most: int = 500
    ready: Ready | None = None


@dataclass(frozen=True)
class Slice:
    """A link to an object of type `name`: the first items behind a mark that a filter gives, and whether more follow.

    `items` and `more` name these two members; `fields` are over the row that the link starts from. `rows` derives the
    list from that row. Callers say how many by `first`, at most LARGEST_PAGE; `size` where they do not.
    """

    name: str
    noun: "Noun | Callable[[], Noun]"
    items: str
    more: str
    rows: Callable[[Source], FromClause]
    order: Order
    filters: Mapping[str, Filter]
    fields: Mapping[str, Field]
    size: int = PAGE


@dataclass(frozen=True)
class OneOf:
    """A link to a row of one of several nouns: the first that is found."""

    choices: tuple[One, ...]


@dataclass(frozen=True, eq=False)
class Connection:
    """A list in pages: the root of a list without `on`, a link with it. `count_cap` allows `total_count`, up to it.

    Without the filters of `always` the list would not be what its indexes are made for; callers must give them.
    """

    noun: "Noun | Callable[[], Noun]"
    sorts: Mapping[str, Sort]
    default_sort: str
    on: Bond | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    count_cap: int | None = None
    always: frozenset[str] = frozenset()


Link: TypeAlias = One | Part | Many | Slice | OneOf | Connection


@dataclass(frozen=True, eq=False)
class Noun:
    """One kind of object: its public type name, where its rows come from, which of them the viewer may see, its fields.

    `scope` is the rule of access in the statement itself; row-level security lies beneath it.
    `key` names columns that resolvers of undeclared fields find in `Row.key`.
    """

    name: str
    source: FromClause | Callable[[Viewer], FromClause]
    scope: Predicate | None  # None: whoever may see the row it is reached from
    fields: Mapping[str, Field]
    links: Mapping[str, Link] = field(default_factory=dict)
    joins: Mapping[str, Join] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    identity: str = "id"

    def __post_init__(self) -> None:
        twice = set(self.fields) & set(self.links)
        if twice:
            raise errors.SetupError(f"{self.name} declares twice: {', '.join(sorted(twice))}.")


def resolve(noun: Noun | Callable[[], Noun]) -> Noun:
    """The noun of a link; nouns that name each other do so by a function."""
    return noun if isinstance(noun, Noun) else noun()


def plain(column: str, output: Output = PLAIN, *, required: bool | None = None) -> Field:
    """A column of the row itself."""
    return Field(lambda row, viewer: row.c[column], output, required)


def equals(column: str, kind: TypeEngine[Any] | None = None) -> Filter:
    """A filter for one value of a column."""
    return Filter(lambda row, viewer, value: row.c[column] == value, kind or Text())


def one_of(column: str, *, most: int = 100) -> Filter:
    """A filter for any of several texts of a column."""

    def load(values: Any) -> list[str]:
        listed = [values] if isinstance(values, str) else list(values)
        if len(listed) > most:
            raise ValueError(f"at most {most} values")
        return listed

    def condition(row: Source, viewer: Viewer, values: ColumnElement[Any]) -> Condition:
        held: Condition = row.c[column] == any_(values)
        return held

    return Filter(condition, ARRAY(Text()), load, alone=equals(column))


SORT_KINDS: Mapping[type, TypeEngine[Any]] = {str: Text(), int: Integer(), date: Date(), UUID: Uuid(), bool: Boolean()}
