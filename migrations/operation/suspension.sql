-- Since when an organization is suspended, so that its members can be told.
ALTER TABLE portal.organization ADD COLUMN suspended_at TIMESTAMP WITH TIME ZONE;
UPDATE portal.organization o
   SET suspended_at = (SELECT max(e.at) FROM portal.audit_event e
                        WHERE e.organization_id = o.id AND e.action = 'organization.suspended')
 WHERE o.status = 'suspended';

-- Members of a suspended organization may look at what is its own as a supplier, and no more: it keeps that role, with
-- every member a viewer. `held_role` is what the member was, for the little that its owner still may. What is others',
-- as buyers and partners read it, it reads no longer. A closed organization is no longer acted for.
DROP FUNCTION portal.authenticate(text, bytea);
CREATE FUNCTION portal.authenticate(kind text, secret_hash bytea)
    RETURNS TABLE (user_id uuid, api_key_id uuid, organization_id uuid, member_role text,
                   organization_roles text[], scopes text[], is_operator boolean, expires_at timestamptz,
                   session_id uuid, held_role text, suspended_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    IF kind = 'session' THEN
        SELECT s.user_id, NULL::uuid, o.id, CASE o.status WHEN 'active' THEN m.role WHEN 'suspended' THEN 'viewer' END,
               '{}'::text[], u.is_operator, s.expires_at, s.id,
               CASE o.status WHEN 'suspended' THEN m.role END, CASE o.status WHEN 'suspended' THEN o.suspended_at END
          INTO user_id, api_key_id, organization_id, member_role, scopes, is_operator, expires_at, session_id,
               held_role, suspended_at
          FROM portal.session s
          JOIN portal.user_account u ON u.id = s.user_id
          LEFT JOIN portal.member m ON m.organization_id = s.organization_id AND m.user_id = s.user_id
          LEFT JOIN portal.organization o ON o.id = m.organization_id AND o.status <> 'closed'
         WHERE s.token_hash = secret_hash AND portal.clock() < s.expires_at;
    ELSIF kind = 'api_key' THEN
        SELECT NULL::uuid, k.id, k.organization_id,
               CASE WHEN k.scopes && ARRAY['assessments:write', 'suppliers:write'] THEN 'editor' ELSE 'viewer' END,
               k.scopes, false, k.expires_at
          INTO user_id, api_key_id, organization_id, member_role, scopes, is_operator, expires_at
          FROM portal.api_key k
          JOIN portal.organization o ON o.id = k.organization_id AND o.status = 'active'
         WHERE k.key_hash = secret_hash AND k.revoked_at IS NULL
           AND (k.expires_at IS NULL OR portal.clock() < k.expires_at);
    END IF;
    PERFORM set_config('portal.organization', coalesce(organization_id::text, ''), true),
            set_config('portal.user', coalesce(user_id::text, ''), true);
    IF user_id IS NULL AND api_key_id IS NULL THEN
        RETURN;
    END IF;
    SELECT coalesce(array_agg(r.role), '{}') INTO organization_roles
      FROM portal.organization_role r JOIN portal.organization o ON o.id = r.organization_id
     WHERE r.organization_id = authenticate.organization_id AND r.status = 'active'
       AND (o.status = 'active' OR (o.status = 'suspended' AND r.role = 'supplier'));
    RETURN NEXT;
END
$$;
REVOKE EXECUTE ON FUNCTION portal.authenticate(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.authenticate(text, bytea) TO portal_app;

CREATE OR REPLACE FUNCTION portal.set_organization_status(event uuid, organization uuid, wanted text, why text)
    RETURNS TABLE (organization_id uuid, name text, country text, status text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    PERFORM portal.require_operator();
    UPDATE portal.organization o
       SET status = wanted,
           suspended_at = CASE wanted WHEN 'suspended' THEN coalesce(o.suspended_at, portal.clock()) END
     WHERE o.id = organization AND o.status <> 'closed'
    RETURNING o.id, o.name, o.country, o.status INTO organization_id, name, country, status;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM portal.note_operator_act(event, organization, 'organization.' || wanted, organization::text,
                                     jsonb_build_object('reason', why));
    RETURN NEXT;
END
$$;

-- The link must still be allowed now: the person still a member (the key still good), the organization active in its
-- role, the document its own or still shared with it. Members of a suspended supplier fetch its own documents.
CREATE OR REPLACE FUNCTION portal.open_download(reader uuid, person uuid, machine uuid, supplier uuid, document uuid)
    RETURNS TABLE (member_role text, file_name text, media_type text, size bigint, storage_key text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    acts_as text := CASE WHEN supplier = reader THEN 'supplier' ELSE 'buyer' END;
    needed text := CASE WHEN supplier = reader THEN 'assessments:read' ELSE 'suppliers:read' END;
    part text;
BEGIN
    IF person IS NOT NULL THEN
        SELECT m.role INTO part FROM portal.member m WHERE m.organization_id = reader AND m.user_id = person;
    ELSE
        SELECT 'api_key' INTO part FROM portal.api_key k
         WHERE k.id = machine AND k.organization_id = reader AND k.revoked_at IS NULL AND needed = ANY (k.scopes)
           AND (k.expires_at IS NULL OR portal.clock() < k.expires_at);
    END IF;
    IF part IS NULL OR NOT EXISTS (
        SELECT FROM portal.organization_role r JOIN portal.organization o ON o.id = r.organization_id
         WHERE r.organization_id = reader AND r.role = acts_as AND r.status = 'active'
           AND (o.status = 'active' OR (o.status = 'suspended' AND person IS NOT NULL AND acts_as = 'supplier'))) THEN
        RETURN;
    END IF;
    PERFORM set_config('portal.organization', reader::text, true),
            set_config('portal.user', coalesce(person::text, ''), true);
    RETURN QUERY SELECT part, e.file_name, e.media_type, e.size, e.storage_key FROM portal.evidence e
      WHERE e.supplier_id = supplier AND e.id = document AND e.state = 'available'
        AND (supplier = reader OR portal.may_read_evidence(supplier, document));
END
$$;
