"""The audit trail sealed in blocks: who, from where, in which order, and signed.

Revision: 2026_12_01_audit
Follows: 2026_12_01_email_change
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_audit"
down_revision = "2026_12_01_email_change"
branch_labels = None
depends_on = None

PARTS = ("trail.sql",)
FOLDER = Path(__file__).parent.parent / "audit"


def upgrade() -> None:
    """Compatible with the code already running: what it writes has no address and is sealed like the rest."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
