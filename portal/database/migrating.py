"""Bringing the database to the schema of this code, and telling whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

SCRIPTS = Path(__file__).parents[2] / "migrations"
# Two portals that start together migrate one after the other.
MIGRATION_LOCK = 7_203_411_001
VERSION = {"version_table": "schema_version", "version_table_schema": "migration"}
NOTE = text(
    """
    INSERT INTO portal.audit_event (id, actor_role, action, object_kind, object_id, detail)
    VALUES (gen_random_uuid(), 'operator', 'database.migrated', 'database', :after,
            jsonb_build_object('before', CAST(:before AS text)))
    """
)


def make_config(connection: Connection | None = None) -> Config:
    """How alembic finds the migrations, and on which connection it runs them."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """The revision this code was written for."""
    return str(ScriptDirectory.from_config(make_config()).get_current_head())


def _upgrade_connection(connection: Connection, to: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    before = MigrationContext.configure(connection, opts=VERSION).get_current_revision()
    command.upgrade(make_config(connection), to)
    after = head_revision()
    if to == "head" and before not in (None, after):  # a new database has no trail yet
        connection.execute(NOTE, {"before": before, "after": after})


async def upgrade(owner_url: str, to: str = "head") -> None:
    """Run what is missing of the migrations, all of it or nothing, with the owner's login; or up to a revision."""
    engine = create_async_engine(owner_url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade_connection, to)
    finally:
        await engine.dispose()


def _check_connection(connection: Connection) -> None:
    command.check(make_config(connection))


async def check(owner_url: str) -> None:
    """Raise alembic's CommandError where the tables in code and in the database differ."""
    engine = create_async_engine(owner_url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_check_connection)
    finally:
        await engine.dispose()


async def current_revision(connection: AsyncConnection) -> str | None:
    """The revision the database is at, none where it was never migrated."""
    try:
        found = await connection.execute(text("SELECT version_num FROM migration.schema_version"))
    except ProgrammingError:
        return None
    return found.scalar_one_or_none()
