"""Tags and segments of a buyer's suppliers; campaigns about sites, and none beyond the limit of the yearly burden.

Revision: 2026_11_30_segments
Follows: 2026_11_30_shares
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_segments"
down_revision = "2026_11_30_shares"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "segments"
SCRIPTS = ("campaigns.sql", "segments.sql")


def upgrade() -> None:
    """Compatible with the code already running, which asks organizations alone and knows of no tags."""
    for name in SCRIPTS:
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
