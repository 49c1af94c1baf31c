-- A letter whose occasion has passed by the time it is written is not sent: it is dropped, and says so.
ALTER TABLE portal.mail DROP CONSTRAINT ck_mail_state;
ALTER TABLE portal.mail ADD CONSTRAINT ck_mail_state CHECK (state IN ('waiting', 'sent', 'failed', 'dropped'));

-- The buyer sees which of its contacts no letter reaches.
GRANT UPDATE (bounced_at) ON portal.supplier_contact TO portal_worker;

-- What failed and waits for another try, or is held for the operator: kinds, counts and times, no address and no text.
CREATE FUNCTION portal.list_failed_letters(before uuid, most integer)
    RETURNS TABLE (id uuid, kind text, organization_id uuid, tries integer, last_error text, created_at timestamptz,
                   next_try_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT m.id, m.kind, coalesce(m.ids ->> 'organization', m.ids ->> 'buyer',
               (SELECT i.organization_id::text FROM portal.invitation i WHERE i.id = (m.ids ->> 'invitation')::uuid)
           )::uuid, m.tries, m.last_error, m.created_at,
           (SELECT min(q.execute_after) FROM queue.pgqueuer q
             WHERE q.entrypoint = 'send_mail' AND q.status IN ('queued', 'picked')
               AND q.payload = convert_to(format('{"mail":"%s"}', m.id), 'UTF8'))
      FROM portal.mail m WHERE m.state = 'failed' AND (before IS NULL OR m.id < before)
     ORDER BY m.id DESC LIMIT most;
END
$$;

-- The queue's own log keeps the kind of what was raised; its words may quote anything, so they stay there.
CREATE FUNCTION portal.list_failed_jobs(before bigint, most integer)
    RETURNS TABLE (id bigint, kind text, held boolean, tries integer, last_error text, created_at timestamptz,
                   next_try_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT q.id, q.entrypoint, q.status = 'failed', q.attempts + (q.status = 'failed')::integer,
           (SELECT coalesce(l.traceback -> 'additional_context' ->> 'reason', l.traceback ->> 'exception_type')
              FROM queue.pgqueuer_log l
             WHERE l.job_id = q.id AND l.traceback IS NOT NULL ORDER BY l.created DESC, l.id DESC LIMIT 1),
           q.created, CASE WHEN q.status <> 'failed' THEN q.execute_after END
      FROM queue.pgqueuer q
     WHERE (q.status = 'failed' OR q.attempts > 0) AND (before IS NULL OR q.id < before)
     ORDER BY q.id DESC LIMIT most;
END
$$;

-- Everything that is held, or one letter, or one job: tried again now, as often as anew. Returns how many jobs that is.
CREATE FUNCTION portal.retry_failed(event uuid, letter uuid, job bigint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    everything boolean := letter IS NULL AND job IS NULL;
    wanted bytea := convert_to(format('{"mail":"%s"}', letter), 'UTF8');
    again integer;
    anew integer := 0;
BEGIN
    PERFORM portal.require_operator();
    WITH requeued AS (
        UPDATE queue.pgqueuer q
           SET status = 'queued', execute_after = now(), updated = now(), attempts = 0, queue_manager_id = NULL
         WHERE q.status = 'failed'
           AND (everything OR q.id = job OR (q.entrypoint = 'send_mail' AND q.payload = wanted))
        RETURNING q.id, q.entrypoint, q.priority)
    INSERT INTO queue.pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT r.id, 'queued', r.entrypoint, r.priority FROM requeued r;
    GET DIAGNOSTICS again = ROW_COUNT;
    IF job IS NULL THEN
        -- A letter that failed for good has no job any more.
        WITH stuck AS (
            SELECT convert_to(format('{"mail":"%s"}', m.id), 'UTF8') AS payload FROM portal.mail m
             WHERE m.state = 'failed' AND (everything OR m.id = letter) FOR UPDATE),
        made AS (
            INSERT INTO queue.pgqueuer (priority, status, entrypoint, payload)
            SELECT 0, 'queued', 'send_mail', s.payload FROM stuck s
             WHERE NOT EXISTS (SELECT FROM queue.pgqueuer q
                                WHERE q.entrypoint = 'send_mail' AND q.payload = s.payload
                                  AND q.status IN ('queued', 'picked'))
            RETURNING id, entrypoint, priority)
        INSERT INTO queue.pgqueuer_log (job_id, status, entrypoint, priority)
        SELECT m.id, 'queued', m.entrypoint, m.priority FROM made m;
        GET DIAGNOSTICS anew = ROW_COUNT;
    END IF;
    UPDATE portal.mail m SET tries = 0
     WHERE m.state = 'failed'
       AND (everything OR m.id = letter
            OR EXISTS (SELECT FROM queue.pgqueuer q
                        WHERE q.id = job AND q.payload = convert_to(format('{"mail":"%s"}', m.id), 'UTF8')));
    PERFORM portal.note_operator_act(event, NULL, 'delivery.retried', coalesce(letter::text, job::text, 'all'),
                                     jsonb_build_object('jobs', again + anew));
    RETURN again + anew;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.list_failed_letters(uuid, integer), portal.list_failed_jobs(bigint, integer),
    portal.retry_failed(uuid, uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_failed_letters(uuid, integer), portal.list_failed_jobs(bigint, integer),
    portal.retry_failed(uuid, uuid, bigint) TO portal_app;
