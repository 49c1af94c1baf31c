"""Statements ready to run, kept by what they depend on and never by values, with counts of how often that helped."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, Text, cast
from sqlalchemy.dialects.postgresql.asyncpg import dialect as Dialect  # noqa: N812

from portal.reading import links
from portal.reading.compilation import Compilation
from portal.reading.parameters import Call, Parameters
from portal.reading.rows import Decoder
from portal.reading.selections import Selected

MOST_PLANS = 2_000
Value = TypeVar("Value")
DIALECT: Any = Dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Plan:
    """One statement with `$1` places, how a call fills them, and what becomes of its answer."""

    sql: str
    finders: tuple[Callable[[Call], Any], ...]
    decoder: Decoder
    is_whole: bool  # the JSON is the answer as it stands
    left_out: tuple[str, ...]
    traps: tuple[str, ...]

    def list_values(self, call: Call) -> list[Any]:
        """The values for the statement's places, in their order."""
        return [find(call) for find in self.finders]


class PlanCache(Generic[Value]):
    """The last used statements, at most `most` of them; counts its hits and misses."""

    def __init__(self, most: int = MOST_PLANS) -> None:
        self.most = most
        self.hits = self.misses = 0
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What is kept under the key, made now where it is not."""
        found = self._kept.get(key)
        if found is not None:
            self.hits += 1
            self._kept.move_to_end(key)
            return found
        self.misses += 1
        made = self._kept[key] = make()
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)
        return made

    def list_values(self) -> list[Value]:
        """What is kept, the least recently used first."""
        return list(self._kept.values())

    def clear(self) -> None:
        self._kept.clear()
        self.hits = self.misses = 0


Writer = Callable[[Compilation], tuple[Select[Any], Decoder]]


def make_plan(selected: Selected, call: Call, write: Writer) -> Plan:
    """Build and compile a statement for every call with the same structure and permission class."""
    if selected.as_text:
        plan = _compile(selected, call, write, as_text=True)
        if plan is not None:
            return plan
    plan = _compile(selected, call, write, as_text=False)
    assert plan is not None
    return plan


def _compile(selected: Selected, call: Call, write: Writer, *, as_text: bool) -> Plan | None:
    """The plan; none where JSON was to be the answer as it stands and is not, found before it costs the rendering."""
    parameters = Parameters()
    viewer = parameters.make_viewer(call.actor)
    c = Compilation(viewer, parameters, call.given, selected.may, as_text, links.write_link)
    statement, decoder = write(c)
    if as_text and not c.is_whole:
        return None
    sql, names, constants = render(statement)
    finders = tuple(parameters.finders.get(name) or give(constants[name]) for name in names)
    return Plan(sql, finders, decoder, as_text, tuple(c.left_out), tuple(c.traps))


def give(value: Any) -> Callable[[Call], Any]:
    """A finder of what is the same in every call."""
    return lambda call: value


def render(statement: Select[Any]) -> tuple[str, Sequence[str], Mapping[str, Any]]:
    """The text of a statement whose column `j` is JSON, the names of its places in order, and the values it brought."""
    (column,) = statement.selected_columns
    spoken = statement.with_only_columns(cast(column, Text).label("j"), maintain_column_froms=True)
    compiled = spoken.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return compiled.string, tuple(compiled.positiontup or ()), compiled.params
