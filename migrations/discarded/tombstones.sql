-- What is left of a draft that was discarded: who did it and when, so that a device that comes late with answers hears of
-- it and is given them back. None of its answers.
CREATE TABLE portal.discarded_assessment (
    supplier_id UUID NOT NULL,
    id UUID NOT NULL,
    questionnaire TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    subject_key UUID NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    revision INTEGER NOT NULL,
    discarded_by UUID,
    discarded_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_discarded_assessment PRIMARY KEY (supplier_id, id),
    CONSTRAINT fk_discarded_assessment_supplier_id_organization FOREIGN KEY (supplier_id)
        REFERENCES portal.organization (id)
);
CREATE INDEX ix_discarded_assessment_by ON portal.discarded_assessment (discarded_by, supplier_id)
    WHERE discarded_by IS NOT NULL;
ALTER TABLE portal.discarded_assessment ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.discarded_assessment FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.discarded_assessment TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.discarded_assessment FOR SELECT TO portal_backup USING (true);
CREATE POLICY own_rows ON portal.discarded_assessment TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()))
    WITH CHECK (supplier_id = (SELECT portal.current_organization()));
GRANT SELECT ON portal.discarded_assessment TO portal_backup;
GRANT SELECT, INSERT ON portal.discarded_assessment TO portal_app;

-- Whoever asks what there is about them hears of it.
CREATE OR REPLACE FUNCTION portal.list_acts() RETURNS TABLE (tbl text, col text, organization text, at text, told text[], words text[])
    LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    VALUES
    ('access_request', 'asked_by', 'buyer_id', 'asked_at', '{id,state}'::text[], '{purpose,message}'::text[]),
    ('answer', 'changed_by', 'supplier_id', 'changed_at', '{assessment_id,question,row_id}', '{}'),
    ('answer_comment', 'author_id', 'supplier_id', 'created_at', '{id,assessment_id,question,row_id}', '{body}'),
    ('answer_comment', 'resolved_by', 'supplier_id', 'resolved_at', '{id,assessment_id,question,row_id}', '{}'),
    ('answer_push', 'pushed_by', 'supplier_id', 'pushed_at', '{id,mode}', '{note}'),
    ('answer_write', 'member_id', 'supplier_id', 'received_at',
     '{write_id,assessment_id,question,row_id,outcome,source,device}', '{}'),
    ('api_key', 'created_by', 'organization_id', 'created_at', '{id}', '{name}'),
    ('assignment', 'assigned_by', 'supplier_id', 'assigned_at', '{assessment_id,section}', '{note}'),
    ('assignment', 'member_id', 'supplier_id', 'assigned_at', '{assessment_id,section,due_on}', '{}'),
    ('assurance_statement', 'made_by', 'reviewer_id', 'made_at', '{id,submission_id,as_of}', '{remark}'),
    ('cadence', 'created_by', 'buyer_id', 'created_at', '{id}', '{purpose,message}'),
    ('campaign', 'created_by', 'buyer_id', 'created_at', '{id}', '{name,purpose,message}'),
    ('campaign_act', 'created_by', 'buyer_id', 'created_at', '{id,campaign_id,kind}', '{message}'),
    ('clarification', 'asked_by', 'asker_id', 'asked_at', '{id,submission_id}', '{message}'),
    ('discarded_assessment', 'discarded_by', 'supplier_id', 'discarded_at',
     '{id,questionnaire,period_start,period_end}', '{}'),
    ('dispute', 'opened_by', 'supplier_id', 'opened_at', '{id,submission_id,state}', '{reason}'),
    ('dispute_comment', 'made_by', 'author_id', 'made_at', '{id,dispute_id}', '{body}'),
    ('engagement', 'proposed_by', 'proposer_id', 'proposed_at', '{id,submission_id}', '{purpose}'),
    ('evidence', 'uploaded_by', 'supplier_id', 'created_at', '{id,kind,state}', '{file_name,title}'),
    ('glass', 'operator_id', 'organization_id', 'created_at', '{id,until,ended_at}', '{}'),
    ('idempotency_key', 'actor_id', 'organization_id', 'created_at', '{operation}', '{}'),
    ('invitation', 'created_by', 'organization_id', 'created_at', '{id,kind,role}', '{}'),
    ('invitation', 'used_by', 'organization_id', 'used_at', '{id,kind,role}', '{}'),
    ('partner_terms', 'accepted_by', 'organization_id', 'accepted_at', '{terms_version}', '{}'),
    ('read_receipt', 'member_id', 'reader_id', 'read_at', '{kind,submission_id,evidence_id}', '{purpose}'),
    ('request', 'created_by', 'buyer_id', 'created_at', '{id,state}', '{purpose,message}'),
    ('result_feedback', 'given_by', 'buyer_id', 'given_at', '{submission_id,state}', '{words}'),
    ('share', 'created_by', 'supplier_id', 'created_at', '{id,mode}', '{purpose}'),
    ('sign_off', 'demanded_by', 'supplier_id', 'demanded_at', '{assessment_id,section}', '{}'),
    ('sign_off', 'member_id', 'supplier_id', 'demanded_at', '{assessment_id,section,signed_at,withdrawn_at}', '{}'),
    ('sso_connection', 'created_by', 'organization_id', 'created_at', '{id}', '{}'),
    ('standing_rule', 'created_by', 'supplier_id', 'created_at', '{id,ended_at}', '{purpose,statement}'),
    ('submission', 'submitted_by', 'supplier_id', 'submitted_at', '{id,questionnaire,period_start,period_end}', '{}'),
    ('submission_origin', 'confirmed_by', 'supplier_id', 'confirmed_at', '{submission_id,question,row_id}', '{}'),
    ('supplier_import', 'created_by', 'buyer_id', 'created_at', '{id,state}', '{file_name}'),
    ('supplier_segment', 'owner_member', 'buyer_id', 'decided_at', '{supplier_record_id}', '{}'),
    ('webhook_endpoint', 'created_by', 'organization_id', 'created_at', '{id}', '{description}')
$$;

-- Names of those who worked on what the caller's organization answers, or discarded a draft of it, also after they left; an
-- account that was erased has none. What is found by the person comes first: answers are read whole only for whom nothing
-- else knows.
CREATE OR REPLACE FUNCTION portal.find_former_names(people uuid[]) RETURNS TABLE (id uuid, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.name FROM portal.user_account u CROSS JOIN (SELECT portal.current_organization() AS id) o
     WHERE u.id = ANY (people)
       AND (EXISTS (SELECT FROM portal.answer_write w WHERE w.supplier_id = o.id AND w.member_id = u.id)
         OR EXISTS (SELECT FROM portal.answer_comment c WHERE c.supplier_id = o.id AND c.author_id = u.id)
         OR EXISTS (SELECT FROM portal.answer_comment c WHERE c.supplier_id = o.id AND c.resolved_by = u.id)
         OR EXISTS (SELECT FROM portal.sign_off s WHERE s.supplier_id = o.id AND s.member_id = u.id)
         OR EXISTS (SELECT FROM portal.sign_off s WHERE s.supplier_id = o.id AND s.demanded_by = u.id)
         OR EXISTS (SELECT FROM portal.assignment g WHERE g.supplier_id = o.id AND g.assigned_by = u.id)
         OR EXISTS (SELECT FROM portal.discarded_assessment d WHERE d.supplier_id = o.id AND d.discarded_by = u.id)
         OR EXISTS (SELECT FROM portal.answer_push p WHERE p.supplier_id = o.id AND p.pushed_by = u.id)
         OR EXISTS (SELECT FROM portal.answer a WHERE a.supplier_id = o.id AND a.changed_by = u.id))
$$;
