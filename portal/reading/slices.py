"""The start of a list behind a mark that the caller gives, as one object: some items, and whether more follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, FromClause, Integer, Select, func, select

from portal.reading import pages
from portal.reading.compilation import (
    Compilation,
    list_conditions,
    make_decoder,
    open_source,
    write_field,
    write_pairs,
    write_type_name,
)
from portal.reading.declarations import Slice, resolve
from portal.reading.objects import EMPTY_LIST, Pair, write_object
from portal.reading.rows import Decoder, ListDecoder
from portal.reading.selections import TYPE_NAME, Shape
from portal.reading.sources import Source


def write_slice(c: Compilation, link: Slice, shape: Shape, source: Source) -> tuple[ColumnElement[Any], Decoder]:
    """The object of a slice of the rows that belong to `source`."""
    type_name, shapes = shape.only
    if shape.slot is None:
        raise TypeError(f"{shape.owner}.{shape.label} is a slice; it needs the argument `first`.")
    allowed = [one for one in shapes if one.name == TYPE_NAME or c.may(one.owner, one.label, c.actor)]
    c.left_out += [f"{one.owner}.{one.label}" for one in shapes if one not in allowed]
    first = c.parameters.bind_given(shape.slot, "first", Integer())
    found = _gather(c, link, [one for one in allowed if one.name == link.items], source, shape.slot)
    pairs = [_write_member(c, link, one, source, found, first) for one in allowed]
    return write_object(pairs, source, c.parameters), make_decoder(type_name, pairs)


@dataclass(frozen=True)
class _Found:
    """One row with the items of each selection of them, by its response key, and with their number."""

    rows: FromClause
    decoders: dict[str, Decoder]


def _gather(c: Compilation, link: Slice, selections: Sequence[Shape], source: Source, slot: int) -> _Found:
    noun = resolve(link.noun)
    target = open_source(c, noun, source, link.rows(source))
    conditions = list_conditions(c, noun, target, link, slot)
    first, limit = (c.parameters.bind_given(slot, name, Integer()) for name in ("first", "limit"))
    columns: list[ColumnElement[Any]] = [func.row_number().over(order_by=list(link.order(target))).label("n")]
    decoders: dict[str, Decoder] = {}
    for place, shape in enumerate(selections):
        pairs = write_pairs(c, noun, shape.children(noun.name), target)
        columns.append(write_object(pairs, target, c.parameters).label(f"v{place}"))
        decoders[shape.key] = make_decoder(noun.name, pairs)
    items: Select[Any] = (
        select(*columns).select_from(target.write_from()).where(*conditions).order_by(*link.order(target))
    )
    rows = pages.derive([items.limit(limit)], source)
    gathered: list[ColumnElement[Any]] = [
        func.coalesce(func.json_agg(rows.c[f"v{place}"]).filter(rows.c.n <= first), EMPTY_LIST, type_=JSON).label(
            f"items{place}"
        )
        for place in range(len(selections))
    ]
    gathered.append(func.count().label("count"))
    whole = pages.derive([select(*gathered).select_from(rows)], source)
    source.attach(whole, optional=False)
    return _Found(whole, decoders)


def _write_member(
    c: Compilation, link: Slice, shape: Shape, source: Source, found: _Found, first: ColumnElement[Any]
) -> Pair:
    if shape.name == TYPE_NAME:
        return write_type_name(shape, link.name)
    if shape.name == link.items:
        place = list(found.decoders).index(shape.key)
        decoder = ListDecoder(found.decoders[shape.key])
        return Pair(shape.key, shape.label, found.rows.c[f"items{place}"], decoder)
    if shape.name == link.more:
        return Pair(shape.key, shape.label, found.rows.c["count"] > first)
    return write_field(c, link.fields[shape.name], shape, source)
