"""The change feed: what changed for an organization, in the order in which transactions are over.

Revision: 2026_11_30_answering_changes
Follows: 2026_11_30_answering_teamwork
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_answering_changes"
down_revision = "2026_11_30_answering_teamwork"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "answering" / "changes.sql"


def upgrade() -> None:
    """Compatible with the code already running: triggers note what it changes, too."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
