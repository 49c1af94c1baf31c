"""Receipts of a read in the statement that finds what was read.

Revision: 2026_11_28_receipts
Follows: 2026_11_28_planning
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_28_receipts"
down_revision = "2026_11_28_planning"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "receipts" / "noting.sql"


def upgrade() -> None:
    """Compatible with the code already running: two functions are added."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
