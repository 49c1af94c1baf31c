-- Closing an organization by indexes alone.

-- Whether a submission, a request, a clarification or a dispute names a document; asked for one document at a time, since a
-- plan for many would read these tables as a whole.
CREATE FUNCTION portal.is_evidence_named(e portal.evidence) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN EXISTS (SELECT FROM portal.submission_evidence f
                    WHERE f.supplier_id = e.supplier_id AND f.evidence_id = e.id)
        OR EXISTS (SELECT FROM portal.redaction_request q
                    WHERE q.supplier_id = e.supplier_id AND q.evidence_id = e.id)
        OR EXISTS (SELECT FROM portal.clarification_item c
                    WHERE c.supplier_id = e.supplier_id AND c.evidence_id = e.id)
        OR EXISTS (SELECT FROM portal.dispute d
                    WHERE d.supplier_id = e.supplier_id AND e.id = ANY (d.documents));
END
$$;
REVOKE EXECUTE ON FUNCTION portal.is_evidence_named(portal.evidence) FROM PUBLIC;

-- Documents of organizations that were emptied go as soon as no snapshot shows them any more; the row of one that a
-- submission, a request or a dispute names stays, without its file. Gives whose files they were.
CREATE OR REPLACE FUNCTION portal.remove_closed_evidence(most integer)
    RETURNS TABLE (supplier_id uuid, evidence_id uuid, content text)
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH due AS (
        SELECT e.supplier_id, e.id, e.sha256,
               portal.is_evidence_named(e) AS stays
          FROM portal.organization o
          JOIN portal.evidence e ON e.supplier_id = o.id
         WHERE o.emptied_at IS NOT NULL AND e.state <> 'removed' AND NOT portal.is_behind_snapshot(e)
         ORDER BY e.supplier_id, e.id LIMIT most FOR UPDATE OF e SKIP LOCKED
    ), emptied AS (
        UPDATE portal.evidence e SET state = 'removed', storage_key = NULL, preview_size = NULL
          FROM due WHERE due.stays AND e.supplier_id = due.supplier_id AND e.id = due.id
        RETURNING e.supplier_id, e.id
    ), unlinked AS (
        DELETE FROM portal.evidence_link l USING due
         WHERE NOT due.stays AND l.supplier_id = due.supplier_id AND l.evidence_id = due.id
    ), deleted AS (
        DELETE FROM portal.evidence e USING due
         WHERE NOT due.stays AND e.supplier_id = due.supplier_id AND e.id = due.id
        RETURNING e.supplier_id, e.id
    ), gone AS (
        SELECT * FROM emptied UNION ALL SELECT * FROM deleted
    ), noted AS (
        INSERT INTO portal.audit_event (id, organization_id, action, object_kind, object_id)
        SELECT portal.new_id(), g.supplier_id, 'evidence.removed', 'evidence', g.id::text FROM gone g
    )
    SELECT due.supplier_id, due.id, encode(due.sha256, 'hex')
      FROM due JOIN gone g ON g.supplier_id = due.supplier_id AND g.id = due.id
$$;
