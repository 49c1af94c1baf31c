"""What a signed summary of a submission needs, and what is kept of a withdrawal.

Revision: 2026_11_30_summary
Follows: 2026_11_30_read_words
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_summary"
down_revision = "2026_11_30_read_words"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "summary" / "summary.sql"


def upgrade() -> None:
    """Compatible with the code already running, which signs nothing and gives no reasons."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
