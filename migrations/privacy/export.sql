-- What somebody did, column by column: whose row it is, what of it is told, and words that are told only to somebody who
-- still belongs to that organization. A test compares the list with the database's catalogue.
CREATE FUNCTION portal.list_acts() RETURNS TABLE (tbl text, col text, organization text, at text, told text[], words text[])
    LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    VALUES
    ('access_request', 'asked_by', 'buyer_id', 'asked_at', '{id,state}'::text[], '{purpose,message}'::text[]),
    ('answer', 'changed_by', 'supplier_id', 'changed_at', '{assessment_id,question,row_id}', '{}'),
    ('answer_comment', 'author_id', 'supplier_id', 'created_at', '{id,assessment_id,question,row_id}', '{body}'),
    ('answer_comment', 'resolved_by', 'supplier_id', 'resolved_at', '{id,assessment_id,question,row_id}', '{}'),
    ('answer_push', 'pushed_by', 'supplier_id', 'pushed_at', '{id,mode}', '{note}'),
    ('answer_write', 'member_id', 'supplier_id', 'received_at',
     '{write_id,assessment_id,question,row_id,outcome,source,device}', '{}'),
    ('api_key', 'created_by', 'organization_id', 'created_at', '{id}', '{name}'),
    ('assignment', 'assigned_by', 'supplier_id', 'assigned_at', '{assessment_id,section}', '{note}'),
    ('assignment', 'member_id', 'supplier_id', 'assigned_at', '{assessment_id,section,due_on}', '{}'),
    ('assurance_statement', 'made_by', 'reviewer_id', 'made_at', '{id,submission_id,as_of}', '{remark}'),
    ('cadence', 'created_by', 'buyer_id', 'created_at', '{id}', '{purpose,message}'),
    ('campaign', 'created_by', 'buyer_id', 'created_at', '{id}', '{name,purpose,message}'),
    ('campaign_act', 'created_by', 'buyer_id', 'created_at', '{id,campaign_id,kind}', '{message}'),
    ('clarification', 'asked_by', 'asker_id', 'asked_at', '{id,submission_id}', '{message}'),
    ('dispute', 'opened_by', 'supplier_id', 'opened_at', '{id,submission_id,state}', '{reason}'),
    ('dispute_comment', 'made_by', 'author_id', 'made_at', '{id,dispute_id}', '{body}'),
    ('engagement', 'proposed_by', 'proposer_id', 'proposed_at', '{id,submission_id}', '{purpose}'),
    ('evidence', 'uploaded_by', 'supplier_id', 'created_at', '{id,kind,state}', '{file_name,title}'),
    ('glass', 'operator_id', 'organization_id', 'created_at', '{id,until,ended_at}', '{}'),
    ('idempotency_key', 'actor_id', 'organization_id', 'created_at', '{operation}', '{}'),
    ('invitation', 'created_by', 'organization_id', 'created_at', '{id,kind,role}', '{}'),
    ('invitation', 'used_by', 'organization_id', 'used_at', '{id,kind,role}', '{}'),
    ('partner_terms', 'accepted_by', 'organization_id', 'accepted_at', '{terms_version}', '{}'),
    ('read_receipt', 'member_id', 'reader_id', 'read_at', '{kind,submission_id,evidence_id}', '{purpose}'),
    ('request', 'created_by', 'buyer_id', 'created_at', '{id,state}', '{purpose,message}'),
    ('result_feedback', 'given_by', 'buyer_id', 'given_at', '{submission_id,state}', '{words}'),
    ('share', 'created_by', 'supplier_id', 'created_at', '{id,mode}', '{purpose}'),
    ('sign_off', 'demanded_by', 'supplier_id', 'demanded_at', '{assessment_id,section}', '{}'),
    ('sign_off', 'member_id', 'supplier_id', 'demanded_at', '{assessment_id,section,signed_at,withdrawn_at}', '{}'),
    ('sso_connection', 'created_by', 'organization_id', 'created_at', '{id}', '{}'),
    ('standing_rule', 'created_by', 'supplier_id', 'created_at', '{id,ended_at}', '{purpose,statement}'),
    ('submission', 'submitted_by', 'supplier_id', 'submitted_at', '{id,questionnaire,period_start,period_end}', '{}'),
    ('submission_origin', 'confirmed_by', 'supplier_id', 'confirmed_at', '{submission_id,question,row_id}', '{}'),
    ('supplier_import', 'created_by', 'buyer_id', 'created_at', '{id,state}', '{file_name}'),
    ('supplier_segment', 'owner_member', 'buyer_id', 'decided_at', '{supplier_record_id}', '{}'),
    ('webhook_endpoint', 'created_by', 'organization_id', 'created_at', '{id}', '{description}')
$$;

-- Organizations that somebody belongs to or acted for: rows of theirs are looked at, so that no table is read whole.
CREATE FUNCTION portal.read_acts(person uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine uuid[] := ARRAY(SELECT m.organization_id FROM portal.member m WHERE m.user_id = person);
    known uuid[] := ARRAY(SELECT unnest(mine) UNION
                          SELECT e.organization_id FROM portal.audit_event e
                           WHERE e.actor_id = person AND e.organization_id IS NOT NULL);
    act record;
    found jsonb;
    acts jsonb := '{}';
BEGIN
    FOR act IN SELECT * FROM portal.list_acts() LOOP
        EXECUTE format(
            $query$
            SELECT jsonb_agg(jsonb_build_object('organization', t.%1$I, 'at', t.%2$I) || (
                       SELECT coalesce(jsonb_object_agg(part.key, part.value), '{}') FROM jsonb_each(to_jsonb(t)) part
                        WHERE part.key = ANY ($3) OR (part.key = ANY ($4) AND t.%1$I = ANY ($5)))
                       ORDER BY t.%2$I)
              FROM portal.%3$I t WHERE t.%4$I = $1 AND t.%1$I = ANY ($2)
            $query$, act.organization, act.at, act.tbl, act.col)
           INTO found USING person, known, act.told, act.words, mine;
        IF found IS NOT NULL THEN
            acts := acts || jsonb_build_object(act.tbl || '.' || act.col, found);
        END IF;
    END LOOP;
    RETURN acts;
END
$$;

-- Everything about one person, as the README describes it; null where there is no such person. Hashes, secrets and tokens
-- are not in it, nor who else is in it: an event on somebody else is told without whom.
CREATE FUNCTION portal.export_person(person uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT jsonb_build_object(
        'format', 1,
        'made_at', portal.clock(),
        'account', jsonb_build_object(
            'id', u.id, 'email', u.email, 'name', u.name, 'locale', u.locale, 'time_zone', u.time_zone,
            'is_operator', u.is_operator, 'wants_request_letters', u.wants_request_letters,
            'wants_result_letters', u.wants_result_letters, 'created_at', u.created_at),
        'memberships', coalesce((
            SELECT jsonb_agg(jsonb_build_object('organization', m.organization_id, 'name', o.name, 'role', m.role,
                                                'since', m.created_at) ORDER BY m.created_at, m.organization_id)
              FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id WHERE m.user_id = u.id), '[]'),
        'sessions', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'id', s.id, 'organization', s.organization_id,
                       'way', CASE WHEN s.sso_connection_id IS NULL THEN 'password' ELSE 'sso' END,
                       'created_at', s.created_at, 'expires_at', s.expires_at) ORDER BY s.created_at, s.id)
              FROM portal.session s WHERE s.user_id = u.id), '[]'),
        'second_factor', (
            SELECT jsonb_build_object(
                       'created_at', f.created_at, 'confirmed_at', f.confirmed_at,
                       'recovery_codes_left', (SELECT count(*) FROM portal.recovery_code c
                                                WHERE c.user_id = u.id AND c.used_at IS NULL))
              FROM portal.second_factor f WHERE f.user_id = u.id),
        'sso_identities', coalesce((
            SELECT jsonb_agg(jsonb_build_object('organization', i.organization_id, 'issuer', i.issuer,
                                                'subject', i.subject, 'created_at', i.created_at) ORDER BY i.created_at)
              FROM portal.sso_identity i WHERE i.user_id = u.id), '[]'),
        'sso_sign_ins', coalesce((
            SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'issuer', i.issuer, 'subject', i.subject,
                                                'created_at', i.created_at, 'expires_at', i.expires_at)
                             ORDER BY i.created_at)
              FROM portal.sso_sign_in i WHERE i.user_id = u.id), '[]'),
        'email_changes', coalesce((
            SELECT jsonb_agg(jsonb_build_object('email', c.email, 'created_at', c.created_at, 'done_at', c.done_at,
                                                'old_confirmed_at', c.old_confirmed_at,
                                                'new_confirmed_at', c.new_confirmed_at) ORDER BY c.created_at)
              FROM portal.email_change c WHERE c.user_id = u.id), '[]'),
        'password_resets', coalesce((
            SELECT jsonb_agg(jsonb_build_object('created_at', p.created_at, 'expires_at', p.expires_at,
                                                'used_at', p.used_at) ORDER BY p.created_at)
              FROM portal.password_reset p WHERE p.user_id = u.id), '[]'),
        'registrations', coalesce((
            SELECT jsonb_agg(jsonb_build_object('created_at', r.created_at, 'expires_at', r.expires_at,
                                                'used_at', r.used_at) ORDER BY r.created_at)
              FROM portal.registration r WHERE r.email = u.email OR r.user_id = u.id), '[]'),
        'invitations', coalesce((
            SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'role', i.role, 'created_at', i.created_at,
                                                'expires_at', i.expires_at, 'used_at', i.used_at) ORDER BY i.created_at)
              FROM portal.invitation i WHERE i.email = u.email), '[]'),
        'contacts', coalesce((
            SELECT jsonb_agg(jsonb_build_object('name', c.name, 'locale', c.locale, 'created_at', c.created_at,
                                                'bounced_at', c.bounced_at) ORDER BY c.created_at)
              FROM portal.supplier_contact c WHERE c.email = u.email), '[]'),
        'suggestions', coalesce((
            SELECT jsonb_agg(jsonb_build_object('name', s.name, 'state', s.state, 'created_at', s.created_at)
                             ORDER BY s.created_at)
              FROM portal.contact_suggestion s WHERE s.email = u.email), '[]'),
        'letters', coalesce((
            SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'state', l.state, 'created_at', l.created_at,
                                                'sent_at', l.sent_at) ORDER BY l.created_at)
              FROM portal.mail l WHERE l.ids ->> 'user' = u.id::text), '[]'),
        'reminders', coalesce((
            SELECT jsonb_agg(told ORDER BY told ->> 'due')
              FROM (SELECT jsonb_build_object('request', r.request_id, 'due', r.due_since) AS told
                      FROM portal.reminder r WHERE r.user_id = u.id
                    UNION ALL
                    SELECT jsonb_build_object('submission', g.submission_id, 'question', g.question, 'due', g.due_on)
                      FROM portal.gap_reminder g WHERE g.user_id = u.id) every), '[]'),
        'wrong_contact', coalesce((
            SELECT jsonb_agg(jsonb_build_object('request', w.request_id, 'said_at', w.said_at) ORDER BY w.said_at)
              FROM portal.wrong_contact w WHERE w.user_id = u.id), '[]'),
        'acts', portal.read_acts(u.id),
        'trail', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'at', e.at, 'action', e.action, 'organization', e.organization_id, 'role', e.actor_role,
                       'address', CASE WHEN e.actor_id = u.id THEN e.address END, 'kind', e.object_kind, 'by_you', e.actor_id = u.id IS TRUE,
                       'object', CASE WHEN e.object_kind <> 'user' OR e.object_id = u.id::text THEN e.object_id END)
                       ORDER BY e.at, e.id)
              FROM (SELECT * FROM portal.audit_event a WHERE a.actor_id = u.id
                    UNION
                    SELECT * FROM portal.audit_event a WHERE a.object_kind = 'user' AND a.object_id = u.id::text) e), '[]'))
      FROM portal.user_account u WHERE u.id = person
$$;
CREATE FUNCTION portal.export_own_data() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT portal.export_person(portal.current_user_id())
$$;
REVOKE EXECUTE ON FUNCTION portal.list_acts(), portal.read_acts(uuid), portal.export_person(uuid), portal.export_own_data()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.export_own_data() TO portal_app;
