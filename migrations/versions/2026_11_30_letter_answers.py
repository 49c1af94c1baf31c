"""Requests are answered by links in letters: declined, meant for somebody else, or sent to the wrong person.

Revision: 2026_11_30_letter_answers
Follows: 2026_11_30_segments
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_letter_answers"
down_revision = "2026_11_30_segments"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "letter_answers" / "answers.sql"


def upgrade() -> None:
    """Compatible with the code already running, which asks nobody who is the wrong person and names everybody."""
    statements.execute_script(FILE.read_text(encoding="utf-8"))
