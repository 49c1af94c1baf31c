"""Organizations learn what their people do to their accounts; the last use of a revoked key is kept.

Revision: 2026_12_01_told
Follows: 2026_12_01_reopening
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_told"
down_revision = "2026_12_01_reopening"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "told"
FILES = ("acts.sql", "keys.sql")


def upgrade() -> None:
    """Compatible with the code already running, which calls none of it."""
    for name in FILES:
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
