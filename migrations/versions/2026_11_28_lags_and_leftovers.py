"""How late jobs are, for health checks; and what the worker needs to clear what nobody came back for.

Revision: 2026_11_28_lags_and_leftovers
Follows: 2026_11_22_foundation
"""

from migrations import statements

revision = "2026_11_28_lags_and_leftovers"
down_revision = "2026_11_22_foundation"
branch_labels = None
depends_on = None

SCRIPT = """
-- Two numbers and nothing else: the application may read neither the outbox nor the queue. The library of the queue
-- goes by the server's own clock.
CREATE FUNCTION portal.read_job_lags() RETURNS TABLE (outbox_seconds integer, queue_seconds integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT greatest(0, extract(epoch FROM portal.clock() - (
               SELECT min(o.created_at) FROM portal.outbox o WHERE o.relayed_at IS NULL)))::integer,
           greatest(0, extract(epoch FROM pg_catalog.now() - (
               SELECT min(q.execute_after) FROM queue.pgqueuer q WHERE q.status = 'queued')))::integer
$$;
REVOKE EXECUTE ON FUNCTION portal.read_job_lags() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.read_job_lags() TO portal_app;

-- The clock looks every few minutes, and should read no more than what waits.
CREATE INDEX ix_evidence_incoming ON portal.evidence (upload_expires_at) WHERE state IN ('awaiting', 'quarantined');
CREATE INDEX ix_supplier_import_stored ON portal.supplier_import (upload_expires_at) WHERE storage_key IS NOT NULL;

-- A document that was announced and never sent is removed, where nothing hangs on it.
GRANT DELETE ON portal.evidence TO portal_worker;
GRANT SELECT (supplier_id, evidence_id) ON portal.evidence_link, portal.submission_evidence TO portal_worker;
CREATE POLICY worker_read ON portal.evidence_link FOR SELECT TO portal_worker USING (true);
CREATE POLICY worker_read ON portal.submission_evidence FOR SELECT TO portal_worker USING (true);

-- An application for a role is told to every operator.
GRANT SELECT (is_operator) ON portal.user_account TO portal_worker;
"""


def upgrade() -> None:
    """Compatible with the code already running: everything is added."""
    statements.execute_script(SCRIPT)
