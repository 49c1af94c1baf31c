-- Of several links to choose a new password only the newest works: whoever asks again has thereby ended the others.
CREATE INDEX ix_password_reset_user_id ON portal.password_reset (user_id);

CREATE FUNCTION portal.is_newest_reset(person uuid, made timestamptz, secret_hash bytea) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT NOT EXISTS (SELECT FROM portal.password_reset n
                        WHERE n.user_id = person AND (n.created_at, n.token_hash) > (made, secret_hash))
$$;
REVOKE EXECUTE ON FUNCTION portal.is_newest_reset(uuid, timestamptz, bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION portal.find_password_reset(secret_hash bytea) RETURNS TABLE (user_id uuid, email text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.email FROM portal.password_reset p JOIN portal.user_account u ON u.id = p.user_id
     WHERE p.token_hash = secret_hash AND p.used_at IS NULL AND portal.clock() < p.expires_at
       AND portal.is_newest_reset(p.user_id, p.created_at, p.token_hash)
$$;

-- Every open session and every other reset link of the person ends with it; the ended sessions are returned.
CREATE OR REPLACE FUNCTION portal.use_password_reset(secret_hash bytea, new_hash text)
    RETURNS TABLE (user_id uuid, ended uuid[])
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    person uuid;
BEGIN
    UPDATE portal.password_reset p SET used_at = portal.clock()
     WHERE p.token_hash = secret_hash AND p.used_at IS NULL AND portal.clock() < p.expires_at
       AND portal.is_newest_reset(p.user_id, p.created_at, p.token_hash)
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
