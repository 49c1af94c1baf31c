"""API keys say when they were used last, and one takes another's place.

Revision: 2026_12_01_api_keys
Follows: 2026_12_01_second_factor
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_api_keys"
down_revision = "2026_12_01_second_factor"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "api_keys" / "keys.sql"


def upgrade() -> None:
    """Compatible with the code already running, which notes no use."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
