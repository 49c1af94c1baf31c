-- What a buyer reads something for: as it said when it asked last, for answers or to be shown more; else as its last
-- share says. In the caller's own name, under its policies.
CREATE FUNCTION portal.find_purpose(reader uuid, supplier uuid, about text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT a.purpose FROM (
             SELECT q.purpose, q.created_at, q.id FROM portal.request q
              WHERE q.buyer_id = reader AND q.supplier_id = supplier AND q.questionnaire = about
              UNION ALL
             SELECT x.purpose, x.closed_at, x.id FROM portal.access_request x
              WHERE x.buyer_id = reader AND x.supplier_id = supplier AND x.questionnaire = about
                AND x.state IN ('granted', 'partly_granted')) a
          ORDER BY a.created_at DESC, a.id DESC LIMIT 1),
        (SELECT s.purpose FROM portal.share s
          WHERE s.buyer_id = reader AND s.supplier_id = supplier AND s.questionnaire = about
          ORDER BY s.created_at DESC, s.id DESC LIMIT 1))
$$;
REVOKE EXECUTE ON FUNCTION portal.find_purpose(uuid, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_purpose(uuid, uuid, text) TO portal_app;

CREATE OR REPLACE FUNCTION portal.note_readings(reader uuid, reader_role text, member uuid, items jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO portal.read_receipt (supplier_id, id, reader_id, reader_role, member_id, kind, submission_id, purpose)
    SELECT x.supplier, portal.new_id(), reader, note_readings.reader_role, member, x.kind, b.id,
           portal.find_purpose(reader, b.supplier_id, b.questionnaire)
      FROM jsonb_to_recordset(items) AS x (supplier uuid, submission uuid, kind text)
      JOIN portal.submission b ON b.supplier_id = x.supplier AND b.id = x.submission
     WHERE x.supplier <> reader
        ON CONFLICT DO NOTHING;
    RETURN items;
END
$$;

-- A redacted revision that is there is news to the buyers that see what it takes the place of.
CREATE FUNCTION portal.note_redacted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT DISTINCT s.buyer_id, 'buyer', 'shared_result', b.supplier_id, b.id
      FROM changed c
      JOIN before w ON w.supplier_id = c.supplier_id AND w.id = c.id AND w.state <> 'available'
      JOIN portal.evidence o ON o.supplier_id = c.supplier_id AND o.lineage = c.lineage AND o.revision < c.revision
      JOIN portal.submission_evidence f ON f.supplier_id = o.supplier_id AND f.evidence_id = o.id
      JOIN portal.submission b ON b.supplier_id = f.supplier_id AND b.id = f.submission_id
      JOIN portal.share s ON s.supplier_id = b.supplier_id AND s.include_evidence
     WHERE c.redacts AND c.state = 'available' AND portal.share_is_live(s) AND portal.share_covers(s, b);
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.note_redacted() FROM PUBLIC;
CREATE TRIGGER note_redacted AFTER UPDATE ON portal.evidence
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.note_redacted();
