-- One submission counts for a place at a time. Where a withdrawal met a correction, two did: the later one stays.
UPDATE portal.submission s SET state = 'superseded'
 WHERE s.state = 'current'
   AND EXISTS (SELECT FROM portal.submission o
                WHERE o.supplier_id = s.supplier_id AND o.questionnaire = s.questionnaire
                  AND o.subject_key = s.subject_key AND o.period_start = s.period_start
                  AND o.period_end = s.period_end AND o.state = 'current' AND o.revision > s.revision);
CREATE UNIQUE INDEX uq_submission_current
    ON portal.submission (supplier_id, questionnaire, subject_key, period_start, period_end) WHERE state = 'current';
