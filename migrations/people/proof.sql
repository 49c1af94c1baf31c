-- Whether the provider of the only organization that the caller belongs to opened this session a moment ago, for an address of
-- a domain that this organization proved to be its own: as good a proof as a password, which people that came by a provider
-- have none of. What else somebody belongs to, and another mailbox, is no matter of a provider.
CREATE FUNCTION portal.is_fresh_by_provider(wanted uuid, minutes integer) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM portal.session s JOIN portal.user_account u ON u.id = s.user_id
         WHERE s.id = wanted AND s.user_id = portal.current_user_id() AND s.sso_connection_id IS NOT NULL
           AND portal.clock() < s.created_at + make_interval(mins => minutes) AND portal.clock() < s.expires_at
           AND NOT u.is_operator
           AND EXISTS (SELECT FROM portal.sso_domain d
                        WHERE d.organization_id = s.organization_id AND d.verified_at IS NOT NULL
                          AND d.domain = split_part(u.email, '@', 2))
           AND NOT EXISTS (SELECT FROM portal.member m
                            WHERE m.user_id = s.user_id AND m.organization_id IS DISTINCT FROM s.organization_id))
$$;
REVOKE EXECUTE ON FUNCTION portal.is_fresh_by_provider(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.is_fresh_by_provider(uuid, integer) TO portal_app;
