"""A second factor at sign-in, recovery codes, and organizations that require one of their members.

Revision: 2026_12_01_second_factor
Follows: 2026_11_30_indicators
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_second_factor"
down_revision = "2026_11_30_indicators"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "second_factor"


def upgrade() -> None:
    """Compatible with the code already running, which asks for no second factor."""
    for name in ("factors.sql", "organizations.sql"):
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
