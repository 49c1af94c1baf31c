-- What a figure is in: every row of a measure has the same unit and step for ever, so that a series is one.
ALTER TABLE portal.release_cell
    ADD COLUMN unit text COLLATE "C" NOT NULL DEFAULT 'point',
    ADD COLUMN step numeric NOT NULL DEFAULT 1,
    ADD COLUMN direction text COLLATE "C" NOT NULL DEFAULT 'up',
    ADD CONSTRAINT ck_release_cell_step CHECK (step > 0),
    ADD CONSTRAINT ck_release_cell_direction CHECK (direction IN ('up', 'down', 'neutral'));
GRANT SELECT (unit, step, direction) ON portal.release_cell TO portal_app;

-- Answers of the submissions that a release counts, of a questionnaire that the operator lets in, and of nothing but
-- questions that their version marks for benchmarks and that feed an indicator in percent or in one unit per another.
-- A question inside a repeated group counts with the mean of its rows; what has no value gives no row.
CREATE FUNCTION portal.list_benchmark_values(release integer, wanted text)
    RETURNS TABLE (supplier_id uuid, version text, question text, value numeric)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH asked AS MATERIALIZED (
        SELECT DISTINCT b.version
          FROM portal.release_contributor c
          JOIN portal.submission b ON b.supplier_id = c.supplier_id AND b.id = c.submission_id
          JOIN portal.questionnaire q ON q.key = b.questionnaire AND q.benchmark_approved_at IS NOT NULL
         WHERE c.release_number = release AND c.questionnaire = wanted AND b.questionnaire = wanted AND NOT c.waits
    ), outer_question AS MATERIALIZED (
        SELECT v.version, q.question
          FROM asked a
          JOIN portal.questionnaire_version v ON v.questionnaire = wanted AND v.version = a.version
         CROSS JOIN LATERAL jsonb_path_query(v.document::jsonb, '$.sections[*].questions[*]') q (question)
    ), marked AS MATERIALIZED (
        SELECT f.version, f.list, f.question ->> 'key' AS key
          FROM (SELECT o.version, NULL AS list, o.question FROM outer_question o
                UNION ALL
                SELECT o.version, o.question ->> 'key', child.question
                  FROM outer_question o
                 CROSS JOIN LATERAL jsonb_array_elements(o.question -> 'questions') child (question)
                 WHERE jsonb_typeof(o.question -> 'questions') = 'array') f
         WHERE f.question ->> 'benchmark' = 'true'
           AND (f.question -> 'indicator' ->> 'unit' = 'percent' OR f.question -> 'indicator' ->> 'unit' LIKE '%_/_%')
    )
    SELECT c.supplier_id, m.version, m.key, avg((answer.entry ->> 'value')::numeric)
      FROM portal.release_contributor c
      JOIN portal.submission b ON b.supplier_id = c.supplier_id AND b.id = c.submission_id
      JOIN marked m ON m.version = b.version
      JOIN portal.submission_section s ON s.supplier_id = c.supplier_id AND s.submission_id = c.submission_id
       AND s.answers ? coalesce(m.list, m.key)
     CROSS JOIN LATERAL (
           SELECT s.answers -> m.key AS entry WHERE m.list IS NULL
           UNION ALL
           SELECT line.content -> 'answers' -> m.key
             FROM jsonb_array_elements(CASE WHEN jsonb_typeof(s.answers -> m.list -> 'value') = 'array'
                                            THEN s.answers -> m.list -> 'value' END) line (content)
            WHERE m.list IS NOT NULL) answer
     WHERE c.release_number = release AND c.questionnaire = wanted AND NOT c.waits
       AND answer.entry ->> 'state' = 'value' AND answer.entry ->> 'value' IS NOT NULL
     GROUP BY c.supplier_id, m.version, m.key
$$;
REVOKE EXECUTE ON FUNCTION portal.list_benchmark_values(integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_benchmark_values(integer, text) TO portal_worker;
