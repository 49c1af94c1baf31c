-- What there is about a person, handed out row by row: nothing builds the whole of it in memory, here or in a server.

-- Every part by its name and whether it is a list, in the order of the document; acts stand under their table and column.
CREATE FUNCTION portal.list_export_parts() RETURNS TABLE (part text, is_list boolean)
    LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT one.part, one.part NOT IN ('account', 'second_factor') FROM (
        SELECT 1 AS step, p.part, p.n FROM unnest(
            '{account,memberships,sessions,second_factor,sso_identities,sso_sign_ins,email_changes,password_resets,
              registrations,invitations,contacts,suggestions,letters,reminders,wrong_contact}'::text[])
            WITH ORDINALITY p (part, n)
        UNION ALL SELECT 2, 'acts.' || a.tbl || '.' || a.col, 0 FROM portal.list_acts() a
        UNION ALL SELECT 3, 'trail', 0) one
     ORDER BY one.step, one.n, one.part
$$;

-- The organizations that somebody acted for, found one after the other, however much was done for each.
DROP INDEX portal.ix_audit_event_actor;
CREATE INDEX ix_audit_event_actor ON portal.audit_event (actor_id, organization_id) WHERE actor_id IS NOT NULL;
CREATE FUNCTION portal.list_acted_for(person uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH RECURSIVE found (id) AS (
        (SELECT e.organization_id FROM portal.audit_event e
          WHERE e.actor_id = person AND e.organization_id IS NOT NULL ORDER BY e.organization_id LIMIT 1)
        UNION ALL
        SELECT (SELECT e.organization_id FROM portal.audit_event e
                 WHERE e.actor_id = person AND e.organization_id > found.id ORDER BY e.organization_id LIMIT 1)
          FROM found WHERE found.id IS NOT NULL
    )
    SELECT found.id FROM found WHERE found.id IS NOT NULL
$$;

-- One act of somebody, such as (answer, changed_by). Only rows of organizations that it belongs to or acted for are looked at;
-- words are told of those that it belongs to still.
CREATE FUNCTION portal.export_act(person uuid, act text) RETURNS SETOF jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine uuid[] := ARRAY(SELECT m.organization_id FROM portal.member m WHERE m.user_id = person);
    known uuid[] := mine || ARRAY(SELECT * FROM portal.list_acted_for(person));
    one record;
BEGIN
    SELECT a.*, (SELECT string_agg(format('%L, t.%I', n, n), ', ') FROM unnest(a.told) n) AS told_pairs,
           coalesce((SELECT string_agg(format('%L, t.%I', n, n), ', ') FROM unnest(a.words) n), '') AS word_pairs
      INTO STRICT one FROM portal.list_acts() a WHERE a.tbl || '.' || a.col = act;
    RETURN QUERY EXECUTE format(
        $query$
        SELECT jsonb_build_object('organization', t.%1$I, 'at', t.%2$I, %5$s)
               || CASE WHEN t.%1$I = ANY ($3) THEN jsonb_build_object(%6$s) ELSE '{}' END
          FROM portal.%3$I t WHERE t.%4$I = $1 AND t.%1$I = ANY ($2) ORDER BY t.%2$I
        $query$, one.organization, one.at, one.tbl, one.col, one.told_pairs, one.word_pairs)
        USING person, known, mine;
END
$$;

-- One part of what there is about a person; nothing where there is no such person. Hashes, secrets and tokens are not in it,
-- nor who else is in it: an event on somebody else is told without whom.
CREATE FUNCTION portal.export_part(person uuid, part text) RETURNS SETOF jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    u portal.user_account;
BEGIN
    SELECT * INTO u FROM portal.user_account a WHERE a.id = person;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    CASE part
    WHEN 'account' THEN
        RETURN NEXT jsonb_build_object(
            'id', u.id, 'email', u.email, 'name', u.name, 'locale', u.locale, 'time_zone', u.time_zone,
            'is_operator', u.is_operator, 'wants_request_letters', u.wants_request_letters,
            'wants_result_letters', u.wants_result_letters, 'created_at', u.created_at);
    WHEN 'memberships' THEN
        RETURN QUERY
        SELECT jsonb_build_object('organization', m.organization_id, 'name', o.name, 'role', m.role, 'since', m.created_at)
          FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
         WHERE m.user_id = u.id ORDER BY m.created_at, m.organization_id;
    WHEN 'sessions' THEN
        RETURN QUERY
        SELECT jsonb_build_object('id', s.id, 'organization', s.organization_id,
                                  'way', CASE WHEN s.sso_connection_id IS NULL THEN 'password' ELSE 'sso' END,
                                  'created_at', s.created_at, 'expires_at', s.expires_at,
                                  'last_used_at', s.last_used_at)
          FROM portal.session s WHERE s.user_id = u.id ORDER BY s.created_at, s.id;
    WHEN 'second_factor' THEN
        RETURN QUERY
        SELECT jsonb_build_object('created_at', f.created_at, 'confirmed_at', f.confirmed_at,
                                  'recovery_codes_left', (SELECT count(*) FROM portal.recovery_code c
                                                           WHERE c.user_id = u.id AND c.used_at IS NULL))
          FROM portal.second_factor f WHERE f.user_id = u.id;
    WHEN 'sso_identities' THEN
        RETURN QUERY
        SELECT jsonb_build_object('organization', i.organization_id, 'issuer', i.issuer, 'subject', i.subject,
                                  'created_at', i.created_at)
          FROM portal.sso_identity i WHERE i.user_id = u.id ORDER BY i.created_at;
    WHEN 'sso_sign_ins' THEN
        RETURN QUERY
        SELECT jsonb_build_object('kind', i.kind, 'issuer', i.issuer, 'subject', i.subject, 'created_at', i.created_at,
                                  'expires_at', i.expires_at)
          FROM portal.sso_sign_in i WHERE i.user_id = u.id ORDER BY i.created_at;
    WHEN 'email_changes' THEN
        RETURN QUERY
        SELECT jsonb_build_object('email', c.email, 'created_at', c.created_at, 'done_at', c.done_at,
                                  'old_confirmed_at', c.old_confirmed_at, 'new_confirmed_at', c.new_confirmed_at)
          FROM portal.email_change c WHERE c.user_id = u.id ORDER BY c.created_at;
    WHEN 'password_resets' THEN
        RETURN QUERY
        SELECT jsonb_build_object('created_at', p.created_at, 'expires_at', p.expires_at, 'used_at', p.used_at)
          FROM portal.password_reset p WHERE p.user_id = u.id ORDER BY p.created_at;
    WHEN 'registrations' THEN
        RETURN QUERY
        SELECT jsonb_build_object('created_at', r.created_at, 'expires_at', r.expires_at, 'used_at', r.used_at)
          FROM portal.registration r WHERE r.email = u.email OR r.user_id = u.id ORDER BY r.created_at;
    WHEN 'invitations' THEN
        RETURN QUERY
        SELECT jsonb_build_object('kind', i.kind, 'role', i.role, 'created_at', i.created_at,
                                  'expires_at', i.expires_at, 'used_at', i.used_at)
          FROM portal.invitation i WHERE i.email = u.email ORDER BY i.created_at;
    WHEN 'contacts' THEN
        RETURN QUERY
        SELECT jsonb_build_object('name', c.name, 'locale', c.locale, 'created_at', c.created_at,
                                  'bounced_at', c.bounced_at)
          FROM portal.supplier_contact c WHERE c.email = u.email ORDER BY c.created_at;
    WHEN 'suggestions' THEN
        RETURN QUERY
        SELECT jsonb_build_object('name', s.name, 'state', s.state, 'created_at', s.created_at)
          FROM portal.contact_suggestion s WHERE s.email = u.email ORDER BY s.created_at;
    WHEN 'letters' THEN
        RETURN QUERY
        SELECT jsonb_build_object('kind', l.kind, 'state', l.state, 'created_at', l.created_at, 'sent_at', l.sent_at)
          FROM portal.mail l WHERE l.ids ->> 'user' = u.id::text ORDER BY l.created_at;
    WHEN 'reminders' THEN
        RETURN QUERY
        SELECT every.told FROM (
            SELECT r.due_since AS due, jsonb_build_object('request', r.request_id, 'due', r.due_since) AS told
              FROM portal.reminder r WHERE r.user_id = u.id
            UNION ALL
            SELECT g.due_on, jsonb_build_object('submission', g.submission_id, 'question', g.question, 'due', g.due_on)
              FROM portal.gap_reminder g WHERE g.user_id = u.id) every
         ORDER BY every.due;
    WHEN 'wrong_contact' THEN
        RETURN QUERY
        SELECT jsonb_build_object('request', w.request_id, 'said_at', w.said_at)
          FROM portal.wrong_contact w WHERE w.user_id = u.id ORDER BY w.said_at;
    WHEN 'trail' THEN
        RETURN QUERY
        SELECT jsonb_build_object(
                   'at', e.at, 'action', e.action, 'organization', e.organization_id, 'role', e.actor_role,
                   'address', CASE WHEN e.by_you THEN e.address END, 'kind', e.object_kind, 'by_you', e.by_you,
                   'object', CASE WHEN e.object_kind <> 'user' OR e.object_id = u.id::text THEN e.object_id END)
          FROM (SELECT a.*, true AS by_you FROM portal.audit_event a WHERE a.actor_id = u.id
                UNION ALL
                SELECT a.*, false FROM portal.audit_event a
                 WHERE a.object_kind = 'user' AND a.object_id = u.id::text AND a.actor_id IS DISTINCT FROM u.id) e
         ORDER BY e.at, e.id;
    ELSE
        RETURN QUERY SELECT * FROM portal.export_act(u.id, substr(part, length('acts.') + 1));
    END CASE;
END
$$;
CREATE FUNCTION portal.export_own_part(part text) RETURNS SETOF jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT * FROM portal.export_part(portal.current_user_id(), part)
$$;
REVOKE EXECUTE ON FUNCTION portal.list_export_parts(), portal.list_acted_for(uuid), portal.export_act(uuid, text),
    portal.export_part(uuid, text), portal.export_own_part(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_acts(), portal.list_export_parts(), portal.export_own_part(text) TO portal_app;
DROP FUNCTION portal.export_own_data(), portal.export_person(uuid), portal.read_acts(uuid);
