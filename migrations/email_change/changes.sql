-- A wish for another address: it comes true once the links in two letters were opened, one to each address.
CREATE TABLE portal.email_change (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    old_hash BYTEA,
    new_hash BYTEA,
    old_confirmed_at TIMESTAMP WITH TIME ZONE,
    new_confirmed_at TIMESTAMP WITH TIME ZONE,
    done_at TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_email_change PRIMARY KEY (id),
    CONSTRAINT uq_email_change_old_hash UNIQUE (old_hash),
    CONSTRAINT uq_email_change_new_hash UNIQUE (new_hash),
    CONSTRAINT fk_email_change_user_id FOREIGN KEY (user_id) REFERENCES portal.user_account (id) ON DELETE CASCADE
);
CREATE INDEX ix_email_change_user_id ON portal.email_change (user_id);
CREATE INDEX ix_email_change_expires_at ON portal.email_change (expires_at);
ALTER TABLE portal.email_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.email_change FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.email_change TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.email_change FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_all ON portal.email_change TO portal_worker USING (true) WITH CHECK (true);
GRANT SELECT ON portal.email_change TO portal_backup;
GRANT SELECT, UPDATE (old_hash, new_hash), DELETE ON portal.email_change TO portal_worker;

-- A newer wish ends the ones before it.
CREATE FUNCTION portal.start_email_change(id uuid, address text, lifetime interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF portal.current_user_id() IS NULL THEN
        RAISE EXCEPTION 'a signed-in user changes an address' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM portal.email_change c WHERE c.user_id = portal.current_user_id() AND c.done_at IS NULL;
    INSERT INTO portal.email_change (id, user_id, email, expires_at)
    VALUES (start_email_change.id, portal.current_user_id(), address, portal.clock() + lifetime);
END
$$;

-- One of the two links was opened. What is said: WAITS for the other one, CHANGED, or TAKEN where the address has another
-- account by now; no row for a link that is not valid. With the new address links to choose a password end, since they went
-- to the old one.
CREATE FUNCTION portal.confirm_email_change(secret_hash bytea) RETURNS TABLE (user_id uuid, outcome text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    wish portal.email_change;
BEGIN
    UPDATE portal.email_change c
       SET old_confirmed_at = CASE WHEN c.old_hash = secret_hash THEN coalesce(c.old_confirmed_at, portal.clock())
                                   ELSE c.old_confirmed_at END,
           new_confirmed_at = CASE WHEN c.new_hash = secret_hash THEN coalesce(c.new_confirmed_at, portal.clock())
                                   ELSE c.new_confirmed_at END
     WHERE secret_hash IN (c.old_hash, c.new_hash) AND c.done_at IS NULL AND portal.clock() < c.expires_at
    RETURNING * INTO wish;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    user_id := wish.user_id; outcome := 'WAITS';
    IF wish.old_confirmed_at IS NOT NULL AND wish.new_confirmed_at IS NOT NULL THEN
        IF EXISTS (SELECT FROM portal.user_account u WHERE u.email = wish.email) THEN
            outcome := 'TAKEN';
        ELSE
            UPDATE portal.user_account u SET email = wish.email WHERE u.id = wish.user_id;
            UPDATE portal.password_reset p SET used_at = portal.clock() WHERE p.user_id = wish.user_id AND p.used_at IS NULL;
            outcome := 'CHANGED';
        END IF;
        UPDATE portal.email_change c SET done_at = portal.clock() WHERE c.id = wish.id;
    END IF;
    RETURN NEXT;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.start_email_change(uuid, text, interval), portal.confirm_email_change(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.start_email_change(uuid, text, interval), portal.confirm_email_change(bytea) TO portal_app;
