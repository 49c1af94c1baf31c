"""Cards of the latest period and of the request that waits; when a supplier was told, and who refused an invitation.

Revision: 2026_11_28_sharing
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_28_sharing"
down_revision = "2026_11_28_lags_and_leftovers"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "sharing"
FILES = ("cards.sql", "telling.sql")


def upgrade() -> None:
    """Columns and functions first, then every card is written anew."""
    for name in FILES:
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
