-- How often a buyer asks those anew that it asked for a tier of a questionnaire. One that is removed stays for the requests
-- that it made.
CREATE TABLE portal.cadence (
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    tier TEXT COLLATE "C" NOT NULL,
    every_months SMALLINT NOT NULL,
    lead_days SMALLINT NOT NULL,
    purpose TEXT NOT NULL,
    legal_basis TEXT,
    message TEXT,
    state TEXT COLLATE "C" DEFAULT 'active' NOT NULL,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    planned_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_cadence PRIMARY KEY (buyer_id, id),
    CONSTRAINT fk_cadence_buyer_id FOREIGN KEY (buyer_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_cadence_questionnaire FOREIGN KEY (questionnaire) REFERENCES portal.questionnaire (key),
    CONSTRAINT ck_cadence_tier CHECK (tier IN ('micro', 'basic', 'standard', 'advanced')),
    CONSTRAINT ck_cadence_state CHECK (state IN ('active', 'paused', 'removed'))
);
CREATE UNIQUE INDEX uq_cadence_tier ON portal.cadence (buyer_id, questionnaire, tier) WHERE state <> 'removed';
CREATE INDEX ix_cadence_active ON portal.cadence (buyer_id, id) WHERE state = 'active';

-- On which day of its calendar each supplier is asked anew, after which period; a supplier is in one plan of a questionnaire
-- at most. Why it was not asked on its day stands in `held`, and it is looked at again on the day that follows.
CREATE TABLE portal.cadence_plan (
    buyer_id UUID NOT NULL,
    supplier_record_id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    cadence_id UUID NOT NULL,
    ask_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    held TEXT COLLATE "C",
    CONSTRAINT pk_cadence_plan PRIMARY KEY (buyer_id, supplier_record_id, questionnaire),
    CONSTRAINT fk_cadence_plan_cadence FOREIGN KEY (buyer_id, cadence_id)
        REFERENCES portal.cadence (buyer_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_cadence_plan_record FOREIGN KEY (buyer_id, supplier_record_id)
        REFERENCES portal.supplier_record (buyer_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_cadence_plan_held CHECK (held IN ('over_limit', 'not_offered'))
);
CREATE INDEX ix_cadence_plan_ask_on ON portal.cadence_plan (buyer_id, cadence_id, ask_on, supplier_record_id);

-- Which cadence made a request, as it was then, and after which period: what the supplier reads as the reason.
ALTER TABLE portal.request ADD COLUMN cadence_id UUID,
    ADD COLUMN every_months SMALLINT,
    ADD COLUMN after_period_end DATE,
    ADD CONSTRAINT fk_request_cadence FOREIGN KEY (buyer_id, cadence_id) REFERENCES portal.cadence (buyer_id, id);
CREATE INDEX ix_request_cadence ON portal.request (buyer_id, cadence_id) WHERE cadence_id IS NOT NULL;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['cadence', 'cadence_plan'] LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_app, portal_backup', name);
    END LOOP;
END
$$;
CREATE POLICY own_rows ON portal.cadence TO portal_app
    USING (buyer_id = (SELECT portal.current_organization()))
    WITH CHECK (buyer_id = (SELECT portal.current_organization()));
-- A key of a private questionnaire would tell, by its foreign key, whether that exists.
CREATE POLICY app_published ON portal.cadence AS RESTRICTIVE FOR INSERT TO portal_app
    WITH CHECK (EXISTS (SELECT FROM portal.questionnaire q WHERE q.key = cadence.questionnaire));
CREATE POLICY own_read ON portal.cadence_plan FOR SELECT TO portal_app
    USING (buyer_id = (SELECT portal.current_organization()));
GRANT INSERT (buyer_id, id, questionnaire, tier, every_months, lead_days, purpose, legal_basis, message, state, created_by),
    UPDATE (every_months, lead_days, purpose, legal_basis, message, state, updated_at, planned_at)
    ON portal.cadence TO portal_app;
