"""The foundation: tables, functions for credentials and sharing, row-level security, and the job queue.

Revision: 2026_11_22_foundation
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_22_foundation"
down_revision = None
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "foundation"
FILES = (
    "schema.sql",
    "tables.sql",
    "sharing.sql",
    "files.sql",
    "credentials.sql",
    "benchmarks.sql",
    "policies.sql",
    "queue.sql",
)


def upgrade() -> None:
    """Everything at once on an empty database; the four roles exist already (`portal migrate --create-roles`)."""
    for name in FILES:
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
