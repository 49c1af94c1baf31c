"""Who owes feedback, whom letters reach, and what people and buyers are told of.

Revision: 2026_11_30_letters_mended
Follows: 2026_11_30_review_mended
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_letters_mended"
down_revision = "2026_11_30_review_mended"
branch_labels = None
depends_on = None

PARTS = ("feedback.sql", "contacts.sql", "invitations.sql", "links.sql", "news.sql", "suggestions.sql", "stopping.sql")
FOLDER = Path(__file__).parent.parent / "letters_mended"


def upgrade() -> None:
    """Compatible with the code already running: functions keep their signatures, and new columns have defaults."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
