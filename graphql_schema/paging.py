"""Pages of lists: connections with keyset cursors that are bound to the order of the list they came from."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, TypeAlias, TypeVar
from uuid import UUID

import orjson
import strawberry

from graphql_schema import limits, rules
from portal import errors

PAGE = limits.PAGE
VERSION = 1
MAX_CURSOR = 2_000  # characters

Item = TypeVar("Item")
Row = TypeVar("Row")
Key: TypeAlias = str | int | bool | Decimal | date | datetime | UUID | None

First = Annotated[int, strawberry.argument(description=f"How many, 1 to {limits.LARGEST_PAGE}.")]
After = Annotated[
    str | None,
    strawberry.argument(description="The cursor of the last item already seen, from the same list and order."),
]


@dataclass(frozen=True)
class Order:
    """An order of a list: a name that is stable for ever, and the types of its sort keys (the id comes behind them)."""

    name: str
    types: tuple[type, ...]


@dataclass(frozen=True)
class Position:
    """Where a page starts: behind the row with these sort keys and this id."""

    keys: tuple[Key, ...]
    id: UUID


@dataclass(frozen=True)
class Page:
    """What a client asked for; read `limit` rows (one more than `first`) to know whether more follow."""

    order: Order
    first: int
    after: Position | None

    @property
    def limit(self) -> int:
        return self.first + 1


@rules.type(rules.AS_PARENT, description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = rules.field(description="Whether more items follow.")
    has_previous_page: bool = rules.field(description="Whether the page was asked for with `after`.")
    start_cursor: str | None = rules.field(description="The cursor of the first item; null on an empty page.")
    end_cursor: str | None = rules.field(description="The cursor of the last item, for `after`; null on an empty page.")


@rules.type(rules.AS_PARENT, description="One item of a page, with its place.")
class Edge(Generic[Item]):
    cursor: str = rules.field(description="The place of the item, for `after`; opaque, good for this order only.")
    node: Item = rules.field(description="The item.")


@rules.type(rules.AS_PARENT, description="A page of a list.")
class Connection(Generic[Item]):
    edges: list[Edge[Item]] = rules.field(description="The items of the page, in order.")
    page_info: PageInfo = rules.field(description="Where the page stands.")


def read_page(order: Order, first: int, after: str | None, *, path: Sequence[str | int] = ()) -> Page:
    """Check what a client asked for; raises InvalidInput PAGE_SIZE or BAD_CURSOR."""
    if not 1 <= first <= limits.LARGEST_PAGE:
        words = f"`first` must be 1 to {limits.LARGEST_PAGE}; it is {first}."
        raise errors.InvalidInput(words, code="PAGE_SIZE", path=(*path, "first"))
    return Page(order, first, None if after is None else _read_cursor(order, after, (*path, "after")))


def write_cursor(order: Order, keys: Sequence[Key], id: UUID) -> str:
    """The cursor of a row: its sort keys, which may be null, and its id."""
    if len(keys) != len(order.types):
        raise ValueError(f"{order.name} sorts by {len(order.types)} keys, not {len(keys)}.")
    content = orjson.dumps([VERSION, order.name, [_write_key(key) for key in keys], str(id)])
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _read_cursor(order: Order, cursor: str, path: Sequence[str | int]) -> Position:
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        version, name, keys, id_ = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if version != VERSION or name != order.name or len(keys) != len(order.types):
            raise ValueError("another list")
        return Position(tuple(_read_key(kind, key) for kind, key in zip(order.types, keys, strict=True)), UUID(id_))
    except (ValueError, TypeError, AttributeError, binascii.Error, InvalidOperation):
        words = "This cursor is not one of this list in this order; start again without `after`."
        raise errors.InvalidInput(words, code="BAD_CURSOR", path=path) from None


def _write_key(key: Key) -> str | int | bool | None:
    return key if key is None or isinstance(key, str | int) else str(key)


def _read_key(kind: type, key: Any) -> Key:
    if key is None:
        return None
    if kind in (int, bool):
        if type(key) is not kind or abs(key) >= 2**63:
            raise ValueError("not a number of the list")
        return kind(key)  # type: ignore[no-any-return]
    if not isinstance(key, str) or "\x00" in key:
        raise ValueError("not a text")
    if kind is datetime:
        moment = datetime.fromisoformat(key)
        if moment.tzinfo is None:
            raise ValueError("a moment without zone")
        return moment
    if kind is Decimal and not Decimal(key).is_finite():
        raise ValueError("not a finite number")
    return date.fromisoformat(key) if kind is date else kind(key)


def build_connection(
    page: Page,
    rows: Sequence[Row],
    *,
    keys: Callable[[Row], tuple[Sequence[Key], UUID]],
    node: Callable[[Row], Item],
    connection: type[Connection[Item]] = Connection,
    **counted: Any,
) -> Connection[Item]:
    """Make the answer from up to `page.limit` rows; `counted` are further fields of the connection type given."""
    shown = rows[: page.first]
    edges = [Edge(cursor=write_cursor(page.order, *keys(row)), node=node(row)) for row in shown]
    page_info = PageInfo(
        has_next_page=len(rows) > page.first,
        has_previous_page=page.after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return connection(edges=edges, page_info=page_info, **counted)
