-- A new scoring profile is applied to what was submitted: results are added, and none is ever changed.
GRANT SELECT ON portal.submission_section TO portal_worker;
CREATE POLICY worker_all ON portal.submission_section FOR SELECT TO portal_worker USING (true);
GRANT INSERT ON portal.result TO portal_worker;
