-- The second factor of a person, sealed with a key that the database never sees, and the recovery codes beside it.
CREATE TABLE portal.second_factor (
    user_id UUID NOT NULL,
    sealed TEXT NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    last_step BIGINT DEFAULT 0 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_second_factor PRIMARY KEY (user_id),
    CONSTRAINT fk_second_factor_user_id FOREIGN KEY (user_id) REFERENCES portal.user_account (id) ON DELETE CASCADE
);
CREATE TABLE portal.recovery_code (
    user_id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_recovery_code PRIMARY KEY (user_id, code_hash),
    CONSTRAINT fk_recovery_code_user_id FOREIGN KEY (user_id) REFERENCES portal.second_factor (user_id) ON DELETE CASCADE
);
ALTER TABLE portal.second_factor ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.second_factor FORCE ROW LEVEL SECURITY;
ALTER TABLE portal.recovery_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.recovery_code FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.second_factor TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_all ON portal.recovery_code TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.second_factor FOR SELECT TO portal_backup USING (true);
CREATE POLICY backup_read ON portal.recovery_code FOR SELECT TO portal_backup USING (true);
GRANT SELECT ON portal.second_factor, portal.recovery_code TO portal_backup;

-- Whether every member has to have one to act for an organization.
ALTER TABLE portal.organization ADD COLUMN requires_second_factor BOOLEAN DEFAULT false NOT NULL;

CREATE FUNCTION portal.has_second_factor(person uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM portal.second_factor f WHERE f.user_id = person AND f.confirmed_at IS NOT NULL)
$$;

-- The caller has checked the person's password.
CREATE FUNCTION portal.find_second_factor(person uuid) RETURNS TABLE (sealed text, last_step bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT f.sealed, f.last_step FROM portal.second_factor f WHERE f.user_id = person AND f.confirmed_at IS NOT NULL
$$;

-- A code counts once, and none from before it: of two calls at one moment the second waits, and finds it used.
CREATE FUNCTION portal.use_factor_step(person uuid, step bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.second_factor f SET last_step = step
     WHERE f.user_id = person AND f.confirmed_at IS NOT NULL AND f.last_step < step;
    RETURN FOUND;
END
$$;

-- How many are left; nothing where this is none, or was used.
CREATE FUNCTION portal.use_recovery_code(person uuid, code bytea) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.recovery_code c SET used_at = portal.clock()
     WHERE c.user_id = person AND c.code_hash = code AND c.used_at IS NULL AND portal.has_second_factor(person);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT count(*) FROM portal.recovery_code c WHERE c.user_id = person AND c.used_at IS NULL);
END
$$;

CREATE FUNCTION portal.own_second_factor()
    RETURNS TABLE (sealed text, confirmed_at timestamptz, last_step bigint, codes_left integer, is_required boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT f.sealed, f.confirmed_at, f.last_step,
           (SELECT count(*)::integer FROM portal.recovery_code c WHERE c.user_id = f.user_id AND c.used_at IS NULL),
           EXISTS (SELECT FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
                    WHERE m.user_id = f.user_id AND o.requires_second_factor AND o.status <> 'closed')
      FROM portal.second_factor f WHERE f.user_id = portal.current_user_id()
$$;

-- A new secret, which waits for its first code; one that is in force is replaced by no other.
CREATE FUNCTION portal.start_second_factor(new_secret text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO portal.second_factor AS f (user_id, sealed) VALUES (portal.current_user_id(), new_secret)
    ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, created_at = portal.clock()
     WHERE f.confirmed_at IS NULL;
    RETURN FOUND;
END
$$;

-- `sealed` names the secret that the code was checked with, since another device may have started anew meanwhile.
CREATE FUNCTION portal.confirm_second_factor(secret text, step bigint, codes bytea[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE portal.second_factor f SET confirmed_at = portal.clock(), last_step = step
     WHERE f.user_id = portal.current_user_id() AND f.confirmed_at IS NULL AND f.sealed = secret;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO portal.recovery_code (user_id, code_hash) SELECT portal.current_user_id(), c FROM unnest(codes) c;
    RETURN true;
END
$$;

CREATE FUNCTION portal.replace_recovery_codes(codes bytea[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM portal.recovery_code c WHERE c.user_id = portal.current_user_id();
    INSERT INTO portal.recovery_code (user_id, code_hash)
    SELECT f.user_id, c FROM portal.second_factor f, unnest(codes) c
     WHERE f.user_id = portal.current_user_id() AND f.confirmed_at IS NOT NULL
$$;

-- Not while an organization of the person requires one.
CREATE FUNCTION portal.remove_second_factor() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    DELETE FROM portal.second_factor f
     WHERE f.user_id = portal.current_user_id()
       AND NOT EXISTS (SELECT FROM portal.member m JOIN portal.organization o ON o.id = m.organization_id
                        WHERE m.user_id = f.user_id AND o.requires_second_factor AND o.status <> 'closed');
    RETURN FOUND;
END
$$;
