"""Review: engagements of third parties, assurance statements, clarifications and disputes.

Revision: 2026_11_30_review
Follows: 2026_11_30_site_answers
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_review"
down_revision = "2026_11_30_site_answers"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "review"
SCRIPTS = ("tables.sql", "policies.sql", "engagements.sql", "noting.sql")


def upgrade() -> None:
    """Compatible with the code already running, which reads and shares as before."""
    for name in SCRIPTS:
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
