-- What the operator looks through page by page: organizations, the newest first, and corporate groups, the oldest first.
-- Ids are of the time they were made at, so the primary keys serve both orders.
CREATE FUNCTION portal.is_named(name text, id uuid, words text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT words IS NULL OR strpos(lower(name), lower(words)) > 0 OR id::text = lower(words)
$$;

CREATE FUNCTION portal.list_organizations(words text, only_role text, only_status text, before uuid, most integer)
    RETURNS TABLE (organization_id uuid, name text, country text, status text, suspended_at timestamptz,
                   created_at timestamptz, owners integer, roles text[], group_id uuid, group_name text,
                   group_status text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT o.id, o.name, o.country, o.status, o.suspended_at, o.created_at,
           (SELECT count(*)::integer FROM portal.member m WHERE m.organization_id = o.id AND m.role = 'owner'),
           ARRAY(SELECT r.role FROM portal.organization_role r
                  WHERE r.organization_id = o.id AND r.status = 'active' ORDER BY r.role),
           g.id, g.name, g.status
      FROM portal.organization o
      LEFT JOIN portal.group_member m ON m.organization_id = o.id AND m.valid_to IS NULL
      LEFT JOIN portal.corporate_group g ON g.id = m.group_id
     WHERE (before IS NULL OR o.id < before)
       AND portal.is_named(o.name, o.id, words)
       AND (only_status IS NULL OR o.status = only_status)
       AND (only_role IS NULL OR EXISTS (SELECT FROM portal.organization_role r
                                          WHERE r.organization_id = o.id AND r.role = only_role AND r.status = 'active'))
     ORDER BY o.id DESC LIMIT most;
END
$$;

CREATE FUNCTION portal.page_corporate_groups(words text, only_status text, after uuid, most integer)
    RETURNS TABLE (id uuid, name text, status text, organizations integer, created_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    RETURN QUERY SELECT g.id, g.name, g.status,
           (SELECT count(*)::integer FROM portal.group_member m WHERE m.group_id = g.id AND m.valid_to IS NULL),
           g.created_at
      FROM portal.corporate_group g
     WHERE (after IS NULL OR g.id > after)
       AND portal.is_named(g.name, g.id, words)
       AND (only_status IS NULL OR g.status = only_status)
     ORDER BY g.id LIMIT most;
END
$$;

-- A buyer's lists, the newest first: all of them by the primary key, those of one state by this.
CREATE INDEX ix_supplier_import_buyer_id_state_id ON portal.supplier_import (buyer_id, state, id);

REVOKE EXECUTE ON FUNCTION portal.is_named(text, uuid, text),
    portal.list_organizations(text, text, text, uuid, integer),
    portal.page_corporate_groups(text, text, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_organizations(text, text, text, uuid, integer),
    portal.page_corporate_groups(text, text, uuid, integer) TO portal_app;
