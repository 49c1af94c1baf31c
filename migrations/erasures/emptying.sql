-- Organizations whose closing no owner can take back, the longest closed first.
CREATE FUNCTION portal.list_due_closings(grace integer) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.id FROM portal.organization o
     WHERE o.closed_at <= portal.clock() - make_interval(days => grace) AND o.status = 'closed' AND o.emptied_at IS NULL
     ORDER BY o.closed_at, o.id
$$;

-- What nobody else has a right to goes, once no owner can take the closing back; the trail, submissions and results stay. Each
-- organization by itself, so that one that cannot be emptied holds up no other. Drafts go so many at a time, since each takes
-- all its answers and their history with it: whoever gets true calls again. False where nothing is left to do, or it is in
-- other hands.
DROP FUNCTION portal.empty_closed_organization(integer);
CREATE FUNCTION portal.empty_closed_organization(organization uuid, grace integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    at_once CONSTANT integer := 50;
    drafts uuid[];
BEGIN
    PERFORM FROM portal.organization o
      WHERE o.id = organization AND o.closed_at <= portal.clock() - make_interval(days => grace)
        AND o.status = 'closed' AND o.emptied_at IS NULL
        FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    drafts := ARRAY(
        SELECT a.id FROM portal.assessment a
         WHERE a.supplier_id = organization AND a.state IN ('draft', 'replaced')
           AND NOT EXISTS (SELECT FROM portal.submission b WHERE b.supplier_id = a.supplier_id AND b.assessment_id = a.id)
         ORDER BY a.id LIMIT at_once);
    IF cardinality(drafts) > 0 THEN
        UPDATE portal.request r SET assessment_id = NULL
         WHERE r.supplier_id = organization AND r.assessment_id = ANY (drafts);
        DELETE FROM portal.assessment a WHERE a.supplier_id = organization AND a.id = ANY (drafts);
    END IF;
    IF cardinality(drafts) = at_once THEN
        RETURN true;
    END IF;
    UPDATE portal.request r SET assessment_id = NULL
      FROM portal.assessment a
     WHERE r.supplier_id = organization AND a.supplier_id = organization AND a.id = r.assessment_id
       AND a.state IN ('draft', 'replaced');
    DELETE FROM portal.discarded_assessment d WHERE d.supplier_id = organization;
    DELETE FROM portal.pushed_answer p WHERE p.supplier_id = organization;
    DELETE FROM portal.answer_push p WHERE p.supplier_id = organization;
    DELETE FROM portal.questionnaire_draft d WHERE d.owner_id = organization;
    DELETE FROM portal.supplier_contact c WHERE c.buyer_id = organization;
    DELETE FROM portal.supplier_segment s WHERE s.buyer_id = organization;
    DELETE FROM portal.supplier_tag t WHERE t.buyer_id = organization;
    UPDATE portal.contact_suggestion s SET name = NULL, email = NULL, remark = NULL WHERE s.buyer_id = organization;
    UPDATE portal.supplier_import i SET state = 'expired' WHERE i.buyer_id = organization AND i.storage_key IS NOT NULL;
    UPDATE portal.invitation i SET email = NULL, token_hash = NULL WHERE i.organization_id = organization;
    DELETE FROM portal.idempotency_key k WHERE k.organization_id = organization;
    DELETE FROM portal.member m WHERE m.organization_id = organization;
    UPDATE portal.group_member g SET valid_to = portal.clock() WHERE g.organization_id = organization AND g.valid_to IS NULL;
    UPDATE portal.organization o SET emptied_at = portal.clock() WHERE o.id = organization;
    PERFORM portal.note_closing(organization, NULL, 'organization.emptied', 'organization', organization, NULL, NULL, '{}');
    RETURN true;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.list_due_closings(integer), portal.empty_closed_organization(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_due_closings(integer), portal.empty_closed_organization(uuid, integer)
    TO portal_worker;
