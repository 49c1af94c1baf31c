"""A row of a noun inside a statement: what declarations write their expressions over, and who is looking."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import ColumnCollection, ColumnElement, FromClause, func, select, true
from sqlalchemy.sql.expression import BindParameter

from portal import access

Condition: TypeAlias = ColumnElement[bool]


@dataclass(frozen=True)
class Viewer:
    """Who is looking. The ids are parameters of the statement, so one statement serves every caller of a class."""

    organization_id: BindParameter[Any]
    user_id: BindParameter[Any]
    actor: access.Actor = field(repr=False)

    @property
    def now(self) -> ColumnElement[Any]:
        """The portal's time, read once per statement."""
        return select(func.portal.clock()).scalar_subquery()

    def allows(self, rule: access.Rule) -> bool:
        """Whether the caller's permission class passes a rule; known when compiling, hence no parameter."""
        return rule.allows(self.actor)


@dataclass(frozen=True)
class Join:
    """A row beside the noun's own that some of its fields or filters need; joined only where one does.

    A table with its condition, or a derived row that refers to the noun's own.
    """

    table: FromClause | Callable[["Source"], FromClause]
    on: Callable[["Source", "Source"], Condition] = lambda row, beside: true()


@dataclass
class Source:
    """One row of a noun in a FROM clause; grows joins as expressions ask for them."""

    rows: FromClause
    joins: Mapping[str, Join] = field(default_factory=dict)
    parent: "Source | None" = None
    _joined: dict[str, "Source"] = field(default_factory=dict)
    _steps: list[tuple[FromClause, Condition | None, bool]] = field(default_factory=list)

    @property
    def c(self) -> ColumnCollection[str, Any]:
        """The columns of the row."""
        return self.rows.c

    def join(self, name: str) -> "Source":
        """The row beside this one that the noun declares under this name; all its columns may be null."""
        if name not in self._joined:
            declared = self.joins[name]
            beside = Source(declared.table(self) if callable(declared.table) else declared.table.alias())
            self._joined[name] = beside
            self._steps.append((beside.rows, declared.on(self, beside), True))
        return self._joined[name]

    def attach(self, lateral: FromClause, *, optional: bool) -> None:
        """Put a derived row behind this one; without `optional` it has exactly one row."""
        self._steps.append((lateral, None, optional))

    @property
    def froms(self) -> list[FromClause]:
        """Everything that expressions below may refer to, from here up to the root."""
        own = [self.rows, *(step[0] for step in self._steps)]
        return own if self.parent is None else own + self.parent.froms

    def write_from(self) -> FromClause:
        """The FROM clause with every join that was asked for."""
        whole = self.rows
        for rows, on, optional in self._steps:
            whole = whole.join(rows, true() if on is None else on, isouter=optional)
        return whole
