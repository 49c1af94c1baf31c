"""Gaps found by reading: a length below what is here, translations that were shown once, and what a decision names.

Revision: 2026_11_30_gaps_closed
Follows: 2026_11_30_library
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_gaps_closed"
down_revision = "2026_11_30_library"
branch_labels = None
depends_on = None

PARTS = ("uploads.sql", "translations.sql", "approvals.sql", "reminders.sql")
FOLDER = Path(__file__).parent.parent / "gaps"


def upgrade() -> None:
    """Compatible with the code already running: functions take and give what they did, others stand beside them."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
