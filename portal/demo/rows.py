"""Rows gathered table by table, and written in one statement for each table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, cast

import orjson
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from portal.database.tables import Model


class Rows:
    """What is to be inserted; the rows of one table all name the same columns."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, model: type[Model], **values: Any) -> None:
        """Add one row."""
        self._rows[_get_table(model).name].append(values)

    def extend(self, model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
        """Add several rows."""
        self._rows[_get_table(model).name].extend(rows)

    def get(self, model: type[Model]) -> list[dict[str, Any]]:
        """The rows of a table, in the order they came in."""
        return self._rows[_get_table(model).name]

    async def write(self, session: AsyncSession) -> None:
        """Insert everything, tables that others refer to first."""
        for table in Model.metadata.sorted_tables:
            rows = self._rows.get(table.name)
            if rows:
                await _insert(session, table, rows)
                # So that the first queries are not planned for an empty table.
                await session.execute(text(f"ANALYZE {table.schema}.{table.name}"))


def _get_table(model: type[Model]) -> Table:
    return cast(Table, model.__table__)


async def _insert(session: AsyncSession, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert many rows with one parameter; COPY is not allowed where row-level security holds for the owner too."""
    columns = ", ".join(table.c[name].name for name in rows[0])
    name = f"{table.schema}.{table.name}"
    statement = f"INSERT INTO {name} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{name}, :rows)"  # noqa: S608  # names are the model's own
    written = orjson.dumps([_spell(row) for row in rows], option=orjson.OPT_NON_STR_KEYS, default=str).decode()
    await session.execute(text(statement.replace(":rows", "CAST(:rows AS json)")), {"rows": written})


def _spell(row: Mapping[str, Any]) -> dict[str, Any]:
    """Bytes as PostgreSQL spells them."""
    return {name: f"\\x{value.hex()}" if isinstance(value, bytes) else value for name, value in row.items()}
