"""SQL files with many statements, run inside the migration's transaction."""

from typing import Any

from alembic import op
from sqlalchemy import text


def execute_script(script: str) -> None:
    """Send a whole file by the simple protocol: prepared statements take one statement only."""
    connection = op.get_bind()
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))  # the driver begins its transaction with this statement
    adapted: Any = connection.connection.dbapi_connection
    adapted.run_async(lambda driver: driver.execute(script))
