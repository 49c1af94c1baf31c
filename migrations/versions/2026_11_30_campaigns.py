"""Letters without an open transaction, contacts that they do not reach, campaigns of requests, and feedback.

Revision: 2026_11_30_campaigns
Follows: 2026_11_30_gaps_closed
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_campaigns"
down_revision = "2026_11_30_gaps_closed"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "campaigns"
SCRIPTS = ("mail.sql", "campaigns.sql", "feedback.sql", "reminding.sql", "suggestions.sql")


def upgrade() -> None:
    """Compatible with the code already running, which sends letters inside of a transaction."""
    for name in SCRIPTS:
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
