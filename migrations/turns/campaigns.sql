-- Whether an organization may act as a buyer now.
CREATE FUNCTION portal.acts_as_buyer(organization uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.organization o
          JOIN portal.organization_role r ON r.organization_id = o.id AND r.role = 'buyer' AND r.status = 'active'
         WHERE o.id = organization AND o.status = 'active')
$$;
REVOKE EXECUTE ON FUNCTION portal.acts_as_buyer(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.acts_as_buyer(uuid) TO portal_worker;

-- Whether a buyer has what it would ask a supplier for: it reads just that, through a share that is live.
CREATE OR REPLACE FUNCTION portal.has_answer(buyer uuid, record uuid, wanted text, tier text, first_day date,
                                             last_day date)
    RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.supplier_record r
          JOIN portal.share h ON h.supplier_id = r.supplier_id AND h.buyer_id = r.buyer_id AND h.questionnaire = wanted
           AND h.subject_key = r.supplier_id
          JOIN portal.submission b ON b.supplier_id = h.supplier_id AND b.questionnaire = h.questionnaire
           AND b.subject_key = h.subject_key AND b.period_start = first_day AND b.period_end = last_day
         WHERE r.buyer_id = buyer AND r.id = record AND NOT h.sections_only
           AND portal.share_is_live(h) AND portal.share_covers(h, b) AND portal.tier_holds(b.tier, has_answer.tier))
$$;

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
                                           asked.period_end) THEN 'already_answered'
                    ELSE 'asked' END AS outcome
          FROM part p JOIN held h ON h.id = p.supplier_record_id
    ), inserted AS (
        INSERT INTO portal.request (buyer_id, id, supplier_record_id, supplier_id, questionnaire, minimum_tier,
                                    period_start, period_end, purpose, legal_basis, message, external_reference, due_on,
                                    told_at, created_by, campaign_id)
        SELECT buyer, j.request_id, j.supplier_record_id, j.supplier_id, asked.questionnaire, asked.minimum_tier,
               asked.period_start, asked.period_end, asked.purpose, asked.legal_basis, asked.message,
               asked.external_reference, asked.due_on,
               CASE WHEN j.supplier_id IS NOT NULL THEN portal.clock() END, asked.created_by, asked.id
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

CREATE OR REPLACE FUNCTION portal.change_campaign_part(buyer uuid, wanted uuid, most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    act portal.campaign_act;
    topics jsonb := '{"extend": "request.extended", "remind": "request.reminded", "withdraw": "request.withdrawn"}';
    touched uuid[];
    looked integer;
    last uuid;
BEGIN
    SELECT * INTO act FROM portal.campaign_act a WHERE a.buyer_id = buyer AND a.id = wanted FOR NO KEY UPDATE;
    IF NOT FOUND OR act.done_at IS NOT NULL OR NOT portal.acts_as_buyer(buyer) THEN
        RETURN 0;
    END IF;
    WITH part AS (
        SELECT q.id FROM portal.request q
         WHERE q.buyer_id = buyer AND q.campaign_id = act.campaign_id AND q.state IN ('open', 'accepted')
           AND q.id > coalesce(act.reached, '00000000-0000-0000-0000-000000000000')
           AND (act.records IS NULL OR q.supplier_record_id = ANY (act.records))
         ORDER BY q.id LIMIT most FOR NO KEY UPDATE
    ), changed AS (
        UPDATE portal.request q
           SET state = CASE act.kind WHEN 'withdraw' THEN 'withdrawn' ELSE q.state END,
               due_on = CASE act.kind WHEN 'extend' THEN act.due_on ELSE q.due_on END,
               message = CASE act.kind WHEN 'remind' THEN coalesce(act.message, q.message) ELSE q.message END,
               told_at = CASE act.kind WHEN 'remind' THEN portal.clock() ELSE q.told_at END,
               updated_at = portal.clock()
          FROM part p
         WHERE q.buyer_id = buyer AND q.id = p.id
           AND CASE act.kind
                    WHEN 'extend' THEN q.due_on < act.due_on
                    -- Who has answered hears nothing, and, as for a single request, nobody hears of it twice within an hour.
                    WHEN 'remind' THEN q.supplier_id IS NOT NULL
                                       AND NOT portal.is_answered(q.supplier_id, q.assessment_id, q.minimum_tier)
                                       AND (q.told_at IS NULL OR q.told_at <= portal.clock() - interval '1 hour')
                    ELSE true END
        RETURNING q.id, q.supplier_record_id
    ), told AS (
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT gen_random_uuid(), topics ->> act.kind,
               jsonb_build_object('buyer', buyer, 'request', c.id, 'record', c.supplier_record_id) FROM changed c
    )
    SELECT (SELECT count(*) FROM part), (SELECT p.id FROM part p ORDER BY p.id DESC LIMIT 1),
           (SELECT coalesce(array_agg(DISTINCT c.supplier_record_id), '{}') FROM changed c)
      INTO looked, last, touched;
    PERFORM portal.refresh_cards_of_records(buyer, touched);
    UPDATE portal.campaign_act a
       SET reached = coalesce(last, a.reached), changed_count = a.changed_count + cardinality(touched),
           done_at = CASE WHEN looked < most THEN portal.clock() END
     WHERE a.buyer_id = buyer AND a.id = wanted;
    RETURN looked;
END
$$;
-- What a buyer's suspension interrupted goes on after it.
CREATE FUNCTION portal.resume_campaigns() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    buyer uuid := coalesce(to_jsonb(NEW) ->> 'organization_id', to_jsonb(NEW) ->> 'id');
BEGIN
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT gen_random_uuid(), 'campaign.created', jsonb_build_object('buyer', buyer, 'campaign', c.id)
      FROM portal.campaign c WHERE c.buyer_id = buyer AND c.state = 'sending'
     UNION ALL
    SELECT gen_random_uuid(), 'campaign.changed', jsonb_build_object('buyer', buyer, 'campaign_act', a.id)
      FROM portal.campaign_act a WHERE a.buyer_id = buyer AND a.done_at IS NULL;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.resume_campaigns() FROM PUBLIC;
CREATE TRIGGER resume_campaigns AFTER UPDATE OF status ON portal.organization FOR EACH ROW
    WHEN (NEW.status = 'active' AND OLD.status <> 'active') EXECUTE FUNCTION portal.resume_campaigns();
CREATE TRIGGER resume_campaigns AFTER UPDATE OF status ON portal.organization_role FOR EACH ROW
    WHEN (NEW.role = 'buyer' AND NEW.status = 'active' AND OLD.status <> 'active')
    EXECUTE FUNCTION portal.resume_campaigns();
