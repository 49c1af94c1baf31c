"""Answers that a head office pushes to its sites: locked or suggested, and standing for drafts to come.

Revision: 2026_11_30_site_answers
Follows: 2026_11_30_campaigns
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_site_answers"
down_revision = "2026_11_30_campaigns"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "sites" / "pushing.sql"


def upgrade() -> None:
    """Compatible with the code already running, which knows of no answer that is locked, and writes none."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
