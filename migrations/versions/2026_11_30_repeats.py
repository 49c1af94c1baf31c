"""What came of an invitation and of an upload, for whoever asks again after a lost reply.

Revision: 2026_11_30_repeats
Follows: 2026_11_30_cadence
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_repeats"
down_revision = "2026_11_30_cadence"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "repeats"


def upgrade() -> None:
    """Compatible with the code already running, which does not call what is added."""
    statements.execute_script((FOLDER / "repeats.sql").read_text(encoding="utf-8"))
