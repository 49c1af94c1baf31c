-- The caller has checked the password; the organization must be one of the person's own. The only one is chosen, and none
-- that requires a second factor of a person without one.
CREATE OR REPLACE FUNCTION portal.open_session(token_hash bytea, id uuid, person uuid, wanted uuid, lifetime interval)
    RETURNS TABLE (organization_id uuid, expires_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    SELECT m.organization_id INTO organization_id
      FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
     WHERE m.user_id = person AND (wanted IS NULL OR m.organization_id = wanted) AND o.status <> 'closed'
       AND (NOT o.requires_second_factor OR portal.has_second_factor(person))
     ORDER BY m.created_at, m.organization_id LIMIT 1;
    expires_at := portal.clock() + lifetime;
    INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at)
    VALUES (open_session.token_hash, open_session.id, person, open_session.organization_id, open_session.expires_at);
    RETURN NEXT;
END
$$;

CREATE OR REPLACE FUNCTION portal.choose_organization(chosen_session uuid, wanted uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.session s SET organization_id = wanted
     WHERE s.id = chosen_session AND s.user_id = portal.current_user_id()
       AND EXISTS (SELECT FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
                    WHERE m.user_id = s.user_id AND m.organization_id = wanted AND o.status <> 'closed'
                      AND (NOT o.requires_second_factor OR portal.has_second_factor(s.user_id)));
    RETURN FOUND;
END
$$;

-- The organizations a person may switch to, and which of them wait for a second factor.
CREATE FUNCTION portal.list_my_organizations()
    RETURNS TABLE (organization_id uuid, name text, role text, status text, needs_second_factor boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.id, o.name, m.role, o.status,
           o.requires_second_factor AND NOT portal.has_second_factor(m.user_id)
      FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
     WHERE m.user_id = portal.current_user_id() ORDER BY o.name, o.id
$$;

-- By an owner of the current organization. Sessions that act for it without a second factor end, and are returned.
CREATE FUNCTION portal.require_second_factor(is_required boolean) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.organization o SET requires_second_factor = is_required
     WHERE o.id = portal.current_organization()
       AND EXISTS (SELECT FROM portal.member m
                    WHERE m.organization_id = o.id AND m.user_id = portal.current_user_id() AND m.role = 'owner');
    IF FOUND AND is_required THEN
        RETURN QUERY DELETE FROM portal.session s
         WHERE s.organization_id = portal.current_organization() AND NOT portal.has_second_factor(s.user_id)
        RETURNING s.id;
    END IF;
END
$$;

-- By the operator, for somebody who lost both phone and codes: the sessions end, and are returned.
CREATE FUNCTION portal.reset_second_factor(event uuid, address text, why text)
    RETURNS TABLE (user_id uuid, ended uuid[])
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    SELECT u.id INTO user_id FROM portal.user_account u WHERE u.email = address;
    DELETE FROM portal.second_factor f WHERE f.user_id = reset_second_factor.user_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    WITH gone AS (DELETE FROM portal.session s WHERE s.user_id = reset_second_factor.user_id RETURNING s.id)
    SELECT coalesce(array_agg(g.id), '{}') INTO ended FROM gone g;
    INSERT INTO portal.audit_event (id, organization_id, actor_id, action, object_kind, object_id, detail)
    VALUES (event, NULL, portal.current_user_id(), 'second_factor.reset', 'user', reset_second_factor.user_id::text,
            jsonb_build_object('reason', why));
    RETURN NEXT;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.has_second_factor(uuid), portal.find_second_factor(uuid),
    portal.use_factor_step(uuid, bigint), portal.use_recovery_code(uuid, bytea), portal.own_second_factor(),
    portal.start_second_factor(text), portal.confirm_second_factor(text, bigint, bytea[]),
    portal.replace_recovery_codes(bytea[]), portal.remove_second_factor(), portal.list_my_organizations(),
    portal.require_second_factor(boolean), portal.reset_second_factor(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_second_factor(uuid), portal.use_factor_step(uuid, bigint),
    portal.use_recovery_code(uuid, bytea), portal.own_second_factor(), portal.start_second_factor(text),
    portal.confirm_second_factor(text, bigint, bytea[]), portal.replace_recovery_codes(bytea[]),
    portal.remove_second_factor(), portal.list_my_organizations(), portal.require_second_factor(boolean) TO portal_app;
