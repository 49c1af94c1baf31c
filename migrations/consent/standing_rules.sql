-- What a supplier's owner agreed to once for all submissions to come: never more than the statement that was agreed to
-- says, to one buyer, until a day. Nobody else sees it; each use is a share that names it.
CREATE TABLE portal.standing_rule (
    supplier_id UUID NOT NULL,
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    subject_key UUID NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    sections TEXT[] DEFAULT '{}' NOT NULL,
    include_evidence BOOLEAN DEFAULT false NOT NULL,
    purpose TEXT NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    statement TEXT NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    end_reason TEXT COLLATE "C",
    use_count INTEGER DEFAULT 0 NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_standing_rule PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_standing_rule_end_reason CHECK (end_reason IN ('revoked', 'replaced', 'suspended')),
    CONSTRAINT fk_standing_rule_supplier_id FOREIGN KEY (supplier_id) REFERENCES portal.organization (id)
);
CREATE UNIQUE INDEX uq_standing_rule_live
    ON portal.standing_rule (supplier_id, questionnaire, subject_key, buyer_id) WHERE ended_at IS NULL;
CREATE INDEX ix_standing_rule_buyer_id ON portal.standing_rule (buyer_id) WHERE ended_at IS NULL;
ALTER TABLE portal.standing_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.standing_rule FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.standing_rule TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.standing_rule FOR SELECT TO portal_backup USING (true);
CREATE POLICY own_read ON portal.standing_rule FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()));
CREATE POLICY own_insert ON portal.standing_rule FOR INSERT TO portal_app
    WITH CHECK (supplier_id = (SELECT portal.current_organization()) AND portal.is_linked_buyer(buyer_id));
CREATE POLICY own_update ON portal.standing_rule FOR UPDATE TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()))
    WITH CHECK (supplier_id = (SELECT portal.current_organization()));
GRANT SELECT ON portal.standing_rule TO portal_app, portal_backup;
-- What was agreed to is never written again.
GRANT INSERT (supplier_id, buyer_id, id, questionnaire, subject_key, version, sections, include_evidence, purpose, until,
              statement, created_by),
      UPDATE (ended_at, end_reason, use_count, used_at)
    ON portal.standing_rule TO portal_app;

ALTER TABLE portal.share ADD COLUMN standing_rule_id UUID;
ALTER TABLE portal.share ADD COLUMN left_out TEXT[] DEFAULT '{}' NOT NULL;

-- Whoever is suspended, closed or no buyer any more ends the rules for good: to be reinstated brings none of them back.
CREATE FUNCTION portal.end_standing_rules() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.standing_rule s SET ended_at = portal.clock(), end_reason = 'suspended'
     WHERE s.ended_at IS NULL
       AND CASE TG_TABLE_NAME WHEN 'organization' THEN (to_jsonb(NEW) ->> 'id')::uuid IN (s.supplier_id, s.buyer_id)
                              ELSE (to_jsonb(NEW) ->> 'organization_id')::uuid = s.buyer_id END;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.end_standing_rules() FROM PUBLIC;
CREATE TRIGGER end_standing_rules AFTER UPDATE OF status ON portal.organization
    FOR EACH ROW WHEN (NEW.status <> 'active' AND OLD.status = 'active')
    EXECUTE FUNCTION portal.end_standing_rules();
CREATE TRIGGER end_standing_rules AFTER UPDATE OF status ON portal.organization_role
    FOR EACH ROW WHEN (NEW.role = 'buyer' AND NEW.status <> 'active' AND OLD.status = 'active')
    EXECUTE FUNCTION portal.end_standing_rules();
