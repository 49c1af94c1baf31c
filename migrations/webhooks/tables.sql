-- Where an organization wants to be told what happens. One that rests, by itself or because it failed, is told later.
CREATE TABLE portal.webhook_endpoint (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    url TEXT NOT NULL,
    description TEXT,
    types TEXT[] NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'active' NOT NULL,
    disabled_reason TEXT COLLATE "C",
    disabled_at TIMESTAMP WITH TIME ZONE,
    failing_since TIMESTAMP WITH TIME ZONE,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_webhook_endpoint PRIMARY KEY (organization_id, id),
    CONSTRAINT fk_webhook_endpoint_organization_id FOREIGN KEY (organization_id) REFERENCES portal.organization (id),
    CONSTRAINT ck_webhook_endpoint_state CHECK (state IN ('active', 'paused', 'disabled')),
    CONSTRAINT ck_webhook_endpoint_disabled_reason CHECK (disabled_reason IN ('gone', 'failing'))
);

-- What its messages are signed with: sealed by a key that is not in the database, and read by the worker alone. One that was
-- replaced signs along for a while.
CREATE TABLE portal.webhook_secret (
    organization_id UUID NOT NULL,
    endpoint_id UUID NOT NULL,
    id UUID NOT NULL,
    sealed TEXT NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_webhook_secret PRIMARY KEY (organization_id, endpoint_id, id),
    CONSTRAINT fk_webhook_secret_endpoint FOREIGN KEY (organization_id, endpoint_id)
        REFERENCES portal.webhook_endpoint (organization_id, id) ON DELETE CASCADE
);

-- One message to one endpoint and what became of it. `next_attempt_at` is also the lease of a try: a worker that dies in the
-- middle has it tried again then. What concerns a buyer by a share is not sent once that has ended.
CREATE TABLE portal.webhook_delivery (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    endpoint_id UUID NOT NULL,
    message_id UUID NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    data JSONB NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    share_supplier_id UUID,
    share_id UUID,
    state TEXT COLLATE "C" DEFAULT 'waiting' NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock(),
    attempted_at TIMESTAMP WITH TIME ZONE,
    response_code SMALLINT,
    failure TEXT COLLATE "C",
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_webhook_delivery PRIMARY KEY (organization_id, id),
    CONSTRAINT uq_webhook_delivery_message UNIQUE (organization_id, endpoint_id, message_id),
    CONSTRAINT fk_webhook_delivery_endpoint FOREIGN KEY (organization_id, endpoint_id)
        REFERENCES portal.webhook_endpoint (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_webhook_delivery_state CHECK (state IN ('waiting', 'delivered', 'failed', 'dropped'))
);
CREATE INDEX ix_webhook_delivery_due ON portal.webhook_delivery (organization_id, endpoint_id, next_attempt_at)
    WHERE state = 'waiting';
CREATE INDEX ix_webhook_delivery_endpoint ON portal.webhook_delivery (organization_id, endpoint_id, id);
CREATE INDEX ix_webhook_delivery_created_at ON portal.webhook_delivery (created_at);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['webhook_endpoint', 'webhook_secret', 'webhook_delivery'] LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('CREATE POLICY worker_all ON portal.%I TO portal_worker USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_backup, portal_worker', name);
        EXECUTE format(
            'CREATE POLICY own_rows ON portal.%I TO portal_app'
            ' USING (organization_id = (SELECT portal.current_organization()))'
            ' WITH CHECK (organization_id = (SELECT portal.current_organization()))', name);
    END LOOP;
END
$$;
GRANT SELECT, INSERT (organization_id, id, url, description, types, created_by),
    UPDATE (url, description, types, state, disabled_reason, disabled_at, failing_since, updated_at), DELETE
    ON portal.webhook_endpoint TO portal_app;
GRANT UPDATE (state, disabled_reason, disabled_at, failing_since) ON portal.webhook_endpoint TO portal_worker;
GRANT SELECT (organization_id, endpoint_id, id, valid_until, created_at), INSERT (organization_id, endpoint_id, id, sealed),
    UPDATE (valid_until) ON portal.webhook_secret TO portal_app;
GRANT DELETE ON portal.webhook_secret TO portal_worker;
GRANT SELECT, UPDATE (state, attempts, next_attempt_at) ON portal.webhook_delivery TO portal_app;
GRANT INSERT, UPDATE, DELETE ON portal.webhook_delivery TO portal_worker;
