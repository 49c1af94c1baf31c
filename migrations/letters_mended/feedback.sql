-- An engagement opens sections to a third party that reviews them: it states what it found and owes no feedback, which it
-- could not give either.
CREATE OR REPLACE FUNCTION portal.note_received_results(supplier uuid, buyer uuid, days integer) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO portal.result_feedback (supplier_id, buyer_id, submission_id, received_at, due_at)
    SELECT h.supplier_id, h.buyer_id, b.id, min(greatest(h.starts_at, b.submitted_at)),
           min(greatest(h.starts_at, b.submitted_at)) + make_interval(days => days)
      FROM portal.share h
      JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.questionnaire = h.questionnaire
       AND b.subject_key = h.subject_key AND b.state = 'current' AND portal.share_covers(h, b)
     WHERE h.supplier_id = supplier AND (buyer IS NULL OR h.buyer_id = buyer) AND h.revoked_at IS NULL
       AND (h.until IS NULL OR portal.clock() < h.until) AND NOT h.sections_only
     GROUP BY h.supplier_id, h.buyer_id, b.id
    ON CONFLICT DO NOTHING
$$;
CREATE OR REPLACE FUNCTION portal.is_shown_to(supplier uuid, buyer uuid, submission uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT (SELECT portal.current_organization()) IN (supplier, buyer) AND EXISTS (
        SELECT FROM portal.share h JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.id = submission
         WHERE h.supplier_id = supplier AND h.buyer_id = buyer AND h.questionnaire = b.questionnaire
           AND b.state = 'current' AND NOT h.sections_only AND portal.share_is_live(h) AND portal.share_covers(h, b))
$$;
DELETE FROM portal.result_feedback f
 WHERE f.given_at IS NULL
   AND EXISTS (SELECT FROM portal.share h
                WHERE h.supplier_id = f.supplier_id AND h.buyer_id = f.buyer_id AND h.sections_only)
   AND NOT EXISTS (SELECT FROM portal.share h
                     JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.id = f.submission_id
                      AND b.questionnaire = h.questionnaire AND b.subject_key = h.subject_key
                    WHERE h.supplier_id = f.supplier_id AND h.buyer_id = f.buyer_id AND NOT h.sections_only
                      AND portal.share_covers(h, b));
