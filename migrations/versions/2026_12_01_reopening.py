"""The operator says why a closed organization is opened again.

Revision: 2026_12_01_reopening
Follows: 2026_12_01_erasures
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_reopening"
down_revision = "2026_12_01_erasures"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "reopening" / "reopening.sql"


def upgrade() -> None:
    """Compatible with the code already running, which gives no reason."""
    statements.execute_script(FILE.read_text(encoding="utf-8"))
