-- A supplier sees what its members suggested, so that nothing is suggested twice and not without end.
CREATE POLICY supplier_read ON portal.contact_suggestion FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()));
CREATE INDEX ix_contact_suggestion_request ON portal.contact_suggestion (buyer_id, request_id) WHERE request_id IS NOT NULL;
