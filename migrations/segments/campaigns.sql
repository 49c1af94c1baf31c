-- A campaign may ask about a site of each supplier; whom it would ask for more than the operator's limit, it does not ask.
ALTER TABLE portal.campaign ADD COLUMN subject TEXT COLLATE "C" DEFAULT 'organization' NOT NULL,
    ADD COLUMN subject_name TEXT,
    ADD CONSTRAINT ck_campaign_subject CHECK (subject IN ('organization', 'site')),
    ADD CONSTRAINT ck_campaign_subject_name CHECK (subject = 'site' OR subject_name IS NULL);
ALTER TABLE portal.campaign_record DROP CONSTRAINT ck_campaign_record_outcome, ADD CONSTRAINT ck_campaign_record_outcome
    CHECK (outcome IN ('asked', 'archived', 'refused', 'already_requested', 'already_answered', 'over_limit'));

-- Whether a buyer has what it would ask a supplier for: it reads just that, through a share that is live. Which site was
-- meant is known by the request that was answered for it, in the words in which the buyer named it; that request's assessment is
-- nothing a buyer sees, so this looks past the policies, for the caller's own organization alone.
DROP FUNCTION portal.has_answer(uuid, uuid, text, text, date, date);
CREATE FUNCTION portal.has_answer(buyer uuid, record uuid, wanted text, tier text, first_day date, last_day date,
                                  about text DEFAULT 'organization', named text DEFAULT NULL)
    RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT (buyer = portal.current_organization() OR session_user <> 'portal_app') AND EXISTS (
        SELECT FROM portal.supplier_record r
          JOIN portal.share h ON h.supplier_id = r.supplier_id AND h.buyer_id = r.buyer_id AND h.questionnaire = wanted
          JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.questionnaire = h.questionnaire
           AND b.subject_key = h.subject_key AND b.period_start = first_day AND b.period_end = last_day
         WHERE r.buyer_id = buyer AND r.id = record AND NOT h.sections_only
           AND portal.share_is_live(h) AND portal.share_covers(h, b) AND portal.tier_holds(b.tier, has_answer.tier)
           AND CASE about WHEN 'organization' THEN h.subject_key = r.supplier_id ELSE EXISTS (
               SELECT FROM portal.request z
                 JOIN portal.assessment a ON a.supplier_id = z.supplier_id AND a.id = z.assessment_id
                WHERE z.buyer_id = buyer AND z.supplier_record_id = record AND z.questionnaire = wanted
                  AND z.state = 'fulfilled' AND z.subject = about AND z.subject_name IS NOT DISTINCT FROM named
                  AND z.period_start = first_day AND z.period_end = last_day AND a.subject_key = h.subject_key) END)
$$;
REVOKE EXECUTE ON FUNCTION portal.has_answer(uuid, uuid, text, text, date, date, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.has_answer(uuid, uuid, text, text, date, date, text, text) TO portal_app;

-- A buyer that may not act at present asks nobody, and goes on once it may.
CREATE OR REPLACE FUNCTION portal.send_campaign_part(buyer uuid, wanted uuid, made uuid[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    asked portal.campaign;
    records uuid[];
    looked integer;
BEGIN
    SELECT * INTO asked FROM portal.campaign c WHERE c.buyer_id = buyer AND c.id = wanted FOR NO KEY UPDATE;
    IF NOT FOUND OR asked.state <> 'sending' OR NOT portal.acts_as_buyer(buyer) THEN
        RETURN 0;
    END IF;
    WITH part AS (
        SELECT l.supplier_record_id, row_number() OVER (ORDER BY l.supplier_record_id) AS place
          FROM portal.campaign_record l WHERE l.buyer_id = buyer AND l.campaign_id = wanted AND l.outcome IS NULL
         ORDER BY l.supplier_record_id LIMIT cardinality(made)
    ), held AS (
        -- A supplier that accepts its invitation just now waits for us.
        SELECT r.id, r.supplier_id, r.state, r.archived_at FROM portal.supplier_record r
         WHERE r.buyer_id = buyer AND r.id IN (SELECT p.supplier_record_id FROM part p) ORDER BY r.id FOR KEY SHARE
    ), judged AS (
        SELECT p.supplier_record_id, made[p.place] AS request_id, h.supplier_id,
               CASE WHEN h.archived_at IS NOT NULL THEN 'archived' WHEN h.state = 'refused' THEN 'refused'
                    WHEN NOT asked.asks_answered
                     AND portal.has_answer(buyer, h.id, asked.questionnaire, asked.minimum_tier, asked.period_start,
                                           asked.period_end, asked.subject, asked.subject_name) THEN 'already_answered'
                    ELSE 'asked' END AS outcome
          FROM part p JOIN held h ON h.id = p.supplier_record_id
    ), inserted AS (
        INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,
                                    period_start, period_end, purpose, legal_basis, message, external_reference, due_on,
                                    told_at, created_by, campaign_id, subject, subject_name)
        SELECT buyer, j.request_id, j.supplier_record_id, j.supplier_id, asked.questionnaire, asked.minimum_tier,
               asked.period_start, asked.period_end, asked.purpose, asked.legal_basis, asked.message,
               asked.external_reference, asked.due_on,
               CASE WHEN j.supplier_id IS NOT NULL THEN portal.clock() END, asked.created_by, asked.id,
               asked.subject, asked.subject_name
          FROM judged j WHERE j.outcome = 'asked'
        ON CONFLICT DO NOTHING
        RETURNING supplier_record_id, id
    ), told AS (
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT gen_random_uuid(), 'request.asked',
               jsonb_build_object('buyer', buyer, 'request', i.id, 'record', i.supplier_record_id) FROM inserted i
    ), marked AS (
        UPDATE portal.campaign_record l
           SET outcome = CASE WHEN j.outcome = 'asked' AND i.id IS NULL THEN 'already_requested' ELSE j.outcome END
          FROM judged j LEFT JOIN inserted i ON i.supplier_record_id = j.supplier_record_id
         WHERE l.buyer_id = buyer AND l.campaign_id = wanted AND l.supplier_record_id = j.supplier_record_id
        RETURNING l.supplier_record_id, l.outcome
    )
    SELECT count(*), coalesce(array_agg(m.supplier_record_id ORDER BY m.supplier_record_id)
                              FILTER (WHERE m.outcome = 'asked'), '{}')
      INTO looked, records FROM marked m;
    PERFORM portal.refresh_cards_of_records(buyer, records);
    IF looked < cardinality(made) THEN
        UPDATE portal.campaign c SET state = 'sent', sent_at = portal.clock(), updated_at = portal.clock()
         WHERE c.buyer_id = buyer AND c.id = wanted;
    END IF;
    RETURN looked;
END
$$;
