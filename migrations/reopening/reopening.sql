-- Opening an organization again notes why, as closing it does; without a reason it is as before.
CREATE FUNCTION portal.reopen_organization(organization uuid, acting text, grace integer, why text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.organization o
       SET status = CASE WHEN o.suspended_at IS NULL THEN 'active' ELSE 'suspended' END, closed_at = NULL
     WHERE o.id = organization AND o.status = 'closed' AND o.emptied_at IS NULL
       AND portal.clock() < o.closed_at + make_interval(days => grace);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM portal.note_closing(organization, acting, 'organization.reopened', 'organization', organization, NULL, NULL,
                                jsonb_strip_nulls(jsonb_build_object('reason', why)));
    RETURN true;
END
$$;
CREATE OR REPLACE FUNCTION portal.reopen_organization(organization uuid, acting text, grace integer) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    SELECT portal.reopen_organization(organization, acting, grace, NULL)
$$;
REVOKE EXECUTE ON FUNCTION portal.reopen_organization(uuid, text, integer, text) FROM PUBLIC;
