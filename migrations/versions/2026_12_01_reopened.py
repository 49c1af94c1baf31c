"""Requests whose only answer was withdrawn wait again; what was stated on an earlier revision is shown beside a newer.

Revision: 2026_12_01_reopened
Follows: 2026_12_01_privacy
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_reopened"
down_revision = "2026_12_01_privacy"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "reopened"


def upgrade() -> None:
    """Compatible with the code already running, which opens no request again."""
    for name in ("reopening.sql", "earlier_findings.sql"):
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
