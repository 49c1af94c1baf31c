"""What reviewers stated of a result stands on the buyers' cards.

Revision: 2026_11_30_shares
Follows: 2026_11_30_burden
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_shares"
down_revision = "2026_11_30_burden"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "shares"


def upgrade() -> None:
    """Compatible with the code already running, which does not look at the new columns."""
    statements.execute_script((FOLDER / "cards.sql").read_text(encoding="utf-8"))
