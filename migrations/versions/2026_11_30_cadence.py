"""How often a buyer asks suppliers of a tier anew, and the day on which it asks each.

Revision: 2026_11_30_cadence
Follows: 2026_11_30_letter_answers
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_cadence"
down_revision = "2026_11_30_letter_answers"
branch_labels = None
depends_on = None

PARTS = ("tables.sql", "planning.sql", "asking.sql")
FOLDER = Path(__file__).parent.parent / "cadence"


def upgrade() -> None:
    """Compatible with the code already running, which sets no cadence, so that nothing is planned."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
