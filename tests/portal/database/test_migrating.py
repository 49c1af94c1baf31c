"""A database that was brought to another schema says so in its trail."""

import shutil
from pathlib import Path

import pytest

from portal.database import migrating
from tests import databases, people

TOLD = "SELECT object_id, actor_role, detail::jsonb ->> 'before' AS before FROM portal.audit_event WHERE action = $1"
NEXT = '''
"""Changes nothing."""

revision = "2099_01_01_next"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing."""
'''


async def test_a_migration_leaves_an_event_and_a_new_database_none(
    database: databases.TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await people.run_sql(database, TOLD, "database.migrated") == []
    head = migrating.head_revision()
    await migrating.upgrade(database.owner_url)
    assert await people.run_sql(database, TOLD, "database.migrated") == []  # nothing was to be done
    scripts = tmp_path / "migrations"
    shutil.copytree(migrating.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "2099_01_01_next.py").write_text(NEXT.format(head=head))
    monkeypatch.setattr(migrating, "SCRIPTS", scripts)
    for _ in range(2):
        await migrating.upgrade(database.owner_url)
    rows = await people.run_sql(database, TOLD, "database.migrated")
    assert [tuple(row) for row in rows] == [("2099_01_01_next", "operator", head)]
