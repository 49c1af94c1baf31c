"""What an operator sees and can mend: organizations, letters and jobs; suspension that lets its members look.

Revision: 2026_11_28_operation
Follows: 2026_11_22_foundation
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_28_operation"
down_revision = "2026_11_28_discarding"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "operation"
FILES = ("suspension.sql", "registers.sql", "deliveries.sql", "resets.sql")


def upgrade() -> None:
    """Compatible with the code already running: columns and states are added, functions answer with what they did."""
    for name in FILES:
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
