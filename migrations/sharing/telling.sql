-- When a supplier was asked or reminded last: an hour must pass before the next reminder, whatever else changes.
ALTER TABLE portal.request ADD COLUMN told_at TIMESTAMP WITH TIME ZONE;
UPDATE portal.request SET told_at = updated_at WHERE supplier_id IS NOT NULL;
GRANT UPDATE (told_at) ON portal.request TO portal_app;

-- Who sent an invitation back is not written to again for that supplier, unless the buyer says so.
ALTER TABLE portal.invitation ADD COLUMN refused_at TIMESTAMP WITH TIME ZONE;
UPDATE portal.invitation i SET refused_at = i.used_at
  FROM portal.supplier_record r
 WHERE i.kind = 'supplier' AND i.used_at IS NOT NULL
   AND r.buyer_id = i.organization_id AND r.id = i.supplier_record_id AND r.supplier_id IS NULL;
GRANT SELECT (refused_at) ON portal.invitation TO portal_app;

-- "Not us" and "wrong contact", said by whoever holds the link. A wrong contact leaves the requests open.
CREATE OR REPLACE FUNCTION portal.refuse_supplier_invitation(secret_hash bytea, why text, remark text)
    RETURNS TABLE (buyer_id uuid, supplier_record_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    invited portal.invitation;
    said text := concat_ws(': ', why, remark);
BEGIN
    UPDATE portal.invitation i
       SET used_at = portal.clock(), used_by = portal.current_user_id(), refused_at = portal.clock()
     WHERE i.token_hash = secret_hash AND i.kind = 'supplier' AND i.used_at IS NULL AND i.revoked_at IS NULL
       AND portal.clock() < i.expires_at
    RETURNING * INTO invited;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    buyer_id := invited.organization_id; supplier_record_id := invited.supplier_record_id;
    UPDATE portal.supplier_record r
       SET state = CASE why WHEN 'wrong_contact' THEN 'needs_contact' ELSE 'refused' END, refusal = said,
           updated_at = portal.clock()
     WHERE r.buyer_id = invited.organization_id AND r.id = invited.supplier_record_id AND r.supplier_id IS NULL;
    IF why = 'wrong_contact' THEN
        UPDATE portal.supplier_contact c SET bounced_at = portal.clock()
         WHERE c.buyer_id = invited.organization_id AND c.supplier_record_id = invited.supplier_record_id
           AND c.email = invited.email;
    ELSE
        UPDATE portal.request q SET state = 'not_us', state_reason = said, updated_at = portal.clock()
         WHERE q.buyer_id = invited.organization_id AND q.supplier_record_id = invited.supplier_record_id
           AND q.supplier_id IS NULL AND q.state = 'open';
    END IF;
    RETURN NEXT;
END
$$;

-- The buyers that a supplier is linked with, and whether each may act as a buyer now: with others nothing is shared.
DROP FUNCTION portal.list_linked_buyers();
CREATE FUNCTION portal.list_linked_buyers()
    RETURNS TABLE (buyer_id uuid, name text, country text, linked_at timestamptz, is_active boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.id, o.name, o.country, min(r.linked_at),
           o.status = 'active' AND EXISTS (SELECT FROM portal.organization_role a
                                            WHERE a.organization_id = o.id AND a.role = 'buyer' AND a.status = 'active')
      FROM portal.supplier_record r
      JOIN portal.organization o ON o.id = r.buyer_id
     WHERE r.supplier_id = portal.current_organization() GROUP BY o.id
$$;
REVOKE EXECUTE ON FUNCTION portal.list_linked_buyers() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.list_linked_buyers() TO portal_app;
