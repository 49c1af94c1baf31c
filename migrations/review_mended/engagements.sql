-- Cards that show what a share opened, without any of it. For functions alone: each says who may.
CREATE FUNCTION portal.empty_cards(reader uuid, share uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.relationship_card c
       SET share_id = NULL, submission_id = NULL, tier = NULL, band = NULL, total = NULL, total_missing = true,
           coverage = NULL, pillars = NULL, period_end = NULL, submitted_at = NULL, valid_until = NULL,
           shared_until = NULL, next_change_at = NULL
     WHERE c.buyer_id = reader AND c.share_id = share
$$;
REVOKE EXECUTE ON FUNCTION portal.empty_cards(uuid, uuid) FROM PUBLIC;

-- One party answers or ends it, also one which has run out; whoever ends it, the reader's card is blank in the same
-- transaction.
CREATE OR REPLACE FUNCTION portal.answer_engagement(
        supplier uuid, wanted uuid, act text, new_share uuid, person uuid, opened text[], evidence boolean,
        ends timestamptz)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    caller uuid := portal.current_organization();
    item portal.engagement;
BEGIN
    SELECT * INTO item FROM portal.engagement e
     WHERE e.supplier_id = supplier AND e.id = wanted AND e.ended_at IS NULL
       AND (act = 'end' OR portal.clock() < e.until)
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
        PERFORM portal.empty_cards(item.reviewer_id, item.share_id);
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

-- What the caller proposed to a third party and has run out stands in the way of proposing it anew: it ended at its
-- date, and nobody ended it.
CREATE FUNCTION portal.close_engagements_run_out(supplier uuid, submission uuid, reviewer uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.engagement e SET ended_at = e.until
     WHERE e.supplier_id = supplier AND e.submission_id = submission AND e.reviewer_id = reviewer
       AND e.proposer_id = portal.current_organization() AND e.ended_at IS NULL AND e.until <= portal.clock()
$$;
REVOKE EXECUTE ON FUNCTION portal.close_engagements_run_out(uuid, uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.close_engagements_run_out(uuid, uuid, uuid) TO portal_app;
