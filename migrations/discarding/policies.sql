-- A supplier throws its own drafts away, never what was submitted; and documents that no submission holds, which the
-- foreign key of portal.submission_evidence sees to.
GRANT DELETE ON portal.assessment, portal.evidence TO portal_app;
CREATE POLICY app_drafts ON portal.assessment AS RESTRICTIVE FOR DELETE TO portal_app USING (state = 'draft');
