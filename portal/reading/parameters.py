"""What changes from call to call of one statement: checked arguments, keys and the viewer, and how they reach it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from sqlalchemy import Uuid, bindparam
from sqlalchemy.sql.expression import BindParameter
from sqlalchemy.types import TypeEngine

from portal import access, errors
from portal.reading import cursors
from portal.reading.declarations import LARGEST_PAGE, PAGE, Connection, Filter, Link, Many, Slice
from portal.reading.selections import Arguments
from portal.reading.sources import Viewer

Structure: TypeAlias = tuple[Any, ...]
SIZES = (11, 26, 51, LARGEST_PAGE + 1)
ROOT = -1  # the slot of what the calling function gives, such as the keys of one row


@dataclass(frozen=True)
class Given:
    """The arguments of one link: what is bound, and what of them shapes the statement."""

    values: Mapping[str, Any] = field(default_factory=dict)
    filters: tuple[tuple[str, int | None], ...] = ()  # names, with how many values where it has several
    sort: str = ""
    size: int = 0  # rows to take at most: a round number above the page's size
    position: str | None = None  # what a cursor points at: "present" or "absent", a row with or without a value

    @property
    def structure(self) -> Structure:
        """What of the arguments the statement's text depends on."""
        return (self.filters, self.sort, self.size, self.position)


@dataclass(frozen=True)
class Call:
    """One execution of a statement."""

    actor: access.Actor
    given: Mapping[int, Given]


@dataclass
class Parameters:
    """The bound parameters of a statement while it is built: each name with how a call finds its value."""

    finders: dict[str, Callable[[Call], Any]] = field(default_factory=dict)

    def bind(self, kind: TypeEngine[Any], find: Callable[[Call], Any]) -> BindParameter[Any]:
        name = f"p{len(self.finders)}"
        self.finders[name] = find
        return bindparam(name, type_=kind, required=True)

    def bind_given(self, slot: int, name: str, kind: TypeEngine[Any], place: int | None = None) -> BindParameter[Any]:
        """An argument's value, or one of the values of an argument that has several."""
        if place is None:
            return self.bind(kind, lambda call: call.given[slot].values[name])
        return self.bind(kind, lambda call: call.given[slot].values[name][place])

    def bind_constant(self, kind: TypeEngine[Any], value: Any) -> BindParameter[Any]:
        """A text that must not stand in the statement, such as a name that the caller chose."""
        return self.bind(kind, lambda call: value)

    def make_viewer(self, actor: access.Actor) -> Viewer:
        return Viewer(
            self.bind(Uuid(), lambda call: call.actor.organization_id),
            self.bind(Uuid(), lambda call: call.actor.user_id),
            actor,
        )


def load_arguments(link: Link, arguments: Arguments, path: Sequence[str | int]) -> Given:
    """Check the arguments of a link; raises InvalidInput that names the argument."""
    if isinstance(link, Connection):
        return _load_page(link, arguments, path)
    if isinstance(link, Many):
        return Given(*_load_filters(link.filters, arguments, path))
    if isinstance(link, Slice):
        values, filters = _load_filters(link.filters, arguments, path)
        return Given(values | _load_first(arguments, link.size, path), filters)
    return Given()


def _load_first(arguments: Arguments, size: int, path: Sequence[str | int]) -> dict[str, int]:
    """How many are wanted, and one more, which tells whether more follow."""
    given = arguments.get("first")
    first = size if given is None else given
    if not 1 <= first <= LARGEST_PAGE:
        words = f"`first` must be 1 to {LARGEST_PAGE}; it is {first}."
        raise errors.InvalidInput(words, code="PAGE_SIZE", path=(*path, "first"))
    return {"first": first, "limit": first + 1}


def _load_page(connection: Connection, arguments: Arguments, path: Sequence[str | int]) -> Given:
    wanted = _load_first(arguments, PAGE, path)
    name = _plain(arguments.get("sort")) or connection.default_sort
    if name not in connection.sorts:
        words = f"`sort` must be one of: {', '.join(connection.sorts)}."
        raise errors.InvalidInput(words, code="BAD_SORT", path=(*path, "sort"))
    after = arguments.get("after")
    position = None if after is None else cursors.read_cursor(name, connection.sorts[name], after, (*path, "after"))
    values, filters = _load_filters(connection.filters, arguments, path)
    missing = connection.always - set(values)
    if missing:
        raise TypeError(f"This list needs the filters: {', '.join(sorted(missing))}.")
    values |= wanted
    if position is not None:
        values["after_value"], values["after_tie"] = position.value, position.tie
    where = None if position is None else "absent" if position.value is None else "present"
    size = next(size for size in SIZES if size >= wanted["limit"])
    return Given(values, filters, name, size, where)


def _load_filters(
    filters: Mapping[str, Filter], arguments: Arguments, path: Sequence[str | int]
) -> tuple[dict[str, Any], tuple[tuple[str, int | None], ...]]:
    nested = _plain(arguments.get("filter"))
    wanted = [(name, (*path, name), value) for name, value in arguments.items()]
    if isinstance(nested, Mapping):
        wanted += [(name, (*path, "filter", name), value) for name, value in nested.items()]
    values: dict[str, Any] = {}
    structure: list[tuple[str, int | None]] = []
    for name, place, value in wanted:
        if name in filters and value is not None:
            values[name] = loaded = _load_value(filters[name], _plain(value), place)
            structure.append((name, _count(filters[name], loaded)))
    return values, tuple(sorted(structure, key=lambda one: one[0]))


def _count(declared: Filter, loaded: Any) -> int | None:
    """How many values the statement names one by one; None for one that it takes as a whole."""
    if declared.each or (declared.alone is not None and len(loaded) == 1):
        return len(loaded)
    return None


def _load_value(declared: Filter, value: Any, path: tuple[str | int, ...]) -> Any:
    try:
        loaded = declared.load(value)
    except ValueError as refusal:
        raise errors.InvalidInput(f"`{path[-1]}`: {refusal}.", code="BAD_FILTER", path=path) from None
    texts = loaded if isinstance(loaded, list) else [loaded]
    if any(isinstance(text, str) and "\x00" in text for text in texts):
        raise errors.InvalidInput(f"`{path[-1]}` must not hold a NUL character.", code="BAD_FILTER", path=path)
    if declared.each and len(loaded) > declared.most:
        raise errors.InvalidInput(f"`{path[-1]}`: at most {declared.most} words.", code="BAD_FILTER", path=path)
    return loaded


def _plain(value: Any) -> Any:
    """An input as the portal spells it: codes for enums, mappings for input objects."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value
