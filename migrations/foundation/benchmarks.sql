-- Benchmarks: the one parameter that is nobody's business, and what crosses organizations on the way to a release.

-- The p % rule's parameter is drawn here, 10 to 20, once for each installation: who knows it could estimate closer.
INSERT INTO portal.benchmark_policy (id, p_percent)
VALUES (1, 10 + mod(('x' || substr(md5(gen_random_uuid()::text), 1, 7))::bit(28)::integer, 11));

-- Points of benchmark questions in one frozen submission, never its answers: the release job reads no section itself.
-- A question inside a repeated group counts with the mean of its rows; what did not count in the score gives no row.
CREATE FUNCTION portal.list_benchmark_points(wanted text, supplier uuid, submission uuid, questions text[])
    RETURNS TABLE (question text, value integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT line ->> 'question',
           round(100 * avg(split_part(line ->> 'points', '/', 1)::numeric
                           / coalesce(nullif(split_part(line ->> 'points', '/', 2), ''), '1')::numeric))::integer
      FROM portal.submission_section s CROSS JOIN LATERAL jsonb_array_elements(s.trace -> 'lines') line
     WHERE s.supplier_id = supplier AND s.submission_id = submission
       AND line ->> 'question' = ANY (questions) AND line ->> 'points' IS NOT NULL
       AND EXISTS (SELECT FROM portal.questionnaire q
                     JOIN portal.submission b ON b.questionnaire = q.key
                    WHERE q.key = wanted AND q.benchmark_approved_at IS NOT NULL
                      AND b.supplier_id = supplier AND b.id = submission)
     GROUP BY 1
$$;

-- Whether results that suppliers share with the caller now are among those that a release counted.
CREATE FUNCTION portal.shared_results_take_part(release integer, wanted text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.share s
          JOIN portal.release_contributor c ON c.supplier_id = s.supplier_id AND c.questionnaire = s.questionnaire
         WHERE s.buyer_id = portal.current_organization() AND s.questionnaire = wanted
           AND portal.share_is_live(s) AND c.release_number = release AND NOT c.waits)
$$;
