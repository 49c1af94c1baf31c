-- The schema, and the three functions that every policy and default stands on.
CREATE SCHEMA portal;
REVOKE ALL ON SCHEMA portal FROM PUBLIC;
GRANT USAGE ON SCHEMA portal TO portal_app, portal_worker, portal_backup;

-- One source of time for defaults, policies and functions, so that an end of a share is the same everywhere.
CREATE FUNCTION portal.clock() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT pg_catalog.now()';

CREATE FUNCTION portal.current_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(pg_catalog.current_setting('portal.organization', true), '')::uuid $$;

CREATE FUNCTION portal.current_user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(pg_catalog.current_setting('portal.user', true), '')::uuid $$;

-- Every login may learn which revision the database is at; health checks ask.
GRANT USAGE ON SCHEMA migration TO portal_app, portal_worker, portal_backup;
GRANT SELECT ON migration.schema_version TO portal_app, portal_worker, portal_backup;
