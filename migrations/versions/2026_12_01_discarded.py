"""What is left of a draft that was discarded, so that whoever comes late with answers to it hears why.

Revision: 2026_12_01_discarded
Follows: 2026_12_01_item_replies
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_discarded"
down_revision = "2026_12_01_item_replies"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "discarded" / "tombstones.sql"


def upgrade() -> None:
    """Compatible with the code already running, which discards drafts without a trace."""
    statements.execute_script(FILE.read_text(encoding="utf-8"))
