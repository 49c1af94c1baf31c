-- A document is kept for so many days, by its kind, beyond the last need of it; then its file goes. The row of one that
-- was submitted stays with its hash, since seals name it.
ALTER TABLE portal.evidence DROP CONSTRAINT ck_evidence_state;
ALTER TABLE portal.evidence ADD CONSTRAINT ck_evidence_state
    CHECK (state IN ('awaiting', 'quarantined', 'available', 'rejected', 'expired', 'removed'));

-- Needed while it is valid or new, while a draft stands on it, and while a submission that it stands behind (itself, or
-- by the file that it takes the place of) counts and is valid, or is shared with its documents. Each of these needs
-- ends; the days run from the last end.
CREATE FUNCTION portal.is_evidence_due(e portal.evidence, days integer) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT e.state = 'available'
       AND e.created_at < portal.clock() - make_interval(days => days)
       AND (e.valid_until IS NULL OR e.valid_until < (portal.clock() AT TIME ZONE 'UTC')::date - days)
       AND NOT EXISTS (
           SELECT FROM portal.evidence_link l
             JOIN portal.assessment a ON a.supplier_id = l.supplier_id AND a.id = l.assessment_id
            WHERE l.supplier_id = e.supplier_id AND l.evidence_id = e.id AND a.state = 'draft')
       AND NOT EXISTS (
           SELECT FROM portal.evidence o
             JOIN portal.submission_evidence f ON f.supplier_id = o.supplier_id AND f.evidence_id = o.id
             JOIN portal.submission b ON b.supplier_id = f.supplier_id AND b.id = f.submission_id
            WHERE o.supplier_id = e.supplier_id AND o.lineage = e.lineage
              AND (o.id = e.id OR (e.redacts AND o.revision < e.revision))
              AND ((b.state = 'current' AND EXISTS (
                        SELECT FROM portal.result t
                         WHERE t.supplier_id = b.supplier_id AND t.submission_id = b.id AND t.is_own_tier
                           AND t.valid_until >= (portal.clock() AT TIME ZONE 'UTC')::date - days))
                   OR EXISTS (
                        SELECT FROM portal.share s
                         WHERE s.supplier_id = b.supplier_id AND s.include_evidence AND portal.share_covers(s, b)
                           AND least(coalesce(s.revoked_at, 'infinity'), coalesce(s.until, 'infinity'))
                               > portal.clock() - make_interval(days => days))))
$$;

-- Looked at twice: what was attached or shared until a document was held is seen the second time.
CREATE FUNCTION portal.remove_due_evidence(kinds text[], kept integer[], most integer)
    RETURNS TABLE (supplier_id uuid, evidence_id uuid, content text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    held uuid[];
BEGIN
    SELECT array_agg(d.id) INTO held FROM (
        SELECT e.id FROM portal.evidence e
          JOIN unnest(kinds, kept) AS k (kind, days) ON k.kind = e.kind
         WHERE portal.is_evidence_due(e, k.days)
         ORDER BY e.id LIMIT most FOR UPDATE OF e SKIP LOCKED) d;
    RETURN QUERY
    WITH due AS (
        SELECT e.supplier_id, e.id, e.sha256,
               EXISTS (SELECT FROM portal.submission_evidence f
                        WHERE f.supplier_id = e.supplier_id AND f.evidence_id = e.id)
            OR EXISTS (SELECT FROM portal.redaction_request q
                        WHERE q.supplier_id = e.supplier_id AND q.evidence_id = e.id) AS stays
          FROM portal.evidence e
          JOIN unnest(kinds, kept) AS k (kind, days) ON k.kind = e.kind
         WHERE e.id = ANY (held) AND portal.is_evidence_due(e, k.days)
    ), emptied AS (
        UPDATE portal.evidence e
           SET state = 'removed', storage_key = NULL, preview_size = NULL
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
      FROM due JOIN gone g ON g.supplier_id = due.supplier_id AND g.id = due.id;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.is_evidence_due(portal.evidence, integer),
    portal.remove_due_evidence(text[], integer[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.remove_due_evidence(text[], integer[], integer) TO portal_worker;
