-- As before; but the newest revision, which takes a walk, is only looked for where something is to be told.
CREATE OR REPLACE FUNCTION portal.remind_of_evidence(marks integer[], told uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH due AS MATERIALIZED (
        SELECT e.supplier_id, e.id, e.valid_until, due.days
          FROM portal.evidence e
         CROSS JOIN (SELECT (portal.clock() AT TIME ZONE 'UTC')::date AS day) today
         CROSS JOIN LATERAL (
               SELECT min(m) AS days FROM unnest(marks) m WHERE e.valid_until - today.day <= m) due
         WHERE e.state = 'available' AND e.valid_until >= today.day AND e.valid_until <= today.day + 400
           AND due.days IS NOT NULL
           AND (e.created_at AT TIME ZONE 'UTC')::date < e.valid_until - due.days
           AND NOT EXISTS (SELECT FROM portal.evidence_reminder r
                            WHERE r.supplier_id = e.supplier_id AND r.evidence_id = e.id
                              AND r.valid_until = e.valid_until AND r.days = due.days)
           AND (EXISTS (SELECT FROM portal.evidence_link l
                          JOIN portal.assessment a ON a.supplier_id = l.supplier_id AND a.id = l.assessment_id
                         WHERE l.supplier_id = e.supplier_id AND l.evidence_id = e.id AND a.state = 'draft')
                OR EXISTS (SELECT FROM portal.submission_evidence f
                             JOIN portal.submission s ON s.supplier_id = f.supplier_id AND s.id = f.submission_id
                            WHERE f.supplier_id = e.supplier_id AND f.evidence_id = e.id AND s.state = 'current'))
    ), reminded AS (
        INSERT INTO portal.evidence_reminder (supplier_id, evidence_id, valid_until, days, notice)
        SELECT e.supplier_id, e.id, e.valid_until, e.days, told
          FROM due e
         WHERE portal.find_newest_revision(e.supplier_id, e.id) = e.id
            ON CONFLICT DO NOTHING
        RETURNING supplier_id)
    SELECT DISTINCT supplier_id FROM reminded
$$;
