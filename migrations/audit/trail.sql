-- The audit trail, sealed. An event is inserted by the acting transaction and belongs to no block yet; the sealer gives
-- it a block and a place in it, once. That, and not "id > last", is how it is found: a transaction that began early and
-- commits late leaves an event that is still without a block, whatever its time is.
ALTER TABLE portal.audit_event
    ADD COLUMN actor_role TEXT COLLATE "C",
    ADD COLUMN address TEXT COLLATE "C",
    ADD COLUMN request_id TEXT COLLATE "C",
    ADD COLUMN concerns_id UUID,
    ADD COLUMN object_owner_id UUID,
    ADD COLUMN who_salt UUID DEFAULT gen_random_uuid(),
    ADD COLUMN who_hash BYTEA,
    ADD COLUMN what_salt UUID DEFAULT gen_random_uuid(),
    ADD COLUMN what_hash BYTEA,
    ADD COLUMN block_n BIGINT,
    ADD COLUMN place INTEGER,
    ADD CONSTRAINT ck_audit_event_sealed CHECK ((block_n IS NULL) = (place IS NULL));
CREATE INDEX ix_audit_event_waiting ON portal.audit_event (organization_id, at, id) WHERE block_n IS NULL;
CREATE INDEX ix_audit_event_organization_id_block_n_place ON portal.audit_event (organization_id, block_n, place);
CREATE INDEX ix_audit_event_concerns ON portal.audit_event (concerns_id, at) WHERE concerns_id IS NOT NULL;

CREATE TABLE portal.audit_block (
    organization_id UUID NOT NULL,
    n BIGINT NOT NULL,
    position BIGINT NOT NULL,
    count INTEGER NOT NULL,
    prev BYTEA NOT NULL,
    digests BYTEA NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    hash BYTEA NOT NULL,
    signature TEXT NOT NULL,
    CONSTRAINT pk_audit_block PRIMARY KEY (organization_id, n),
    CONSTRAINT uq_audit_block_position UNIQUE (position),
    CONSTRAINT ck_audit_block_count CHECK (count > 0 AND octet_length(digests) = 32 * count)
);

ALTER TABLE portal.audit_block ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.audit_block FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.audit_block TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.audit_block FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.audit_block TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT ON portal.audit_block TO portal_backup;
GRANT SELECT, INSERT ON portal.audit_block TO portal_worker;

-- Nobody of the application says when an event was, what it is salted with, or in which block it stands.
REVOKE INSERT ON portal.audit_event FROM portal_app, portal_worker;
GRANT INSERT (id, organization_id, actor_id, actor_role, action, object_kind, object_id, detail, address, request_id,
              concerns_id, object_owner_id) ON portal.audit_event TO portal_app, portal_worker;
GRANT SELECT, UPDATE (block_n, place) ON portal.audit_event TO portal_worker;
CREATE POLICY app_concerned ON portal.audit_event FOR SELECT TO portal_app
    USING (concerns_id = (SELECT portal.current_organization()));

-- What is written stays: an event is sealed once, and who and what stand in it give way to their hashes once.
CREATE FUNCTION portal.keep_audit_event() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    seal CONSTANT text[] := ARRAY['block_n', 'place'];
    values_beside CONSTANT text[] := ARRAY['actor_id', 'address', 'who_salt', 'who_hash', 'object_id', 'detail',
                                           'what_salt', 'what_hash'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.block_n IS NULL AND NEW.block_n IS NOT NULL AND to_jsonb(NEW) - seal = to_jsonb(OLD) - seal THEN
            RETURN NEW;
        END IF;
        IF to_jsonb(NEW) - values_beside = to_jsonb(OLD) - values_beside
           AND ((NEW.actor_id, NEW.address, NEW.who_salt, NEW.who_hash)
                    IS NOT DISTINCT FROM (OLD.actor_id, OLD.address, OLD.who_salt, OLD.who_hash)
                OR (OLD.who_salt IS NOT NULL AND NEW.who_salt IS NULL AND NEW.actor_id IS NULL AND NEW.address IS NULL
                    AND octet_length(NEW.who_hash) = 32))
           AND ((NEW.object_id, NEW.detail, NEW.what_salt, NEW.what_hash)
                    IS NOT DISTINCT FROM (OLD.object_id, OLD.detail, OLD.what_salt, OLD.what_hash)
                OR (OLD.what_salt IS NOT NULL AND NEW.what_salt IS NULL AND NEW.object_id IS NULL AND NEW.detail = '{}'
                    AND octet_length(NEW.what_hash) = 32)) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit trail is added to and never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE FUNCTION portal.keep_audit_block() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is added to and never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;
REVOKE EXECUTE ON FUNCTION portal.keep_audit_event(), portal.keep_audit_block() FROM PUBLIC;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON portal.audit_event
    FOR EACH ROW EXECUTE FUNCTION portal.keep_audit_event();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON portal.audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION portal.keep_audit_block();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON portal.audit_block
    FOR EACH ROW EXECUTE FUNCTION portal.keep_audit_block();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON portal.audit_block
    FOR EACH STATEMENT EXECUTE FUNCTION portal.keep_audit_block();

-- A sign-in that was refused stands in the trail of each organization of the person that was named, and in that of the
-- portal itself where there is no such person: one row either way for all who belong to one organization.
CREATE FUNCTION portal.note_refused_sign_in(person uuid, place text, request text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO portal.audit_event (id, organization_id, action, object_kind, object_id, address, request_id)
    SELECT gen_random_uuid(), m.organization_id, 'session.refused', 'user', person::text, place, request
      FROM (SELECT 1) always LEFT JOIN portal.member m ON m.user_id = person
$$;
REVOKE EXECUTE ON FUNCTION portal.note_refused_sign_in(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.note_refused_sign_in(uuid, text, text) TO portal_app;

-- What an operator does to an organization stands in that organization's own trail, with where it was done from.
CREATE OR REPLACE FUNCTION portal.note_operator_act(event uuid, organization uuid, act text, subject text, facts jsonb)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO portal.audit_event (id, organization_id, actor_id, actor_role, action, object_kind, object_id, detail,
                                    address, request_id)
    VALUES (event, organization, portal.current_user_id(), 'operator', act, 'organization', subject, facts,
            nullif(pg_catalog.current_setting('portal.address', true), ''),
            nullif(pg_catalog.current_setting('portal.request', true), ''))
$$;
