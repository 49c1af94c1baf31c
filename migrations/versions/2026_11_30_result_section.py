"""The trace of results that a later scoring profile gave.

Revision: 2026_11_30_result_section
Follows: 2026_11_30_gates
"""

from pathlib import Path

from migrations import statements

revision = "2026_11_30_result_section"
down_revision = "2026_11_30_gates"
branch_labels = None
depends_on = None

SCRIPT = Path(__file__).parent.parent / "result_section" / "table.sql"


def upgrade() -> None:
    """Code that is already running goes on showing sealed traces, and makes no release of benchmarks meanwhile."""
    statements.execute_script(SCRIPT.read_text(encoding="utf-8"))
