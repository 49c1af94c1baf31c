-- Hashes take the place of who and what in events of a person, and of nobody else, and the trail tells that it was done.
CREATE FUNCTION portal.unlink_events(person uuid, acting text, who uuid[], who_hashes bytea[], what uuid[],
                                     what_hashes bytea[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    acted uuid[];
    named uuid[];
    touched integer;
BEGIN
    WITH changed AS (
        UPDATE portal.audit_event e SET actor_id = NULL, address = NULL, who_salt = NULL, who_hash = g.hash
          FROM unnest(who, who_hashes) AS g (id, hash)
         WHERE e.id = g.id AND e.actor_id = person
        RETURNING e.id
    ) SELECT array_agg(c.id) INTO acted FROM changed c;
    WITH changed AS (
        UPDATE portal.audit_event e SET object_id = NULL, detail = '{}', what_salt = NULL, what_hash = g.hash
          FROM unnest(what, what_hashes) AS g (id, hash)
         WHERE e.id = g.id AND (e.object_id = person::text OR strpos(e.detail::text, person::text) > 0)
        RETURNING e.id
    ) SELECT array_agg(c.id) INTO named FROM changed c;
    SELECT count(DISTINCT t.id) INTO touched FROM unnest(acted || named) AS t (id);
    IF touched > 0 THEN
        INSERT INTO portal.audit_event (id, actor_role, action, object_kind, detail)
        VALUES (portal.new_id(), acting, 'person.erased', 'user', jsonb_build_object('events', touched));
    END IF;
    RETURN touched;
END
$$;

-- The worker's way to it: of somebody whose account is gone, and was erased, which only the account's own end can say.
CREATE FUNCTION portal.unlink_erased_person(person uuid, who uuid[], who_hashes bytea[], what uuid[], what_hashes bytea[])
    RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF EXISTS (SELECT FROM portal.user_account u WHERE u.id = person)
       OR NOT EXISTS (SELECT FROM portal.erasure x WHERE x.subject_id = person AND x.act = 'person.erased') THEN
        RAISE EXCEPTION 'the trail is unlinked from people who were erased alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN portal.unlink_events(person, NULL, who, who_hashes, what, what_hashes);
END
$$;
REVOKE EXECUTE ON FUNCTION portal.unlink_events(uuid, text, uuid[], bytea[], uuid[], bytea[]),
    portal.unlink_erased_person(uuid, uuid[], bytea[], uuid[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.unlink_erased_person(uuid, uuid[], bytea[], uuid[], bytea[]) TO portal_worker;
REVOKE UPDATE (actor_id, address, who_salt, who_hash, object_id, detail, what_salt, what_hash) ON portal.audit_event
    FROM portal_worker;
