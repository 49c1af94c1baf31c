-- A card that goes blank is due at once: another live share may show a result of the same supplier, and the worker's next
-- sweep brings it back, whatever became of the job.
CREATE OR REPLACE FUNCTION portal.blank_cards_of_share(share uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ended portal.share;
BEGIN
    SELECT * INTO ended FROM portal.share s WHERE s.id = share AND s.supplier_id = portal.current_organization();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE portal.relationship_card c
       SET share_id = NULL, submission_id = NULL, tier = NULL, band = NULL, total = NULL, total_missing = true,
           coverage = NULL, pillars = NULL, period_end = NULL, submitted_at = NULL, valid_until = NULL,
           shared_until = NULL, next_change_at = portal.clock()
     WHERE c.buyer_id = ended.buyer_id AND c.share_id = ended.id;
END
$$;

CREATE OR REPLACE FUNCTION portal.blank_cards_of_submission(submission uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.relationship_card c
       SET share_id = NULL, submission_id = NULL, tier = NULL, band = NULL, total = NULL, total_missing = true,
           coverage = NULL, pillars = NULL, period_end = NULL, submitted_at = NULL, valid_until = NULL,
           shared_until = NULL, next_change_at = portal.clock()
     WHERE c.submission_id = submission AND c.supplier_id = portal.current_organization()
$$;
