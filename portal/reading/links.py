"""Links of an object as parts of its statement: to one row, to one of several kinds, to a list, to a page."""

from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, case, func, literal_column, select

from portal.reading import connections, pages, slices
from portal.reading.compilation import (
    Compilation,
    attach,
    list_conditions,
    make_decoder,
    open_source,
    select_object,
    write_pairs,
)
from portal.reading.declarations import Link, Many, One, OneOf, Part, Slice, resolve
from portal.reading.objects import EMPTY_LIST, Pair, write_object
from portal.reading.rows import TYPE, ChoiceDecoder, Decoder, ListDecoder
from portal.reading.selections import Shape
from portal.reading.sources import Source


def write_link(c: Compilation, link: Link, shape: Shape, source: Source) -> tuple[ColumnElement[Any], Decoder, bool]:
    """The JSON of a link, its decoder, and whether it is never null."""
    if isinstance(link, One):
        return (*_write_one(c, link, shape, source), link.required)
    if isinstance(link, Part):
        return (*_write_part(c, link, shape, source), link.when is None)
    if isinstance(link, Slice):
        return (*slices.write_slice(c, link, shape, source), True)
    if isinstance(link, OneOf):
        return (*_write_choice(c, link, shape, source), False)
    if isinstance(link, Many):
        return (*_write_many(c, link, shape, source), link.when is None)
    statement, decoder = connections.select_connection(c, link, shape, source)
    return attach(statement, source), decoder, True


def _write_one(
    c: Compilation, link: One, shape: Shape, source: Source, *, names_type: bool = False
) -> tuple[ColumnElement[Any], Decoder]:
    noun = resolve(link.noun)
    target = open_source(c, noun, source)
    conditions = list_conditions(c, noun, target, link, None)
    pairs = write_pairs(c, noun, shape.children(noun.name), target)
    if names_type and not c.as_text:
        pairs.append(Pair(TYPE, TYPE, literal_column(f"'{noun.name}'", Text)))
    statement, decoder = select_object(c, noun.name, pairs, target, conditions)
    if link.order is not None:
        statement = statement.order_by(*link.order(target)).limit(literal_column("1"))
    return attach(statement, source), decoder


def _write_part(c: Compilation, link: Part, shape: Shape, source: Source) -> tuple[ColumnElement[Any], Decoder]:
    pairs = write_pairs(c, link.noun, shape.children(link.noun.name), source)
    value = write_object(pairs, source, c.parameters)
    if link.when is not None:
        value = case((link.when(source, c.viewer), value))
    return value, make_decoder(link.noun.name, pairs)


def _write_choice(c: Compilation, link: OneOf, shape: Shape, source: Source) -> tuple[ColumnElement[Any], Decoder]:
    found: list[ColumnElement[Any]] = []
    choices: dict[str, Decoder] = {}
    for one in link.choices:
        value, choices[resolve(one.noun).name] = _write_one(c, one, shape, source, names_type=True)
        found.append(value)
    return func.coalesce(*found, type_=JSON), ChoiceDecoder(choices)


def _write_many(c: Compilation, link: Many, shape: Shape, source: Source) -> tuple[ColumnElement[Any], Decoder]:
    value, decoder = _write_ready(c, link, shape, source) or _gather(c, link, shape, source)
    if link.when is not None:
        value = case((link.when(source, c.viewer), value))
    return value, decoder


def _write_ready(c: Compilation, link: Many, shape: Shape, source: Source) -> tuple[ColumnElement[Any], Decoder] | None:
    """The list as it is stored, where that is what was asked for."""
    if link.ready is None or not c.as_text:
        return None
    noun = resolve(link.noun)
    shapes = shape.children(noun.name)
    as_stored = tuple(one.name for one in shapes) == link.ready.fields and all(one.key == one.label for one in shapes)
    if not as_stored or not all(c.may(one.owner, one.label, c.actor) for one in shapes):
        return None
    return link.ready.value(source), ListDecoder(make_decoder(noun.name, ()))


def _gather(c: Compilation, link: Many, shape: Shape, source: Source) -> tuple[ColumnElement[Any], Decoder]:
    noun = resolve(link.noun)
    target = open_source(c, noun, source, link.rows(source) if link.rows else None)
    conditions = list_conditions(c, noun, target, link, shape.slot)
    pairs = write_pairs(c, noun, shape.children(noun.name), target)
    statement, decoder = select_object(c, noun.name, pairs, target, conditions)
    order = link.order(target)
    rows = pages.derive([statement.order_by(*order).limit(literal_column(str(link.most)))], source)
    gathered = func.coalesce(func.json_agg(rows.c.j), EMPTY_LIST, type_=JSON)  # in the order of its sorted input
    return attach(select(gathered.label("j")).select_from(rows), source), ListDecoder(decoder)
