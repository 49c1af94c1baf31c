-- What a party of an engagement decides: the reviewer accepts or ends it, the supplier consents or ends it, whoever
-- proposed it ends it. Once it is accepted and consented to, the share is made by which the reviewer reads. Gives what
-- became of it, or null where there is no such open engagement for the caller in that part.
CREATE FUNCTION portal.answer_engagement(
        supplier uuid, wanted uuid, act text, new_share uuid, person uuid, opened text[], evidence boolean,
        ends timestamptz)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    caller uuid := portal.current_organization();
    item portal.engagement;
BEGIN
    SELECT * INTO item FROM portal.engagement e
     WHERE e.supplier_id = supplier AND e.id = wanted AND e.ended_at IS NULL AND portal.clock() < e.until
       AND caller IN (e.supplier_id, e.reviewer_id, e.proposer_id) FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF act = 'end' THEN
        UPDATE portal.engagement e
           SET ended_at = portal.clock(), ended_by = CASE caller WHEN e.supplier_id THEN 'supplier'
                                                                 WHEN e.reviewer_id THEN 'reviewer' ELSE 'proposer' END
         WHERE e.supplier_id = supplier AND e.id = wanted;
        UPDATE portal.share s SET revoked_at = portal.clock()
         WHERE s.supplier_id = supplier AND s.id = item.share_id AND s.revoked_at IS NULL;
        RETURN 'ended';
    ELSIF act = 'accept' AND caller = item.reviewer_id THEN
        UPDATE portal.engagement e SET accepted_at = coalesce(e.accepted_at, portal.clock())
         WHERE e.supplier_id = supplier AND e.id = wanted RETURNING * INTO item;
    ELSIF act = 'consent' AND caller = item.supplier_id THEN
        UPDATE portal.engagement e
           SET consented_at = coalesce(e.consented_at, portal.clock()), sections = coalesce(opened, e.sections),
               include_evidence = coalesce(evidence, e.include_evidence), until = coalesce(ends, e.until)
         WHERE e.supplier_id = supplier AND e.id = wanted RETURNING * INTO item;
    ELSE
        RETURN NULL;
    END IF;
    IF item.accepted_at IS NULL OR item.consented_at IS NULL OR item.share_id IS NOT NULL THEN
        RETURN CASE WHEN item.share_id IS NULL THEN 'proposed' ELSE 'active' END;
    END IF;
    INSERT INTO portal.share (supplier_id, buyer_id, id, questionnaire, subject_key, submission_id, follows_from, mode,
                              sections, include_evidence, sections_only, purpose, until, created_by)
    SELECT supplier, item.reviewer_id, new_share, b.questionnaire, b.subject_key, b.id, b.submitted_at, 'snapshot',
           item.sections, item.include_evidence, true, item.purpose, item.until, person
      FROM portal.submission b WHERE b.supplier_id = supplier AND b.id = item.submission_id;
    UPDATE portal.engagement e SET share_id = new_share WHERE e.supplier_id = supplier AND e.id = wanted;
    RETURN 'opened';
END
$$;
REVOKE EXECUTE ON FUNCTION
    portal.answer_engagement(uuid, uuid, text, uuid, uuid, text[], boolean, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    portal.answer_engagement(uuid, uuid, text, uuid, uuid, text[], boolean, timestamptz) TO portal_app;

-- The share is the consent: what its supplier changes there holds for the engagement.
CREATE FUNCTION portal.follow_share() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.engagement e
       SET sections = NEW.sections, include_evidence = NEW.include_evidence, until = coalesce(NEW.until, e.until),
           ended_at = coalesce(e.ended_at, NEW.revoked_at),
           ended_by = CASE WHEN e.ended_at IS NULL AND NEW.revoked_at IS NOT NULL THEN 'supplier' ELSE e.ended_by END
     WHERE e.supplier_id = NEW.supplier_id AND e.share_id = NEW.id;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.follow_share() FROM PUBLIC;
CREATE TRIGGER follow_share AFTER UPDATE OF sections, include_evidence, until, revoked_at ON portal.share
    FOR EACH ROW WHEN (NEW.sections_only) EXECUTE FUNCTION portal.follow_share();

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
                                    AND portal.find_redacted(supplier, document) IS NULL));
END
$$;
