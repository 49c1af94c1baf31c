-- Rows reached before or outside an organization: one key in, at most one row out, never a scan.
CREATE FUNCTION portal.authenticate(kind text, secret_hash bytea)
    RETURNS TABLE (user_id uuid, api_key_id uuid, organization_id uuid, member_role text,
                   organization_roles text[], scopes text[], is_operator boolean, expires_at timestamptz,
                   session_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    IF kind = 'session' THEN
        -- Members of a suspended organization may look, and no more; a closed one is no longer acted for.
        SELECT s.user_id, NULL::uuid, o.id, CASE o.status WHEN 'active' THEN m.role WHEN 'suspended' THEN 'viewer' END,
               '{}'::text[], u.is_operator, s.expires_at, s.id
          INTO user_id, api_key_id, organization_id, member_role, scopes, is_operator, expires_at, session_id
          FROM portal.session s
          JOIN portal.user_account u ON u.id = s.user_id
          LEFT JOIN portal.member m ON m.organization_id = s.organization_id AND m.user_id = s.user_id
          LEFT JOIN portal.organization o ON o.id = m.organization_id AND o.status <> 'closed'
         WHERE s.token_hash = secret_hash AND portal.clock() < s.expires_at;
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

-- An address that has no account waits for its confirmation; one that has gets a row too, so that both take as long.
CREATE FUNCTION portal.start_registration(id uuid, address text, password_hash text, name text, locale text,
                                          time_zone text, lifetime interval)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    person uuid;
BEGIN
    SELECT u.id INTO person FROM portal.user_account u WHERE u.email = address;
    INSERT INTO portal.registration (id, email, user_id, password_hash, name, locale, time_zone, expires_at)
    VALUES (start_registration.id, address, person, start_registration.password_hash, start_registration.name,
            start_registration.locale, start_registration.time_zone, portal.clock() + lifetime);
    RETURN person;
END
$$;

CREATE FUNCTION portal.find_registration(secret_hash bytea) RETURNS TABLE (id uuid, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT r.id, r.password_hash FROM portal.registration r
     WHERE r.token_hash = secret_hash AND r.used_at IS NULL AND portal.clock() < r.expires_at
$$;

-- The caller has checked the password of this registration, so neither a stranger's link nor a stranger's password is
-- enough. Returns the new user, or nothing where the link is used up or the address has an account by now.
CREATE FUNCTION portal.complete_registration(secret_hash bytea, person uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    waiting portal.registration;
BEGIN
    UPDATE portal.registration r SET used_at = portal.clock()
     WHERE r.token_hash = secret_hash AND r.used_at IS NULL AND portal.clock() < r.expires_at
    RETURNING * INTO waiting;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO portal.user_account (id, email, password_hash, name, locale, time_zone)
    VALUES (person, waiting.email, waiting.password_hash, waiting.name, waiting.locale, waiting.time_zone)
    ON CONFLICT (email) DO NOTHING;
    RETURN CASE WHEN FOUND THEN person END;
END
$$;

-- Whoever holds a link that was only ever mailed to an address has read that mailbox: no second mail is needed.
CREATE FUNCTION portal.register_invited(secret_hash bytea, id uuid, address text, password_hash text, name text,
                                        locale text, time_zone text)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM portal.invitation i
                    WHERE i.token_hash = secret_hash AND i.email = address AND i.used_at IS NULL
                      AND i.revoked_at IS NULL AND portal.clock() < i.expires_at) THEN
        RETURN 'NOT_INVITED';
    END IF;
    INSERT INTO portal.user_account (id, email, password_hash, name, locale, time_zone)
    VALUES (register_invited.id, address, register_invited.password_hash, register_invited.name,
            register_invited.locale, register_invited.time_zone)
    ON CONFLICT (email) DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'REGISTERED' ELSE 'EXISTS' END;
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
    SELECT m.organization_id INTO organization_id
      FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
     WHERE m.user_id = person AND (wanted IS NULL OR m.organization_id = wanted) AND o.status <> 'closed'
     ORDER BY m.created_at, m.organization_id LIMIT 1;
    expires_at := portal.clock() + lifetime;
    INSERT INTO portal.session (token_hash, id, user_id, organization_id, expires_at)
    VALUES (open_session.token_hash, open_session.id, person, open_session.organization_id, open_session.expires_at);
    RETURN NEXT;
END
$$;

CREATE FUNCTION portal.choose_organization(chosen_session uuid, wanted uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.session s SET organization_id = wanted
     WHERE s.id = chosen_session AND s.user_id = portal.current_user_id()
       AND EXISTS (SELECT FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
                    WHERE m.user_id = s.user_id AND m.organization_id = wanted AND o.status <> 'closed');
    RETURN FOUND;
END
$$;

-- A person ends sessions of their own: one, or all but one.
CREATE FUNCTION portal.end_session(ended uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    DELETE FROM portal.session s WHERE s.id = ended AND s.user_id = portal.current_user_id();
    RETURN FOUND;
END
$$;

CREATE FUNCTION portal.end_other_sessions(kept uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM portal.session s WHERE s.user_id = portal.current_user_id() AND s.id IS DISTINCT FROM kept RETURNING s.id
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
    -- Holding a mailed link proves the mailbox, so its token must never have been anywhere else.
    IF address IS NOT NULL AND create_invitation.token_hash IS NOT NULL THEN
        RAISE EXCEPTION 'the link of an invitation with an address exists only in its mail' USING ERRCODE = 'check_violation';
    END IF;
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
      JOIN portal.organization o ON o.id = i.organization_id AND o.status = 'active'
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
    IF NOT EXISTS (SELECT FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
                    WHERE m.organization_id = organization AND o.status = 'active'
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

-- "Not us" and "wrong contact", said by whoever holds the link. A wrong contact leaves the requests open.
CREATE FUNCTION portal.refuse_supplier_invitation(secret_hash bytea, why text, remark text)
    RETURNS TABLE (buyer_id uuid, supplier_record_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    invited portal.invitation;
    said text := concat_ws(': ', why, remark);
BEGIN
    UPDATE portal.invitation i SET used_at = portal.clock(), used_by = portal.current_user_id()
     WHERE i.token_hash = secret_hash AND i.kind = 'supplier' AND i.used_at IS NULL AND i.revoked_at IS NULL
       AND portal.clock() < i.expires_at
    RETURNING * INTO invited;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    buyer_id := invited.organization_id; supplier_record_id := invited.supplier_record_id;
    UPDATE portal.supplier_record r
       SET state = CASE why WHEN 'wrong_contact' THEN 'needs_contact' ELSE 'refused' END, refusal = said,
           updated_at = portal.clock()
     WHERE r.buyer_id = invited.organization_id AND r.id = invited.supplier_record_id AND r.supplier_id IS NULL;
    IF why = 'wrong_contact' THEN
        UPDATE portal.supplier_contact c SET bounced_at = portal.clock()
         WHERE c.buyer_id = invited.organization_id AND c.supplier_record_id = invited.supplier_record_id
           AND c.email = invited.email;
    ELSE
        UPDATE portal.request q SET state = 'not_us', state_reason = said, updated_at = portal.clock()
         WHERE q.buyer_id = invited.organization_id AND q.supplier_record_id = invited.supplier_record_id
           AND q.supplier_id IS NULL AND q.state = 'open';
    END IF;
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
       AND EXISTS (SELECT FROM portal.organization o WHERE o.id = i.organization_id AND o.status = 'active')
    RETURNING * INTO invited;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO portal.member (organization_id, user_id, role)
    VALUES (invited.organization_id, portal.current_user_id(), invited.role)
    ON CONFLICT (organization_id, user_id) DO NOTHING;
    organization_id := invited.organization_id;
    SELECT m.role INTO role FROM portal.member m
     WHERE m.organization_id = invited.organization_id AND m.user_id = portal.current_user_id();
    RETURN NEXT;
END
$$;

CREATE FUNCTION portal.find_password_reset(secret_hash bytea) RETURNS TABLE (user_id uuid, email text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.email FROM portal.password_reset p JOIN portal.user_account u ON u.id = p.user_id
     WHERE p.token_hash = secret_hash AND p.used_at IS NULL AND portal.clock() < p.expires_at
$$;

-- Every open session and every other reset link of the person ends with it; the ended sessions are returned.
CREATE FUNCTION portal.use_password_reset(secret_hash bytea, new_hash text) RETURNS TABLE (user_id uuid, ended uuid[])
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    person uuid;
BEGIN
    UPDATE portal.password_reset p SET used_at = portal.clock()
     WHERE p.token_hash = secret_hash AND p.used_at IS NULL AND portal.clock() < p.expires_at
    RETURNING p.user_id INTO person;
    IF person IS NULL THEN
        RETURN;
    END IF;
    UPDATE portal.user_account u SET password_hash = new_hash WHERE u.id = person;
    UPDATE portal.password_reset p SET used_at = portal.clock() WHERE p.user_id = person AND p.used_at IS NULL;
    WITH gone AS (DELETE FROM portal.session s WHERE s.user_id = person RETURNING s.id)
    SELECT coalesce(array_agg(g.id), '{}') INTO ended FROM gone g;
    user_id := person;
    RETURN NEXT;
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

-- Once for each role; a refused application may be handed in again, a waiting or active one is left as it is.
CREATE FUNCTION portal.apply_for_role(wanted text, terms text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.organization_role AS r (organization_id, role, status, terms_version)
    VALUES (portal.current_organization(), wanted, 'pending', terms)
    ON CONFLICT (organization_id, role) DO UPDATE
       SET status = 'pending', terms_version = terms, reason = NULL, decided_at = NULL, created_at = portal.clock()
     WHERE r.status = 'refused';
    RETURN FOUND;
END
$$;

-- The operator acts through these alone: a person with that right, or whoever holds the owner's own login.
CREATE FUNCTION portal.require_operator() RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF session_user <> current_user AND NOT EXISTS (
        SELECT FROM portal.user_account u WHERE u.id = portal.current_user_id() AND u.is_operator) THEN
        RAISE EXCEPTION 'operators only' USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

-- What an operator does to an organization stands in that organization's own trail.
CREATE FUNCTION portal.note_operator_act(event uuid, organization uuid, act text, subject text, facts jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO portal.audit_event (id, organization_id, actor_id, action, object_kind, object_id, detail)
    VALUES (event, organization, portal.current_user_id(), act, 'organization', subject, facts)
$$;

CREATE FUNCTION portal.list_role_applications(most integer)
    RETURNS TABLE (organization_id uuid, name text, country text, role text, status text, terms_version text,
                   created_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT o.id, o.name, o.country, r.role, r.status, r.terms_version, r.created_at
      FROM portal.organization_role r JOIN portal.organization o ON o.id = r.organization_id
     WHERE r.status = 'pending' ORDER BY r.created_at, o.id, r.role LIMIT most;
END
$$;

CREATE FUNCTION portal.decide_role(event uuid, organization uuid, wanted text, decision text, why text)
    RETURNS TABLE (organization_id uuid, name text, country text, role text, status text, terms_version text,
                   created_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    UPDATE portal.organization_role r SET status = decision, reason = why, decided_at = portal.clock()
     WHERE r.organization_id = organization AND r.role = wanted;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM portal.note_operator_act(event, organization, 'role.decided', wanted,
                                     jsonb_build_object('role', wanted, 'status', decision));
    RETURN QUERY SELECT o.id, o.name, o.country, r.role, r.status, r.terms_version, r.created_at
      FROM portal.organization_role r JOIN portal.organization o ON o.id = r.organization_id
     WHERE r.organization_id = organization AND r.role = wanted;
END
$$;

CREATE FUNCTION portal.set_organization_status(event uuid, organization uuid, wanted text, why text)
    RETURNS TABLE (organization_id uuid, name text, country text, status text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    UPDATE portal.organization o SET status = wanted
     WHERE o.id = organization AND o.status <> 'closed'
    RETURNING o.id, o.name, o.country, o.status INTO organization_id, name, country, status;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM portal.note_operator_act(event, organization, 'organization.' || wanted, organization::text,
                                     jsonb_build_object('reason', why));
    RETURN NEXT;
END
$$;

CREATE FUNCTION portal.list_corporate_groups(only_status text, most integer)
    RETURNS TABLE (id uuid, name text, status text, organizations integer, created_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT g.id, g.name, g.status,
           (SELECT count(*)::integer FROM portal.group_member m WHERE m.group_id = g.id AND m.valid_to IS NULL),
           g.created_at
      FROM portal.corporate_group g WHERE only_status IS NULL OR g.status = only_status
     ORDER BY g.created_at, g.id LIMIT most;
END
$$;

-- An organization belongs to one group at a time; earlier membership is closed, never rewritten.
CREATE FUNCTION portal.place_in_group(event uuid, organization uuid, target uuid, target_name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM portal.require_operator();
    IF NOT EXISTS (SELECT FROM portal.organization o WHERE o.id = organization) THEN
        RETURN false;
    END IF;
    IF target_name IS NOT NULL THEN
        INSERT INTO portal.corporate_group (id, name) VALUES (target, target_name);
    ELSIF NOT EXISTS (SELECT FROM portal.corporate_group g WHERE g.id = target) THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM portal.group_member m
                WHERE m.organization_id = organization AND m.group_id = target AND m.valid_to IS NULL) THEN
        RETURN true;
    END IF;
    UPDATE portal.group_member m SET valid_to = portal.clock()
     WHERE m.organization_id = organization AND m.valid_to IS NULL;
    INSERT INTO portal.group_member (organization_id, group_id) VALUES (organization, target);
    PERFORM portal.note_operator_act(event, organization, 'group.placed', target::text, '{}');
    RETURN true;
END
$$;

CREATE FUNCTION portal.confirm_group(event uuid, target uuid) RETURNS TABLE (id uuid, name text, status text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    UPDATE portal.corporate_group g SET status = 'confirmed' WHERE g.id = target
    RETURNING g.id, g.name, g.status INTO id, name, status;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM portal.note_operator_act(event, NULL, 'group.confirmed', target::text, '{}');
    RETURN NEXT;
END
$$;
