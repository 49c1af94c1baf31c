"""Answers taken over from another version or another year, and drafts that an upgrade replaced.

Revision: 2026_11_29_carrying
Follows: 2026_11_29_ready
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_29_carrying"
down_revision = "2026_11_29_ready"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "carrying" / "answers.sql"


def upgrade() -> None:
    """Compatible with the code already running, which answers as before; the new columns have constant defaults."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
