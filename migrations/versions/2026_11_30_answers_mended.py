"""What was redacted is withdrawn for good, documents of disputes are kept, and sections are signed as they are.

Revision: 2026_11_30_answers_mended
Follows: 2026_11_30_burden
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_answers_mended"
down_revision = "2026_11_30_burden"
branch_labels = None
depends_on = None

PARTS = ("evidence.sql", "signing.sql")
FOLDER = Path(__file__).parent.parent / "answers_mended"


def upgrade() -> None:
    """Compatible with the code already running, which knows of none of the new columns."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
