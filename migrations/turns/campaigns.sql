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

-- A buyer that may not act at present changes nothing, and goes on once it may.
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
