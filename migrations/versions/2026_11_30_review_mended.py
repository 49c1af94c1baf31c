"""Review, mended: a draft for several clarifications, documents that it keeps, ends that hold, reminders of due days.

Revision: 2026_11_30_review_mended
Follows: 2026_11_30_burden
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_review_mended"
down_revision = "2026_11_30_burden"
branch_labels = None
depends_on = None

PARTS = ("reopening.sql", "engagements.sql", "remarks.sql", "telling.sql")
FOLDER = Path(__file__).parent.parent / "review_mended"


def upgrade() -> None:
    """Compatible with the code already running, which opens a draft for one clarification only."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
