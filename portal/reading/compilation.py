"""One object of a selection as a part of a statement: which members it has and where their values come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import JSON, ColumnElement, FromClause, Select, Text, func, literal_column, select

from portal import access
from portal.reading.declarations import Connection, Field, Link, Many, Noun, Slice
from portal.reading.objects import Pair, write_object
from portal.reading.parameters import Given, Parameters
from portal.reading.rows import KEY, Decoder, ObjectDecoder
from portal.reading.selections import TYPE_NAME, May, Shape
from portal.reading.sources import Condition, Source, Viewer

LinkWriter: TypeAlias = Callable[
    ["Compilation", Link, Shape, Source], tuple[ColumnElement[Any], Decoder, bool]
]  # the value, its decoder, and whether it is never null


@dataclass
class Compilation:
    """What is known while one statement is built, and what is found out about it."""

    viewer: Viewer
    parameters: Parameters
    given: Mapping[int, Given]  # only what shapes the statement is looked at
    may: May
    as_text: bool
    write_link: LinkWriter
    left_out: list[str] = field(default_factory=list)  # fields for ordinary execution: undeclared or refused
    traps: list[str] = field(default_factory=list)  # promised by the schema, but null in some rows

    @property
    def is_whole(self) -> bool:
        """Whether the database's JSON is the answer as it stands."""
        return not self.left_out and not self.traps

    @property
    def actor(self) -> access.Actor:
        return self.viewer.actor

    def note_trap(self, shape: Shape, required: bool) -> None:
        if shape.required and not required:
            self.traps.append(f"{shape.owner}.{shape.label}")


def open_source(c: Compilation, noun: Noun, parent: Source | None, rows: FromClause | None = None) -> Source:
    """A row of a noun, of its own table or of rows derived from the parent."""
    if rows is None:
        rows = noun.source(c.viewer) if callable(noun.source) else noun.source.alias()
    return Source(rows, noun.joins, parent)


def list_conditions(c: Compilation, noun: Noun, source: Source, link: Link | None, slot: int | None) -> list[Condition]:
    """Which rows: those of the parent, within the noun's scope, that pass the filters given."""
    found: list[Condition] = []
    on = getattr(link, "on", None)
    if on is not None and source.parent is not None:
        found.append(on(source.parent, source))
    if noun.scope is not None:
        found.append(noun.scope(source, c.viewer))
    if slot is None or not isinstance(link, Many | Connection | Slice):
        return found
    for name, count in c.given[slot].filters:
        declared = link.filters[name]
        if declared.alone is not None and count is not None:
            declared = declared.alone
        for place in [None] if count is None else range(count):
            bound = c.parameters.bind_given(slot, name, declared.kind, place)
            found.append(declared.condition(source, c.viewer, bound))
    return found


def write_pairs(c: Compilation, noun: Noun, shapes: Sequence[Shape], source: Source) -> list[Pair]:
    """The members of one object, in the order they were asked for."""
    pairs: list[Pair] = []
    for shape in shapes:
        if shape.name == TYPE_NAME:
            pairs.append(write_type_name(shape, noun.name))
        elif not c.may(shape.owner, shape.label, c.actor):
            c.left_out.append(f"{shape.owner}.{shape.label}")
        elif shape.name in noun.fields and not shape.below:
            pairs.append(write_field(c, noun.fields[shape.name], shape, source))
        elif shape.name in noun.links and shape.below:
            value, decoder, required = c.write_link(c, noun.links[shape.name], shape, source)
            c.note_trap(shape, required)
            pairs.append(Pair(shape.key, shape.label, value, decoder))
        else:
            c.left_out.append(f"{shape.owner}.{shape.label}")
    if noun.key and not c.as_text:
        pairs.append(_write_key(noun, source))
    return pairs


def write_type_name(shape: Shape, type_name: str) -> Pair:
    return Pair(shape.key, TYPE_NAME, literal_column(f"'{type_name}'", Text))


def write_field(c: Compilation, declared: Field, shape: Shape, source: Source) -> Pair:
    """One leaf as a member of its object."""
    value = declared.expression(source, c.viewer)
    required = declared.required
    if required is None:
        own = getattr(value, "table", None) is source.rows
        required = own and not getattr(value, "nullable", True)
    c.note_trap(shape, required)
    return Pair(shape.key, shape.label, declared.output.write(value), declared.output.read)


def _write_key(noun: Noun, source: Source) -> Pair:
    members: list[Any] = []
    for column in noun.key:
        members += [literal_column(f"'{column}'", Text), source.c[column]]
    return Pair(KEY, KEY, func.json_build_object(*members, type_=JSON))


def select_object(
    c: Compilation, type_name: str, pairs: Sequence[Pair], target: Source, conditions: Sequence[Condition]
) -> tuple[Select[Any], ObjectDecoder]:
    """A statement that gives one object per row, in the column `j`."""
    value = write_object(pairs, target, c.parameters)
    statement = select(value.label("j")).select_from(target.write_from()).where(*conditions)
    return statement, make_decoder(type_name, pairs)


def make_decoder(type_name: str, pairs: Sequence[Pair]) -> ObjectDecoder:
    return ObjectDecoder(type_name, {pair.key: pair.decoder for pair in pairs if pair.decoder is not None})


def attach(statement: Select[Any], source: Source) -> ColumnElement[Any]:
    """Put the statement behind a row as a derived row, and give its column `j`."""
    lateral = statement.correlate(*source.froms).lateral()
    source.attach(lateral, optional=True)
    column: ColumnElement[Any] = lateral.c.j
    return column
