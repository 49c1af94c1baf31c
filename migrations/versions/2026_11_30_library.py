"""The evidence library: files in pieces, revisions, reminders, scanning, previews, hints and redactions.

Revision: 2026_11_30_library
Follows: 2026_11_30_letters
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_library"
down_revision = "2026_11_30_letters"
branch_labels = None
depends_on = None

PARTS = ("uploads.sql", "revisions.sql", "scanning.sql", "previews.sql", "personal.sql", "redactions.sql")
FOLDER = Path(__file__).parent.parent / "library"


def upgrade() -> None:
    """Compatible with the code already running: what functions gave before, they still give."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
