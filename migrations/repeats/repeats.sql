-- The organization that the caller accepted a used invitation for, while it owns it and the record is still linked to it:
-- whoever lost the reply asks with the same link again. Nobody else is told that there was one.
CREATE FUNCTION portal.find_accepted_invitation(secret_hash bytea) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT r.supplier_id FROM portal.invitation i
      JOIN portal.supplier_record r ON r.buyer_id = i.organization_id AND r.id = i.supplier_record_id
      JOIN portal.organization o ON o.id = r.supplier_id AND o.status = 'active'
      JOIN portal.member m ON m.organization_id = r.supplier_id AND m.user_id = i.used_by AND m.role = 'owner'
     WHERE i.token_hash = secret_hash AND i.kind = 'supplier' AND i.used_by = portal.current_user_id()
       AND i.used_at IS NOT NULL AND i.refused_at IS NULL
$$;

-- SHA-256 of the file that came in by a link, for whoever holds the link and sends it again.
CREATE FUNCTION portal.find_received_digest(secret_hash bytea) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT e.sha256 FROM portal.evidence e WHERE e.upload_hash = secret_hash AND e.state <> 'awaiting'
     UNION ALL
    SELECT i.sha256 FROM portal.supplier_import i WHERE i.upload_hash = secret_hash AND i.state <> 'awaiting'
$$;

REVOKE EXECUTE ON FUNCTION portal.find_accepted_invitation(bytea), portal.find_received_digest(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.find_accepted_invitation(bytea), portal.find_received_digest(bytea) TO portal_app;
