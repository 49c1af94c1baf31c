"""The worker applies a new scoring profile to what was submitted.

Revision: 2026_11_29_rescoring
Follows: 2026_11_29_carrying
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_29_rescoring"
down_revision = "2026_11_29_carrying"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "rescoring" / "worker.sql"


def upgrade() -> None:
    """Compatible with the code already running."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
