-- Where the answers of a submission were taken over from, frozen beside its sealed sections: its supplier's alone. A
-- source may be discarded later, so questionnaire and version are kept too; they are null where that happened before.
CREATE TABLE portal.submission_origin (
    supplier_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    carried_from UUID NOT NULL,
    carried_question TEXT COLLATE "C" NOT NULL,
    from_submission UUID,
    from_questionnaire TEXT COLLATE "C",
    from_version TEXT COLLATE "C",
    confirmed_by UUID,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_submission_origin PRIMARY KEY (supplier_id, submission_id, question, row_id),
    CONSTRAINT fk_submission_origin_submission FOREIGN KEY(supplier_id, submission_id)
        REFERENCES portal.submission (supplier_id, id)
);
ALTER TABLE portal.submission_origin ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.submission_origin FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.submission_origin TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.submission_origin FOR SELECT TO portal_backup USING (true);
GRANT SELECT ON portal.submission_origin TO portal_backup;
CREATE POLICY own_rows ON portal.submission_origin TO portal_app
    USING (supplier_id = (SELECT portal.current_organization()))
    WITH CHECK (supplier_id = (SELECT portal.current_organization()));
GRANT SELECT, INSERT ON portal.submission_origin TO portal_app;

-- What was submitted so far: an assessment takes no answers after its submission, so that its rows are those of then.
INSERT INTO portal.submission_origin (supplier_id, submission_id, question, row_id, carried_from, carried_question,
                                      from_submission, from_questionnaire, from_version, confirmed_by, confirmed_at)
SELECT s.supplier_id, s.id, a.question, a.row_id, a.carried_from, a.carried_question, f.id, w.questionnaire, w.version,
       CASE WHEN a.provenance = 'confirmed' THEN a.changed_by END,
       CASE WHEN a.provenance = 'confirmed' THEN a.changed_at END
  FROM portal.submission s
  JOIN portal.answer a ON a.supplier_id = s.supplier_id AND a.assessment_id = s.assessment_id
  LEFT JOIN portal.assessment w ON w.supplier_id = a.supplier_id AND w.id = a.carried_from
  LEFT JOIN portal.submission f ON f.supplier_id = a.supplier_id AND f.assessment_id = a.carried_from
                               AND f.submitted_at <= s.submitted_at
 WHERE a.provenance IN ('carried', 'confirmed') AND a.carried_from IS NOT NULL AND NOT a.deleted;
