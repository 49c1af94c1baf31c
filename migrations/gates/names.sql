-- Whoever publishes keeps the name from being given back meanwhile.
CREATE FUNCTION portal.hold_publisher_name() RETURNS text
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    SELECT p.name FROM portal.publisher p WHERE p.organization_id = portal.current_organization() FOR KEY SHARE
$$;

-- Give the caller's own name back: what stands in the way (published, drafts) or 'released'; null where it has no such name.
CREATE FUNCTION portal.release_publisher_name(wanted text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    own portal.publisher;
BEGIN
    SELECT * INTO own FROM portal.publisher p
     WHERE p.organization_id = portal.current_organization() AND p.name = wanted FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM portal.questionnaire q WHERE starts_with(q.key, own.name || '--')) THEN
        RETURN 'published';
    END IF;
    IF EXISTS (SELECT FROM portal.questionnaire_draft d WHERE d.owner_id = own.organization_id) THEN
        RETURN 'drafts';
    END IF;
    DELETE FROM portal.publisher p WHERE p.organization_id = own.organization_id;
    RETURN 'released';
END
$$;

REVOKE EXECUTE ON FUNCTION portal.hold_publisher_name(), portal.release_publisher_name(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.hold_publisher_name(), portal.release_publisher_name(text) TO portal_app;

-- A letter about a questionnaire is about the organization whose it is.
CREATE OR REPLACE FUNCTION portal.list_failed_letters(before uuid, most integer)
    RETURNS TABLE (id uuid, kind text, organization_id uuid, tries integer, last_error text, created_at timestamptz,
                   next_try_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT m.id, m.kind, coalesce(m.ids ->> 'organization', m.ids ->> 'buyer',
               (SELECT i.organization_id::text FROM portal.invitation i WHERE i.id = (m.ids ->> 'invitation')::uuid),
               (SELECT q.owner_id::text FROM portal.questionnaire q WHERE q.key = m.ids ->> 'questionnaire')
           )::uuid, m.tries, m.last_error, m.created_at,
           (SELECT min(q.execute_after) FROM queue.pgqueuer q
             WHERE q.entrypoint = 'send_mail' AND q.status IN ('queued', 'picked')
               AND q.payload = convert_to(format('{"mail":"%s"}', m.id), 'UTF8'))
      FROM portal.mail m WHERE m.state = 'failed' AND (before IS NULL OR m.id < before)
     ORDER BY m.id DESC LIMIT most;
END
$$;
