-- What colleagues do together on an assessment: its own cursor, so that a remark never voids what was signed.
ALTER TABLE portal.assessment ADD COLUMN team_number BIGINT DEFAULT 0 NOT NULL;
GRANT UPDATE (team_number) ON portal.assessment TO portal_app;

CREATE TABLE portal.assignment (
    supplier_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    member_id UUID,
    due_on DATE,
    note TEXT,
    assigned_by UUID,
    assigned_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    changed_at_number BIGINT NOT NULL,
    CONSTRAINT pk_assignment PRIMARY KEY (supplier_id, assessment_id, section),
    CONSTRAINT fk_assignment_assessment FOREIGN KEY (supplier_id, assessment_id)
        REFERENCES portal.assessment (supplier_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_assignment_member ON portal.assignment (supplier_id, member_id);

CREATE TABLE portal.answer_comment (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    thread_id UUID NOT NULL,
    author_id UUID NOT NULL,
    body TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    resolved_at TIMESTAMP WITH TIME ZONE,
    resolved_by UUID,
    changed_at_number BIGINT NOT NULL,
    CONSTRAINT pk_answer_comment PRIMARY KEY (supplier_id, id),
    CONSTRAINT fk_answer_comment_assessment FOREIGN KEY (supplier_id, assessment_id)
        REFERENCES portal.assessment (supplier_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_answer_comment_change ON portal.answer_comment (supplier_id, assessment_id, changed_at_number);

CREATE TABLE portal.sign_off (
    supplier_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    section TEXT COLLATE "C" DEFAULT '' NOT NULL,
    member_id UUID NOT NULL,
    demanded_by UUID NOT NULL,
    demanded_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    signed_at TIMESTAMP WITH TIME ZONE,
    signed_number BIGINT,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    changed_at_number BIGINT NOT NULL,
    CONSTRAINT pk_sign_off PRIMARY KEY (supplier_id, assessment_id, section, member_id),
    CONSTRAINT fk_sign_off_assessment FOREIGN KEY (supplier_id, assessment_id)
        REFERENCES portal.assessment (supplier_id, id) ON DELETE CASCADE
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['assignment', 'answer_comment', 'sign_off'] LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_backup', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON portal.%I TO portal_app', name);
        EXECUTE format(
            'CREATE POLICY own_rows ON portal.%I TO portal_app'
            ' USING (supplier_id = (SELECT portal.current_organization()))'
            ' WITH CHECK (supplier_id = (SELECT portal.current_organization()))', name);
    END LOOP;
END
$$;

-- Letters to whom a section was assigned, or whose sign-off is asked for.
GRANT SELECT (supplier_id, id, questionnaire, version, period_start, period_end, state) ON portal.assessment
    TO portal_worker;
GRANT SELECT (supplier_id, assessment_id, section, member_id, due_on, note, assigned_by) ON portal.assignment
    TO portal_worker;
GRANT SELECT (supplier_id, assessment_id, section, member_id, demanded_by, withdrawn_at) ON portal.sign_off
    TO portal_worker;
CREATE POLICY worker_read ON portal.assessment FOR SELECT TO portal_worker USING (true);
CREATE POLICY worker_read ON portal.assignment FOR SELECT TO portal_worker USING (true);
CREATE POLICY worker_read ON portal.sign_off FOR SELECT TO portal_worker USING (true);
