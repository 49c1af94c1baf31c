-- A buyer that may read a document asks its supplier to take something out of it; the supplier sends a redacted revision
-- or says why not. From then on others get the redacted file in the place of the ones before it, also where those were
-- submitted: seals keep their hashes, so it shows that a file was taken back.
ALTER TABLE portal.evidence ADD COLUMN redacts BOOLEAN DEFAULT false NOT NULL;
CREATE TABLE portal.redaction_request (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    buyer_id UUID NOT NULL,
    evidence_id UUID NOT NULL,
    reason TEXT NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'open' NOT NULL,
    answer TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_redaction_request PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_redaction_request_state CHECK (state IN ('open', 'done', 'declined')),
    CONSTRAINT fk_redaction_request_supplier_id FOREIGN KEY (supplier_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_redaction_request_buyer_id FOREIGN KEY (buyer_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_redaction_request_evidence FOREIGN KEY (supplier_id, evidence_id)
        REFERENCES portal.evidence (supplier_id, id)
);
CREATE UNIQUE INDEX uq_redaction_request_open ON portal.redaction_request (supplier_id, buyer_id, evidence_id)
    WHERE state = 'open';
CREATE INDEX ix_redaction_request_supplier_id_evidence_id ON portal.redaction_request (supplier_id, evidence_id);
ALTER TABLE portal.redaction_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.redaction_request FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.redaction_request TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.redaction_request FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.redaction_request FOR SELECT TO portal_worker USING (true);
CREATE POLICY supplier_read ON portal.redaction_request FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()));
CREATE POLICY buyer_read ON portal.redaction_request FOR SELECT TO portal_app
    USING (buyer_id = (SELECT portal.current_organization()));
CREATE POLICY buyer_insert ON portal.redaction_request FOR INSERT TO portal_app
    WITH CHECK (buyer_id = (SELECT portal.current_organization())
        AND portal.may_read_evidence(supplier_id, evidence_id));
CREATE POLICY supplier_update ON portal.redaction_request FOR UPDATE TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()))
    WITH CHECK (supplier_id = (SELECT portal.current_organization()));
GRANT SELECT ON portal.redaction_request TO portal_app, portal_backup, portal_worker;
GRANT INSERT (supplier_id, id, buyer_id, evidence_id, reason), UPDATE (state, answer, closed_at)
    ON portal.redaction_request TO portal_app;

-- The newest redacted revision that is there and takes the place of a document, if there is one. As the caller.
CREATE FUNCTION portal.find_redacted(supplier uuid, document uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT n.id FROM portal.evidence e
      JOIN portal.evidence n ON n.supplier_id = e.supplier_id AND n.lineage = e.lineage
       AND n.revision > e.revision AND n.redacts AND n.state = 'available'
     WHERE e.supplier_id = supplier AND e.id = document
     ORDER BY n.revision DESC LIMIT 1
$$;

-- Whoever may read a document may read the redacted one that took its place.
CREATE OR REPLACE FUNCTION portal.may_read_evidence(supplier uuid, document uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.submission_evidence e
         WHERE e.supplier_id = supplier AND e.evidence_id = document
           AND portal.may_read_submission_evidence(supplier, e.submission_id))
        OR EXISTS (
        SELECT FROM portal.evidence n
          JOIN portal.evidence o ON o.supplier_id = n.supplier_id AND o.revision < n.revision
           AND o.lineage = n.lineage
          JOIN portal.submission_evidence e ON e.supplier_id = o.supplier_id AND e.evidence_id = o.id
         WHERE n.supplier_id = supplier AND n.id = document AND n.redacts AND n.state = 'available'
           AND portal.may_read_submission_evidence(supplier, e.submission_id))
$$;

-- With the size of the preview, which whoever may fetch a document may fetch.
DROP FUNCTION portal.open_download(uuid, uuid, uuid, uuid, uuid);
CREATE FUNCTION portal.open_download(reader uuid, person uuid, machine uuid, supplier uuid, document uuid)
    RETURNS TABLE (member_role text, file_name text, media_type text, size bigint, storage_key text, sha256 bytea,
                   preview_size integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    acts_as text := CASE WHEN supplier = reader THEN 'supplier' ELSE 'buyer' END;
    needed text := CASE WHEN supplier = reader THEN 'assessments:read' ELSE 'suppliers:read' END;
    part text;
BEGIN
    IF person IS NOT NULL THEN
        SELECT m.role INTO part FROM portal.member m WHERE m.organization_id = reader AND m.user_id = person;
    ELSE
        SELECT 'api_key' INTO part FROM portal.api_key k
         WHERE k.id = machine AND k.organization_id = reader AND k.revoked_at IS NULL AND needed = ANY (k.scopes)
           AND (k.expires_at IS NULL OR portal.clock() < k.expires_at);
    END IF;
    IF part IS NULL OR NOT EXISTS (
        SELECT FROM portal.organization_role r JOIN portal.organization o ON o.id = r.organization_id
         WHERE r.organization_id = reader AND r.role = acts_as AND r.status = 'active'
           AND (o.status = 'active' OR (o.status = 'suspended' AND person IS NOT NULL AND acts_as = 'supplier'))) THEN
        RETURN;
    END IF;
    PERFORM set_config('portal.organization', reader::text, true),
            set_config('portal.user', coalesce(person::text, ''), true);
    RETURN QUERY
      SELECT part, e.file_name, e.media_type, e.size, e.storage_key, e.sha256, e.preview_size FROM portal.evidence e
       WHERE e.supplier_id = supplier AND e.id = document AND e.state = 'available'
         AND (supplier = reader OR (portal.may_read_evidence(supplier, document)
                                    AND portal.find_redacted(supplier, document) IS NULL));
END
$$;
REVOKE EXECUTE ON FUNCTION portal.open_download(uuid, uuid, uuid, uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.open_download(uuid, uuid, uuid, uuid, uuid) TO portal_app;

-- What waits for a redaction is done when a redacted revision turns out to be good.
CREATE FUNCTION portal.close_redactions(supplier uuid, evidence uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.redaction_request r SET state = 'done', closed_at = portal.clock()
      FROM portal.evidence n
      JOIN portal.evidence o ON o.supplier_id = n.supplier_id AND o.revision < n.revision
       AND o.lineage = n.lineage
     WHERE n.supplier_id = supplier AND n.id = evidence AND n.redacts
       AND r.supplier_id = o.supplier_id AND r.evidence_id = o.id AND r.state = 'open'
$$;
REVOKE EXECUTE ON FUNCTION portal.find_redacted(uuid, uuid), portal.close_redactions(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_redacted(uuid, uuid) TO portal_app;
GRANT EXECUTE ON FUNCTION portal.close_redactions(uuid, uuid) TO portal_worker;
