"""The address of an account is changed once both the old and the new one confirm it.

Revision: 2026_12_01_email_change
Follows: 2026_12_01_api_keys
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_email_change"
down_revision = "2026_12_01_api_keys"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "email_change" / "changes.sql"


def upgrade() -> None:
    """Compatible with the code already running, which changes no address."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
