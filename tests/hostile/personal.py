"""Which columns may hold personal data, by the database's own catalogue, and a row in every table that has them all."""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from portal.database import ids

LIST = Path(__file__).with_name("personal_data.csv")
# Codes that a CHECK lists are out: whatever they say, it is one of a few words of ours.
COLUMNS = """
SELECT c.relname::text AS "table", a.attname::text AS "column", format_type(a.atttypid, NULL) AS type,
       a.attnotnull AND NOT a.atthasdef AS needed, a.attgenerated <> '' AS is_generated, x.choices,
       EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'
                  AND k.confrelid = 'portal.user_account'::regclass AND a.attnum = ANY (k.conkey)) AS is_person
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN LATERAL (SELECT min(pg_get_constraintdef(k.oid)) AS choices FROM pg_constraint k
                      WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
                        AND pg_get_constraintdef(k.oid) LIKE '%= ANY%') x ON true
 WHERE n.nspname = 'portal' AND c.relkind = 'r' AND c.relname NOT LIKE 'pgqueuer%'
 ORDER BY c.relname, a.attnum
"""
SPEAKING = ("text", "text[]", "jsonb", "uuid", "uuid[]", "bytea")


@dataclass(frozen=True)
class Column:
    """One column of the catalogue."""

    table: str
    column: str
    type: str
    needed: bool  # and nothing stands in for it
    is_generated: bool
    choices: str | None
    is_person: bool

    @property
    def name(self) -> tuple[str, str]:
        return self.table, self.column

    @property
    def may_tell(self) -> bool:
        """Whether it might hold something of a person."""
        return self.type in SPEAKING and self.choices is None and not self.is_generated


@dataclass(frozen=True)
class Line:
    """What the list says of a column."""

    table: str
    column: str
    holds: str  # person (an id), about (an address, a name), words, secret; nothing where it tells of no person
    export: str
    erasure: str  # gone, kept

    @property
    def name(self) -> tuple[str, str]:
        return self.table, self.column


def read_list() -> dict[tuple[str, str], Line]:
    with LIST.open(encoding="utf-8", newline="") as file:
        return {(row["table"], row["column"]): Line(**row) for row in csv.DictReader(file)}


async def read_columns(connection: asyncpg.Connection) -> list[Column]:
    return [Column(**dict(row)) for row in await connection.fetch(COLUMNS)]


@dataclass(frozen=True)
class Somebody:
    """Whose rows are made, and what stands in them that nothing else says."""

    person: UUID
    organization: UUID
    email: str
    name: str
    secret: str
    number: int

    @property
    def words(self) -> str:
        return f"So says {self.name}, {self.email}."


ORGANIZATIONS = {
    "organization_id", "supplier_id", "buyer_id", "reviewer_id", "asker_id", "proposer_id", "reader_id", "owner_id",
}  # fmt: skip
MADE_BY_HAND = ("organization", "user_account", "member")
NUMBERS_ALONE = ("audit_block", "benchmark_policy", "change", "trusted_document")  # nobody stands in them
# What a rule of a table asks for beside the kind of its columns.
FITTING: Mapping[tuple[str, str], Any] = {
    ("assurance_statement", "supplier_id"): "another",
    ("audit_event", "detail"): "member",
    ("audit_event", "object_kind"): "user",
    ("campaign", "subject"): "site",
    ("clarification", "supplier_id"): "another",
    ("dispute_comment", "author_id"): "own",
    ("engagement", "supplier_id"): "another",
    ("engagement", "reviewer_id"): "another",
    ("glass", "until"): "soon",
    ("organization_role", "role"): "partner",
    ("release", "corrects"): "earlier",
    ("result", "critical"): "[]",
    ("result", "pillars"): "[]",
}
PLAIN: Mapping[str, Any] = {
    "text[]": [], "jsonb": "{}", "uuid[]": [], "boolean": False, "numeric": 1,
}  # fmt: skip
NOW = {"timestamp with time zone": "now()", "date": "current_date"}


async def plant(
    connection: asyncpg.Connection, columns: Iterable[Column], lines: Mapping[tuple[str, str], Line], who: Somebody
) -> None:
    """One row in every table with this person wherever one can stand; past foreign keys and triggers."""
    tables: dict[str, list[Column]] = {}
    for column in columns:
        if column.table not in MADE_BY_HAND + NUMBERS_ALONE and not column.is_generated:
            tables.setdefault(column.table, []).append(column)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table, parts in tables.items():
            values = {one.column: _choose(one, lines.get(one.name), who) for one in parts}
            given = {name: value for name, value in values.items() if value is not None}
            now = {
                one.column: NOW[one.type] for one in parts if one.needed and one.type in NOW and one.column not in given
            }
            marks = [f"${number}" for number in range(1, len(given) + 1)]
            await connection.execute(
                f"INSERT INTO portal.{table} ({', '.join([*given, *now])})"
                f" VALUES ({', '.join([*marks, *now.values()])})",
                *given.values(),
            )


# Tables that say one thing of an organization, or of the portal.
SINGLE = (
    "benchmark_choice", "benchmark_partition", "contribution", "credential_attempt", "group_member", "operator_limit",
    "organization_role", "publisher", "release", "release_cell", "release_ledger", "sso_connection", "upload_part",
)  # fmt: skip
KEYS = """
SELECT c.relname::text AS "table", a.attname::text AS "column"
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'portal'::regnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE i.indisunique
"""


async def crowd(connection: asyncpg.Connection, columns: Iterable[Column], who: Somebody, count: int) -> None:
    """In every table many rows like somebody's, of the same organization and of other people."""
    keys = {(row["table"], row["column"]) for row in await connection.fetch(KEYS)}
    tables: dict[str, list[Column]] = {}
    for column in columns:
        if column.table not in (*NUMBERS_ALONE, *SINGLE, "organization") and not column.is_generated:
            tables.setdefault(column.table, []).append(column)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table, parts in tables.items():
            await connection.execute(
                f"INSERT INTO portal.{table} ({', '.join(one.column for one in parts)})"
                f" SELECT {', '.join(_vary(one, one.name in keys) for one in parts)}"
                f" FROM (SELECT * FROM portal.{table} t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0"
                f" OR strpos(t::text, $3) > 0 LIMIT 1) x, generate_series(1, {count}) n",
                str(who.person),
                who.email,
                str(who.organization),
            )
    await connection.execute("ANALYZE")


def _vary(column: Column, is_key: bool) -> str:
    """The value of the n-th row, where $1 and $2 are the person and the address that it must not have."""
    value, kind = f"x.{column.column}", column.type
    if is_key and column.choices is None and column.column not in ORGANIZATIONS:
        varied = {
            "uuid": "gen_random_uuid()",
            "bytea": "sha256(n::text::bytea)",
            "text": f"'x' || n || coalesce({value}, '')",
        }
        value = {**varied, "integer": "1000 + n", "bigint": "1000 + n", "smallint": "1000 + n"}.get(kind, value)
    if column.choices is not None or kind not in ("uuid", "text", "text[]", "jsonb"):
        return value
    return f"replace(replace(({value})::text, $1, md5(n::text)::uuid::text), $2, n || '@crowd.example')::{kind}"


def _choose(column: Column, line: Line | None, who: Somebody) -> Any:
    if column.name in FITTING:
        fitting = FITTING[column.name]
        soon = datetime.now(UTC) + timedelta(hours=2)
        meant = {"another": ids.new_id(), "own": who.organization, "earlier": -who.number, "soon": soon}
        meant["member"] = f'{{"member": "{who.person}"}}'
        return meant.get(fitting, fitting)
    if column.choices is not None:
        return re.findall(r"'([^']+)'::text", column.choices)[0] if column.needed else None
    if line is not None and line.holds:
        return _tell(column, line, who)
    if column.type == "uuid" and column.column in ORGANIZATIONS:
        return who.organization
    if not column.needed or column.type in NOW:
        return None
    if column.type in ("integer", "smallint", "bigint"):
        return who.number
    return {"uuid": ids.new_id(), "bytea": who.secret.encode(), "text": f"x{who.number}"}.get(
        column.type, PLAIN.get(column.type)
    )


def _tell(column: Column, line: Line, who: Somebody) -> Any:
    if line.holds == "person":
        named = f'{{"user": "{who.person}"}}'
        return {"uuid": who.person, "text": str(who.person), "jsonb": named}[column.type]
    if line.holds == "secret":
        return who.secret.encode() if column.type == "bytea" else who.secret
    if column.column == "email":
        return who.email
    if column.column == "document":
        return f'{{"said": "{who.words}"}}'
    return {"text": who.words, "jsonb": f'{{"said": "{who.words}"}}', "text[]": [who.words]}[column.type]
