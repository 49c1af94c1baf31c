-- What a summary is signed over beside the submission itself: the hash of every section, also of those that are not
-- shared, since without its salt a hash tells nothing. For the supplier, and for whom the submission is shared with.
CREATE FUNCTION portal.list_section_hashes(supplier uuid, submission uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT jsonb_object_agg(c.section, encode(c.hash, 'hex')) FROM portal.submission_section c
     WHERE c.supplier_id = supplier AND c.submission_id = submission
       AND (supplier = portal.current_organization() OR portal.may_read_submission(supplier, submission))
$$;
REVOKE EXECUTE ON FUNCTION portal.list_section_hashes(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_section_hashes(uuid, uuid) TO portal_app;

-- When a submission was taken back, and why: a word for the supplier's own people.
ALTER TABLE portal.submission ADD COLUMN withdrawn_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE portal.submission ADD COLUMN withdrawn_reason TEXT;
GRANT UPDATE (withdrawn_at, withdrawn_reason) ON portal.submission TO portal_app;

-- The day on which the answer to a buyer's own request was taken back, where the buyer could read it otherwise.
CREATE FUNCTION portal.find_withdrawal(buyer uuid, request uuid) RETURNS date
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT max((b.withdrawn_at AT TIME ZONE 'UTC')::date)
      FROM portal.request r
      JOIN portal.submission b ON b.supplier_id = r.supplier_id AND b.assessment_id = r.assessment_id
      JOIN portal.share s ON s.supplier_id = b.supplier_id AND s.buyer_id = r.buyer_id
       AND s.questionnaire = b.questionnaire AND s.subject_key = b.subject_key
     WHERE r.buyer_id = buyer AND r.id = request AND buyer = portal.current_organization()
       AND b.state = 'withdrawn' AND portal.share_is_live(s)
       AND (s.submission_id = b.id OR (s.mode = 'following' AND s.follows_from <= b.submitted_at))
$$;
REVOKE EXECUTE ON FUNCTION portal.find_withdrawal(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_withdrawal(uuid, uuid) TO portal_app;
