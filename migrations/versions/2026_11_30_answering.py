"""What the history of answers tells: source, device, what stood before, and what was decided or dismissed.

Revision: 2026_11_30_answering
Follows: 2026_11_30_result_section
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_answering"
down_revision = "2026_11_30_result_section"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "answering" / "history.sql"


def upgrade() -> None:
    """Compatible with the code already running: what is added has defaults, and the CHECK allows more."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
