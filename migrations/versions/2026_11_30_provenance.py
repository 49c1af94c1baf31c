"""Where the answers of a submission were taken over from is frozen with it.

Revision: 2026_11_30_provenance
Follows: 2026_11_30_own_translations
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_provenance"
down_revision = "2026_11_30_own_translations"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "provenance" / "answers.sql"


def upgrade() -> None:
    """Compatible with the code already running, which notes nothing of it in what is submitted meanwhile."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
