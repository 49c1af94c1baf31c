-- Whether a person wants letters about results, documents, plans and reviews; those about requests have a switch of their
-- own, and those about the account itself come in any case.
ALTER TABLE portal.user_account ADD COLUMN wants_result_letters BOOLEAN DEFAULT true NOT NULL;
GRANT SELECT (wants_result_letters), UPDATE (wants_result_letters) ON portal.user_account TO portal_app;
GRANT SELECT (wants_result_letters) ON portal.user_account TO portal_worker;
CREATE FUNCTION portal.stop_result_letters(person uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE portal.user_account u SET wants_result_letters = false WHERE u.id = person AND u.wants_result_letters
$$;
REVOKE EXECUTE ON FUNCTION portal.stop_result_letters(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.stop_result_letters(uuid) TO portal_app;

-- What the clock makes due is told from 9 to 17 o'clock where the supplier is, as reminders of requests are.
CREATE FUNCTION portal.is_letter_hour(zone text) RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT extract(hour FROM portal.tell_local_time(zone, portal.clock())) BETWEEN 9 AND 16
$$;
REVOKE EXECUTE ON FUNCTION portal.is_letter_hour(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.is_letter_hour(text) TO portal_worker;

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
    ), awake AS MATERIALIZED (
        SELECT o.id FROM portal.organization o
         WHERE o.id IN (SELECT d.supplier_id FROM due d) AND portal.is_letter_hour(o.time_zone)
    ), reminded AS (
        INSERT INTO portal.evidence_reminder (supplier_id, evidence_id, valid_until, days, notice)
        SELECT e.supplier_id, e.id, e.valid_until, e.days, told
          FROM due e JOIN awake a ON a.id = e.supplier_id
         WHERE portal.find_newest_revision(e.supplier_id, e.id) = e.id
            ON CONFLICT DO NOTHING
        RETURNING supplier_id)
    SELECT DISTINCT supplier_id FROM reminded
$$;

CREATE OR REPLACE FUNCTION portal.remind_of_results(days integer, told uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH due AS MATERIALIZED (
        SELECT s.supplier_id, s.id, t.valid_until
          FROM portal.result t
         CROSS JOIN (SELECT (portal.clock() AT TIME ZONE 'UTC')::date AS day) today
          JOIN portal.submission s ON s.supplier_id = t.supplier_id AND s.id = t.submission_id AND s.state = 'current'
         WHERE t.is_own_tier AND t.valid_until >= today.day AND t.valid_until <= today.day + days
           AND (s.submitted_at AT TIME ZONE 'UTC')::date < t.valid_until - days
           AND NOT EXISTS (SELECT FROM portal.result_reminder r
                            WHERE r.supplier_id = s.supplier_id AND r.submission_id = s.id)
           AND NOT EXISTS (SELECT FROM portal.result n
                            WHERE n.supplier_id = t.supplier_id AND n.submission_id = t.submission_id
                              AND n.is_own_tier AND n.profile_number > t.profile_number)
           AND NOT EXISTS (SELECT FROM portal.submission n
                            WHERE n.supplier_id = s.supplier_id AND n.questionnaire = s.questionnaire
                              AND n.subject_key = s.subject_key AND n.state = 'current'
                              AND n.period_end > s.period_end)
    ), reminded AS (
        INSERT INTO portal.result_reminder (supplier_id, submission_id, valid_until, notice)
        SELECT d.supplier_id, d.id, d.valid_until, told
          FROM due d
          JOIN portal.organization o ON o.id = d.supplier_id AND o.status = 'active'
           AND portal.is_letter_hour(o.time_zone)
            ON CONFLICT DO NOTHING
        RETURNING supplier_id)
    SELECT DISTINCT supplier_id FROM reminded
$$;

-- Of a plan whose owner is no member any more the owners of the supplier are told; a mark below zero is days after the day.
ALTER TABLE portal.gap_reminder DROP CONSTRAINT pk_gap_reminder,
    ADD CONSTRAINT pk_gap_reminder PRIMARY KEY (supplier_id, submission_id, question, row_id, due_on, days, user_id);
CREATE OR REPLACE FUNCTION portal.remind_of_gaps(marks integer[], told uuid) RETURNS TABLE (supplier uuid, person uuid)
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH planned AS (
        SELECT s.supplier_id, s.id, a.question, a.row_id, (a.plan ->> 'due_on')::date AS due_on,
               (a.plan ->> 'owner')::uuid AS owner, (s.submitted_at AT TIME ZONE 'UTC')::date AS submitted_on
          FROM portal.answer a
          JOIN portal.submission s ON s.supplier_id = a.supplier_id AND s.assessment_id = a.assessment_id
           AND s.state = 'current'
         WHERE a.plan IS NOT NULL AND a.plan ->> 'text' IS NOT NULL
           AND EXISTS (SELECT FROM portal.submission_section c
                        WHERE c.supplier_id = s.supplier_id AND c.submission_id = s.id
                          AND c.gaps @> jsonb_build_array(jsonb_build_object('question', a.question,
                                                                             'row', nullif(a.row_id, ''))))
    ), due AS MATERIALIZED (
        SELECT p.*, due.days
          FROM planned p
         CROSS JOIN (SELECT (portal.clock() AT TIME ZONE 'UTC')::date AS day) today
         CROSS JOIN LATERAL (SELECT min(m) AS days FROM unnest(marks) m WHERE p.due_on - today.day <= m) due
         WHERE p.due_on >= today.day - CASE WHEN due.days < 0 THEN 14 ELSE 0 END
           AND due.days IS NOT NULL AND p.submitted_on < p.due_on - due.days
           AND NOT EXISTS (SELECT FROM portal.gap_reminder r
                            WHERE r.supplier_id = p.supplier_id AND r.submission_id = p.id AND r.question = p.question
                              AND r.row_id = p.row_id AND r.due_on = p.due_on AND r.days = due.days)
    ), reminded AS (
        INSERT INTO portal.gap_reminder (supplier_id, submission_id, question, row_id, due_on, days, user_id, notice)
        SELECT d.supplier_id, d.id, d.question, d.row_id, d.due_on, d.days, m.user_id, told
          FROM due d
          JOIN portal.organization o ON o.id = d.supplier_id AND portal.is_letter_hour(o.time_zone)
          JOIN portal.member m ON m.organization_id = d.supplier_id
           AND (m.user_id = d.owner
                OR (m.role = 'owner' AND NOT EXISTS (SELECT FROM portal.member x
                                                      WHERE x.organization_id = d.supplier_id AND x.user_id = d.owner)))
            ON CONFLICT DO NOTHING
        RETURNING supplier_id, user_id
    )
    SELECT DISTINCT supplier_id, user_id FROM reminded
$$;
