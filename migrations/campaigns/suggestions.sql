-- "I am not the right person, ask somebody else": said by whoever holds an invitation, or by a member of a supplier that
-- was asked. Nobody is written to before the buyer has taken the suggestion up.
CREATE TABLE portal.contact_suggestion (
    buyer_id UUID NOT NULL,
    id UUID NOT NULL,
    supplier_record_id UUID NOT NULL,
    supplier_id UUID,
    request_id UUID,
    name TEXT NOT NULL,
    email TEXT COLLATE "C",
    remark TEXT,
    state TEXT COLLATE "C" DEFAULT 'open' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_contact_suggestion PRIMARY KEY (buyer_id, id),
    CONSTRAINT fk_contact_suggestion_record FOREIGN KEY (buyer_id, supplier_record_id)
        REFERENCES portal.supplier_record (buyer_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_contact_suggestion_request FOREIGN KEY (buyer_id, request_id) REFERENCES portal.request (buyer_id, id),
    CONSTRAINT fk_contact_suggestion_supplier_id FOREIGN KEY (supplier_id) REFERENCES portal.organization (id),
    CONSTRAINT ck_contact_suggestion_state CHECK (state IN ('open', 'accepted', 'dismissed'))
);
CREATE INDEX ix_contact_suggestion_record ON portal.contact_suggestion (buyer_id, supplier_record_id, id);
ALTER TABLE portal.contact_suggestion ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.contact_suggestion FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.contact_suggestion TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.contact_suggestion FOR SELECT TO portal_backup USING (true);
CREATE POLICY buyer_read ON portal.contact_suggestion FOR SELECT TO portal_app
    USING (buyer_id = (SELECT portal.current_organization()));
CREATE POLICY buyer_update ON portal.contact_suggestion FOR UPDATE TO portal_app
    USING (buyer_id = (SELECT portal.current_organization()))
    WITH CHECK (buyer_id = (SELECT portal.current_organization()));
CREATE POLICY supplier_insert ON portal.contact_suggestion FOR INSERT TO portal_app
    WITH CHECK (supplier_id = (SELECT portal.current_organization())
                AND EXISTS (SELECT FROM portal.request r
                             WHERE r.buyer_id = contact_suggestion.buyer_id AND r.id = contact_suggestion.request_id
                               AND r.supplier_id = contact_suggestion.supplier_id
                               AND r.supplier_record_id = contact_suggestion.supplier_record_id));
GRANT SELECT ON portal.contact_suggestion TO portal_app, portal_backup;
GRANT INSERT (buyer_id, id, supplier_record_id, supplier_id, request_id, name, email, remark),
    UPDATE (state, closed_at) ON portal.contact_suggestion TO portal_app;

-- Sending an invitation back with the name of somebody else.
CREATE FUNCTION portal.refuse_supplier_invitation(secret_hash bytea, why text, remark text, id uuid,
                                                  suggested_name text, suggested_email text)
    RETURNS TABLE (buyer_id uuid, supplier_record_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    SELECT f.buyer_id, f.supplier_record_id INTO buyer_id, supplier_record_id
      FROM portal.refuse_supplier_invitation(secret_hash, why, remark) f;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF why = 'wrong_contact' AND suggested_name IS NOT NULL THEN
        INSERT INTO portal.contact_suggestion (buyer_id, id, supplier_record_id, name, email, remark)
        VALUES (refuse_supplier_invitation.buyer_id, refuse_supplier_invitation.id,
                refuse_supplier_invitation.supplier_record_id,
                suggested_name, suggested_email, remark);
    END IF;
    RETURN NEXT;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.refuse_supplier_invitation(bytea, text, text, uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.refuse_supplier_invitation(bytea, text, text, uuid, text, text) TO portal_app;
