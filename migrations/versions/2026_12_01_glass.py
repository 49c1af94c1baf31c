"""A view by an operator into one organization's data, for a limited time, told to its owners.

Revision: 2026_12_01_glass
Follows: 2026_12_01_oidc
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_glass"
down_revision = "2026_12_01_oidc"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "glass"


def upgrade() -> None:
    """Compatible with the code already running, which opens no view."""
    for name in ("views.sql", "reading.sql"):
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
