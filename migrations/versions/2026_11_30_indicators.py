"""Impact indicators in benchmark releases: what a figure is in, and the answers that it is made of.

Revision: 2026_11_30_indicators
Follows: 2026_11_30_correcting
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_indicators"
down_revision = "2026_11_30_correcting"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "indicators" / "values.sql"


def upgrade() -> None:
    """Compatible with the code already running, which writes figures in points alone."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
