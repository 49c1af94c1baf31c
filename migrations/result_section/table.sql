-- The trace of a result that a later scoring profile gave, section by section: made with the result, never changed. That
-- of the profile of the day of submission stands in submission_section, where it is sealed.
CREATE TABLE portal.result_section (
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    profile_number INTEGER NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    trace JSONB NOT NULL,
    CONSTRAINT pk_result_section PRIMARY KEY (supplier_id, submission_id, profile_number, section),
    CONSTRAINT fk_result_section_section FOREIGN KEY(supplier_id, submission_id, section) REFERENCES portal.submission_section (supplier_id, submission_id, section)
);

ALTER TABLE portal.result_section ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.result_section FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.result_section TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.result_section FOR SELECT TO portal_backup USING (true);
CREATE POLICY own_rows ON portal.result_section FOR SELECT TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()));
CREATE POLICY app_shared ON portal.result_section FOR SELECT TO portal_app
    USING (portal.may_read_section(supplier_id, submission_id, section));
CREATE POLICY worker_all ON portal.result_section TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT ON portal.result_section TO portal_app, portal_backup;
GRANT SELECT, INSERT ON portal.result_section TO portal_worker;

-- Points of benchmark questions under one scoring profile, so that they are of the same one as the total beside them.
DROP FUNCTION portal.list_benchmark_points(text, uuid, uuid, text[]);
CREATE FUNCTION portal.list_benchmark_points(
        wanted text, supplier uuid, submission uuid, profile integer, questions text[])
    RETURNS TABLE (question text, value integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT line ->> 'question',
           round(100 * avg(split_part(line ->> 'points', '/', 1)::numeric
                           / coalesce(nullif(split_part(line ->> 'points', '/', 2), ''), '1')::numeric))::integer
      FROM portal.submission_section s
      LEFT JOIN portal.result_section r
        ON r.supplier_id = s.supplier_id AND r.submission_id = s.submission_id AND r.profile_number = profile
       AND r.section = s.section
     CROSS JOIN LATERAL jsonb_array_elements(coalesce(r.trace, s.trace) -> 'lines') line
     WHERE s.supplier_id = supplier AND s.submission_id = submission
       AND line ->> 'question' = ANY (questions) AND line ->> 'points' IS NOT NULL
       AND EXISTS (SELECT FROM portal.questionnaire q
                     JOIN portal.submission b ON b.questionnaire = q.key
                    WHERE q.key = wanted AND q.benchmark_approved_at IS NOT NULL
                      AND b.supplier_id = supplier AND b.id = submission)
     GROUP BY 1
$$;
REVOKE EXECUTE ON FUNCTION portal.list_benchmark_points(text, uuid, uuid, integer, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_benchmark_points(text, uuid, uuid, integer, text[]) TO portal_worker;
