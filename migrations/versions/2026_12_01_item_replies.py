"""Each item of a clarification round has a reply of its own.

Revision: 2026_12_01_item_replies
Follows: 2026_12_01_people
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_item_replies"
down_revision = "2026_12_01_people"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "item_replies" / "replies.sql"


def upgrade() -> None:
    """Compatible with the code already running, which replies to a round as a whole."""
    statements.execute_script(FILE.read_text(encoding="utf-8"))
