"""A share that begins later, or ends by its date, makes an event as one that is made or revoked does.

Revision: 2026_12_01_dated_shares
Follows: 2026_12_01_glass
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_dated_shares"
down_revision = "2026_12_01_glass"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "dated_shares"


def upgrade() -> None:
    """Compatible with the code already running: its worker passes on events of an act that it tells nobody."""
    statements.execute_script((FOLDER / "telling.sql").read_text(encoding="utf-8"))
