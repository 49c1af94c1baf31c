"""Erasures are known outside the database, a function alone unlinks the trail, one closing holds up no other.

Revision: 2026_12_01_erasures
Follows: 2026_12_01_discarded
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_erasures"
down_revision = "2026_12_01_discarded"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "erasures"


def upgrade() -> None:
    """Compatible with the code already running, whose worker tries once more to unlink and to empty until it is new."""
    for name in ("erasures.sql", "unlinking.sql", "emptying.sql"):
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
