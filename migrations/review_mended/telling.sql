-- What is said in a dispute is told by a letter.
GRANT SELECT ON portal.dispute_comment TO portal_worker;
CREATE POLICY worker_read ON portal.dispute_comment FOR SELECT TO portal_worker USING (true);
CREATE INDEX ix_clarification_due_on ON portal.clarification (due_on) WHERE state = 'open';

-- An engagement ends with its share, and that is told to those who do not revoke it.
CREATE OR REPLACE FUNCTION portal.follow_share() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    IF NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL THEN
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT gen_random_uuid(), 'engagement.ended',
               jsonb_build_object('supplier', e.supplier_id, 'engagement', e.id, 'to', party)
          FROM portal.engagement e CROSS JOIN LATERAL unnest(ARRAY[e.reviewer_id, e.proposer_id]) AS party
         WHERE e.supplier_id = NEW.supplier_id AND e.share_id = NEW.id AND e.ended_at IS NULL
           AND portal.clock() < e.until AND party <> e.supplier_id;
    END IF;
    UPDATE portal.engagement e
       SET sections = NEW.sections, include_evidence = NEW.include_evidence, until = coalesce(NEW.until, e.until),
           ended_at = coalesce(e.ended_at, NEW.revoked_at),
           ended_by = CASE WHEN e.ended_at IS NULL AND NEW.revoked_at IS NOT NULL THEN 'supplier' ELSE e.ended_by END
     WHERE e.supplier_id = NEW.supplier_id AND e.share_id = NEW.id;
    RETURN NULL;
END
$$;

-- A supplier's feed tells the document that a redaction is asked of or refused, and the buyer's the result behind it.
CREATE FUNCTION portal.note_redaction_requests() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT DISTINCT c.supplier_id, 'supplier', 'evidence', c.supplier_id, c.evidence_id FROM changed c
    UNION
    SELECT DISTINCT c.buyer_id, 'buyer', 'shared_result', b.supplier_id, b.id
      FROM changed c
      JOIN portal.submission_evidence f ON f.supplier_id = c.supplier_id AND f.evidence_id = c.evidence_id
      JOIN portal.submission b ON b.supplier_id = f.supplier_id AND b.id = f.submission_id
      JOIN portal.share s ON s.supplier_id = b.supplier_id AND s.buyer_id = c.buyer_id AND s.include_evidence
     WHERE portal.share_is_live(s) AND portal.share_covers(s, b);
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.note_redaction_requests() FROM PUBLIC;
CREATE TRIGGER note_insert AFTER INSERT ON portal.redaction_request REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.note_redaction_requests();
CREATE TRIGGER note_update AFTER UPDATE ON portal.redaction_request REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.note_redaction_requests();
