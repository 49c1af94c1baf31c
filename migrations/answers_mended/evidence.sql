-- A file that a redacted one has taken the place of is withdrawn from others for good: it does not come back where the
-- redacted one is removed one day.
ALTER TABLE portal.evidence ADD COLUMN withdrawn BOOLEAN DEFAULT false NOT NULL;
UPDATE portal.evidence o SET withdrawn = true
  FROM portal.evidence n
 WHERE n.supplier_id = o.supplier_id AND n.lineage = o.lineage AND n.revision > o.revision AND n.redacts
   AND n.state IN ('available', 'expired', 'removed');

-- What waits for a redaction is done when a redacted revision turns out to be good, and what it redacts is withdrawn.
CREATE OR REPLACE FUNCTION portal.close_redactions(supplier uuid, evidence uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.redaction_request r SET state = 'done', closed_at = portal.clock()
      FROM portal.evidence n
      JOIN portal.evidence o ON o.supplier_id = n.supplier_id AND o.revision < n.revision
       AND o.lineage = n.lineage
     WHERE n.supplier_id = supplier AND n.id = evidence AND n.redacts
       AND r.supplier_id = o.supplier_id AND r.evidence_id = o.id AND r.state = 'open';
    UPDATE portal.evidence o SET withdrawn = true
      FROM portal.evidence n
     WHERE n.supplier_id = supplier AND n.id = evidence AND n.redacts
       AND o.supplier_id = n.supplier_id AND o.lineage = n.lineage AND o.revision < n.revision AND NOT o.withdrawn;
$$;

-- Whom a document is opened to: its supplier, a buyer, or a third party that reads as one.
CREATE OR REPLACE FUNCTION portal.open_download(reader uuid, person uuid, machine uuid, supplier uuid, document uuid)
    RETURNS TABLE (member_role text, file_name text, media_type text, size bigint, storage_key text, sha256 bytea,
                   preview_size integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    acts_as text[] := CASE WHEN supplier = reader THEN '{supplier}' ELSE '{buyer,reviewer}' END;
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
         WHERE r.organization_id = reader AND r.role = ANY (acts_as) AND r.status = 'active'
           AND (o.status = 'active' OR (o.status = 'suspended' AND person IS NOT NULL AND supplier = reader))) THEN
        RETURN;
    END IF;
    PERFORM set_config('portal.organization', reader::text, true),
            set_config('portal.user', coalesce(person::text, ''), true);
    RETURN QUERY
      SELECT part, e.file_name, e.media_type, e.size, e.storage_key, e.sha256, e.preview_size FROM portal.evidence e
       WHERE e.supplier_id = supplier AND e.id = document AND e.state = 'available'
         AND (supplier = reader OR (portal.may_read_evidence(supplier, document)
                                    AND NOT e.withdrawn));
END
$$;

-- Needed while it is valid or new, while a draft stands on it, while it is brought in a dispute that is open, and while
-- a submission that it stands behind (itself, or by the file that it takes the place of) counts and is valid, or is
-- shared with its documents. Each of these needs ends; the days run from the last end.
CREATE OR REPLACE FUNCTION portal.is_evidence_due(e portal.evidence, days integer) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT e.state = 'available'
       AND e.created_at < portal.clock() - make_interval(days => days)
       AND (e.valid_until IS NULL OR e.valid_until < (portal.clock() AT TIME ZONE 'UTC')::date - days)
       AND NOT EXISTS (
           SELECT FROM portal.evidence_link l
             JOIN portal.assessment a ON a.supplier_id = l.supplier_id AND a.id = l.assessment_id
            WHERE l.supplier_id = e.supplier_id AND l.evidence_id = e.id AND a.state = 'draft')
       AND NOT EXISTS (
           SELECT FROM portal.dispute d
            WHERE d.supplier_id = e.supplier_id AND e.id = ANY (d.documents)
              AND (d.state = 'open' OR d.closed_at > portal.clock() - make_interval(days => days)))
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

-- The row of what a submission, a request or a dispute names stays, without its file.
CREATE OR REPLACE FUNCTION portal.remove_due_evidence(kinds text[], kept integer[], most integer)
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
                        WHERE q.supplier_id = e.supplier_id AND q.evidence_id = e.id)
            OR EXISTS (SELECT FROM portal.dispute d
                        WHERE d.supplier_id = e.supplier_id AND e.id = ANY (d.documents)) AS stays
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

-- What is withdrawn says so itself.
DROP FUNCTION portal.find_redacted(uuid, uuid);
