"""Publishers' names that were not used can be given back; letters about questionnaires say whose they are.

Revision: 2026_11_30_gates
Follows: 2026_11_30_provenance
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_gates"
down_revision = "2026_11_30_provenance"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "gates" / "names.sql"


def upgrade() -> None:
    """Compatible with the code already running: functions are added, and one says more."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
