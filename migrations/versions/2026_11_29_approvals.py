"""The operator reads the words of scoring profiles, and nobody else a version that waits, before it is public.

Revision: 2026_11_29_approvals
Follows: 2026_11_29_authoring
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_29_approvals"
down_revision = "2026_11_29_authoring"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "approvals" / "words.sql"


def upgrade() -> None:
    """A portal of before shows the operator no approvals until it is replaced; nothing else is touched."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
