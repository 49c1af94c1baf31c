-- A session that a provider opened acts for the provider's organization alone, and never for an operator. Where an
-- organization requires its provider, the sessions of other members than owners act for it only where that opened them.
CREATE OR REPLACE FUNCTION portal.authenticate(kind text, secret_hash bytea)
    RETURNS TABLE (user_id uuid, api_key_id uuid, organization_id uuid, member_role text,
                   organization_roles text[], scopes text[], is_operator boolean, expires_at timestamptz,
                   session_id uuid, held_role text, suspended_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    IF kind = 'session' THEN
        SELECT s.user_id, NULL::uuid, o.id, CASE o.status WHEN 'active' THEN m.role WHEN 'suspended' THEN 'viewer' END,
               '{}'::text[], u.is_operator, s.expires_at, s.id,
               CASE o.status WHEN 'suspended' THEN m.role END, CASE o.status WHEN 'suspended' THEN o.suspended_at END
          INTO user_id, api_key_id, organization_id, member_role, scopes, is_operator, expires_at, session_id,
               held_role, suspended_at
          FROM portal.session s
          JOIN portal.user_account u ON u.id = s.user_id
          LEFT JOIN portal.member m ON m.organization_id = s.organization_id AND m.user_id = s.user_id
          LEFT JOIN portal.organization o ON o.id = m.organization_id AND o.status <> 'closed'
               AND (NOT o.requires_sso OR s.sso_connection_id IS NOT NULL OR m.role = 'owner')
         WHERE s.token_hash = secret_hash AND portal.clock() < s.expires_at
           AND (s.sso_connection_id IS NULL OR (NOT u.is_operator AND o.id IS NOT NULL));
    ELSIF kind = 'api_key' THEN
        SELECT NULL::uuid, k.id, k.organization_id,
               CASE WHEN k.scopes && ARRAY['assessments:write', 'suppliers:write'] THEN 'editor' ELSE 'viewer' END,
               k.scopes, false, k.expires_at
          INTO user_id, api_key_id, organization_id, member_role, scopes, is_operator, expires_at
          FROM portal.api_key k
          JOIN portal.organization o ON o.id = k.organization_id AND o.status = 'active'
         WHERE k.key_hash = secret_hash AND k.revoked_at IS NULL
           AND (k.expires_at IS NULL OR portal.clock() < k.expires_at);
    END IF;
    PERFORM set_config('portal.organization', coalesce(organization_id::text, ''), true),
            set_config('portal.user', coalesce(user_id::text, ''), true);
    IF user_id IS NULL AND api_key_id IS NULL THEN
        RETURN;
    END IF;
    SELECT coalesce(array_agg(r.role), '{}') INTO organization_roles
      FROM portal.organization_role r JOIN portal.organization o ON o.id = r.organization_id
     WHERE r.organization_id = authenticate.organization_id AND r.status = 'active'
       AND (o.status = 'active' OR (o.status = 'suspended' AND r.role = 'supplier'));
    RETURN NEXT;
END
$$;

CREATE OR REPLACE FUNCTION portal.open_session(token_hash bytea, id uuid, person uuid, wanted uuid, lifetime interval)
    RETURNS TABLE (organization_id uuid, expires_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    SELECT m.organization_id INTO organization_id
      FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
     WHERE m.user_id = person AND (wanted IS NULL OR m.organization_id = wanted) AND o.status <> 'closed'
       AND (NOT o.requires_second_factor OR portal.has_second_factor(person))
       AND (NOT o.requires_sso OR m.role = 'owner')
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
       AND (s.sso_connection_id IS NULL OR s.organization_id = wanted)
       AND EXISTS (SELECT FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
                    WHERE m.user_id = s.user_id AND m.organization_id = wanted AND o.status <> 'closed'
                      AND (s.sso_connection_id IS NOT NULL
                           OR ((NOT o.requires_second_factor OR portal.has_second_factor(s.user_id))
                               AND (NOT o.requires_sso OR m.role = 'owner'))));
    RETURN FOUND;
END
$$;

DROP FUNCTION portal.list_my_organizations();
CREATE FUNCTION portal.list_my_organizations()
    RETURNS TABLE (organization_id uuid, name text, role text, status text, needs_second_factor boolean, needs_sso boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.id, o.name, m.role, o.status,
           o.requires_second_factor AND NOT portal.has_second_factor(m.user_id), o.requires_sso AND m.role <> 'owner'
      FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
     WHERE m.user_id = portal.current_user_id() ORDER BY o.name, o.id
$$;
REVOKE EXECUTE ON FUNCTION portal.list_my_organizations() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_my_organizations() TO portal_app;

-- Who came by the organization's own provider has proved there what the organization asks of its people.
CREATE OR REPLACE FUNCTION portal.require_second_factor(is_required boolean) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.organization o SET requires_second_factor = is_required
     WHERE o.id = portal.current_organization()
       AND EXISTS (SELECT FROM portal.member m
                    WHERE m.organization_id = o.id AND m.user_id = portal.current_user_id() AND m.role = 'owner');
    IF FOUND AND is_required THEN
        RETURN QUERY DELETE FROM portal.session s
         WHERE s.organization_id = portal.current_organization() AND s.sso_connection_id IS NULL
           AND NOT portal.has_second_factor(s.user_id)
        RETURNING s.id;
    END IF;
END
$$;
