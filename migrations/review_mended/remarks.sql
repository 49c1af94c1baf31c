-- What a reviewer says of the whole of a statement may tell of any section in it: it is for the supplier, for the
-- reviewer, and for whoever reads every section that the statement speaks of.
CREATE FUNCTION portal.read_remark(supplier uuid, statement uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT s.remark FROM portal.assurance_statement s
     WHERE s.supplier_id = supplier AND s.id = statement
       AND (portal.current_organization() IN (s.supplier_id, s.reviewer_id)
            OR NOT EXISTS (
               SELECT FROM portal.assurance_finding f
                WHERE f.supplier_id = s.supplier_id AND f.statement_id = s.id
                  AND NOT portal.may_read_section(f.supplier_id, f.submission_id, f.section)))
$$;
REVOKE EXECUTE ON FUNCTION portal.read_remark(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.read_remark(uuid, uuid) TO portal_app;
