"""Whether a wall of the database is open: four commands on one row, by the application's login as each party.

A probe never looks at the product's code: what should be open is told by `rules.py`, from owners of rows alone.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from portal.database import ids

COMMANDS = ("select", "insert", "update", "delete")
REFUSED = "42501"
# Like sections: what is said of one section of a submission is open where another one's is not.
REVIEWED = ("assurance_finding", "assurance_section", "clarification_item", "dispute", "dispute_comment")
OWNERS = ("organization_id", "buyer_id", "supplier_id", "reader_id", "user_id")
OWNERS += ("reviewer_id", "proposer_id", "asker_id", "author_id")
GRANTS = """
SELECT c.relname::text AS name, a.attname::text AS column,
       has_column_privilege('portal_app', c.oid, a.attnum, 'SELECT') AS may_select,
       a.attgenerated = '' AND has_column_privilege('portal_app', c.oid, a.attnum, 'INSERT') AS may_insert,
       a.attgenerated = '' AND has_column_privilege('portal_app', c.oid, a.attnum, 'UPDATE') AS may_update,
       has_table_privilege('portal_app', c.oid, 'DELETE') AS may_delete,
       coalesce(a.attnum = ANY (k.conkey), false) AS is_key
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
 WHERE n.nspname = 'portal' AND c.relkind = 'r' ORDER BY 1, a.attnum
"""


@dataclass(frozen=True)
class Table:
    """What the application's login may do with the columns of a table."""

    name: str
    key: tuple[str, ...]
    select: tuple[str, ...]
    insert: tuple[str, ...]
    update: tuple[str, ...]
    delete: bool

    def grants(self, command: str) -> bool:
        return bool(getattr(self, command))


@dataclass(frozen=True)
class Who:
    """In whose name a probe acts: nobody, or a person for an organization."""

    name: str
    organization: UUID | None = None
    user: UUID | None = None
    glass: UUID | None = None  # the view that is looked through
    looks_into: UUID | None = None  # whose data that opens


async def read_tables(connection: asyncpg.Connection) -> dict[str, Table]:
    columns: dict[str, list[Any]] = {}
    for row in await connection.fetch(GRANTS):
        columns.setdefault(row["name"], []).append(row)
    return {
        name: Table(
            name,
            key=_list_key(rows),
            select=tuple(row["column"] for row in rows if row["may_select"]),
            insert=tuple(row["column"] for row in rows if row["may_insert"]),
            update=tuple(row["column"] for row in rows if row["may_update"]),
            delete=rows[0]["may_delete"],
        )
        for name, rows in columns.items()
    }


def _list_key(rows: Sequence[Any]) -> tuple[str, ...]:
    """The columns that name a row and that the login may look at."""
    key = [row for row in rows if row["is_key"]]
    return tuple(row["column"] for row in key) if all(row["may_select"] for row in key) else ("id",)


async def sample_rows(connection: asyncpg.Connection, table: str, each: int) -> list[dict[str, Any]]:
    """Rows of all owners there are, some of each."""
    # Few events concern somebody else, too; those that do come first, or chance would leave them out.
    found = await connection.fetch(
        f"SELECT to_jsonb(t)::text AS row FROM portal.{table} t"
        " ORDER BY to_jsonb(t) ->> 'concerns_id' NULLS LAST, 1 LIMIT 3000"
    )
    owners: dict[Any, list[dict[str, Any]]] = {}
    for row in (json.loads(one["row"]) for one in found):
        owned = tuple(row[name] for name in row if name.endswith(OWNERS)) or (
            row.get("questionnaire") or row.get("key") or row.get("id"),
        )
        owners.setdefault(owned, []).append(row)
    if table in ("submission_section", "result_section", *REVIEWED):
        each = 50  # a share opens some sections of a submission only: all must be tried
    return [row for rows in owners.values() for row in rows[:each]]


@asynccontextmanager
async def act_as(connection: asyncpg.Connection, who: Who) -> AsyncIterator[None]:
    """One transaction by the application's role in somebody's name; nothing of it is kept."""
    inner = connection.transaction()
    await inner.start()
    try:
        await connection.execute("SET LOCAL ROLE portal_app")
        await connection.execute(
            "SELECT set_config('portal.organization', $1, true), set_config('portal.user', $2, true),"
            " set_config('portal.glass', $3, true)",
            *(str(one) if one else "" for one in (who.organization, who.user, who.glass)),
        )
        yield
    finally:
        await inner.rollback()


async def probe(connection: asyncpg.Connection, table: Table, command: str, row: dict[str, Any]) -> bool:
    """Whether the command gets through to the row; what stops it later than the policies counts as through."""
    statement, values = _write(table, command, row)
    inner = connection.transaction()
    await inner.start()
    try:
        if command == "select":
            return bool(await connection.fetchval(statement, *values))
        return await connection.execute(statement, *values) not in ("UPDATE 0", "DELETE 0", "INSERT 0 0")
    except asyncpg.PostgresError as error:
        return error.sqlstate != REFUSED
    finally:
        await inner.rollback()


def _write(table: Table, command: str, row: dict[str, Any]) -> tuple[str, list[Any]]:
    name, values = f"portal.{table.name}", [json.dumps(row[column]) for column in table.key]
    here = " AND ".join(f"to_jsonb({column}) = ${place}::jsonb" for place, column in enumerate(table.key, 1))
    if command == "select":
        return f"SELECT count(*) FROM {name} WHERE {here}", values
    if command == "update":
        return f"UPDATE {name} SET {table.update[0]} = {table.update[0]} WHERE {here}", values
    if command == "delete":
        return f"DELETE FROM {name} WHERE {here}", values
    return write_insert(table), [json.dumps(renew(row))]


def write_insert(table: Table) -> str:
    columns = ", ".join(table.insert)
    row = f"jsonb_populate_record(NULL::portal.{table.name}, $1)"
    return f"INSERT INTO portal.{table.name} ({columns}) SELECT {columns} FROM {row}"


def renew(row: dict[str, Any]) -> dict[str, Any]:
    """The row as another one of the same owners."""
    return row | {name: str(ids.new_id()) for name in ("id", "write_id") if name in row}
