-- Rows reached before or outside an organization: one key in, at most one row out, never a scan.
CREATE FUNCTION portal.authenticate(kind text, secret_hash bytea)
    RETURNS TABLE (user_id uuid, api_key_id uuid, organization_id uuid, member_role text,
                   organization_roles text[], scopes text[], is_operator boolean, expires_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    IF kind = 'session' THEN
        SELECT s.user_id, NULL::uuid, m.organization_id, m.role, '{}'::text[], u.is_operator, s.expires_at
          INTO user_id, api_key_id, organization_id, member_role, scopes, is_operator, expires_at
          FROM portal.session s
          JOIN portal.user_account u ON u.id = s.user_id
          LEFT JOIN portal.member m ON m.organization_id = s.organization_id AND m.user_id = s.user_id
         WHERE s.token_hash = secret_hash AND portal.clock() < s.expires_at;
    ELSIF kind = 'api_key' THEN
        SELECT NULL::uuid, k.id, k.organization_id,
               CASE WHEN k.scopes && ARRAY['assessments:write', 'suppliers:write'] THEN 'editor' ELSE 'viewer' END,
               k.scopes, false, k.expires_at
          INTO user_id, api_key_id, organization_id, member_role, scopes, is_operator, expires_at
          FROM portal.api_key k
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
     WHERE r.organization_id = authenticate.organization_id AND r.status = 'active' AND o.status = 'active';
    RETURN NEXT;
END
$$;

CREATE FUNCTION portal.find_login(address text) RETURNS TABLE (user_id uuid, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.password_hash FROM portal.user_account u WHERE u.email = address
$$;

CREATE FUNCTION portal.current_password_hash() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.password_hash FROM portal.user_account u WHERE u.id = portal.current_user_id()
$$;

CREATE FUNCTION portal.register_user(id uuid, address text, password_hash text, name text, locale text, time_zone text)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.user_account (id, email, password_hash, name, locale, time_zone)
    VALUES (register_user.id, address, register_user.password_hash, register_user.name, register_user.locale,
            register_user.time_zone)
    ON CONFLICT (email) DO NOTHING;
    RETURN FOUND;
END
$$;

CREATE FUNCTION portal.replace_password(new_hash text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.user_account u SET password_hash = new_hash WHERE u.id = portal.current_user_id();
    RETURN FOUND;
END
$$;

-- The caller has checked the password; the organization must be one of the person's own. The only one is chosen.
CREATE FUNCTION portal.open_session(token_hash bytea, id uuid, person uuid, wanted uuid, lifetime interval)
    RETURNS TABLE (organization_id uuid, expires_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    SELECT m.organization_id INTO organization_id FROM portal.member m
     WHERE m.user_id = person AND (wanted IS NULL OR m.organization_id = wanted)
     ORDER BY m.created_at, m.organization_id LIMIT 1;
    expires_at := portal.clock() + lifetime;
    INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at)
    VALUES (open_session.token_hash, open_session.id, person, open_session.organization_id, open_session.expires_at);
    RETURN NEXT;
END
$$;

CREATE FUNCTION portal.choose_organization(secret_hash bytea, wanted uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.session s SET organization_id = wanted
     WHERE s.token_hash = secret_hash AND portal.clock() < s.expires_at
       AND EXISTS (SELECT FROM portal.member m WHERE m.user_id = s.user_id AND m.organization_id = wanted);
    RETURN FOUND;
END
$$;

CREATE FUNCTION portal.end_session(secret_hash bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    DELETE FROM portal.session s WHERE s.token_hash = secret_hash;
    RETURN FOUND;
END
$$;

CREATE FUNCTION portal.end_other_sessions(secret_hash bytea) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ended integer;
BEGIN
    DELETE FROM portal.session s WHERE s.user_id = portal.current_user_id() AND s.token_hash <> secret_hash;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END
$$;

-- The organizations a person may switch to.
CREATE FUNCTION portal.my_organizations() RETURNS TABLE (organization_id uuid, name text, role text, status text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.id, o.name, m.role, o.status
      FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
     WHERE m.user_id = portal.current_user_id() ORDER BY o.name, o.id
$$;

-- Every signed-in person may found an organization; it is a supplier at once, anything else waits for the operator.
CREATE FUNCTION portal.found_organization(id uuid, name text, country text, sector_scheme text, sector text,
                                          size_band text, locale text, time_zone text)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF portal.current_user_id() IS NULL THEN
        RAISE EXCEPTION 'a signed-in user founds an organization' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO portal.organization (id, name, country, sector_scheme, sector, size_band, locale, time_zone)
    VALUES (found_organization.id, found_organization.name, found_organization.country,
            found_organization.sector_scheme, found_organization.sector, found_organization.size_band,
            found_organization.locale, found_organization.time_zone);
    INSERT INTO portal.organization_role (organization_id, role, status, decided_at)
    VALUES (found_organization.id, 'supplier', 'active', portal.clock());
    INSERT INTO portal.member (organization_id, user_id, role)
    VALUES (found_organization.id, portal.current_user_id(), 'owner');
END
$$;

CREATE FUNCTION portal.create_invitation(id uuid, token_hash bytea, kind text, record uuid, address text, role text,
                                         lifetime interval)
    RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ends timestamptz := portal.clock() + lifetime;
BEGIN
    INSERT INTO portal.invitation (id, token_hash, kind, organization_id, supplier_record_id, email, role, created_by,
                                   expires_at)
    VALUES (create_invitation.id, create_invitation.token_hash, create_invitation.kind, portal.current_organization(),
            record, address, create_invitation.role, portal.current_user_id(), ends);
    RETURN ends;
END
$$;

CREATE FUNCTION portal.find_invitation(secret_hash bytea)
    RETURNS TABLE (id uuid, kind text, organization_id uuid, organization_name text, supplier_record_id uuid,
                   record_name text, record_country text, email text, role text, expires_at timestamptz,
                   requests integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT i.id, i.kind, i.organization_id, o.name, i.supplier_record_id, r.name, r.country, i.email, i.role,
           i.expires_at,
           (SELECT count(*)::integer FROM portal.request q
             WHERE q.buyer_id = i.organization_id AND q.supplier_record_id = i.supplier_record_id AND q.state = 'open')
      FROM portal.invitation i
      JOIN portal.organization o ON o.id = i.organization_id
      LEFT JOIN portal.supplier_record r ON r.buyer_id = i.organization_id AND r.id = i.supplier_record_id
     WHERE i.token_hash = secret_hash AND i.used_at IS NULL AND i.revoked_at IS NULL AND portal.clock() < i.expires_at
$$;

-- The person must own the organization that is linked. Returns the buyer and its record, or nothing where not possible.
CREATE FUNCTION portal.accept_supplier_invitation(secret_hash bytea, organization uuid)
    RETURNS TABLE (buyer_id uuid, supplier_record_id uuid, outcome text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    invited portal.invitation;
    record portal.supplier_record;
BEGIN
    SELECT * INTO invited FROM portal.invitation i
     WHERE i.token_hash = secret_hash AND i.kind = 'supplier' AND i.used_at IS NULL AND i.revoked_at IS NULL
       AND portal.clock() < i.expires_at
       FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'NOT_FOUND'; RETURN NEXT; RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM portal.member m WHERE m.organization_id = organization
                      AND m.user_id = portal.current_user_id() AND m.role = 'owner') THEN
        outcome := 'NOT_OWNER'; RETURN NEXT; RETURN;
    END IF;
    IF invited.organization_id = organization THEN
        outcome := 'OWN_INVITATION'; RETURN NEXT; RETURN;
    END IF;
    SELECT * INTO record FROM portal.supplier_record r
     WHERE r.buyer_id = invited.organization_id AND r.id = invited.supplier_record_id FOR UPDATE;
    IF record.supplier_id IS NOT NULL AND record.supplier_id <> organization THEN
        outcome := 'ALREADY_LINKED'; RETURN NEXT; RETURN;
    END IF;
    UPDATE portal.invitation i SET used_at = portal.clock(), used_by = portal.current_user_id() WHERE i.id = invited.id;
    UPDATE portal.supplier_record r
       SET supplier_id = organization, linked_at = portal.clock(), state = 'linked', refusal = NULL
     WHERE r.buyer_id = record.buyer_id AND r.id = record.id;
    UPDATE portal.request q SET supplier_id = organization, updated_at = portal.clock()
     WHERE q.buyer_id = record.buyer_id AND q.supplier_record_id = record.id AND q.supplier_id IS NULL;
    buyer_id := record.buyer_id; supplier_record_id := record.id; outcome := 'LINKED';
    RETURN NEXT;
END
$$;

-- "Not us" and "wrong contact", said by whoever holds the link.
CREATE FUNCTION portal.refuse_supplier_invitation(secret_hash bytea, why text)
    RETURNS TABLE (buyer_id uuid, supplier_record_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    invited portal.invitation;
BEGIN
    UPDATE portal.invitation i SET used_at = portal.clock(), used_by = portal.current_user_id()
     WHERE i.token_hash = secret_hash AND i.kind = 'supplier' AND i.used_at IS NULL AND i.revoked_at IS NULL
       AND portal.clock() < i.expires_at
    RETURNING * INTO invited;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE portal.supplier_record r SET state = 'refused', refusal = why
     WHERE r.buyer_id = invited.organization_id AND r.id = invited.supplier_record_id AND r.supplier_id IS NULL;
    UPDATE portal.request q SET state = 'not_us', state_reason = why, updated_at = portal.clock()
     WHERE q.buyer_id = invited.organization_id AND q.supplier_record_id = invited.supplier_record_id
       AND q.supplier_id IS NULL AND q.state = 'open';
    buyer_id := invited.organization_id; supplier_record_id := invited.supplier_record_id;
    RETURN NEXT;
END
$$;

CREATE FUNCTION portal.accept_member_invitation(secret_hash bytea) RETURNS TABLE (organization_id uuid, role text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    invited portal.invitation;
    address text;
BEGIN
    SELECT u.email INTO address FROM portal.user_account u WHERE u.id = portal.current_user_id();
    UPDATE portal.invitation i SET used_at = portal.clock(), used_by = portal.current_user_id()
     WHERE i.token_hash = secret_hash AND i.kind = 'member' AND i.used_at IS NULL AND i.revoked_at IS NULL
       AND portal.clock() < i.expires_at AND i.email = address
    RETURNING * INTO invited;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO portal.member (organization_id, user_id, role)
    VALUES (invited.organization_id, portal.current_user_id(), invited.role)
    ON CONFLICT (organization_id, user_id) DO NOTHING;
    organization_id := invited.organization_id; role := invited.role;
    RETURN NEXT;
END
$$;

CREATE FUNCTION portal.use_password_reset(secret_hash bytea, new_hash text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    person uuid;
BEGIN
    UPDATE portal.password_reset p SET used_at = portal.clock()
     WHERE p.token_hash = secret_hash AND p.used_at IS NULL AND portal.clock() < p.expires_at
    RETURNING p.user_id INTO person;
    IF person IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE portal.user_account u SET password_hash = new_hash WHERE u.id = person;
    DELETE FROM portal.session s WHERE s.user_id = person;
    UPDATE portal.password_reset p SET used_at = portal.clock() WHERE p.user_id = person AND p.used_at IS NULL;
    RETURN person;
END
$$;

-- Counts one try and answers in how many seconds the next may come: 0 while tries are left in the window.
CREATE FUNCTION portal.take_attempt(path text, subject bytea, allowed integer, seconds integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    counted portal.credential_attempt;
BEGIN
    INSERT INTO portal.credential_attempt AS a (kind, subject_hash, window_start, tries)
    VALUES (path, subject, portal.clock(), 1)
    ON CONFLICT (kind, subject_hash) DO UPDATE SET
        window_start = CASE WHEN a.window_start + make_interval(secs => seconds) <= portal.clock()
                            THEN portal.clock() ELSE a.window_start END,
        tries = CASE WHEN a.window_start + make_interval(secs => seconds) <= portal.clock() THEN 1 ELSE a.tries + 1 END
    RETURNING * INTO counted;
    IF counted.tries <= allowed THEN
        RETURN 0;
    END IF;
    RETURN greatest(1, ceil(extract(epoch FROM
        counted.window_start + make_interval(secs => seconds) - portal.clock()))::integer);
END
$$;

CREATE FUNCTION portal.forget_attempts(path text, subject bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM portal.credential_attempt a WHERE a.kind = path AND a.subject_hash = subject
$$;

CREATE FUNCTION portal.create_api_key(id uuid, key_hash bytea, name text, scopes text[], expires_at timestamptz)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF portal.current_organization() IS NULL THEN
        RAISE EXCEPTION 'a key belongs to an organization' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO portal.api_key (id, key_hash, organization_id, name, scopes, expires_at, created_by)
    VALUES (create_api_key.id, create_api_key.key_hash, portal.current_organization(), create_api_key.name,
            create_api_key.scopes, create_api_key.expires_at, portal.current_user_id());
END
$$;

CREATE FUNCTION portal.revoke_api_key(key uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.api_key k SET revoked_at = portal.clock()
     WHERE k.id = key AND k.organization_id = portal.current_organization() AND k.revoked_at IS NULL;
    RETURN FOUND;
END
$$;

-- The operator, a person with that right, acts through these alone.
CREATE FUNCTION portal.require_operator() RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM portal.user_account u WHERE u.id = portal.current_user_id() AND u.is_operator) THEN
        RAISE EXCEPTION 'operators only' USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

CREATE FUNCTION portal.list_role_applications()
    RETURNS TABLE (organization_id uuid, name text, country text, role text, status text, created_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT o.id, o.name, o.country, r.role, r.status, r.created_at
      FROM portal.organization_role r JOIN portal.organization o ON o.id = r.organization_id
     WHERE r.status = 'pending' ORDER BY r.created_at, o.id, r.role LIMIT 500;
END
$$;

CREATE FUNCTION portal.decide_role(organization uuid, wanted text, decision text, why text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM portal.require_operator();
    UPDATE portal.organization_role r SET status = decision, reason = why, decided_at = portal.clock()
     WHERE r.organization_id = organization AND r.role = wanted;
    RETURN FOUND;
END
$$;
