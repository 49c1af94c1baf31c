"""What counts, who is reminded and whom a campaign reaches, once acts of both sides meet.

Revision: 2026_11_30_turns
Follows: 2026_11_30_burden
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_turns"
down_revision = "2026_11_30_burden"
branch_labels = None
depends_on = None

PARTS = ("counting.sql", "answers.sql", "campaigns.sql")
FOLDER = Path(__file__).parent.parent / "turns"


def upgrade() -> None:
    """Compatible with the code already running: it lets what counted step back before the next one counts."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
