-- Which plan of a submitted gap its owner was reminded of, and how many days before its day.
CREATE TABLE portal.gap_reminder (
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    due_on DATE NOT NULL,
    days INTEGER NOT NULL,
    user_id UUID NOT NULL,
    notice UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_gap_reminder PRIMARY KEY (supplier_id, submission_id, question, row_id, due_on, days),
    CONSTRAINT fk_gap_reminder_submission FOREIGN KEY (supplier_id, submission_id)
        REFERENCES portal.submission (supplier_id, id),
    CONSTRAINT fk_gap_reminder_user_id_user_account FOREIGN KEY (user_id)
        REFERENCES portal.user_account (id) ON DELETE CASCADE
);
CREATE INDEX ix_gap_reminder_notice ON portal.gap_reminder (notice, user_id);
CREATE INDEX ix_answer_plan ON portal.answer (supplier_id, assessment_id) WHERE plan IS NOT NULL;
ALTER TABLE portal.gap_reminder ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.gap_reminder FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.gap_reminder TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.gap_reminder FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.gap_reminder FOR SELECT TO portal_worker USING (true);
GRANT SELECT ON portal.gap_reminder TO portal_backup, portal_worker;

-- Plans of what was submitted and stands, due within so many days, whose owner is still a member. A mark that had passed
-- when it was submitted is not told. The worker has no other way to answers.
CREATE FUNCTION portal.remind_of_gaps(marks integer[], told uuid) RETURNS TABLE (supplier uuid, person uuid)
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
    ), reminded AS (
        INSERT INTO portal.gap_reminder (supplier_id, submission_id, question, row_id, due_on, days, user_id, notice)
        SELECT p.supplier_id, p.id, p.question, p.row_id, p.due_on, due.days, p.owner, told
          FROM planned p
         CROSS JOIN (SELECT (portal.clock() AT TIME ZONE 'UTC')::date AS day) today
         CROSS JOIN LATERAL (SELECT min(m) AS days FROM unnest(marks) m WHERE p.due_on - today.day <= m) due
          JOIN portal.member m ON m.organization_id = p.supplier_id AND m.user_id = p.owner
         WHERE p.due_on >= today.day AND due.days IS NOT NULL AND p.submitted_on < p.due_on - due.days
            ON CONFLICT DO NOTHING
        RETURNING supplier_id, user_id
    )
    SELECT DISTINCT supplier_id, user_id FROM reminded
$$;
REVOKE EXECUTE ON FUNCTION portal.remind_of_gaps(integer[], uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.remind_of_gaps(integer[], uuid) TO portal_worker;
