"""Reminders of requests, one letter a day for a person, and stopping them by the link in a letter.

Revision: 2026_11_30_letters
Follows: 2026_11_30_summary
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_letters"
down_revision = "2026_11_30_summary"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "letters" / "reminders.sql"


def upgrade() -> None:
    """Compatible with the code already running, which knows neither columns nor table."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
