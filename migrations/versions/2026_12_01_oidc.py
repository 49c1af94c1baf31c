"""Signing in by the identity provider of an organization: connections, domains, identities, sign-ins on their way.

Revision: 2026_12_01_oidc
Follows: 2026_12_01_webhooks
"""

from pathlib import Path

from migrations import statements

revision = "2026_12_01_oidc"
down_revision = "2026_12_01_webhooks"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).parent.parent / "oidc"


def upgrade() -> None:
    """Compatible with the code already running, which knows of no provider."""
    for name in ("tables.sql", "signing_in.sql", "sessions.sql"):
        statements.execute_script((FOLDER / name).read_text(encoding="utf-8"))
