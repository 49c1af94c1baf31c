"""Erasing a person, handing out what there is about one, and closing an organization, however many rows there are.

Revision: 2026_12_01_people
Follows: 2026_12_01_idle
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_people"
down_revision = "2026_12_01_idle"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "people"


def upgrade() -> None:
    """Compatible with the code already running, but for exports of people, to be asked for again."""
    for name in ("indexes.sql", "erasing.sql", "documents.sql", "export.sql", "proof.sql", "closing.sql"):
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
