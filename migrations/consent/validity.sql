-- That a supplier was told, once, that the validity of a result ends; `notice` is what one letter told of.
CREATE TABLE portal.result_reminder (
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    valid_until DATE NOT NULL,
    notice UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_result_reminder PRIMARY KEY (supplier_id, submission_id),
    CONSTRAINT fk_result_reminder_submission FOREIGN KEY (supplier_id, submission_id)
        REFERENCES portal.submission (supplier_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_result_reminder_notice ON portal.result_reminder (notice);
CREATE INDEX ix_result_valid_until ON portal.result (valid_until) WHERE is_own_tier;
ALTER TABLE portal.result_reminder ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.result_reminder FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.result_reminder TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.result_reminder FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_read ON portal.result_reminder FOR SELECT TO portal_worker USING (true);
GRANT SELECT ON portal.result_reminder TO portal_backup, portal_worker;

-- Results that count, are the latest of their subject, and end within so many days. One that was made within them is
-- not told of, nor is a supplier that is not active.
CREATE FUNCTION portal.remind_of_results(days integer, told uuid) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH reminded AS (
        INSERT INTO portal.result_reminder (supplier_id, submission_id, valid_until, notice)
        SELECT s.supplier_id, s.id, t.valid_until, told
          FROM portal.result t
         CROSS JOIN (SELECT (portal.clock() AT TIME ZONE 'UTC')::date AS day) today
          JOIN portal.submission s ON s.supplier_id = t.supplier_id AND s.id = t.submission_id AND s.state = 'current'
          JOIN portal.organization o ON o.id = s.supplier_id AND o.status = 'active'
         WHERE t.is_own_tier AND t.valid_until >= today.day AND t.valid_until <= today.day + days
           AND (s.submitted_at AT TIME ZONE 'UTC')::date < t.valid_until - days
           AND NOT EXISTS (SELECT FROM portal.result n
                            WHERE n.supplier_id = t.supplier_id AND n.submission_id = t.submission_id
                              AND n.is_own_tier AND n.profile_number > t.profile_number)
           AND NOT EXISTS (SELECT FROM portal.submission n
                            WHERE n.supplier_id = s.supplier_id AND n.questionnaire = s.questionnaire
                              AND n.subject_key = s.subject_key AND n.state = 'current'
                              AND n.period_end > s.period_end)
            ON CONFLICT DO NOTHING
        RETURNING supplier_id)
    SELECT DISTINCT supplier_id FROM reminded
$$;
REVOKE EXECUTE ON FUNCTION portal.remind_of_results(integer, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.remind_of_results(integer, uuid) TO portal_worker;

-- The last day of the period that follows one: as many whole months, or else as many days.
CREATE FUNCTION portal.find_next_period_end(first_day date, last_day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN extract(day FROM long) = 0
                THEN ((last_day + 1)::timestamp + long)::date - 1
                ELSE last_day + (last_day - first_day) + 1 END
      FROM age((last_day + 1)::timestamp, first_day::timestamp) AS long
$$;
REVOKE EXECUTE ON FUNCTION portal.find_next_period_end(date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_next_period_end(date, date) TO portal_app;
