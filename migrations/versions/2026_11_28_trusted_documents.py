"""Documents that clients were built with, found by the hash of their text.

Revision: 2026_11_28_trusted_documents
Follows: 2026_11_28_operation
"""

from migrations import statements

revision = "2026_11_28_trusted_documents"
down_revision = "2026_11_28_operation"
branch_labels = None
depends_on = None

SCRIPT = """
CREATE TABLE portal.trusted_document (
    content_hash TEXT COLLATE "C" NOT NULL,
    text TEXT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_trusted_document PRIMARY KEY (content_hash),
    CONSTRAINT ck_trusted_document_content_hash CHECK (
        content_hash = pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(text, 'UTF8')), 'hex'))
);
ALTER TABLE portal.trusted_document ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.trusted_document FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.trusted_document TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.trusted_document FOR SELECT TO portal_backup USING (true);
GRANT SELECT ON portal.trusted_document TO portal_backup;

-- The application asks for one by its hash and can list none: what is trusted is between the owner and its clients.
CREATE FUNCTION portal.find_trusted_document(wanted text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT d.text FROM portal.trusted_document d WHERE d.content_hash = wanted
$$;
REVOKE EXECUTE ON FUNCTION portal.find_trusted_document(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_trusted_document(text) TO portal_app;
"""


def upgrade() -> None:
    """Compatible with the code already running: everything is added."""
    statements.execute_script(SCRIPT)
