-- The connection of whoever has this domain of e-mail addresses: nothing of who that is, and nothing of people.
CREATE FUNCTION portal.find_sso_of_domain(wanted text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT c.id FROM portal.sso_domain d
      JOIN portal.sso_connection c ON c.organization_id = d.organization_id AND c.state = 'active'
      JOIN portal.organization o ON o.id = d.organization_id AND o.status = 'active'
     WHERE d.domain = wanted AND d.verified_at IS NOT NULL
$$;

CREATE FUNCTION portal.find_sso_connection(connection uuid)
    RETURNS TABLE (id uuid, organization_id uuid, issuer text, client_id text, sealed text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT c.id, c.organization_id, c.issuer, c.client_id, c.sealed FROM portal.sso_connection c
      JOIN portal.organization o ON o.id = c.organization_id AND o.status = 'active'
     WHERE c.id = connection AND c.state = 'active'
$$;

CREATE FUNCTION portal.start_sso(id uuid, connection uuid, state bytea, browser bytea, challenge bytea, lifetime interval)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO portal.sso_sign_in (id, connection_id, state_hash, browser_hash, challenge, expires_at)
    VALUES (start_sso.id, connection, state, browser, start_sso.challenge, portal.clock() + lifetime)
$$;

-- A state counts once, in the browser that it was given to; in another one it is as if it had never been.
CREATE FUNCTION portal.take_sso_state(state bytea, browser bytea) RETURNS TABLE (id uuid, connection_id uuid)
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.sso_sign_in s SET state_hash = NULL
     WHERE s.state_hash = state AND s.browser_hash = browser AND portal.clock() < s.expires_at
    RETURNING s.id, s.connection_id
$$;

-- An open invitation to an address, taken up by coming in by the provider. Owners are made by a link in a letter alone.
CREATE FUNCTION portal.find_member_invitation(organization uuid, address text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT i.id FROM portal.invitation i
     WHERE i.organization_id = organization AND i.kind = 'member' AND i.email = address AND i.role <> 'owner'
       AND i.used_at IS NULL AND i.revoked_at IS NULL AND portal.clock() < i.expires_at
     ORDER BY i.created_at DESC, i.id LIMIT 1
$$;
CREATE FUNCTION portal.take_member_invitation(organization uuid, address text, person uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    given text;
BEGIN
    UPDATE portal.invitation i SET used_at = portal.clock(), used_by = person
     WHERE i.id = portal.find_member_invitation(organization, address) AND i.used_at IS NULL
    RETURNING i.role INTO given;
    IF given IS NOT NULL THEN
        INSERT INTO portal.member (organization_id, user_id, role) VALUES (organization, person, given)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN given;
END
$$;

-- Who came back from the provider. The caller has checked the token, so `iss` and `sub` are what the provider says, and so
-- are the address and whether it is verified. What is said: IN or LINK, each with a code for the client, or why not:
-- ENDED (the connection), NOT_MEMBER, NOT_VERIFIED, FOREIGN_DOMAIN, ACCOUNT_EXISTS, OTHER_SUBJECT, OPERATOR.
--
-- A person who is known by `sub` comes in as that. Else the address decides, and a domain that the organization has shown to
-- be its own: a new account is made at once. An account that is there is never entered through a provider unless it belongs
-- to this organization and to no other, owns nothing, and has no second factor; else its person has to link it. Who is
-- no member yet, or no more, needs an open invitation to the address.
CREATE FUNCTION portal.enter_sso(sign_in uuid, iss text, sub text, address text, is_verified boolean, person_name text,
                                 person uuid, hash text, code bytea, lifetime interval)
    RETURNS TABLE (outcome text, organization_id uuid, user_id uuid, step text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    c portal.sso_connection;
    o portal.organization;
    account portal.user_account;
    held text;
BEGIN
    SELECT x.* INTO c FROM portal.sso_sign_in s JOIN portal.sso_connection x ON x.id = s.connection_id
     WHERE s.id = sign_in AND s.state_hash IS NULL AND s.code_hash IS NULL AND portal.clock() < s.expires_at
       AND x.state = 'active' AND x.issuer = iss FOR SHARE OF x;
    SELECT * INTO o FROM portal.organization x WHERE x.id = c.organization_id AND x.status = 'active';
    IF o.id IS NULL THEN
        outcome := 'ENDED'; RETURN NEXT; RETURN;
    END IF;
    organization_id := o.id; step := 'known';
    SELECT u.* INTO account FROM portal.sso_identity i JOIN portal.user_account u ON u.id = i.user_id
     WHERE i.organization_id = o.id AND i.issuer = iss AND i.subject = sub;
    IF account.id IS NULL THEN
        IF is_verified IS NOT TRUE OR address IS NULL THEN
            outcome := 'NOT_VERIFIED'; RETURN NEXT; RETURN;
        END IF;
        IF NOT EXISTS (SELECT FROM portal.sso_domain d WHERE d.organization_id = o.id AND d.verified_at IS NOT NULL
                          AND d.domain = split_part(address, '@', 2)) THEN
            outcome := 'FOREIGN_DOMAIN'; RETURN NEXT; RETURN;
        END IF;
        SELECT * INTO account FROM portal.user_account u WHERE u.email = address;
        IF account.id IS NULL THEN
            INSERT INTO portal.user_account (id, email, password_hash, name, locale, time_zone)
            VALUES (person, address, hash, person_name, o.locale, o.time_zone) ON CONFLICT (email) DO NOTHING
            RETURNING * INTO account;
            IF NOT FOUND THEN
                outcome := 'ACCOUNT_EXISTS'; RETURN NEXT; RETURN;
            END IF;
            IF portal.take_member_invitation(o.id, address, person) IS NULL THEN
                INSERT INTO portal.member (organization_id, user_id, role) VALUES (o.id, person, c.default_role);
            END IF;
            step := 'joined';
        ELSE
            step := 'linked';
        END IF;
    END IF;
    user_id := account.id;
    SELECT m.role INTO held FROM portal.member m WHERE m.organization_id = o.id AND m.user_id = account.id;
    IF account.is_operator THEN
        outcome := 'OPERATOR'; RETURN NEXT; RETURN;
    END IF;
    IF held IS NULL AND step = 'known' THEN
        held := portal.take_member_invitation(o.id, account.email, account.id);
        step := CASE WHEN held IS NULL THEN step ELSE 'returned' END;
    END IF;
    IF held IS NULL AND (step = 'known' OR portal.find_member_invitation(o.id, account.email) IS NULL) THEN
        outcome := CASE step WHEN 'known' THEN 'NOT_MEMBER' ELSE 'ACCOUNT_EXISTS' END; RETURN NEXT; RETURN;
    END IF;
    outcome := 'IN';
    IF step = 'linked' AND (held IS NULL OR held = 'owner' OR portal.has_second_factor(account.id)
            OR EXISTS (SELECT FROM portal.member m WHERE m.user_id = account.id AND m.organization_id <> o.id)) THEN
        outcome := 'LINK';
    END IF;
    IF step = 'linked' AND EXISTS (SELECT FROM portal.sso_identity i
                                    WHERE i.organization_id = o.id AND i.issuer = iss AND i.user_id = account.id) THEN
        outcome := 'OTHER_SUBJECT'; RETURN NEXT; RETURN;
    END IF;
    IF step IN ('joined', 'linked') AND outcome = 'IN' THEN
        INSERT INTO portal.sso_identity (organization_id, issuer, subject, user_id) VALUES (o.id, iss, sub, account.id)
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            outcome := 'ENDED'; RETURN NEXT; RETURN;
        END IF;
    END IF;
    UPDATE portal.sso_sign_in s
       SET code_hash = code, kind = CASE outcome WHEN 'IN' THEN 'sign_in' ELSE 'link' END, issuer = iss, subject = sub,
           user_id = account.id, expires_at = portal.clock() + lifetime
     WHERE s.id = sign_in;
    RETURN NEXT;
END
$$;

-- The client brings the code, and what only it knows. A code is used up by the first try, a wrong one too. Whatever ended
-- since then, the connection, the organization or the membership, lets nobody in.
CREATE FUNCTION portal.finish_sso(code bytea, proof bytea, token_hash bytea, id uuid, lifetime interval)
    RETURNS TABLE (user_id uuid, organization_id uuid, expires_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    s portal.sso_sign_in;
    connection uuid;
BEGIN
    DELETE FROM portal.sso_sign_in x WHERE x.code_hash = code AND x.kind = 'sign_in' RETURNING * INTO s;
    IF s.id IS NULL OR s.challenge <> proof OR s.expires_at <= portal.clock() THEN
        RETURN;
    END IF;
    SELECT c.id, c.organization_id INTO connection, organization_id FROM portal.sso_connection c
      JOIN portal.organization o ON o.id = c.organization_id AND o.status = 'active'
      JOIN portal.sso_identity i ON i.organization_id = o.id AND i.issuer = s.issuer AND i.subject = s.subject
      JOIN portal.member m ON m.organization_id = o.id AND m.user_id = i.user_id AND m.user_id = s.user_id
      JOIN portal.user_account u ON u.id = m.user_id AND NOT u.is_operator
     WHERE c.id = s.connection_id AND c.state = 'active' AND c.issuer = s.issuer FOR SHARE OF c;
    IF connection IS NULL THEN
        RETURN;
    END IF;
    user_id := s.user_id;
    expires_at := portal.clock() + lifetime;
    INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at, sso_connection_id)
    VALUES (finish_sso.token_hash, finish_sso.id, finish_sso.user_id, finish_sso.organization_id, finish_sso.expires_at,
            connection);
    RETURN NEXT;
END
$$;

-- The person, who has proved the password, lets the provider in to the account.
CREATE FUNCTION portal.link_sso(code bytea, proof bytea) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    s portal.sso_sign_in;
    linked uuid;
BEGIN
    DELETE FROM portal.sso_sign_in x WHERE x.code_hash = code AND x.kind = 'link' RETURNING * INTO s;
    IF s.id IS NULL OR s.challenge <> proof OR s.expires_at <= portal.clock()
       OR s.user_id IS DISTINCT FROM portal.current_user_id() THEN
        RETURN NULL;
    END IF;
    PERFORM portal.take_member_invitation(c.organization_id, u.email, u.id) FROM portal.sso_connection c
      JOIN portal.organization o ON o.id = c.organization_id AND o.status = 'active'
      JOIN portal.user_account u ON u.id = s.user_id AND NOT u.is_operator
     WHERE c.id = s.connection_id AND c.state = 'active' AND c.issuer = s.issuer
       AND NOT EXISTS (SELECT FROM portal.member m WHERE m.organization_id = o.id AND m.user_id = u.id);
    INSERT INTO portal.sso_identity (organization_id, issuer, subject, user_id)
    SELECT c.organization_id, s.issuer, s.subject, m.user_id FROM portal.sso_connection c
      JOIN portal.organization o ON o.id = c.organization_id AND o.status = 'active'
      JOIN portal.member m ON m.organization_id = o.id AND m.user_id = s.user_id
     WHERE c.id = s.connection_id AND c.state = 'active' AND c.issuer = s.issuer FOR SHARE OF c
    ON CONFLICT DO NOTHING
    RETURNING organization_id INTO linked;
    RETURN linked;
END
$$;

-- By an owner of the current organization: whoever came by its provider goes, also who is on the way. The sessions are
-- returned.
CREATE FUNCTION portal.end_sso_sessions() RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    connection uuid;
BEGIN
    SELECT c.id INTO connection FROM portal.sso_connection c
      JOIN portal.member m ON m.organization_id = c.organization_id
     WHERE c.organization_id = portal.current_organization() AND m.user_id = portal.current_user_id() AND m.role = 'owner';
    DELETE FROM portal.sso_sign_in s WHERE s.connection_id = connection;
    RETURN QUERY DELETE FROM portal.session s WHERE s.sso_connection_id = connection RETURNING s.id;
END
$$;

-- By an owner of the current organization. Sessions of members, but for owners, that its provider did not open end, and are
-- returned.
CREATE FUNCTION portal.require_sso(is_required boolean) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.organization o SET requires_sso = is_required
     WHERE o.id = portal.current_organization()
       AND EXISTS (SELECT FROM portal.member m
                    WHERE m.organization_id = o.id AND m.user_id = portal.current_user_id() AND m.role = 'owner');
    IF FOUND AND is_required THEN
        RETURN QUERY DELETE FROM portal.session s
         WHERE s.organization_id = portal.current_organization() AND s.sso_connection_id IS NULL
           AND NOT EXISTS (SELECT FROM portal.member m WHERE m.organization_id = s.organization_id
                              AND m.user_id = s.user_id AND m.role = 'owner')
        RETURNING s.id;
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.find_member_invitation(uuid, text), portal.take_member_invitation(uuid, text, uuid),
    portal.find_sso_of_domain(text), portal.find_sso_connection(uuid),
    portal.start_sso(uuid, uuid, bytea, bytea, bytea, interval), portal.take_sso_state(bytea, bytea),
    portal.enter_sso(uuid, text, text, text, boolean, text, uuid, text, bytea, interval),
    portal.finish_sso(bytea, bytea, bytea, uuid, interval), portal.link_sso(bytea, bytea), portal.end_sso_sessions(),
    portal.require_sso(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_sso_of_domain(text), portal.find_sso_connection(uuid),
    portal.start_sso(uuid, uuid, bytea, bytea, bytea, interval), portal.take_sso_state(bytea, bytea),
    portal.enter_sso(uuid, text, text, text, boolean, text, uuid, text, bytea, interval),
    portal.finish_sso(bytea, bytea, bytea, uuid, interval), portal.link_sso(bytea, bytea), portal.end_sso_sessions(),
    portal.require_sso(boolean) TO portal_app;
