"""One page of a connection by keyset: each part of the order is one range of an index, cut at the page's size."""

from collections.abc import Sequence
from dataclasses import dataclass
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
class Range:
    """Some rows of a list in the list's own order."""

    present: bool
    conditions: tuple[Condition, ...]


def direct(column: ColumnElement[Any], descending: bool) -> ColumnElement[Any]:
    return column.desc() if descending else column.asc()


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
    sort = connection.sorts[given.sort]
    value, tie = sort.value(source, viewer), source.c[sort.tie]
    after = None
    if given.position is not None:
        has_value = given.position == "present"
        after = (
            parameters.bind_given(slot, "after_value", SORT_KINDS[sort.kind]) if has_value else None,
            parameters.bind_given(slot, "after_tie", tie.type),
        )
    limit = literal_column(str(given.size), Integer)
    ranges = list_ranges(sort, source, viewer, value, tie, after)
    parts = [_select_range(one, source, sort, value, tie, conditions).limit(limit) for one in ranges]
    return _number_rows(parts, sort, source)


def list_ranges(
    sort: Sort,
    source: Source,
    viewer: Viewer,
    value: ColumnElement[Any],
    tie: ColumnElement[Any],
    after: tuple[BindParameter[Any] | None, BindParameter[Any]] | None,
) -> list[Range]:
    """What is left of the list behind a position, as ranges that an index can each deliver in order."""
    present = () if sort.present is None else (sort.present(source, viewer),)
    absent = [(one(source, viewer),) for one in sort.absent]
    if after is None:
        return [Range(True, present), *(Range(False, one) for one in absent)]
    last_value, last_tie = after
    beyond_tie = tie < last_tie if sort.tie_descending else tie > last_tie
    if last_value is None:
        return [Range(False, (*one, beyond_tie)) for one in absent]
    beyond = value < last_value if sort.descending else value > last_value
    if sort.descending == sort.tie_descending:
        pair, last = tuple_(value, tie), tuple_(last_value, last_tie)
        ranges = [Range(True, (*present, pair < last if sort.descending else pair > last))]
    else:
        ranges = [Range(True, (*present, value == last_value, beyond_tie)), Range(True, (*present, beyond))]
    return ranges + [Range(False, one) for one in absent]


def _select_range(
    part: Range,
    source: Source,
    sort: Sort,
    value: ColumnElement[Any],
    tie: ColumnElement[Any],
    conditions: Sequence[Condition],
) -> Select[Any]:
    shown = value if part.present else cast(null(), value.type)
    order = [direct(tie, sort.tie_descending)]
    if part.present:
        order.insert(0, direct(value, sort.descending))
    return (
        select(*source.c, (true() if part.present else false()).label(PRESENT), shown.label(VALUE), tie.label(TIE))
        .select_from(source.write_from())
        .where(*conditions, *part.conditions)
        .order_by(*order)
    )


def _number_rows(parts: Sequence[Select[Any]], sort: Sort, source: Source) -> FromClause:
    rows = derive(parts, source.parent)
    order = [
        rows.c[PRESENT].desc(),
        direct(rows.c[VALUE], sort.descending),
        direct(rows.c[TIE], sort.tie_descending),
    ]
    place = func.row_number().over(order_by=order if len(parts) > 1 else order[1:])
    return derive([select(*rows.c, place.label(PLACE)).select_from(rows)], source.parent)


def derive(parts: Sequence[Select[Any]], parent: Source | None) -> FromClause:
    """A derived table of one or several statements that may refer to the rows around it."""
    if parent is not None:
        parts = [part.correlate(*parent.froms) for part in parts]
    whole = parts[0] if len(parts) == 1 else union_all(*parts)
    return whole.subquery() if parent is None else whole.lateral()
