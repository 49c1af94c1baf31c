"""A supplier list as bytes, opened and read as the buyer says, away from the event loop and from any transaction."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from portal.directory.lists import columns, problems, rows
from portal.directory.lists import table as tables
from portal.directory.lists.columns import ColumnPlan, Mapped
from portal.directory.lists.fields import Field
from portal.directory.lists.rows import RowResult
from portal.directory.lists.table import Table


@dataclass(frozen=True, kw_only=True)
class ListOptions:
    """How a list is to be read; what is not said is found out. See `columns.plan_columns` and `table.read_table`."""

    mapping: Mapping[str, Mapped] = field(default_factory=dict)
    header_line: int | None = None
    default_country: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None

    def write(self) -> dict[str, Any]:
        """The options as they are kept between preview and confirmation."""
        kept = {name: value for name, value in asdict(self).items() if value is not None}
        return kept | {"mapping": {name: _listed(value) for name, value in self.mapping.items()}}


@dataclass(frozen=True)
class OpenedList:
    """A list that could be opened; `rows` is None while a required field has no column."""

    options: ListOptions
    table: Table
    plan: ColumnPlan
    rows: tuple[RowResult, ...] | None

    @property
    def missing(self) -> tuple[Field, ...]:
        """The required fields that neither a column nor an option gives."""
        given = {Field.COUNTRY} if self.options.default_country else set()
        return tuple(name for name in self.plan.missing if name not in given)


def read_options(kept: Mapping[str, Any] | None) -> ListOptions:
    """The options that `ListOptions.write` gave."""
    return ListOptions(**(kept or {}))


async def open_list(data: bytes, options: ListOptions, *, most_rows: int | None = None) -> OpenedList:
    """Open and read a list in a thread. Raises ListRefused, also for more than `most_rows` rows."""
    return await asyncio.to_thread(open_now, data, options, most_rows)


def open_now(data: bytes, options: ListOptions, most_rows: int | None = None) -> OpenedList:
    """Open and read a list, blocking; a list of 100,000 rows takes some five seconds."""
    table = tables.read_table(data, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet)
    if most_rows is not None and table.records > most_rows:
        raise problems.ListRefused(
            f"The list has {table.records} rows.",
            code="LIST_TOO_LONG",
            allowed=f"At most {most_rows} here: split it, or have it imported on the server's command line.",
        )
    plan = columns.plan_columns(table, mapping=options.mapping, header_line=options.header_line)
    opened = OpenedList(options, table, plan, None)
    if opened.missing:
        return opened
    read = tuple(rows.read_rows(table, plan, default_country=options.default_country))
    return OpenedList(options, table, plan, read)


def refuse_missing(opened: OpenedList) -> None:
    """Raise ListRefused that names the required field which no column holds."""
    next(rows.read_rows(opened.table, opened.plan, default_country=opened.options.default_country), None)


def _listed(value: Mapped) -> Any:
    return value if value is None or isinstance(value, str | int) else list(value)
