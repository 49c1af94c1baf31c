-- When a key was used last, to the minute or so: servers note it now and then, not at each call.
ALTER TABLE portal.api_key ADD COLUMN last_used_at TIMESTAMP WITH TIME ZONE;
GRANT SELECT (last_used_at) ON portal.api_key TO portal_app;

CREATE FUNCTION portal.note_key_uses(hashes bytea[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.api_key k SET last_used_at = portal.clock()
     WHERE k.key_hash = ANY (hashes) AND k.revoked_at IS NULL
       AND (k.expires_at IS NULL OR portal.clock() < k.expires_at)
$$;

-- A new key in the place of one, which holds on for a while; it holds as long as the first one did. False where there is
-- no such key that holds.
CREATE FUNCTION portal.rotate_api_key(key uuid, id uuid, key_hash bytea, overlap interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    before portal.api_key;
BEGIN
    SELECT * INTO before FROM portal.api_key k
     WHERE k.id = rotate_api_key.key AND k.organization_id = portal.current_organization() AND k.revoked_at IS NULL
       AND (k.expires_at IS NULL OR portal.clock() < k.expires_at)
       FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE portal.api_key k SET expires_at = least(coalesce(k.expires_at, 'infinity'), portal.clock() + overlap)
     WHERE k.id = rotate_api_key.key;
    INSERT INTO portal.api_key (id, key_hash, organization_id, name, scopes, expires_at, created_by)
    VALUES (rotate_api_key.id, rotate_api_key.key_hash, before.organization_id, before.name, before.scopes,
            portal.clock() + (before.expires_at - before.created_at), portal.current_user_id());
    RETURN true;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.note_key_uses(bytea[]), portal.rotate_api_key(uuid, uuid, bytea, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_key_uses(bytea[]), portal.rotate_api_key(uuid, uuid, bytea, interval) TO portal_app;
