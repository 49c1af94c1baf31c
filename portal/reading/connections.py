"""A page of a connection as one JSON object: edges, nodes, page info and a capped total."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import (
    JSON,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    case,
    false,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY

from portal.reading import cursors, pages
from portal.reading.compilation import (
    Compilation,
    list_conditions,
    make_decoder,
    open_source,
    select_object,
    write_pairs,
    write_type_name,
)
from portal.reading.declarations import Connection, Noun, resolve
from portal.reading.objects import EMPTY_LIST, Pair, write_object
from portal.reading.rows import Decoder, ListDecoder
from portal.reading.selections import TYPE_NAME, Shape
from portal.reading.sources import Source

Gather: TypeAlias = Callable[[FromClause], ColumnElement[Any]]
Finish: TypeAlias = Callable[[Source], Pair]  # over the one row that holds what was gathered


@dataclass
class Page:
    """A connection while it is written: what each item gives, and what is gathered of the items."""

    c: Compilation
    link: Connection
    noun: Noun
    slot: int
    sort: str
    is_first: bool
    parent: Source | None
    item: Source  # one row of the page, with its place
    first: ColumnElement[Any]
    limit: ColumnElement[Any]  # one more, to know whether more follow
    columns: dict[str, ColumnElement[Any]] = field(default_factory=dict)
    gathers: dict[str, Gather] = field(default_factory=dict)

    def add_column(self, value: ColumnElement[Any]) -> str:
        name = f"v{len(self.columns)}"
        self.columns[name] = value
        return name

    def add_gather(self, gather: Gather) -> str:
        name = f"g{len(self.gathers)}"
        self.gathers[name] = gather
        return name

    def write_cursor(self) -> ColumnElement[Any]:
        return cursors.write_cursor(self.sort, self.item.c[pages.VALUE], self.item.c[pages.TIE])


def select_connection(
    c: Compilation, link: Connection, shape: Shape, parent: Source | None
) -> tuple[Select[Any], Decoder]:
    """A statement that gives the page as one object, in the column `j`."""
    page = _open_page(c, link, shape, parent)
    type_name, shapes = shape.only
    members = [_write_member(page, one) for one in shapes]
    place = page.item.c[pages.PLACE].label("n")
    columns = [value.label(name) for name, value in page.columns.items()]
    within = page.item.c[pages.PLACE] <= page.limit
    items = select(place, *columns).select_from(page.item.write_from()).where(within).order_by(place)
    rows = pages.derive([items], parent)  # sorted once; what is gathered of it keeps the order
    gathered = [gather(rows).label(name) for name, gather in page.gathers.items()]
    gathered.append(func.count().label("count"))
    whole = Source(pages.derive([select(*gathered).select_from(rows)], parent), {}, parent)
    pairs = [finish(whole) for finish in members if finish is not None]
    return select_object(c, type_name, pairs, whole, ())


def _open_page(c: Compilation, link: Connection, shape: Shape, parent: Source | None) -> Page:
    noun = resolve(link.noun)
    if shape.slot is None:
        raise TypeError(f"{shape.owner}.{shape.label} is a connection; it needs the argument `first`.")
    given = c.given[shape.slot]
    source = open_source(c, noun, parent)
    conditions = list_conditions(c, noun, source, link, shape.slot)
    rows = pages.write_page(source, c.viewer, link, conditions, given, shape.slot, c.parameters)
    return Page(
        c,
        link,
        noun,
        shape.slot,
        given.sort,
        given.position is None,
        parent,
        open_source(c, noun, parent, rows),
        c.parameters.bind_given(shape.slot, "first", Integer()),
        c.parameters.bind_given(shape.slot, "limit", Integer()),
    )


def _write_member(page: Page, shape: Shape) -> Finish | None:
    if shape.name == TYPE_NAME:
        return lambda whole: write_type_name(shape, shape.owner)
    writers = {"edges": _write_edges, "nodes": _write_nodes, "page_info": _write_page_info}
    if page.link.count_cap is not None:
        writers["total_count"] = _write_total
    if shape.name in writers and page.c.may(shape.owner, shape.label, page.c.actor):
        return writers[shape.name](page, shape)
    page.c.left_out.append(f"{shape.owner}.{shape.label}")
    return None


def _write_node(page: Page, shape: Shape) -> tuple[ColumnElement[Any], Decoder]:
    pairs = write_pairs(page.c, page.noun, shape.children(page.noun.name), page.item)
    return write_object(pairs, page.item, page.c.parameters), make_decoder(page.noun.name, pairs)


def _write_nodes(page: Page, shape: Shape) -> Finish:
    node, decoder = _write_node(page, shape)
    return _finish_list(page, shape, node, decoder)


def _write_edges(page: Page, shape: Shape) -> Finish:
    type_name, shapes = shape.only
    pairs: list[Pair] = []
    for one in shapes:
        if one.name == TYPE_NAME:
            pairs.append(write_type_name(one, type_name))
        elif one.name == "cursor":
            pairs.append(Pair(one.key, one.label, page.write_cursor()))
        elif one.name == "node":
            pairs.append(Pair(one.key, one.label, *_write_node(page, one)))
        else:
            page.c.left_out.append(f"{one.owner}.{one.label}")
    edge = write_object(pairs, page.item, page.c.parameters)
    return _finish_list(page, shape, edge, make_decoder(type_name, pairs))


def _finish_list(page: Page, shape: Shape, value: ColumnElement[Any], decoder: Decoder) -> Finish:
    column = page.add_column(value)

    def gather(rows: FromClause) -> ColumnElement[Any]:
        listed = func.json_agg(rows.c[column]).filter(rows.c.n <= page.first)
        return func.coalesce(listed, EMPTY_LIST, type_=JSON)

    name = page.add_gather(gather)
    return lambda whole: Pair(shape.key, shape.label, whole.c[name], ListDecoder(decoder))


def _write_page_info(page: Page, shape: Shape) -> Finish:
    type_name, shapes = shape.only
    members = [_write_page_fact(page, one, type_name) for one in shapes]

    def finish(whole: Source) -> Pair:
        pairs = [member(whole) for member in members if member is not None]
        value = write_object(pairs, whole, page.c.parameters)
        return Pair(shape.key, shape.label, value, make_decoder(type_name, pairs))

    return finish


def _write_page_fact(page: Page, shape: Shape, type_name: str) -> Finish | None:
    if shape.name == TYPE_NAME:
        return lambda whole: write_type_name(shape, type_name)
    if shape.name == "has_next_page":
        return lambda whole: Pair(shape.key, shape.label, whole.c["count"] > page.first)
    if shape.name == "has_previous_page":
        return lambda whole: Pair(shape.key, shape.label, false() if page.is_first else true())
    if shape.name not in ("start_cursor", "end_cursor"):
        page.c.left_out.append(f"{shape.owner}.{shape.label}")
        return None
    page.c.note_trap(shape, False)
    parts = [_add_outermost(page, one, last=shape.name == "end_cursor") for one in (pages.VALUE, pages.TIE)]

    def finish(whole: Source) -> Pair:
        value, tie = (whole.c[name] for name in parts)
        return Pair(shape.key, shape.label, case((tie.is_not(None), cursors.write_cursor(page.sort, value, tie))))

    return finish


def _add_outermost(page: Page, part: str, *, last: bool) -> str:
    """Gather a column of the first or the last item shown; null on an empty page."""
    column = page.item.c[part]
    name = page.add_column(column)

    def gather(rows: FromClause) -> ColumnElement[Any]:
        # No order of its own: the database would sort the input of every aggregate by the one that names an order.
        kind = ARRAY(column.type)
        listed = type_coerce(func.array_agg(rows.c[name], type_=kind).filter(rows.c.n <= page.first), kind)
        outermost: ColumnElement[Any] = listed[func.array_length(listed, 1) if last else 1]
        return outermost

    return page.add_gather(gather)


def _write_total(page: Page, shape: Shape) -> Finish:
    """How many pass the filters; counting stops at the cap."""
    source = open_source(page.c, page.noun, page.parent)
    conditions = list_conditions(page.c, page.noun, source, page.link, page.slot)
    cap = literal_column(str(page.link.count_cap), Integer)
    counted = select(literal_column("1", Integer).label("one")).select_from(source.write_from()).where(*conditions)
    rows = pages.derive([counted.limit(cap)], page.parent)
    total = pages.derive([select(func.count().label("total")).select_from(rows)], page.parent)

    def finish(whole: Source) -> Pair:
        whole.attach(total, optional=False)
        return Pair(shape.key, shape.label, total.c.total)

    return finish
