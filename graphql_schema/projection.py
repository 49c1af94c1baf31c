"""Plain objects of the surface as finished JSON: what was selected of them, spelled as ordinary execution spells it.

For trees of types without resolvers of their own: answers, sections of a questionnaire, figures. What cannot be
finished so goes to ordinary execution, which says why.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeAlias

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    is_object_type,
)

from graphql_schema import finishing, selection
from graphql_schema.context import Context, Info
from portal import access
from portal.reading.selections import TYPE_NAME, Shape
from portal.shelf import Shelf

Write: TypeAlias = Callable[[Any], Any]
PLAIN = frozenset({"String", "Boolean", "ID"})
MOST = 500  # of each: ways to write a selection, and texts of immutable values


class NotPlain(Exception):
    """A value that ordinary execution must complete: a resolver below, or nothing where something was promised."""


_writers: Shelf[Hashable, Write] = Shelf(MOST)
_texts: Shelf[Hashable, orjson.Fragment] = Shelf(MOST)


def finish(info: Info, value: Any) -> Any:
    """The value of the field that is being resolved, as finished JSON where that is possible."""
    schema = info._raw_info.schema
    if value is None or not finishing.may_pass_text(schema):
        return value
    return _finish(info, value, _name_place(info))


def finish_once(info: Info, key: Hashable, make: Callable[[], Any]) -> Any:
    """The same for what never changes under its key: made and spelled once for each selection of it."""
    if not finishing.may_pass_text(info._raw_info.schema):
        return make()
    place = _name_place(info)
    kept = _texts.find((key, place))
    if kept is not None:
        return kept
    finished = _finish(info, make(), place)
    return _texts.keep((key, place), finished) if type(finished) is orjson.Fragment else finished


def _name_place(info: Info) -> Hashable:
    """What the way to write a value depends on."""
    actor = info.context.actor or access.ANONYMOUS
    return id(info._raw_info.schema), selection.read(info).shape, actor.permission_class


def _finish(info: Info, value: Any, place: Hashable) -> Any:
    raw = info._raw_info
    try:
        write = _writers.find(place)
        if write is None:
            made = _Maker(raw.schema, info.context).make(raw.return_type, selection.read(info).shape)
            write = _writers.keep(place, made)
        return orjson.Fragment(orjson.dumps(write(value)))
    except NotPlain:
        return value


class _Maker:
    """Builds, once for a selection, the function that writes it."""

    def __init__(self, schema: GraphQLSchema, context: Context) -> None:
        self.schema = schema
        self.permission = finishing.find_permission(schema)
        self.actor = context.actor or access.ANONYMOUS

    def make(self, declared: Any, shape: Shape) -> Write:
        if isinstance(declared, GraphQLNonNull):
            return _require(self.make(declared.of_type, shape))
        if isinstance(declared, GraphQLList):
            item = self.make(declared.of_type, shape)
            return lambda value: None if value is None else [item(one) for one in value]
        if is_object_type(declared):
            return self._make_object(declared, shape)
        if isinstance(declared, GraphQLEnumType | GraphQLScalarType):
            return _make_leaf(declared)
        raise NotPlain  # interfaces and unions

    def _make_object(self, declared: GraphQLObjectType, shape: Shape) -> Write:
        members = [self._make_member(declared, part) for part in shape.children(declared.name)]

        def write(value: Any) -> Mapping[str, Any] | None:
            return None if value is None else {key: spell(read(value)) for key, read, spell in members}

        return write

    def _make_member(self, parent: GraphQLObjectType, part: Shape) -> tuple[str, Write, Write]:
        if part.label == TYPE_NAME:
            return part.key, lambda value: parent.name, lambda name: name
        declared = parent.fields[part.label]
        if finishing.has_resolver(declared) or not self.permission(parent.name, part.label, self.actor):
            raise NotPlain
        name = part.name
        return part.key, lambda value: getattr(value, name), self.make(declared.type, part)


def _require(write: Write) -> Write:
    def write_required(value: Any) -> Any:
        if value is None:
            raise NotPlain
        return write(value)

    return write_required


def _make_leaf(declared: GraphQLEnumType | GraphQLScalarType) -> Write:
    if isinstance(declared, GraphQLScalarType) and declared.name in PLAIN:
        return _write_text
    spell = declared.coerce_output_value
    return lambda value: None if value is None else spell(value)


def _write_text(value: Any) -> Any:
    """Texts and truths are their own JSON; anything else under these names is ordinary execution's to judge."""
    if value is None or type(value) in (str, bool):
        return value
    raise NotPlain
