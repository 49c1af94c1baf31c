-- How many seconds ago each key came: what a server notes a minute later still counts for one that was revoked meanwhile,
-- and a call that came after that does not.
CREATE FUNCTION portal.note_key_uses(hashes bytea[], ages double precision[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.api_key k SET last_used_at = used.at
      FROM (SELECT u.hash, portal.clock() - make_interval(secs => u.age) AS at
              FROM unnest(hashes, ages) AS u (hash, age)) used
     WHERE k.key_hash = used.hash AND used.at < least(k.revoked_at, k.expires_at, 'infinity')
       AND used.at > coalesce(k.last_used_at, '-infinity')
$$;
REVOKE EXECUTE ON FUNCTION portal.note_key_uses(bytea[], double precision[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_key_uses(bytea[], double precision[]) TO portal_app;
