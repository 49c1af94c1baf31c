-- Letters to operators name what a version is translated to, and tell of translations that wait or were decided.
GRANT SELECT ON portal.questionnaire_translation TO portal_worker;
CREATE POLICY worker_read ON portal.questionnaire_translation FOR SELECT TO portal_worker USING (true);

-- What a later profile of a version that everybody sees says of itself is told once the operator, who applies it to
-- what was submitted before, has read it.
ALTER TABLE portal.scoring_profile ADD COLUMN description_read_at TIMESTAMP WITH TIME ZONE;
GRANT UPDATE (description_read_at) ON portal.scoring_profile TO portal_worker;
CREATE POLICY worker_update ON portal.scoring_profile FOR UPDATE TO portal_worker USING (true) WITH CHECK (true);
