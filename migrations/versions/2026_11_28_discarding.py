"""Discarding: a supplier may delete its drafts, and its documents that nothing stands on.

Revision: 2026_11_28_discarding
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_28_discarding"
down_revision = "2026_11_28_sharing"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "discarding"


def upgrade() -> None:
    """Rights alone; the code that runs already never deletes either."""
    statements.execute_script((FOLDER / "policies.sql").read_text(encoding="utf-8"))
