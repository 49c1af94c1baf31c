-- A correction that is withdrawn leaves the revision before it as the one that counts: since when, which revision was
-- taken back, and why, as buyers read it.
ALTER TABLE portal.submission ADD COLUMN restored_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE portal.submission ADD COLUMN restored_revision INTEGER;
ALTER TABLE portal.submission ADD COLUMN restored_reason TEXT;
GRANT UPDATE (restored_at, restored_revision, restored_reason) ON portal.submission TO portal_app;

-- What was withdrawn before left nothing that counts behind it.
UPDATE portal.submission s SET state = 'current', restored_at = w.withdrawn_at, restored_revision = w.revision
  FROM portal.submission w
 WHERE w.state = 'withdrawn' AND s.state = 'superseded' AND s.supplier_id = w.supplier_id
   AND s.questionnaire = w.questionnaire AND s.subject_key = w.subject_key
   AND s.period_start = w.period_start AND s.period_end = w.period_end
   AND NOT EXISTS (SELECT FROM portal.submission o
                    WHERE o.supplier_id = s.supplier_id AND o.questionnaire = s.questionnaire
                      AND o.subject_key = s.subject_key AND o.period_start = s.period_start
                      AND o.period_end = s.period_end AND o.id <> s.id
                      AND (o.state = 'current' OR (o.state = 'superseded' AND o.revision > s.revision)
                           OR (o.state = 'withdrawn' AND o.revision > w.revision)))
   AND w.revision > s.revision;
