-- Erasing a person by indexes alone: each statement reads what is of that person.

-- Everything that names a person goes; what an organization answers, submits and states stays, by an id that leads nowhere.
-- Says ERASED; LAST_OWNER where an organization would be without an owner; OPERATOR where that right is still held; null
-- where there is no such person. The trail is unlinked and names of devices are forgotten by the job that the event asks
-- for, in parts, since there may be as many of both as somebody answered.
CREATE OR REPLACE FUNCTION portal.erase_account(person uuid, farewell uuid, acting text) RETURNS text
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

    DELETE FROM portal.mail l WHERE l.ids ->> 'user' = person::text;
    DELETE FROM portal.mail l
     WHERE l.ids ->> 'invitation' = ANY (ARRAY(SELECT i.id::text FROM portal.invitation i WHERE i.email = account.email));
    DELETE FROM portal.mail l
     WHERE l.ids ->> 'registration' = ANY (
           ARRAY(SELECT r.id::text FROM portal.registration r WHERE r.email = account.email));
    DELETE FROM portal.mail l
     WHERE l.ids ->> 'change' = ANY (ARRAY(SELECT c.id::text FROM portal.email_change c WHERE c.user_id = person));
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

-- How somebody whose account is gone named devices, so many answers at a time; gives how many those were.
CREATE FUNCTION portal.forget_devices(person uuid, most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH due AS (
        SELECT w.supplier_id, w.write_id FROM portal.answer_write w
         WHERE w.member_id = person AND w.device IS NOT NULL
           AND NOT EXISTS (SELECT FROM portal.user_account u WHERE u.id = person)
         LIMIT most
    ), forgotten AS (
        UPDATE portal.answer_write w SET device = NULL FROM due
         WHERE w.supplier_id = due.supplier_id AND w.write_id = due.write_id
        RETURNING 1
    )
    SELECT count(*) FROM forgotten
$$;
REVOKE EXECUTE ON FUNCTION portal.forget_devices(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.forget_devices(uuid, integer) TO portal_worker;
