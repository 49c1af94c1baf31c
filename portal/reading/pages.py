"""One page of a connection by keyset: each part of the order is one range of an index, cut at the page's size."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    cast,
    false,
    func,
    literal_column,
    null,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.sql.expression import BindParameter

from portal.reading.declarations import SORT_KINDS, Connection, Sort
from portal.reading.parameters import Given, Parameters
from portal.reading.sources import Condition, Source, Viewer

PRESENT, VALUE, TIE, PLACE = "#present", "#value", "#tie", "#place"


@dataclass(frozen=True)
class Order:
    """A sort over the rows of one source."""

    sort: Sort
    source: Source
    viewer: Viewer

    @property
    def value(self) -> ColumnElement[Any]:
        return self.sort.value(self.source, self.viewer)

    @property
    def tie(self) -> ColumnElement[Any]:
        tie: ColumnElement[Any] = self.source.c[self.sort.tie]
        return tie

    def direct(self, value: ColumnElement[Any], tie: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        """The two with the directions of the sort."""
        return [
            value.desc() if self.sort.descending else value.asc(),
            tie.desc() if self.sort.tie_descending else tie.asc(),
        ]


@dataclass(frozen=True)
class Range:
    """Some rows of a list that are shown with their value or without, in order of value and tie or of the tie alone."""

    conditions: tuple[Condition, ...]
    shows_value: bool = True
    by_value: bool = True


def write_page(
    source: Source,
    viewer: Viewer,
    connection: Connection,
    conditions: Sequence[Condition],
    given: Given,
    slot: int,
    parameters: Parameters,
) -> FromClause:
    """The first rows with their place, at least one more than the page.

    Their number is a literal, so that the planner knows how few they are and keeps one plan for all page sizes near it.
    """
    order = Order(connection.sorts[given.sort], source, viewer)
    after_value = after_tie = None
    if given.position is not None:
        after_tie = parameters.bind_given(slot, "after_tie", order.tie.type)
    if given.position == "present":
        after_value = parameters.bind_given(slot, "after_value", SORT_KINDS[order.sort.kind])
    limit = literal_column(str(given.size), Integer)
    ranges = list_ranges(order, after_value, after_tie)
    if order.sort.implied_by.intersection(name for name, _ in given.filters):
        ranges = [one for one in ranges if one.shows_value] or ranges[:1]
    return _number_rows([_select_range(order, one, conditions).limit(limit) for one in ranges], order)


def list_ranges(
    order: Order, after_value: BindParameter[Any] | None, after_tie: BindParameter[Any] | None
) -> list[Range]:
    """What is left of the list behind a position, as ranges that an index can each deliver in order."""
    sort, value, tie = order.sort, order.value, order.tie
    present = () if sort.present is None else (sort.present(order.source, order.viewer),)
    missing = _list_missing(order)
    if after_tie is None:
        return [Range(present), *missing]
    beyond_tie = tie < after_tie if sort.tie_descending else tie > after_tie
    if after_value is None:
        return [replace(one, conditions=(*one.conditions, beyond_tie)) for one in missing]
    beyond = value < after_value if sort.descending else value > after_value
    if sort.descending == sort.tie_descending:
        pair, last = tuple_(value, tie), tuple_(after_value, after_tie)
        return [Range((*present, pair < last if sort.descending else pair > last)), *missing]
    return [Range((*present, value == after_value, beyond_tie)), Range((*present, beyond)), *missing]


def _list_missing(order: Order) -> list[Range]:
    """The end of the list: where all values are null the order by value and tie is the one by the tie."""
    sort, found = order.sort, []
    if sort.absent is not None:
        found.append(Range((sort.absent(order.source, order.viewer), order.value.is_(None)), False))
    if sort.withheld is not None:
        found.append(Range((sort.withheld(order.source, order.viewer),), False, False))
    return found


def _select_range(order: Order, part: Range, conditions: Sequence[Condition]) -> Select[Any]:
    value, tie = order.value, order.tie
    shown = value if part.shows_value else cast(null(), value.type)
    shows = true() if part.shows_value else false()
    directed = order.direct(value, tie)
    return (
        select(*order.source.c, shows.label(PRESENT), shown.label(VALUE), tie.label(TIE))
        .select_from(order.source.write_from())
        .where(*conditions, *part.conditions)
        .order_by(*(directed if part.by_value else directed[1:]))
    )


def _number_rows(parts: Sequence[Select[Any]], order: Order) -> FromClause:
    parent = order.source.parent
    rows = derive(parts, parent)
    directed = order.direct(rows.c[VALUE], rows.c[TIE])
    place = func.row_number().over(order_by=[rows.c[PRESENT].desc(), *directed] if len(parts) > 1 else directed)
    return derive([select(*rows.c, place.label(PLACE)).select_from(rows)], parent)


def derive(parts: Sequence[Select[Any]], parent: Source | None) -> FromClause:
    """A derived table of one or several statements that may refer to the rows around it."""
    if parent is not None:
        parts = [part.correlate(*parent.froms) for part in parts]
    whole = parts[0] if len(parts) == 1 else union_all(*parts)
    return whole.subquery() if parent is None else whole.lateral()
