-- Erasing a person, and handing out what there is about one.

-- The address of somebody whose account is gone, until the letter that says so was sent.
CREATE TABLE portal.farewell (
    id UUID NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    locale TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_farewell PRIMARY KEY (id)
);
ALTER TABLE portal.farewell ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.farewell FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.farewell TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.farewell FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.farewell TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT ON portal.farewell TO portal_backup;
GRANT SELECT, DELETE ON portal.farewell TO portal_worker;

-- Whoever erases an account has the worker unlink the trail: hashes take the place of who and what, and nothing else may.
GRANT UPDATE (actor_id, address, who_salt, who_hash, object_id, detail, what_salt, what_hash) ON portal.audit_event
    TO portal_worker;
CREATE INDEX ix_audit_event_actor ON portal.audit_event (actor_id) WHERE actor_id IS NOT NULL;

-- What somebody was to answer in an organization is nobody's; `release_assignments` lets only that organization say so.
CREATE FUNCTION portal.free_assignments(supplier uuid, person uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH given AS (
        SELECT a.assessment_id, a.section,
               row_number() OVER (PARTITION BY a.assessment_id ORDER BY a.section) AS place
          FROM portal.assignment a
          JOIN portal.assessment t ON t.supplier_id = a.supplier_id AND t.id = a.assessment_id
         WHERE a.supplier_id = supplier AND a.member_id = person AND t.state IN ('draft', 'replaced')
    ), counted AS (
        UPDATE portal.assessment t SET team_number = t.team_number + g.sections
          FROM (SELECT assessment_id, max(place) AS sections FROM given GROUP BY assessment_id) g
         WHERE t.supplier_id = supplier AND t.id = g.assessment_id
        RETURNING t.id, t.team_number - g.sections AS before
    ), told AS (
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT portal.new_id(), 'assessment.changed',
               jsonb_build_object('supplier', supplier, 'assessment', c.id) FROM counted c
    )
    UPDATE portal.assignment a
       SET member_id = NULL, due_on = NULL, note = NULL, changed_at_number = c.before + g.place
      FROM given g JOIN counted c ON c.id = g.assessment_id
     WHERE a.supplier_id = supplier AND a.assessment_id = g.assessment_id AND a.section = g.section
$$;
REVOKE EXECUTE ON FUNCTION portal.free_assignments(uuid, uuid) FROM PUBLIC;
CREATE OR REPLACE FUNCTION portal.release_assignments(supplier uuid, person uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    SELECT portal.free_assignments(supplier, person) WHERE supplier = portal.current_organization()
$$;

-- Words without a name and an address that stand in them; a name too short to be told from other words stays.
CREATE FUNCTION portal.blot(words text, name text, address text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT CASE WHEN octet_length(name) < 4 THEN blotted
                ELSE regexp_replace(blotted, regexp_replace(name, '([^[:alnum:][:space:]])', '\\\1', 'g'), '[...]', 'gi')
           END
      FROM regexp_replace(words, regexp_replace(address, '([^[:alnum:]])', '\\\1', 'g'), '[...]', 'gi') AS blotted
$$;
REVOKE EXECUTE ON FUNCTION portal.blot(text, text, text) FROM PUBLIC;

-- The organizations that nobody would own without this person.
CREATE FUNCTION portal.list_sole_ownerships(person uuid) RETURNS TABLE (id uuid, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.id, o.name FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
     WHERE m.user_id = person AND m.role = 'owner' AND o.status <> 'closed'
       AND NOT EXISTS (SELECT FROM portal.member x
                        WHERE x.organization_id = m.organization_id AND x.role = 'owner' AND x.user_id <> person)
     ORDER BY o.name, o.id
$$;
REVOKE EXECUTE ON FUNCTION portal.list_sole_ownerships(uuid) FROM PUBLIC;

-- Everything that names a person goes; what an organization answers, submits and states stays, by an id that leads nowhere.
-- Says ERASED; LAST_OWNER where an organization would be without an owner; OPERATOR where that right is still held; null
-- where there is no such person. The trail is unlinked by the job that the event asks for.
CREATE FUNCTION portal.erase_account(person uuid, farewell uuid, acting text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    account portal.user_account;
    one record;
BEGIN
    SELECT * INTO account FROM portal.user_account u WHERE u.id = person FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF account.is_operator THEN
        RETURN 'OPERATOR';
    END IF;
    PERFORM FROM portal.member m
      WHERE m.role = 'owner' AND m.organization_id IN (SELECT x.organization_id FROM portal.member x WHERE x.user_id = person)
      ORDER BY m.organization_id, m.user_id FOR UPDATE;
    IF EXISTS (SELECT FROM portal.list_sole_ownerships(person)) THEN
        RETURN 'LAST_OWNER';
    END IF;

    INSERT INTO portal.farewell (id, email, name, locale)
    VALUES (erase_account.farewell, account.email, account.name, account.locale);
    INSERT INTO portal.outbox (id, topic, ids)
    VALUES (portal.new_id(), 'person.erased', jsonb_build_object('person', person, 'farewell', erase_account.farewell));
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT portal.new_id(), 'session.ended', jsonb_build_object('session', s.id) FROM portal.session s
     WHERE s.user_id = person;

    FOR one IN SELECT m.organization_id FROM portal.member m WHERE m.user_id = person ORDER BY 1 LOOP
        PERFORM portal.free_assignments(one.organization_id, person);
        INSERT INTO portal.outbox (id, topic, ids)
        VALUES (portal.new_id(), 'member.changed',
                jsonb_build_object('organization', one.organization_id, 'user', person));
        INSERT INTO portal.audit_event (id, organization_id, actor_id, actor_role, action, object_kind, object_id,
                                        address, request_id)
        VALUES (portal.new_id(), one.organization_id, portal.current_user_id(), acting, 'member.erased', 'user',
                person::text, nullif(pg_catalog.current_setting('portal.address', true), ''),
                nullif(pg_catalog.current_setting('portal.request', true), ''));
    END LOOP;
    UPDATE portal.invitation i SET revoked_at = portal.clock()
     WHERE i.created_by = person AND i.kind = 'member' AND i.used_at IS NULL AND i.revoked_at IS NULL;

    -- Working notes in which a person may have signed.
    UPDATE portal.answer_comment c SET body = portal.blot(c.body, account.name, account.email) WHERE c.author_id = person;
    UPDATE portal.assignment a SET note = portal.blot(a.note, account.name, account.email) WHERE a.assigned_by = person;
    UPDATE portal.answer_push a SET note = portal.blot(a.note, account.name, account.email) WHERE a.pushed_by = person;
    UPDATE portal.api_key k SET name = portal.blot(k.name, account.name, account.email) WHERE k.created_by = person;
    UPDATE portal.webhook_endpoint e SET description = portal.blot(e.description, account.name, account.email)
     WHERE e.created_by = person;
    UPDATE portal.answer_write w SET device = NULL WHERE w.member_id = person AND w.device IS NOT NULL;
    UPDATE portal.supplier_segment s SET owner_member = NULL WHERE s.owner_member = person;

    -- Buyers know the address, too: who of theirs has no contact any more is seen to need one.
    FOR one IN
        SELECT c.buyer_id, c.supplier_record_id AS id FROM portal.supplier_contact c WHERE c.email = account.email
        UNION
        SELECT i.organization_id, i.supplier_record_id FROM portal.invitation i
         WHERE i.email = account.email AND i.kind = 'supplier'
         ORDER BY 1, 2
    LOOP
        PERFORM FROM portal.supplier_record r WHERE r.buyer_id = one.buyer_id AND r.id = one.id FOR UPDATE;
        DELETE FROM portal.supplier_contact c
         WHERE c.buyer_id = one.buyer_id AND c.supplier_record_id = one.id AND c.email = account.email;
        UPDATE portal.invitation i SET revoked_at = portal.clock()
         WHERE i.organization_id = one.buyer_id AND i.supplier_record_id = one.id AND i.email = account.email
           AND i.used_at IS NULL AND i.revoked_at IS NULL;
        PERFORM portal.settle_records(one.buyer_id, ARRAY[one.id], false);
        INSERT INTO portal.outbox (id, topic, ids)
        VALUES (portal.new_id(), 'record.changed', jsonb_build_object('buyer', one.buyer_id, 'record', one.id));
    END LOOP;
    UPDATE portal.contact_suggestion s
       SET name = NULL, email = NULL, remark = NULL, closed_at = coalesce(s.closed_at, portal.clock()),
           state = CASE s.state WHEN 'open' THEN 'dismissed' ELSE s.state END
     WHERE s.email = account.email;

    DELETE FROM portal.mail l
     WHERE l.ids ->> 'user' = person::text
        OR l.ids ->> 'invitation' IN (SELECT i.id::text FROM portal.invitation i WHERE i.email = account.email)
        OR l.ids ->> 'registration' IN (SELECT r.id::text FROM portal.registration r WHERE r.email = account.email)
        OR l.ids ->> 'change' IN (SELECT c.id::text FROM portal.email_change c WHERE c.user_id = person);
    UPDATE portal.invitation i
       SET email = NULL, token_hash = NULL,
           revoked_at = CASE WHEN i.used_at IS NULL THEN coalesce(i.revoked_at, portal.clock()) ELSE i.revoked_at END
     WHERE i.email = account.email;
    DELETE FROM portal.registration r WHERE r.email = account.email OR r.user_id = person;
    DELETE FROM portal.email_change c WHERE c.email = account.email;
    DELETE FROM portal.idempotency_key k WHERE k.actor_id = person;
    DELETE FROM portal.member m WHERE m.user_id = person;
    DELETE FROM portal.user_account u WHERE u.id = person;
    RETURN 'ERASED';
END
$$;
REVOKE EXECUTE ON FUNCTION portal.erase_account(uuid, uuid, text) FROM PUBLIC;

CREATE FUNCTION portal.erase_own_account(farewell uuid) RETURNS text
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    SELECT portal.erase_account(portal.current_user_id(), farewell, 'person')
$$;
CREATE FUNCTION portal.list_own_sole_ownerships() RETURNS TABLE (id uuid, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT * FROM portal.list_sole_ownerships(portal.current_user_id())
$$;
REVOKE EXECUTE ON FUNCTION portal.erase_own_account(uuid), portal.list_own_sole_ownerships() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.erase_own_account(uuid), portal.list_own_sole_ownerships() TO portal_app;
