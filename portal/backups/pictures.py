"""What a database holds in one moment: the rows of each table, the last block of each chain, the files it names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import orjson

from portal.backups.contents import Chain
from portal.delivery import stored_files

TABLES = """
SELECT n.nspname || '.' || c.relname AS name, format('%I.%I', n.nspname, c.relname) AS quoted
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY 1
"""
CHAINS = """
SELECT DISTINCT ON (organization_id) organization_id, n, position, encode(hash, 'hex') AS hash
  FROM portal.audit_block ORDER BY organization_id, n DESC
"""
FILES = f"""
SELECT DISTINCT ON (storage_key) storage_key AS key, owner, size, sha256
  FROM (SELECT storage_key, owner, size, sha256 FROM ({stored_files.WITH_FILE}) row
        UNION ALL SELECT storage_key, NULL, size, NULL FROM portal.upload_part) named
 ORDER BY storage_key
"""  # noqa: S608 (constants)
IS_NEEDED = f"SELECT EXISTS (SELECT FROM ({FILES}) named WHERE key = $1)"  # noqa: S608 (constants)
POSITION = "SELECT coalesce(max(position), 0) FROM portal.audit_block"
REVISION = "SELECT version_num FROM migration.schema_version"
MAJOR = "SELECT current_setting('server_version_num')::integer / 10000"
PATIENT = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET timezone = 'UTC'"


@dataclass(frozen=True)
class Named:
    """A file that a row names; the hash is known of documents and lists, and not of previews and pieces."""

    key: str
    owner: UUID | None
    size: int
    sha256: bytes | None


def read_named(line: bytes) -> Named:
    """What a line of a list says."""
    found = orjson.loads(line)
    owner, sha256 = found["owner"], found["sha256"]
    return Named(found["key"], owner and UUID(owner), found["size"], None if sha256 is None else bytes.fromhex(sha256))


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose statements may take long."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=10)
    try:
        await connection.execute(PATIENT)
        yield connection
    finally:
        await connection.close(timeout=2)


@asynccontextmanager
async def open_picture(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection in one transaction that sees the database as it is now, and changes nothing."""
    async with connect(url) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        yield connection


async def list_tables(picture: asyncpg.Connection) -> dict[str, str]:
    """Every table by its name, with the name as SQL has it."""
    return {row["name"]: row["quoted"] for row in await picture.fetch(TABLES)}


async def count_rows(picture: asyncpg.Connection) -> dict[str, int]:
    """How many rows each table has."""
    tables = await list_tables(picture)
    return {
        name: await picture.fetchval(f"SELECT count(*) FROM {quoted}")  # noqa: S608 (quoted by the server)
        for name, quoted in tables.items()
    }


async def read_chains(picture: asyncpg.Connection) -> AsyncIterator[Chain]:
    """The last block of each chain, by organization."""
    async for row in picture.cursor(CHAINS):
        yield Chain(**row)


async def read_files(picture: asyncpg.Connection) -> AsyncIterator[Named]:
    """Every file that a row names, by its key."""
    async for row in picture.cursor(FILES):
        yield Named(**row)
