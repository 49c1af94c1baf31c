"""The scores of pillars as lists show them, stored beside the pillars: spelling them was half of a page's cost.

Revision: 2026_11_29_ready
Follows: 2026_11_28_answers
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_29_ready"
down_revision = "2026_11_28_answers"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "ready" / "pillars.sql"


def upgrade() -> None:
    """Compatible with the code already running, but rewrites results and cards, which nobody reads meanwhile.

    62,500 cards took 8 seconds on a small machine: lists that are asked for in it wait, or are told to come again.
    """
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
