-- A token that is nobody's names nobody, so it is counted and leaves no event: whoever sends many would fill the trail. A key
-- that was revoked or has run out belongs to an organization, which wants to know that it is still used, or was found: one
-- event for a key and day, so that no more can come than there are keys.
ALTER TABLE portal.api_key ADD COLUMN refused_at TIMESTAMP WITH TIME ZONE;
CREATE FUNCTION portal.note_refused_key(secret_hash bytea, place text, request text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH refused AS (
        UPDATE portal.api_key k SET refused_at = portal.clock()
         WHERE k.key_hash = secret_hash AND (k.revoked_at IS NOT NULL OR k.expires_at <= portal.clock())
           AND (k.refused_at IS NULL OR k.refused_at < portal.clock() - interval '1 day')
        RETURNING k.id, k.organization_id
    )
    INSERT INTO portal.audit_event (id, organization_id, action, object_kind, object_id, address, request_id)
    SELECT gen_random_uuid(), r.organization_id, 'api_key.refused', 'api_key', r.id::text, place, request FROM refused r
$$;
REVOKE EXECUTE ON FUNCTION portal.note_refused_key(bytea, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_refused_key(bytea, text, text) TO portal_app;
