-- The type of each question of a version, groups and their members included: what says how a stored value is spelled.
CREATE FUNCTION portal.read_question_kinds(document text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(q ->> 'key', q ->> 'type'), '{}')
      FROM (SELECT jsonb_path_query(document::jsonb, '$.sections[*].questions[*]') AS q
             UNION ALL
            SELECT jsonb_path_query(document::jsonb, '$.sections[*].questions[*].questions[*]')) found
$$;
REVOKE EXECUTE ON FUNCTION portal.read_question_kinds(text) FROM PUBLIC;
ALTER TABLE portal.questionnaire_version
    ADD COLUMN question_kinds jsonb NOT NULL GENERATED ALWAYS AS (portal.read_question_kinds(document)) STORED;
