-- A buyer asks many suppliers for the same at once: what, whom by which filter, and what became of each.
CREATE TABLE portal.campaign (
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    minimum_tier TEXT COLLATE "C" NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    purpose TEXT NOT NULL,
    legal_basis TEXT,
    message TEXT,
    external_reference TEXT COLLATE "C",
    due_on DATE NOT NULL,
    asks_answered BOOLEAN DEFAULT false NOT NULL,
    filter JSONB NOT NULL,
    record_count INTEGER NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'sending' NOT NULL,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_campaign PRIMARY KEY (buyer_id, id),
    CONSTRAINT fk_campaign_buyer_id FOREIGN KEY (buyer_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_campaign_questionnaire FOREIGN KEY (questionnaire) REFERENCES portal.questionnaire (key),
    CONSTRAINT ck_campaign_minimum_tier CHECK (minimum_tier IN ('micro', 'basic', 'standard', 'advanced')),
    CONSTRAINT ck_campaign_state CHECK (state IN ('sending', 'sent', 'withdrawn'))
);

-- Whom a campaign was to ask, as the filter found them then; what is without an outcome is still to be asked.
CREATE TABLE portal.campaign_record (
    buyer_id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    supplier_record_id UUID NOT NULL,
    outcome TEXT COLLATE "C",
    CONSTRAINT pk_campaign_record PRIMARY KEY (buyer_id, campaign_id, supplier_record_id),
    CONSTRAINT fk_campaign_record_campaign FOREIGN KEY (buyer_id, campaign_id)
        REFERENCES portal.campaign (buyer_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_campaign_record_record FOREIGN KEY (buyer_id, supplier_record_id)
        REFERENCES portal.supplier_record (buyer_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_campaign_record_outcome CHECK (
        outcome IN ('asked', 'archived', 'refused', 'already_requested', 'already_answered'))
);
CREATE INDEX ix_campaign_record_supplier ON portal.campaign_record (buyer_id, supplier_record_id);
CREATE INDEX ix_campaign_record_waiting ON portal.campaign_record (buyer_id, campaign_id, supplier_record_id)
    WHERE outcome IS NULL;

-- What a buyer does with the open requests of a campaign, all of them or those of some records.
CREATE TABLE portal.campaign_act (
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    campaign_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    due_on DATE,
    message TEXT,
    records UUID[],
    reached UUID,
    changed_count INTEGER DEFAULT 0 NOT NULL,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_campaign_act PRIMARY KEY (buyer_id, id),
    CONSTRAINT fk_campaign_act_campaign FOREIGN KEY (buyer_id, campaign_id)
        REFERENCES portal.campaign (buyer_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_campaign_act_kind CHECK (kind IN ('extend', 'remind', 'withdraw'))
);
CREATE INDEX ix_campaign_act_campaign ON portal.campaign_act (buyer_id, campaign_id, id);

ALTER TABLE portal.request ADD COLUMN campaign_id UUID,
    ADD COLUMN state_changed_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    ADD CONSTRAINT fk_request_campaign FOREIGN KEY (buyer_id, campaign_id) REFERENCES portal.campaign (buyer_id, id);
UPDATE portal.request SET state_changed_at = updated_at;
CREATE INDEX ix_request_campaign ON portal.request (buyer_id, campaign_id, id) WHERE campaign_id IS NOT NULL;

-- When a request came to the state that it has, whoever brought it there.
CREATE FUNCTION portal.note_request_state() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.state_changed_at := portal.clock();
    RETURN NEW;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.note_request_state() FROM PUBLIC;
CREATE TRIGGER note_state BEFORE UPDATE OF state ON portal.request FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION portal.note_request_state();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['campaign', 'campaign_record', 'campaign_act'] LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_backup', name);
        EXECUTE format('GRANT SELECT, INSERT ON portal.%I TO portal_app', name);
        EXECUTE format(
            'CREATE POLICY own_rows ON portal.%I TO portal_app'
            ' USING (buyer_id = (SELECT portal.current_organization()))'
            ' WITH CHECK (buyer_id = (SELECT portal.current_organization()))', name);
    END LOOP;
END
$$;
GRANT UPDATE (record_count, state, due_on, updated_at) ON portal.campaign TO portal_app;
-- A key of a private questionnaire would tell, by its foreign key, whether that exists.
CREATE POLICY app_published ON portal.campaign AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = campaign.questionnaire));

-- Whether a buyer has what it would ask a supplier for: answered by a request, or shared with it.
CREATE FUNCTION portal.has_answer(buyer uuid, record uuid, wanted text, tier text, first_day date, last_day date)
    RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.request z
         WHERE z.buyer_id = buyer AND z.supplier_record_id = record AND z.questionnaire = wanted AND z.state = 'fulfilled'
           AND z.subject = 'organization' AND z.period_start = first_day AND z.period_end = last_day
           AND array_position(ARRAY['micro', 'basic', 'standard', 'advanced'], z.minimum_tier)
               >= array_position(ARRAY['micro', 'basic', 'standard', 'advanced'], tier)
    ) OR EXISTS (
        SELECT FROM portal.relationship_card c
         WHERE c.buyer_id = buyer AND c.supplier_record_id = record AND c.questionnaire = wanted
           AND c.share_id IS NOT NULL AND (c.shared_until IS NULL OR c.shared_until > portal.clock())
           AND c.period_end = last_day
           AND array_position(ARRAY['micro', 'basic', 'standard', 'advanced'], c.tier)
               >= array_position(ARRAY['micro', 'basic', 'standard', 'advanced'], has_answer.tier)
    )
$$;
REVOKE EXECUTE ON FUNCTION portal.has_answer(uuid, uuid, text, text, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.has_answer(uuid, uuid, text, text, date, date) TO portal_app;

-- Ask some of those that a campaign has still to ask, as many as ids are given; how many were looked at. One caller at a
-- time: whoever comes second waits, and finds others to ask. Run by the worker, which may begin again anywhere.
CREATE FUNCTION portal.send_campaign_part(buyer uuid, wanted uuid, made uuid[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    asked portal.campaign;
    records uuid[];
    looked integer;
BEGIN
    SELECT * INTO asked FROM portal.campaign c WHERE c.buyer_id = buyer AND c.id = wanted FOR NO KEY UPDATE;
    IF NOT FOUND OR asked.state <> 'sending' THEN
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

-- Do to some open requests of a campaign what its buyer wants done to them; how many were looked at.
CREATE FUNCTION portal.change_campaign_part(buyer uuid, wanted uuid, most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    act portal.campaign_act;
    topics jsonb := '{"extend": "request.extended", "remind": "request.asked", "withdraw": "request.withdrawn"}';
    touched uuid[];
    looked integer;
    last uuid;
BEGIN
    SELECT * INTO act FROM portal.campaign_act a WHERE a.buyer_id = buyer AND a.id = wanted FOR NO KEY UPDATE;
    IF NOT FOUND OR act.done_at IS NOT NULL THEN
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
                    -- As for a single request: nobody hears of it twice within an hour.
                    WHEN 'remind' THEN q.supplier_id IS NOT NULL
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
REVOKE EXECUTE ON FUNCTION portal.send_campaign_part(uuid, uuid, uuid[]),
    portal.change_campaign_part(uuid, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.send_campaign_part(uuid, uuid, uuid[]),
    portal.change_campaign_part(uuid, uuid, integer) TO portal_worker;
