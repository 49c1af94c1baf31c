"""How alembic runs here: on a connection that portal/database/migrating.py hands over, as the owner of the schema."""

from alembic import context
from sqlalchemy import Connection, text

from portal.database import tables

VERSION_TABLE = "schema_version"


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a reflected schema belongs to the models; the job queue's own is its library's business."""
    return kind != "schema" or name == "portal"


def run(connection: Connection) -> None:
    """Upgrade inside one transaction; waiting for a lock gives up rather than queueing readers behind it."""
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS migration"))
    context.configure(
        connection=connection,
        target_metadata=tables.Model.metadata,
        version_table=VERSION_TABLE,
        version_table_schema="migration",
        include_schemas=True,
        include_name=is_ours,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
