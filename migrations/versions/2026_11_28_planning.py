"""Policies that ask for their caller by a subquery, so that no plan depends on who called when it was made.

Revision: 2026_11_28_planning
Follows: 2026_11_28_trusted_documents
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_28_planning"
down_revision = "2026_11_28_trusted_documents"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "planning" / "policies.sql"


def upgrade() -> None:
    """Compatible with the code already running: every policy lets through what it did before."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
