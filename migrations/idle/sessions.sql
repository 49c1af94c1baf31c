-- When a session was used last, to five minutes or so: servers note it now and then, not at each call.
ALTER TABLE portal.session ADD COLUMN last_used_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL;
GRANT SELECT (last_used_at) ON portal.session TO portal_app;

CREATE FUNCTION portal.note_session_uses(hashes bytea[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.session s SET last_used_at = portal.clock()
     WHERE s.token_hash = ANY (hashes) AND s.last_used_at < portal.clock() - interval '5 minutes'
$$;

-- Ends sessions that nobody used for so long, some at once.
CREATE FUNCTION portal.end_idle_sessions(idle interval, most integer) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM portal.session s
     WHERE s.token_hash IN (SELECT i.token_hash FROM portal.session i
                             WHERE i.last_used_at < portal.clock() - idle ORDER BY i.token_hash LIMIT most)
       AND s.last_used_at < portal.clock() - idle
    RETURNING s.id
$$;

REVOKE EXECUTE ON FUNCTION portal.note_session_uses(bytea[]), portal.end_idle_sessions(interval, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_session_uses(bytea[]) TO portal_app;
GRANT EXECUTE ON FUNCTION portal.end_idle_sessions(interval, integer) TO portal_worker;
