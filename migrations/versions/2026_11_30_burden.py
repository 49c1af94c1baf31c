"""The size that declining goes by is frozen; gaps that are declared with a plan; limits of the yearly burden.

Revision: 2026_11_30_burden
Follows: 2026_11_30_consent
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_burden"
down_revision = "2026_11_30_consent"
branch_labels = None
depends_on = None

PARTS = ("declining.sql", "limits.sql", "gaps.sql", "reminding.sql")
FOLDER = Path(__file__).parent.parent / "burden"


def upgrade() -> None:
    """Compatible with the code already running, which knows of none of the new columns and tables."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
