-- A buyer asks a linked supplier to be shown more than it was given; the supplier grants it, in part or whole, or
-- refuses with a reason and something else that it offers. Neither side can write the other's word.
CREATE TABLE portal.access_request (
    supplier_id UUID NOT NULL,
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    supplier_record_id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    subject_key UUID NOT NULL,
    submission_id UUID,
    sections TEXT[] DEFAULT '{}' NOT NULL,
    include_evidence BOOLEAN DEFAULT false NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    purpose TEXT NOT NULL,
    message TEXT,
    state TEXT COLLATE "C" DEFAULT 'open' NOT NULL,
    share_id UUID,
    granted_sections TEXT[] DEFAULT '{}' NOT NULL,
    granted_evidence BOOLEAN DEFAULT false NOT NULL,
    granted_until TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    offer TEXT COLLATE "C",
    offer_text TEXT,
    offer_from DATE,
    asked_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_access_request PRIMARY KEY (supplier_id, id),
    CONSTRAINT ck_access_request_state CHECK (state IN ('open', 'granted', 'partly_granted', 'refused', 'withdrawn')),
    CONSTRAINT ck_access_request_offer CHECK (offer IN ('none', 'visit', 'talk', 'less', 'later')),
    CONSTRAINT fk_access_request_supplier_id FOREIGN KEY (supplier_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_access_request_record FOREIGN KEY (buyer_id, supplier_record_id)
        REFERENCES portal.supplier_record (buyer_id, id)
);
CREATE UNIQUE INDEX uq_access_request_open
    ON portal.access_request (supplier_id, buyer_id, questionnaire, subject_key) WHERE state = 'open';
CREATE INDEX ix_access_request_buyer_id_supplier_record_id
    ON portal.access_request (buyer_id, supplier_record_id, questionnaire, id);
CREATE UNIQUE INDEX uq_access_request_buyer_id ON portal.access_request (buyer_id, id);
ALTER TABLE portal.access_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.access_request FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.access_request TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.access_request FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_read ON portal.access_request FOR SELECT TO portal_worker USING (true);
CREATE POLICY supplier_read ON portal.access_request FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()));
CREATE POLICY buyer_read ON portal.access_request FOR SELECT TO portal_app
    USING (buyer_id = (SELECT portal.current_organization()));
CREATE POLICY buyer_insert ON portal.access_request FOR INSERT TO portal_app
    WITH CHECK (buyer_id = (SELECT portal.current_organization()) AND state = 'open'
        AND EXISTS (SELECT FROM portal.supplier_record r
                     WHERE r.buyer_id = access_request.buyer_id AND r.id = access_request.supplier_record_id
                       AND r.supplier_id = access_request.supplier_id)
        AND (submission_id IS NULL OR portal.may_read_submission(supplier_id, submission_id)));
CREATE POLICY buyer_update ON portal.access_request FOR UPDATE TO portal_app
    USING (buyer_id = (SELECT portal.current_organization()) AND state = 'open')
    WITH CHECK (buyer_id = (SELECT portal.current_organization()) AND state IN ('open', 'withdrawn')
        AND share_id IS NULL);
CREATE POLICY supplier_update ON portal.access_request FOR UPDATE TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()) AND state = 'open')
    WITH CHECK (supplier_id = (SELECT portal.current_organization())
        AND state IN ('open', 'granted', 'partly_granted', 'refused'));
GRANT SELECT ON portal.access_request TO portal_app, portal_backup;
GRANT SELECT (supplier_id, buyer_id, id, questionnaire, subject_key, sections, include_evidence, until, purpose,
              message, state, granted_sections, granted_evidence, granted_until, reason, offer, offer_text, offer_from,
              asked_by)
    ON portal.access_request TO portal_worker;
GRANT INSERT (supplier_id, buyer_id, id, supplier_record_id, questionnaire, subject_key, submission_id, sections,
              include_evidence, until, purpose, message, state, asked_by),
      UPDATE (state, sections, include_evidence, until, purpose, message, asked_by, asked_at, closed_at, share_id,
              granted_sections, granted_evidence, granted_until, reason, offer, offer_text, offer_from)
    ON portal.access_request TO portal_app;

-- Both sides follow it in the change feed.
ALTER TABLE portal.change DROP CONSTRAINT ck_change_kind;
ALTER TABLE portal.change ADD CONSTRAINT ck_change_kind CHECK (kind IN (
    'assessment', 'received_request', 'submission', 'share', 'evidence', 'engagement', 'clarification',
    'supplier', 'request', 'shared_result', 'access_request', 'received_access_request'));
CREATE FUNCTION portal.note_access_requests() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    INSERT INTO portal.change (organization_id, side, kind, owner_id, object_id)
    SELECT c.buyer_id, 'buyer', 'access_request', c.buyer_id, c.id FROM changed c
    UNION ALL
    SELECT c.supplier_id, 'supplier', 'received_access_request', c.supplier_id, c.id FROM changed c;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.note_access_requests() FROM PUBLIC;
CREATE TRIGGER note_insert AFTER INSERT ON portal.access_request REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.note_access_requests();
CREATE TRIGGER note_update AFTER UPDATE ON portal.access_request REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION portal.note_access_requests();
