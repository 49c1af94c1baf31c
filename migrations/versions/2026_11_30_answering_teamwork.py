"""Work of colleagues on one assessment: assignments, comments, and sign-offs before submission.

Revision: 2026_11_30_answering_teamwork
Follows: 2026_11_30_answering
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_answering_teamwork"
down_revision = "2026_11_30_answering"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "answering" / "teamwork.sql"


def upgrade() -> None:
    """Compatible with the code already running, which submits what it knows of no sign-off for."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
