"""An API key that holds no more and is used is told to its organization, once a day.

Revision: 2026_12_01_refused_keys
Follows: 2026_12_01_dated_shares
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_refused_keys"
down_revision = "2026_12_01_dated_shares"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "refused_keys"


def upgrade() -> None:
    """Compatible with the code already running, which counts refused keys alone."""
    statements.execute_script((FOLDER / "noting.sql").read_text(encoding="utf-8"))
