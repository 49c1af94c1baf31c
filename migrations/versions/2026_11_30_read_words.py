"""Whether the operator has read what a later scoring profile says of itself, and letters about translations.

Revision: 2026_11_30_read_words
Follows: 2026_11_30_answering_changes
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_read_words"
down_revision = "2026_11_30_answering_changes"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "read_words" / "read.sql"


def upgrade() -> None:
    """Code that is already running goes on telling every description."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
