"""Questionnaires of organizations: publishers' names, drafts, visibility, approval, ends; a second one in a request.

Revision: 2026_11_29_authoring
Follows: 2026_11_29_translations
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_29_authoring"
down_revision = "2026_11_29_translations"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "authoring"
FILES = ("tables.sql", "policies.sql")


def upgrade() -> None:
    """Compatible with the code already running: columns are added empty, and what was visible stays so."""
    for name in FILES:
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
