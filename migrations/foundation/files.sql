-- Files on their way in and out: whoever holds an upload link or a download link is not signed in while using it.
CREATE FUNCTION portal.find_upload(secret_hash bytea) RETURNS TABLE (purpose text, owner_id uuid, id uuid, state text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT found.purpose, found.owner_id, found.id,
           CASE WHEN found.state <> 'awaiting' THEN 'used'
                WHEN portal.clock() >= found.expires_at THEN 'expired' ELSE 'open' END
      FROM (SELECT 'evidence' AS purpose, e.supplier_id AS owner_id, e.id, e.state, e.upload_expires_at AS expires_at
              FROM portal.evidence e WHERE e.upload_hash = secret_hash
             UNION ALL
            SELECT 'supplier_list', i.buyer_id, i.id, i.state, i.upload_expires_at
              FROM portal.supplier_import i WHERE i.upload_hash = secret_hash) found
      JOIN portal.organization o ON o.id = found.owner_id AND o.status = 'active'
$$;

-- The first file that arrived whole is the one; a second one with the same link gets no row. A link that ran out while
-- the file was on its way is forgiven.
CREATE FUNCTION portal.receive_upload(secret_hash bytea, place text, bytes bigint, digest bytea)
    RETURNS TABLE (purpose text, owner_id uuid, id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    UPDATE portal.evidence e
       SET state = 'quarantined', storage_key = place, size = bytes, sha256 = digest, updated_at = portal.clock()
     WHERE e.upload_hash = secret_hash AND e.state = 'awaiting'
    RETURNING 'evidence', e.supplier_id, e.id INTO purpose, owner_id, id;
    IF NOT FOUND THEN
        UPDATE portal.supplier_import i
           SET state = 'uploaded', storage_key = place, size = bytes::integer, sha256 = digest
         WHERE i.upload_hash = secret_hash AND i.state = 'awaiting'
        RETURNING 'supplier_list', i.buyer_id, i.id INTO purpose, owner_id, id;
    END IF;
    IF FOUND THEN
        RETURN NEXT;
    END IF;
END
$$;

-- A signed link says who may fetch what; here is asked whether that still holds: the person is still a member (or the
-- key still good), the organization active in its role, the document its own or still shared with it.
CREATE FUNCTION portal.open_download(reader uuid, person uuid, machine uuid, supplier uuid, document uuid)
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
         WHERE r.organization_id = reader AND r.role = acts_as AND r.status = 'active' AND o.status = 'active') THEN
        RETURN;
    END IF;
    PERFORM set_config('portal.organization', reader::text, true),
            set_config('portal.user', coalesce(person::text, ''), true);
    RETURN QUERY SELECT part, e.file_name, e.media_type, e.size, e.storage_key FROM portal.evidence e
      WHERE e.supplier_id = supplier AND e.id = document AND e.state = 'available'
        AND (supplier = reader OR portal.may_read_evidence(supplier, document));
END
$$;
