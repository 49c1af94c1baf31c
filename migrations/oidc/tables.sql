-- Where the people of an organization sign in. The client's secret is sealed by a key that the database never sees, and is
-- read by the function that answers a provider alone.
CREATE TABLE portal.sso_connection (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    client_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    state TEXT COLLATE "C" DEFAULT 'active' NOT NULL,
    default_role TEXT COLLATE "C" NOT NULL,
    created_by UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_sso_connection PRIMARY KEY (organization_id),
    CONSTRAINT uq_sso_connection_id UNIQUE (id),
    CONSTRAINT fk_sso_connection_organization_id FOREIGN KEY (organization_id) REFERENCES portal.organization (id),
    CONSTRAINT ck_sso_connection_state CHECK (state IN ('active', 'off')),
    CONSTRAINT ck_sso_connection_default_role CHECK (default_role IN ('editor', 'reviewer', 'viewer'))
);

-- The domains of e-mail addresses that an organization says are its own. Anybody may say so; one at most has shown it.
CREATE TABLE portal.sso_domain (
    organization_id UUID NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    token TEXT NOT NULL,
    verified_at TIMESTAMP WITH TIME ZONE,
    verified_by TEXT COLLATE "C",
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_sso_domain PRIMARY KEY (organization_id, domain),
    CONSTRAINT fk_sso_domain_organization_id FOREIGN KEY (organization_id) REFERENCES portal.organization (id),
    CONSTRAINT ck_sso_domain_verified_by CHECK (verified_by IN ('dns', 'operator'))
);
CREATE UNIQUE INDEX uq_sso_domain_verified ON portal.sso_domain (domain) WHERE verified_at IS NOT NULL;

-- Who somebody at a provider is here. After the first time this alone counts, whatever address the provider tells; the row
-- stays when the member goes, so that nobody who was removed comes in anew.
CREATE TABLE portal.sso_identity (
    organization_id UUID NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    user_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_sso_identity PRIMARY KEY (organization_id, issuer, subject),
    CONSTRAINT uq_sso_identity_organization_id_issuer_user_id UNIQUE (organization_id, issuer, user_id),
    CONSTRAINT fk_sso_identity_organization_id FOREIGN KEY (organization_id) REFERENCES portal.organization (id),
    CONSTRAINT fk_sso_identity_user_id FOREIGN KEY (user_id) REFERENCES portal.user_account (id) ON DELETE CASCADE
);
CREATE INDEX ix_sso_identity_user_id ON portal.sso_identity (user_id);

-- A sign-in on its way: begun by a browser, then come back from the provider with a code for the client, which works once.
-- Hashes alone. `kind` says what the code is good for: to sign in, or to link the provider with an account that was there.
CREATE TABLE portal.sso_sign_in (
    id UUID NOT NULL,
    connection_id UUID NOT NULL,
    state_hash BYTEA,
    browser_hash BYTEA NOT NULL,
    challenge BYTEA NOT NULL,
    code_hash BYTEA,
    kind TEXT COLLATE "C",
    issuer TEXT COLLATE "C",
    subject TEXT COLLATE "C",
    user_id UUID,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_sso_sign_in PRIMARY KEY (id),
    CONSTRAINT uq_sso_sign_in_state_hash UNIQUE (state_hash),
    CONSTRAINT uq_sso_sign_in_code_hash UNIQUE (code_hash),
    CONSTRAINT fk_sso_sign_in_connection_id FOREIGN KEY (connection_id)
        REFERENCES portal.sso_connection (id) ON DELETE CASCADE,
    CONSTRAINT fk_sso_sign_in_user_id FOREIGN KEY (user_id) REFERENCES portal.user_account (id) ON DELETE CASCADE,
    CONSTRAINT ck_sso_sign_in_kind CHECK (kind IN ('sign_in', 'link'))
);
CREATE INDEX ix_sso_sign_in_connection_id ON portal.sso_sign_in (connection_id);
CREATE INDEX ix_sso_sign_in_user_id ON portal.sso_sign_in (user_id);
CREATE INDEX ix_sso_sign_in_expires_at ON portal.sso_sign_in (expires_at);

-- By which connection a session was opened; such a session acts for its organization and for no other.
ALTER TABLE portal.session ADD COLUMN sso_connection_id UUID;
CREATE INDEX ix_session_sso_connection_id ON portal.session (sso_connection_id) WHERE sso_connection_id IS NOT NULL;
-- Whether members, but for owners, act for an organization only where its provider let them in.
ALTER TABLE portal.organization ADD COLUMN requires_sso BOOLEAN DEFAULT false NOT NULL;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sso_connection', 'sso_domain', 'sso_identity', 'sso_sign_in'] LOOP
        EXECUTE format('ALTER TABLE portal.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE portal.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_all ON portal.%I TO portal_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY backup_read ON portal.%I FOR SELECT TO portal_backup USING (true)', name);
        EXECUTE format('GRANT SELECT ON portal.%I TO portal_backup', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['sso_connection', 'sso_domain'] LOOP
        EXECUTE format(
            'CREATE POLICY own_rows ON portal.%I TO portal_app'
            ' USING (organization_id = (SELECT portal.current_organization()))'
            ' WITH CHECK (organization_id = (SELECT portal.current_organization()))', name);
    END LOOP;
END
$$;
CREATE POLICY worker_all ON portal.sso_sign_in TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT, DELETE ON portal.sso_sign_in TO portal_worker;
GRANT SELECT (organization_id, id, issuer, client_id, state, default_role, created_by, created_at, updated_at),
    INSERT (organization_id, id, issuer, client_id, sealed, default_role, created_by),
    UPDATE (issuer, client_id, sealed, state, default_role, updated_at), DELETE ON portal.sso_connection TO portal_app;
GRANT SELECT, INSERT (organization_id, domain, token), UPDATE (verified_at, verified_by), DELETE
    ON portal.sso_domain TO portal_app;
GRANT SELECT (sso_connection_id) ON portal.session TO portal_app;
