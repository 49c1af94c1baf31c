-- A view by an operator into one organization's data: opened with a reason for some hours, ended by itself, and kept for
-- ever. The application's login adds and changes no row of it but through the functions below, and removes none.
CREATE TABLE portal.glass (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    operator_id UUID NOT NULL,
    operator_mark TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT COLLATE "C",
    reads INTEGER DEFAULT 0 NOT NULL,
    last_read_at TIMESTAMP WITH TIME ZONE,
    fields TEXT[] DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT portal.clock() NOT NULL,
    CONSTRAINT pk_glass PRIMARY KEY (organization_id, id),
    CONSTRAINT uq_glass_id UNIQUE (id),
    CONSTRAINT fk_glass_organization_id FOREIGN KEY (organization_id) REFERENCES portal.organization (id),
    CONSTRAINT ck_glass_ended_by CHECK (ended_by IN ('operator', 'owner', 'time')),
    CONSTRAINT ck_glass_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CONSTRAINT ck_glass_hours CHECK (until > created_at AND until <= created_at + interval '4 hours')
);
CREATE INDEX ix_glass_open ON portal.glass (until) WHERE ended_at IS NULL;
ALTER TABLE portal.glass ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal.glass FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON portal.glass TO portal_owner USING (true) WITH CHECK (true);
CREATE POLICY backup_read ON portal.glass FOR SELECT TO portal_backup USING (true);
CREATE POLICY worker_read ON portal.glass FOR SELECT TO portal_worker USING (true);
-- The organization sees what for, how long and what was read; of the operator it knows a mark that stays the same.
CREATE POLICY app_read ON portal.glass FOR SELECT TO portal_app
    USING (organization_id = (SELECT portal.current_organization()));
GRANT SELECT ON portal.glass TO portal_backup, portal_worker;
GRANT SELECT (organization_id, id, operator_mark, reason, until, ended_at, ended_by, reads, last_read_at, fields,
              created_at) ON portal.glass TO portal_app;

-- Whether something can be read by it now: not ended, not over, and its operator still is one who has a second factor.
CREATE FUNCTION portal.glass_is_live(item portal.glass) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT item.ended_at IS NULL AND portal.clock() < item.until AND portal.has_second_factor(item.operator_id)
           AND EXISTS (SELECT FROM portal.user_account u WHERE u.id = item.operator_id AND u.is_operator)
$$;

-- What is done with it stands in the organization's own trail.
CREATE FUNCTION portal.note_glass(event uuid, organization uuid, glass uuid, act text, acts_as text, facts jsonb)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO portal.audit_event (id, organization_id, actor_id, actor_role, action, object_kind, object_id, detail,
                                    address, request_id)
    VALUES (event, organization, portal.current_user_id(), acts_as, act, 'glass', glass::text, facts,
            nullif(pg_catalog.current_setting('portal.address', true), ''),
            nullif(pg_catalog.current_setting('portal.request', true), ''))
$$;

-- The caller has checked password and code; without a second factor nothing is opened, whoever calls. One view at a time
-- of each operator into each organization.
CREATE FUNCTION portal.open_glass(event uuid, glass uuid, organization uuid, why text, hours integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who uuid := portal.current_user_id();
BEGIN
    PERFORM portal.require_operator();
    IF NOT EXISTS (SELECT FROM portal.user_account u WHERE u.id = who AND u.is_operator)
       OR NOT portal.has_second_factor(who) THEN
        RETURN 'NO_FACTOR';
    END IF;
    PERFORM FROM portal.organization o WHERE o.id = organization AND o.status <> 'closed' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'NONE';
    END IF;
    IF EXISTS (SELECT FROM portal.glass g
                WHERE g.organization_id = organization AND g.operator_id = who AND portal.glass_is_live(g)) THEN
        RETURN 'OPEN';
    END IF;
    INSERT INTO portal.glass (organization_id, id, operator_id, operator_mark, reason, until)
    VALUES (organization, glass, who, left(encode(sha256(uuid_send(organization) || uuid_send(who)), 'hex'), 8), why,
            portal.clock() + make_interval(hours => hours));
    PERFORM portal.note_glass(event, organization, glass, 'glass.opened', 'operator',
                              jsonb_build_object('reason', why, 'hours', hours));
    RETURN 'OPENED';
END
$$;

-- By an operator, or by an owner of the organization, also of a suspended one. Whether there was one to be ended.
CREATE FUNCTION portal.end_glass(event uuid, organization uuid, glass uuid, side text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF side = 'operator' THEN
        PERFORM portal.require_operator();
    ELSIF NOT EXISTS (SELECT FROM portal.member m
                       WHERE m.organization_id = organization AND organization = portal.current_organization()
                         AND m.user_id = portal.current_user_id() AND m.role = 'owner') THEN
        RETURN false;
    END IF;
    UPDATE portal.glass g SET ended_at = portal.clock(), ended_by = side
     WHERE g.organization_id = organization AND g.id = glass AND g.ended_at IS NULL AND portal.clock() < g.until;
    IF FOUND THEN
        PERFORM portal.note_glass(event, organization, glass, 'glass.ended', side, jsonb_build_object('by', side));
    END IF;
    RETURN FOUND;
END
$$;

-- By the clock: what is over is so at once, whether or not anybody has written that down yet. This writes it down.
CREATE FUNCTION portal.end_lapsed_glasses() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH ended AS (
        UPDATE portal.glass g SET ended_at = g.until, ended_by = 'time'
         WHERE g.ended_at IS NULL AND g.until <= portal.clock() RETURNING g.organization_id, g.id
    ), noted AS (
        INSERT INTO portal.audit_event (id, organization_id, action, object_kind, object_id, detail)
        SELECT gen_random_uuid(), e.organization_id, 'glass.ended', 'glass', e.id::text, '{"by": "time"}' FROM ended e
    )
    INSERT INTO portal.outbox (id, topic, ids)
    SELECT gen_random_uuid(), 'glass.ended', jsonb_build_object('to', e.organization_id, 'glass', e.id) FROM ended e
$$;

-- For operators: whose they are, and by whom; the newest first.
CREATE FUNCTION portal.list_glasses(wanted uuid, only_open boolean, before uuid, most integer)
    RETURNS TABLE (id uuid, organization_id uuid, organization text, operator_id uuid, operator text, operator_mark text,
                   reason text, until timestamptz, ended_at timestamptz, ended_by text, reads integer,
                   last_read_at timestamptz, fields text[], created_at timestamptz, is_open boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT g.id, g.organization_id, o.name, g.operator_id, u.name, g.operator_mark, g.reason, g.until,
           g.ended_at, g.ended_by, g.reads, g.last_read_at, g.fields, g.created_at,
           g.ended_at IS NULL AND portal.clock() < g.until
      FROM portal.glass g JOIN portal.organization o ON o.id = g.organization_id
      LEFT JOIN portal.user_account u ON u.id = g.operator_id
     WHERE (wanted IS NULL OR g.id = wanted) AND (before IS NULL OR g.id < before)
       AND (NOT only_open OR (g.ended_at IS NULL AND portal.clock() < g.until))
     ORDER BY g.id DESC LIMIT most;
END
$$;

REVOKE EXECUTE ON FUNCTION portal.glass_is_live(portal.glass), portal.note_glass(uuid, uuid, uuid, text, text, jsonb),
    portal.open_glass(uuid, uuid, uuid, text, integer), portal.end_glass(uuid, uuid, uuid, text),
    portal.end_lapsed_glasses(), portal.list_glasses(uuid, boolean, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.open_glass(uuid, uuid, uuid, text, integer), portal.end_glass(uuid, uuid, uuid, text),
    portal.list_glasses(uuid, boolean, uuid, integer) TO portal_app;
GRANT EXECUTE ON FUNCTION portal.end_lapsed_glasses() TO portal_worker;
