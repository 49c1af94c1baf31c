"""Releases that correct one for the same quarter, and the rows of releases that a partner may read in a day.

Revision: 2026_11_30_correcting
Follows: 2026_11_30_repeats
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_correcting"
down_revision = "2026_11_30_repeats"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "correcting"


def upgrade() -> None:
    """Compatible with the code already running, which makes one release for each quarter and counts no rows."""
    statements.execute_script((FOLDER / "correcting.sql").read_text(encoding="utf-8"))
