"""Sessions that nobody uses end before their day.

Revision: 2026_12_01_idle
Follows: 2026_12_01_former
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_idle"
down_revision = "2026_12_01_former"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "idle" / "sessions.sql"


def upgrade() -> None:
    """Compatible with the code already running, which notes no use of sessions."""
    statements.execute_script(FILE.read_text(encoding="utf-8"))
