-- Limits that the operator sets for everybody, with the owner's login; whoever acts under one may know it.
CREATE TABLE portal.operator_limit (
    name TEXT COLLATE "C" NOT NULL,
    value INTEGER NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_operator_limit PRIMARY KEY (name)
);
ALTER TABLE portal.operator_limit ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.operator_limit FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.operator_limit TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.operator_limit FOR SELECT TO portal_backup USING (true);
CREATE POLICY app_read ON portal.operator_limit FOR SELECT TO portal_app USING (true);
GRANT SELECT ON portal.operator_limit TO portal_app, portal_backup;
