"""Questionnaires in other languages: overlays of texts, kept by the hash of their content.

Revision: 2026_11_29_translations
Follows: 2026_11_29_rescoring
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_29_translations"
down_revision = "2026_11_29_rescoring"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "translations" / "tables.sql"


def upgrade() -> None:
    """Compatible with the code already running: everything is added."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
