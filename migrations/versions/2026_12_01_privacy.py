"""A person's data handed out and erased, an organization closed, and rows that are kept for a while alone.

Revision: 2026_12_01_privacy
Follows: 2026_12_01_refused_keys
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_privacy"
down_revision = "2026_12_01_refused_keys"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "privacy"


def upgrade() -> None:
    """Compatible with the code already running, which erases nobody."""
    for name in ("people.sql", "export.sql", "closing.sql", "forgetting.sql"):
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
