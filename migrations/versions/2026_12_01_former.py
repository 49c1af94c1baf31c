"""Who left an organization is still named beside what they did there.

Revision: 2026_12_01_former
Follows: 2026_12_01_reopened
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_former"
down_revision = "2026_12_01_reopened"
branch_labels = None
depends_on = None

FILE = Path(__file__).parent.parent / "former" / "names.sql"


def upgrade() -> None:
    """Compatible with the code already running, which names members alone."""
    statements.execute_script(FILE.read_text(encoding="utf-8"))
