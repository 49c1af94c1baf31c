-- What lists and histories show of pillars, spelled once when it is written and not for each row of each page.
CREATE FUNCTION portal.spell_pillar_scores(pillars jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN pillars IS NOT NULL THEN coalesce(
               (SELECT jsonb_agg(jsonb_build_object('key', p.value ->> 'key',
                                                    'score', ((p.value ->> 'score')::integer * 0.01)::text)
                                 ORDER BY p.place)
                  FROM jsonb_array_elements(pillars) WITH ORDINALITY AS p (value, place)), '[]') END
$$;
REVOKE EXECUTE ON FUNCTION portal.spell_pillar_scores(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.spell_pillar_scores(jsonb) TO portal_app, portal_worker;
ALTER TABLE portal.result
    ADD COLUMN pillar_scores jsonb NOT NULL GENERATED ALWAYS AS (portal.spell_pillar_scores(pillars)) STORED;
ALTER TABLE portal.relationship_card
    ADD COLUMN pillar_scores jsonb GENERATED ALWAYS AS (portal.spell_pillar_scores(pillars)) STORED;
