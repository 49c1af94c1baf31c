"""Consent: requests for access, standing rules, what counts again or has expired, and how long documents are kept.

Revision: 2026_11_30_consent
Follows: 2026_11_30_review
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_consent"
down_revision = "2026_11_30_review"
branch_labels = None
depends_on = None

PARTS = (
    "access_requests.sql",
    "cards.sql",
    "restoring.sql",
    "standing_rules.sql",
    "validity.sql",
    "receipts.sql",
    "retention.sql",
)
FOLDER = Path(__file__).parent.parent / "consent"


def upgrade() -> None:
    """Compatible with the code already running, which reads and writes nothing of it."""
    for part in PARTS:
        statements.execute_script((FOLDER / part).read_text(encoding="utf-8"))
