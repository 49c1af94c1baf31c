"""Reading by a selection: one statement per call, finished as the database's own JSON or as rows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from sqlalchemy import JSON, Select, Uuid, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from portal import access
from portal.database import reader
from portal.database.reader import Session, Statement
from portal.reading import connections, pages
from portal.reading.compilation import Compilation, list_conditions, open_source, select_object, write_pairs
from portal.reading.declarations import Connection, Link, Many, Noun, OneOf, Slice, resolve
from portal.reading.objects import EMPTY_LIST
from portal.reading.parameters import ROOT, Call, Given, load_arguments
from portal.reading.plans import Plan, PlanCache, Writer, make_plan
from portal.reading.rows import Decoder, ListDecoder, Row
from portal.reading.selections import Arguments, Selected, Shape

Answer: TypeAlias = Any  # orjson.Fragment, Row, a list of Rows or None: what the finishing of the surface takes
Place: TypeAlias = tuple[int, Link, tuple[str, ...]]

PLANS: PlanCache[Plan] = PlanCache()
PLACES: PlanCache[tuple[Place, ...]] = PlanCache()


@dataclass
class Finishes:
    """How often the database's JSON was the answer as it stood, and how often it was decoded to be completed."""

    whole: int = 0
    decoded: int = 0


FINISHES = Finishes()


@dataclass(frozen=True)
class Reading:
    """What is read at the root of a selection: its noun, its statement's writer, its link if it is a list."""

    kind: str
    noun: Noun
    link: Connection | None
    writer: Callable[[Shape], Writer]


async def read_connection(
    session: Session, actor: access.Actor, connection: Connection, selected: Selected, **given: Any
) -> Answer:
    """A page of a list; `first`, `after`, `sort`, `filter` and filters by name come from the selected field.

    `given` are arguments that the resolver sets itself. Raises InvalidInput for a page size, sort, cursor or filter.
    """
    return await _read(session, actor, *_aim_at_connection(connection, selected, given))


def _aim_at_connection(connection: Connection, selected: Selected, given: Arguments) -> tuple[Reading, Given, Selected]:
    def writer(shape: Shape) -> Writer:
        return lambda c: connections.select_connection(c, connection, shape, None)

    reading = Reading("connection", resolve(connection.noun), connection, writer)
    return reading, Given(), _replace_arguments(selected, given) if given else selected


async def read_connection_beside(
    session: Session, actor: access.Actor, connection: Connection, selected: Selected, beside: Statement, **given: Any
) -> tuple[Answer, str | None]:
    """The same with the value of another statement, such as one that tells who may read it: both of one moment."""
    return await _read_beside(session, actor, *_aim_at_connection(connection, selected, given), beside)


async def read_one(session: Session, actor: access.Actor, noun: Noun, selected: Selected, **key: Any) -> Answer | None:
    """One row by columns of the noun, or None where the caller may see none."""
    return await _read(session, actor, *_aim_at_one(noun, key), selected)


def _aim_at_one(noun: Noun, key: Mapping[str, Any]) -> tuple[Reading, Given]:
    def writer(shape: Shape) -> Writer:
        return lambda c: _select_row(c, noun, shape, tuple(key))

    return Reading("one", noun, None, writer), Given(key, (), ",".join(key))


async def read_one_beside(
    session: Session, actor: access.Actor, noun: Noun, selected: Selected, beside: Statement, **key: Any
) -> tuple[Answer | None, str | None]:
    """The same with the value of another statement, such as one that leaves receipts: both see the same moment."""
    return await _read_beside(session, actor, *_aim_at_one(noun, key), selected, beside)


async def _read_beside(
    session: Session, actor: access.Actor, reading: Reading, root: Given, selected: Selected, beside: Statement
) -> tuple[Answer | None, str | None]:
    plan, call = _prepare(actor, reading, selected, root)
    texts = await (await reader.take_reader(session)).fetch_texts([(plan.sql, plan.list_values(call)), beside])
    return _finish(plan, texts[0]), texts[1]


async def read_many(
    session: Session, actor: access.Actor, noun: Noun, selected: Selected, ids: Sequence[Any]
) -> Answer:
    """Rows by the noun's identity, in the order of the ids; those the caller may not see are left out."""

    def writer(shape: Shape) -> Writer:
        return lambda c: _select_rows(c, noun, shape)

    return await _read(session, actor, Reading("many", noun, None, writer), Given({"ids": list(ids)}), selected)


async def compose(
    type_name: str, selected: Selected, members: Mapping[str, Callable[[Selected], Awaitable[Answer]] | Any]
) -> Row:
    """An object that is no row itself, such as the result of a mutation: each member a value, or read by a function.

    A member that is selected twice under two names is read once for each.
    """
    values: dict[str, Any] = {}
    for shape in selected.shape.children(type_name):
        if shape.name in members:
            member = members[shape.name]
            values[shape.key] = await member(selected.at(shape)) if callable(member) else member
    return Row(type_name, values)


def find_plan(
    actor: access.Actor, connection: Connection, selected: Selected, given: Mapping[str, Any] | None = None
) -> tuple[Plan, list[Any]]:
    """The statement of a list and its values, for a look at how the database runs it."""
    reading, root, selected = _aim_at_connection(connection, selected, given or {})
    plan, call = _prepare(actor, reading, selected, root)
    return plan, plan.list_values(call)


async def _read(session: Session, actor: access.Actor, reading: Reading, root: Given, selected: Selected) -> Answer:
    plan, call = _prepare(actor, reading, selected, root)
    return _finish(plan, await _fetch(session, plan.sql, plan.list_values(call)))


def _finish(plan: Plan, text: str | None) -> Answer:
    if text is None:
        return None
    if plan.is_whole:
        FINISHES.whole += 1
        return orjson.Fragment(text)
    FINISHES.decoded += 1
    return plan.decoder(orjson.loads(text))


def _prepare(actor: access.Actor, reading: Reading, selected: Selected, root: Given) -> tuple[Plan, Call]:
    shape = selected.shape
    subject = (reading.kind, reading.link or reading.noun, shape)
    places = PLACES.find(subject, lambda: tuple(_list_places(reading, shape)))
    given = {slot: load_arguments(link, selected.arguments[slot], path) for slot, link, path in places}
    given[ROOT] = root
    structure = tuple(one.structure for one in given.values())
    call = Call(actor, given)
    key = (subject, structure, actor.permission_class, selected.may, selected.as_text)
    return PLANS.find(key, lambda: make_plan(selected, call, reading.writer(shape))), call


def _list_places(reading: Reading, shape: Shape) -> list[Place]:
    """Every link of the selection that takes arguments, with where they stand and the path that names them."""
    if reading.link is None:
        return _list_places_below(reading.noun, shape.children(reading.noun.name), ())
    return _list_link(reading.link, shape, ())


def _list_places_below(noun: Noun, shapes: Sequence[Shape], path: tuple[str, ...]) -> list[Place]:
    found: list[Place] = []
    for shape in shapes:
        link = noun.links.get(shape.name)
        if link is not None:
            found += _list_link(link, shape, (*path, shape.key))
    return found


def _list_link(link: Link, shape: Shape, path: tuple[str, ...]) -> list[Place]:
    found: list[Place] = []
    if shape.slot is not None and isinstance(link, Many | Connection | Slice):
        found.append((shape.slot, link, path))
    for one in link.choices if isinstance(link, OneOf) else (link,):
        noun = resolve(one.noun)
        for node in _list_items(link, shape):
            found += _list_places_below(noun, node.children(noun.name), path)
    return found


def _list_items(link: Link, shape: Shape) -> list[Shape]:
    """Where below a link its noun's fields are selected."""
    if isinstance(link, Slice):
        return [one for one in shape.only[1] if one.name == link.items]
    return _list_nodes(shape) if isinstance(link, Connection) else [shape]


def _list_nodes(shape: Shape) -> list[Shape]:
    _, members = shape.only
    edges = [one for member in members if member.name == "edges" for one in member.only[1]]
    return [one for one in members if one.name == "nodes"] + [one for one in edges if one.name == "node"]


def _replace_arguments(selected: Selected, given: Arguments) -> Selected:
    slot = selected.shape.slot
    if slot is None:
        return selected
    arguments = list(selected.arguments)
    arguments[slot] = {**arguments[slot], **given}
    return Selected(selected.shape, arguments, selected.may, selected.as_text)


def _select_row(c: Compilation, noun: Noun, shape: Shape, key: tuple[str, ...]) -> tuple[Select[Any], Decoder]:
    source = open_source(c, noun, None)
    conditions = list_conditions(c, noun, source, None, None)
    for name in key:
        column = source.c[name]
        conditions.append(column == c.parameters.bind_given(ROOT, name, column.type))
    pairs = write_pairs(c, noun, shape.children(noun.name), source)
    return select_object(c, noun.name, pairs, source, conditions)


def _select_rows(c: Compilation, noun: Noun, shape: Shape) -> tuple[Select[Any], Decoder]:
    source = open_source(c, noun, None)
    column = source.c[noun.identity]
    ids = c.parameters.bind_given(ROOT, "ids", ARRAY(Uuid()))
    conditions = [*list_conditions(c, noun, source, None, None), column == ids.any_()]
    pairs = write_pairs(c, noun, shape.children(noun.name), source)
    statement, decoder = select_object(c, noun.name, pairs, source, conditions)
    place = func.array_position(ids, column).label("n")
    rows = pages.derive([statement.add_columns(place)], None)
    gathered = func.coalesce(func.json_agg(aggregate_order_by(rows.c.j, rows.c.n)), EMPTY_LIST, type_=JSON)
    return select(gathered.label("j")).select_from(rows), ListDecoder(decoder)


async def _fetch(session: Session, sql: str, values: list[Any]) -> str | None:
    """The one value of the statement, by the driver itself, which saves half of the time on this side."""
    return await (await reader.take_reader(session)).fetch_text(sql, values)
