"""Webhooks: where an organization wants to be told what happens, with which secrets, and what became of each try.

Revision: 2026_12_01_webhooks
Follows: 2026_12_01_audit
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_webhooks"
down_revision = "2026_12_01_audit"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "webhooks" / "tables.sql"


def upgrade() -> None:
    """Compatible with the code already running, which does not know these tables."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
