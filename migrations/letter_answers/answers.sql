-- Who of a supplier said to be the wrong person for a request: gets no more letters about it, and says it once.
CREATE TABLE portal.wrong_contact (
    buyer_id UUID NOT NULL,
    request_id UUID NOT NULL,
    user_id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    said_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_wrong_contact PRIMARY KEY (buyer_id, request_id, user_id),
    CONSTRAINT fk_wrong_contact_request FOREIGN KEY (buyer_id, request_id)
        REFERENCES portal.request (buyer_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_wrong_contact_user_id FOREIGN KEY (user_id) REFERENCES portal.user_account (id) ON DELETE CASCADE
);
CREATE INDEX ix_wrong_contact_user_id ON portal.wrong_contact (user_id);
ALTER TABLE portal.wrong_contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.wrong_contact FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.wrong_contact TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.wrong_contact FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_read ON portal.wrong_contact FOR SELECT TO portal_worker USING (true);
-- Said by the person alone, of a request to the organization that the person acts for.
CREATE POLICY own_insert ON portal.wrong_contact FOR INSERT TO portal_app
    WITH CHECK (user_id = (SELECT portal.current_user_id())
                AND supplier_id = (SELECT portal.current_organization())
                AND EXISTS (SELECT FROM portal.request r
                             WHERE r.buyer_id = wrong_contact.buyer_id AND r.id = wrong_contact.request_id
                               AND r.supplier_id = wrong_contact.supplier_id));
CREATE POLICY own_read ON portal.wrong_contact FOR SELECT TO portal_app
    USING (user_id = (SELECT portal.current_user_id()));
GRANT SELECT ON portal.wrong_contact TO portal_worker, portal_backup, portal_app;
GRANT INSERT (buyer_id, request_id, user_id, supplier_id) ON portal.wrong_contact TO portal_app;

-- Somebody who is the wrong person need not know the right one.
ALTER TABLE portal.contact_suggestion ALTER COLUMN name DROP NOT NULL;

-- Whoever holds the signed link of a letter acts for the person that it went to, on that one request, and only while that
-- person may decline it: is an owner or editor of a supplier that is active. Nobody else is found.
CREATE FUNCTION portal.open_request_letter(buyer uuid, request uuid, person uuid)
    RETURNS TABLE (organization_id uuid, member_role text, state text, is_wrong_contact boolean, buyer_name text,
                   organization_name text, questionnaire text, due_on date, buyer_locale text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    SELECT o.id, m.role, r.state, EXISTS (SELECT FROM portal.wrong_contact w
                                           WHERE w.buyer_id = r.buyer_id AND w.request_id = r.id
                                             AND w.user_id = m.user_id),
           b.name, o.name, q.title, r.due_on, b.locale
      INTO organization_id, member_role, state, is_wrong_contact, buyer_name, organization_name, questionnaire, due_on,
           buyer_locale
      FROM portal.request r
      JOIN portal.organization b ON b.id = r.buyer_id
      JOIN portal.organization o ON o.id = r.supplier_id AND o.status = 'active'
      JOIN portal.organization_role s ON s.organization_id = o.id AND s.role = 'supplier' AND s.status = 'active'
      JOIN portal.questionnaire q ON q.key = r.questionnaire
      JOIN portal.member m ON m.organization_id = o.id AND m.user_id = person AND m.role IN ('owner', 'editor')
     WHERE r.buyer_id = buyer AND r.id = open_request_letter.request;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('portal.organization', organization_id::text, true),
            set_config('portal.user', person::text, true);
    RETURN NEXT;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.open_request_letter(uuid, uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.open_request_letter(uuid, uuid, uuid) TO portal_app;
