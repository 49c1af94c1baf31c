"""Translations that organizations hand in for their own questionnaires, and the operator's word on public ones.

Revision: 2026_11_30_own_translations
Follows: 2026_11_29_approvals
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_own_translations"
down_revision = "2026_11_29_approvals"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "own_translations" / "tables.sql"


def upgrade() -> None:
    """Compatible with the code already running, which reads the operator's list by the names of its columns."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
