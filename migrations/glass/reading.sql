-- The one way in: what is going to be read is written down first, in the organization's trail and on the view, and only
-- then does the rest of the transaction see rows by it, and none of any organization that the operator belongs to.
CREATE FUNCTION portal.look_through_glass(event uuid, organization uuid, glass uuid, names text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM portal.require_operator();
    UPDATE portal.glass g
       SET reads = g.reads + 1, last_read_at = portal.clock(),
           fields = ARRAY(SELECT DISTINCT f FROM unnest(g.fields || names) f ORDER BY f)
     WHERE g.organization_id = organization AND g.id = glass AND g.operator_id = portal.current_user_id()
       AND portal.glass_is_live(g);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM portal.note_glass(event, organization, glass, 'glass.read', 'operator', jsonb_build_object('fields', names)),
            set_config('portal.glass', glass::text, true), set_config('portal.organization', '', true);
    RETURN true;
END
$$;

-- Whose rows the transaction sees by a view: the setting only names one, and the row decides, at each statement.
CREATE FUNCTION portal.glass_organization() RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    named text := nullif(pg_catalog.current_setting('portal.glass', true), '');
BEGIN
    IF named IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT g.organization_id FROM portal.glass g
             WHERE g.id = named::uuid AND g.operator_id = portal.current_user_id() AND portal.glass_is_live(g));
END
$$;
REVOKE EXECUTE ON FUNCTION portal.look_through_glass(uuid, uuid, uuid, text[]), portal.glass_organization() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.look_through_glass(uuid, uuid, uuid, text[]), portal.glass_organization()
    TO portal_app;

-- What is open in it: to be seen, never to be changed. The function is called once for a statement, not for each row.
CREATE POLICY app_glass ON portal.organization FOR SELECT TO portal_app
    USING (id = (SELECT portal.glass_organization()));
CREATE POLICY app_glass ON portal.organization_role FOR SELECT TO portal_app
    USING (organization_id = (SELECT portal.glass_organization()));
CREATE POLICY app_glass ON portal.member FOR SELECT TO portal_app
    USING (organization_id = (SELECT portal.glass_organization()));
CREATE POLICY app_glass ON portal.user_account FOR SELECT TO portal_app
    USING (EXISTS (SELECT FROM portal.member m
                    WHERE m.organization_id = (SELECT portal.glass_organization()) AND m.user_id = user_account.id));
CREATE POLICY app_glass ON portal.request FOR SELECT TO portal_app
    USING ((SELECT portal.glass_organization()) IN (buyer_id, supplier_id));
CREATE POLICY app_glass ON portal.assessment FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.glass_organization()));
CREATE POLICY app_glass ON portal.answer FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.glass_organization()));
CREATE POLICY app_glass ON portal.submission FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.glass_organization()));
CREATE POLICY app_glass ON portal.result FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.glass_organization()));
CREATE POLICY app_glass ON portal.evidence FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.glass_organization()));
CREATE POLICY app_glass ON portal.share FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.glass_organization()));
CREATE POLICY app_glass ON portal.webhook_delivery FOR SELECT TO portal_app
    USING (organization_id = (SELECT portal.glass_organization()));
