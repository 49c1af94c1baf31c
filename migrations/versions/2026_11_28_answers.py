"""The types of a version's questions beside its document, so that answers can be spelled where they are read.

Revision: 2026_11_28_answers
Follows: 2026_11_28_surface
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_28_answers"
down_revision = "2026_11_28_surface"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "answers" / "kinds.sql"


def upgrade() -> None:
    """Compatible with the code already running: a generated column is added. Rewrites a small table."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
