"""Cards that go blank are due at once, since another share may show a result of the same supplier.

Revision: 2026_11_28_surface
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_28_surface"
down_revision = "2026_11_28_receipts"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "surface" / "cards.sql"


def upgrade() -> None:
    """Compatible with the code already running: two functions do more than before."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
