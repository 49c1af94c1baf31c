-- What the operator reads before a version is shown to everybody, in one hash: the version, its scoring profiles, and
-- what it is translated to. Another text, or another question after this one was taken back, has another.
CREATE FUNCTION portal.hash_awaited_version(wanted_key text, wanted_version text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n', v.content_hash,
               (SELECT string_agg(concat_ws(' ', 'profile', p.number, p.content_hash), E'\n' ORDER BY p.number)
                  FROM portal.scoring_profile p
                 WHERE p.questionnaire = v.questionnaire AND p.version = v.version),
               (SELECT string_agg(concat_ws(' ', 'translation', t.locale, t.content_hash), E'\n' ORDER BY t.locale)
                  FROM portal.questionnaire_translation t
                 WHERE t.questionnaire = v.questionnaire AND t.is_current)), 'UTF8')), 'hex')
      FROM portal.questionnaire_version v WHERE v.questionnaire = wanted_key AND v.version = wanted_version
$$;

CREATE FUNCTION portal.list_awaited_versions(most integer)
    RETURNS TABLE (questionnaire text, version text, content_hash text, read_hash text, organization_id uuid,
                   organization_name text, asked_at timestamptz, document text, profiles text[], translations text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN QUERY SELECT l.questionnaire, l.version, l.content_hash,
                        portal.hash_awaited_version(l.questionnaire, l.version), l.organization_id,
                        l.organization_name, l.asked_at, l.document, l.profiles, l.translations
                   FROM portal.list_questionnaire_approvals(most) l;
END
$$;

-- Of exactly what was read: nothing changes any more once the questionnaire is held.
CREATE FUNCTION portal.decide_read_questionnaire(event uuid, wanted_key text, wanted_version text, read_hash text,
                                                 decision text, why text)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM portal.require_operator();
    PERFORM FROM portal.questionnaire q WHERE q.key = wanted_key FOR UPDATE;
    IF portal.hash_awaited_version(wanted_key, wanted_version) IS DISTINCT FROM read_hash THEN
        RETURN false;
    END IF;
    RETURN portal.decide_questionnaire(event, wanted_key, wanted_version, decision, why);
END
$$;

-- As portal.list_translation_approvals, with the texts of a questionnaire beside the first of its languages alone.
CREATE FUNCTION portal.list_awaited_translations(most integer)
    RETURNS TABLE (questionnaire text, locale text, content_hash text, organization_id uuid, organization_name text,
                   asked_at timestamptz, document text, shown text, sources text[], profiles text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY
    WITH waiting AS (
        SELECT q.key, t.locale, t.content_hash, o.id, o.name, t.approval_asked_at, t.document,
               row_number() OVER (PARTITION BY q.key ORDER BY t.approval_asked_at, t.locale) = 1 AS is_first
          FROM portal.questionnaire_translation t
          JOIN portal.questionnaire q ON q.key = t.questionnaire
          JOIN portal.organization o ON o.id = q.owner_id
         WHERE t.approval = 'asked' ORDER BY t.approval_asked_at, q.key, t.locale LIMIT most)
    SELECT w.key, w.locale, w.content_hash, w.id, w.name, w.approval_asked_at, w.document,
           (SELECT c.document FROM portal.questionnaire_translation c
             WHERE c.questionnaire = w.key AND c.locale = w.locale AND c.is_current),
           CASE WHEN w.is_first THEN
               ARRAY(SELECT v.document FROM portal.questionnaire_version v WHERE v.questionnaire = w.key
                      ORDER BY coalesce(v.approval IN ('asked', 'approved'), false) DESC,
                               string_to_array(v.version, '.')::integer[] DESC) END,
           CASE WHEN w.is_first THEN
               ARRAY(SELECT p.document FROM portal.scoring_profile p WHERE p.questionnaire = w.key
                      ORDER BY p.number DESC) END
      FROM waiting w ORDER BY w.approval_asked_at, w.key, w.locale;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.hash_awaited_version(text, text), portal.list_awaited_versions(integer),
    portal.decide_read_questionnaire(uuid, text, text, text, text, text), portal.list_awaited_translations(integer)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_awaited_versions(integer), portal.list_awaited_translations(integer),
    portal.decide_read_questionnaire(uuid, text, text, text, text, text) TO portal_app;
GRANT EXECUTE ON FUNCTION portal.hash_awaited_version(text, text) TO portal_worker;
